/**
 * What has changed in a project since a commit (`--changed`), and whether that touches what a subject loads.
 *
 * - A file of the working tree, committed since, staged, not staged or new.
 * - A package whose entry in `package-lock.json` differs, and those that depend on it. Of other lockfiles it is not known what they
 *   name: then all packages have changed.
 * - `tsconfig.json`, and how `package.json` says modules are to be read: everything has changed.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { ModuleGraph } from '../host/modules/graph.ts'
import { UsageError } from '../sim/usage-error.ts'

export interface Changes {
  /** The commit, as it was named. */
  readonly since: string
  /** Real paths. */
  readonly files: readonly string[]
  /** Names; `all`: it is not known which. */
  readonly packages: readonly string[] | 'all'
}

/** Whether something that is loaded has changed. */
export const isTouched = (graph: ModuleGraph, { files, packages }: Changes): boolean =>
  packages === 'all' ||
  graph.files.some((file) => files.includes(file)) ||
  graph.packages.some((name) => packages.includes(name))

const NPM_LOCKS = ['package-lock.json', 'npm-shrinkwrap.json']
const OTHER_LOCKS = ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb']
/** What of `package.json` decides how modules are read. */
const MODULE_FIELDS = ['type', 'imports', 'exports', 'main']

/**
 * The changes between the commit at which this branch left `ref` and the working tree of the current folder.
 * @throws UsageError outside of git, or when there is no such commit
 */
export function changesSince(ref: string): Changes {
  const top = git(['rev-parse', '--show-toplevel'])?.trim()
  if (top === undefined) {
    throw new UsageError('--changed', 'this folder is in no git repository', 'leave it out: then everything runs')
  }
  const named = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])?.trim()
  const commit = named === undefined ? named : git(['merge-base', named, 'HEAD'])?.trim()
  if (commit === undefined) {
    throw new UsageError(
      '--changed',
      `git knows no commit ${JSON.stringify(ref)} that this branch has an ancestor in common with`,
      'fetch it (fetch-depth: 0 in actions/checkout); a file is named before --changed',
    )
  }
  const names = [
    ...namesOf(git(['diff', '--name-only', '--no-renames', '-z', commit, '--'], top)),
    ...namesOf(git(['ls-files', '--others', '--exclude-standard', '-z'], top)),
  ]
  return {
    since: ref,
    files: names.map((name) => realPath(path.join(top, name))),
    packages: packagesOf(names, (name) => ({ before: git(['show', `${commit}:${name}`], top), now: read(top, name) })),
  }
}

type Texts = { readonly before: string | undefined; readonly now: string | undefined }

function packagesOf(names: readonly string[], textsOf: (name: string) => Texts): Changes['packages'] {
  const changed = new Set<string>()
  for (const name of names) {
    const base = path.posix.basename(name)
    if (OTHER_LOCKS.includes(base) || /^tsconfig.*\.json$/.test(base)) return 'all'
    if (base === 'package.json' && !readsModulesAlike(textsOf(name))) return 'all'
    if (!NPM_LOCKS.includes(base)) continue
    const packages = changedIn(textsOf(name))
    if (packages === null) return 'all'
    for (const each of packages) changed.add(each)
  }
  return [...changed].sort()
}

function readsModulesAlike({ before, now }: Texts): boolean {
  const [one, other] = [parsed(before), parsed(now)]
  const fields = (json: Json | null) => JSON.stringify(MODULE_FIELDS.map((field) => json?.[field]))
  return fields(one) === fields(other)
}

/** An entry of `packages` in a lockfile of npm. */
interface Entry {
  readonly [Kind: string]: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The packages that differ, and those that depend on them; null: that cannot be told. */
function changedIn({ before, now }: Texts): ReadonlySet<string> | null {
  const [old, entries] = [parsed(before)?.packages, parsed(now)?.packages] as (Record<string, Entry> | undefined)[]
  if (old === undefined || entries === undefined) return null
  const places = [...new Set([...Object.keys(old), ...Object.keys(entries)])].filter((place) => place !== '')
  const differs = (place: string): boolean => JSON.stringify(old[place]) !== JSON.stringify(entries[place])
  const changed = new Set(places.filter(differs).map(nameAt))
  for (const name of changed) {
    for (const [place, { dependencies, optionalDependencies, peerDependencies }] of Object.entries(entries)) {
      if (place !== '' && name in { ...dependencies, ...optionalDependencies, ...peerDependencies }) {
        changed.add(nameAt(place))
      }
    }
  }
  return changed
}

/** `node_modules/a/node_modules/@b/c` is where `@b/c` is. */
const nameAt = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

type Json = Readonly<Record<string, unknown>>

function parsed(text: string | undefined): Json | null {
  try {
    return JSON.parse(text ?? 'null') as Json | null
  } catch {
    // A merge that is under way leaves such files.
    return null
  }
}

/** What git says; undefined: it fails, or is not there. */
function git(args: readonly string[], cwd = process.cwd()): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  return status === 0 ? stdout : undefined
}

const namesOf = (text = ''): readonly string[] => text.split('\0').filter((name) => name !== '')

function read(top: string, name: string): string | undefined {
  try {
    return readFileSync(path.join(top, name), 'utf8')
  } catch {
    // It was removed.
    return undefined
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    // It was removed: no subject loads it any more.
    return file
  }
}
