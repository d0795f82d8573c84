/**
 * MONITOR: the clients that see every command, and what they see: time, database, source, quoted arguments.
 *
 * Models  passwords that are not shown.
 *
 * Source: replication.c (`replicationFeedMonitors`), sds.c (`sdscatrepr`) of Redis 7.0.
 */
import { isWord } from './arguments.ts'
import type { RedisConnection } from './connection.ts'
import { status } from './reply.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
}

/** When, where and by whom. */
export interface MonitorSource {
  readonly nowUs: number
  readonly database: number
  /** The client's address, or `lua`. */
  readonly source: string
}

export class Monitors {
  readonly #connections = new Set<RedisConnection>()

  get count(): number {
    return this.#connections.size
  }

  add(connection: RedisConnection): void {
    this.#connections.add(connection)
  }

  delete(connection: RedisConnection): void {
    this.#connections.delete(connection)
  }

  /** Shows a command, as it was sent. */
  show(args: readonly string[], source: MonitorSource): void {
    const reply = status(monitorLine(args, source))
    for (const connection of this.#connections) connection.push(reply)
  }
}

function monitorLine(args: readonly string[], { nowUs, database, source }: MonitorSource): string {
  const seconds = Math.floor(nowUs / 1_000_000)
  const micros = String(nowUs % 1_000_000).padStart(6, '0')
  return `${seconds}.${micros} [${database} ${source}] ${args.map(quote).join(' ')}`
}

function quote(text: string): string {
  let quoted = '"'
  for (const char of text) {
    const code = char.charCodeAt(0)
    quoted += ESCAPES[char] ?? (code >= 32 && code < 127 ? char : `\\x${code.toString(16).padStart(2, '0')}`)
  }
  return `${quoted}"`
}

/** Passwords are not shown. */
export function redacted(name: string, args: readonly string[]): readonly string[] {
  if (name === 'auth') return args.map((arg, index) => (index === 0 ? arg : HIDDEN))
  if (name === 'migrate') return migrateRedacted(args)
  if (name !== 'hello') return args
  const auth = args.findIndex((arg) => isWord(arg, 'auth'))
  return auth === -1 ? args : args.map((arg, index) => (index === auth + 1 || index === auth + 2 ? HIDDEN : arg))
}

/** MIGRATE … AUTH password, or AUTH2 user password, before the KEYS. */
function migrateRedacted(args: readonly string[]): readonly string[] {
  const shown = [...args]
  for (let index = 6; index < args.length && !isWord(args[index]!, 'keys'); index++) {
    const secrets = isWord(args[index]!, 'auth') ? 1 : isWord(args[index]!, 'auth2') ? 2 : 0
    for (let left = secrets; left > 0 && index + 1 < args.length; left--) shown[++index] = HIDDEN
  }
  return shown
}

const HIDDEN = '(redacted)'

const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'requirepass',
  'masterauth',
  'masteruser',
  'tls-key-file-pass',
  'tls-client-key-file-pass',
])

/** A call as SLOWLOG keeps it: administrative commands, which no monitor sees, without their secrets. */
export function withoutSecrets(name: string, args: readonly string[]): readonly string[] {
  if (name === 'acl|setuser') return args.map((arg, index) => (index < 2 ? arg : HIDDEN))
  if (name !== 'config|set') return redacted(name, args)
  return args.map((arg, index) => (SECRET_PARAMETERS.has((args[index - 1] ?? '').toLowerCase()) ? HIDDEN : arg))
}
