/**
 * What a name in an `import` or a `require` means: found once for each file that uses it.
 *
 * As Node finds it, with the conditions `node` and `import`, or `node` and `require`; then as TypeScript does: `./a.js` may be
 * `a.ts`, the ending may be missing, and `paths` of the nearest `tsconfig.json` hold.
 */
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Jiti } from 'jiti'
import { watchModule } from '../built-ins.ts'
import { asOurselves, realFs } from '../door.ts'
import { makeJiti } from './jiti.ts'
import { type Shared, sharedFile, sharedModule } from './shared.ts'
import { type Source, sourceOf } from './source.ts'

/** What a name leads to. */
export type Found = Shared | { readonly kind: 'file'; readonly source: Source }

type Way = 'import' | 'require'

/** A name that leads nowhere: packages ask for what is optional in each process that loads them. */
interface Missing {
  readonly kind: 'missing'
  readonly error: Error
}

type Answers = Map<Source, Map<string, Found | Missing>>
const found: { readonly [Each in Way]: Answers } = { import: new Map(), require: new Map() }

/** What the names in a file lead to, as far as it has asked. */
export const leadsOf = (from: Source): readonly (readonly [string, Found])[] =>
  [found.import, found.require].flatMap((answers) =>
    [...(answers.get(from) ?? [])].filter((lead): lead is [string, Found] => lead[1].kind !== 'missing'),
  )

/** @throws an error with the code MODULE_NOT_FOUND */
export function resolve(from: Source, name: string, way: Way): Found {
  let names = found[way].get(from)
  if (names === undefined) {
    names = new Map()
    found[way].set(from, names)
  }
  let answer = names.get(name)
  if (answer === undefined) {
    answer = findOrMiss(from, name, way)
    names.set(name, answer)
  }
  if (answer.kind === 'missing') throw copyOf(answer.error)
  return answer
}

function findOrMiss(from: Source, name: string, way: Way): Found | Missing {
  try {
    return find(from, name, way)
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND')
      return { kind: 'missing', error }
    throw error
  }
}

/** Each process has errors of its own. */
const copyOf = (error: Error): Error => Object.assign(new Error(error.message), error)

function find(from: Source, name: string, way: Way): Found {
  const shared = sharedModule(name)
  if (shared !== null) return shared
  if (isBuiltin(name)) {
    const exports = process.getBuiltinModule(name) as object
    watchModule(exports, name)
    return { kind: 'builtin', exports }
  }
  const file = fileOf(from, name, way)
  return sharedFile(file) ?? { kind: 'file', source: sourceOf(file) }
}

/** The real path of what a name means in a file. */
export function fileOf(from: Source, name: string, way: Way): string {
  if (name.startsWith('file:')) return fileURLToPath(name)
  if (way === 'require') {
    try {
      return from.nativeRequire.resolve(name)
    } catch (error) {
      if (from.isInPackage) throw error
    }
  }
  const url = asOurselves(() =>
    resolverOf(from.isInPackage ? null : tsconfigOf(from.folder)).esmResolve(name, {
      parentURL: from.url,
      ...(way === 'require' ? { conditions: ['node', 'require'] } : {}),
    }),
  )
  return realFs.realpathSync(fileURLToPath(url))
}

const resolvers = new Map<string | null, Jiti>()

function resolverOf(tsconfig: string | null): Jiti {
  let resolver = resolvers.get(tsconfig)
  if (resolver === undefined) {
    resolver = makeJiti(tsconfig === null ? import.meta.url : path.join(path.dirname(tsconfig), '_.ts'), {
      tsconfigPaths: tsconfig ?? false,
    })
    resolvers.set(tsconfig, resolver)
  }
  return resolver
}

const tsconfigs = new Map<string, string | null>()

function tsconfigOf(folder: string): string | null {
  let nearest = tsconfigs.get(folder)
  if (nearest === undefined) {
    const file = path.join(folder, 'tsconfig.json')
    const above = path.dirname(folder)
    nearest = realFs.existsSync(file) ? file : above === folder ? null : tsconfigOf(above)
    tsconfigs.set(folder, nearest)
  }
  return nearest
}
