/**
 * `lockstorm init`: writes what is still missing to hunt a lock, the adapter beside its file and a config file, and changes no file
 * that exists.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sealConnections, unsealConnections } from '../host/net.ts'
import { type LockstormApi, loadShapes } from '../scenario/node/load-subject.ts'
import { UsageError } from '../sim/usage-error.ts'
import { adapterText, emptyAdapterText } from '../subject/shape/adapter.ts'
import type { Recognized } from '../subject/shape/recognize.ts'

/** What was written, and what is left to do. */
export interface Initialized {
  readonly written: readonly { readonly file: string; readonly what: string }[]
  /** What the adapter asks, in one sentence; null: nothing. */
  readonly question: string | null
  /** The file to hunt. */
  readonly hunted: string
}

export interface InitOptions {
  /** Which lock, when the file has several. */
  readonly only: string | undefined
  /** The config file that is there; null: none. */
  readonly configFile: string | null
}

export const CONFIG_FILE = 'lockstorm.config.ts'

const CONFIG = `/** Settings of lockstorm, by the names of its flags: lockstorm hunt --help, or --print-config for what they are now. */
export default {
  seed: '1',
  // ttl: '10s', work: '1s',       // the lease that the lock is asked for, and how long a client works under it
  // faults: 2,                    // every storm of up to two faults
  // allow: 'limit',               // what no client can prevent by itself fails nothing
}
`

/**
 * Writes what is missing.
 * @throws UsageError when the file cannot be loaded, or the adapter is there already
 */
export async function init(file: string, api: LockstormApi, { only, configFile }: InitOptions): Promise<Initialized> {
  const adapter = file.replace(/\.[cm]?[jt]s$/, '.lockstorm.ts')
  if (existsSync(adapter)) {
    throw new UsageError(
      adapter,
      'it is there already, and is not changed',
      `lockstorm hunt ${adapter}, or remove it first`,
    )
  }
  sealConnections()
  try {
    const { file: read, locks, isDefined, exported } = await loadShapes(file, api)
    const written: { file: string; what: string }[] = []
    const write = (name: string, what: string, text: string): void => {
      writeFileSync(name, text, { flag: 'wx' })
      written.push({ file: name, what })
    }
    const from = importedAs(file, read.text)
    const recognized = isDefined ? null : chosen(file, locks, only)
    if (recognized !== null) write(adapter, `calls ${recognized.words}`, adapterText({ recognized, file: read, from }))
    else if (!isDefined)
      write(adapter, 'to be filled in: nothing in the file looks like a lock', emptyAdapterText(read, from, exported))
    if (configFile === null) write(CONFIG_FILE, 'settings, to be changed', CONFIG)
    return { written, question: recognized?.question ?? null, hunted: isDefined ? file : adapter }
  } finally {
    unsealConnections()
  }
}

/** What an import of the file is called beside it: as the file's own imports are, because its compiler may refuse `.ts`. */
function importedAs(file: string, text: string): string {
  const name = `./${path.basename(file)}`
  if (!/\.[cm]?ts$/.test(name)) return name
  const own = [...text.matchAll(/\bfrom\s*['"](\.[^'"]*)['"]/g)].map(([, imported = '']) => imported)
  if (own.some((imported) => /\.[cm]?ts$/.test(imported))) return name
  const compiled = name.replace(/ts$/, 'js')
  if (own.some((imported) => /\.[cm]?js$/.test(imported))) return compiled
  if (own.length > 0) return name.replace(/\.[cm]?ts$/, '')
  return compilesBeside(path.dirname(path.resolve(file))) ? compiled : name
}

/** Whether the nearest `tsconfig.json` leaves it at the compiler's default, by which imports end in `.js` or in nothing. */
function compilesBeside(folder: string): boolean {
  const config = path.join(folder, 'tsconfig.json')
  if (existsSync(config)) {
    return !/"(allowImportingTsExtensions|rewriteRelativeImportExtensions)"\s*:\s*true/.test(
      readFileSync(config, 'utf8'),
    )
  }
  const above = path.dirname(folder)
  return above !== folder && compilesBeside(above)
}

function chosen(file: string, locks: readonly Recognized[], only: string | undefined): Recognized | null {
  const wanted = only === undefined ? locks : locks.filter(({ lock, key }) => key === only || lock.name === only)
  const names = locks.map(({ key }) => key).join(', ')
  if (only !== undefined && wanted.length === 0)
    throw new UsageError('--only', `${file} has no ${only}`, `it has ${names}`)
  if (wanted.length > 1) throw new UsageError(file, `it has several locks: ${names}`, 'choose one with --only NAME')
  return wanted[0] ?? null
}
