/**
 * The module graph of a user's file: what it has loaded so far, directly and through others, and the packages among that.
 *
 * Does not model  files inside of packages, which change with their version; what a module would load later, under a condition that
 *                 has not come yet.
 */
import { realFs } from '../door.ts'
import { packageOf } from './package.ts'
import { leadsOf } from './resolve.ts'
import { type Source, sourceOf } from './source.ts'

export interface ModuleGraph {
  /** Real paths, outside of packages. */
  readonly files: readonly string[]
  /** Names, with those that lockstorm shares between machines. */
  readonly packages: readonly string[]
}

/** What comes with lockstorm. */
export const BUILT_IN_GRAPH: ModuleGraph = { files: [], packages: ['lockstorm'] }

/** The graph of a file that was loaded. */
export function graphOf(file: string): ModuleGraph {
  const seen = new Set<Source>([sourceOf(file)])
  const packages = new Set(BUILT_IN_GRAPH.packages)
  for (const source of seen) {
    if (source.isInPackage) packages.add(packageOf(source.folder).name)
    for (const [name, found] of leadsOf(source)) {
      if (found.kind === 'file') seen.add(found.source)
      else if (found.kind === 'shared') packages.add(nameIn(name))
    }
  }
  const files = [...seen].filter(({ isInPackage }) => !isInPackage).map((source) => realFs.realpathSync(source.file))
  return { files: files.sort(), packages: [...packages].sort() }
}

/** Several graphs as one. */
export const joinedGraph = (graphs: readonly ModuleGraph[]): ModuleGraph => ({
  files: [...new Set(graphs.flatMap(({ files }) => files))].sort(),
  packages: [...new Set(graphs.flatMap(({ packages }) => packages))].sort(),
})

/** The package in what is imported: `@scope/name/lib/x.js`. */
const nameIn = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
