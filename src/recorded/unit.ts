/**
 * What a client asked for in one step: a command, or a script with the commands that it called. MONITOR shows a script first and its
 * commands, each with the address `lua`, right after it; they are what is applied, once.
 */
import { keysOf } from '../redis/commands/introspection.ts'
import type { MemoryRedis } from '../redis/memory-redis.ts'
import type { Sent } from './sent.ts'

export interface Unit {
  readonly place: string
  readonly atUs: number | null
  readonly slackUs: number
  /** It may have begun this long before `atUs`. */
  readonly windowUs: number
  readonly database: number
  readonly source: string | null
  /** What the client sent; null: the recording begins in the middle of a script. */
  readonly outer: readonly string[] | null
  readonly isScript: boolean
  readonly commands: readonly Call[]
}

export interface Call {
  readonly name: string
  readonly database: number
  readonly args: readonly string[]
  /** Null: it is not known what it touches. */
  readonly keys: readonly string[] | null
}

const SCRIPTS: ReadonlySet<string> = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'])

export const isScriptCall = (args: readonly string[]): boolean => SCRIPTS.has((args[0] ?? '').toLowerCase())

export function callOf({ args, database }: Pick<Sent, 'args' | 'database'>, redis: MemoryRedis): Call {
  const row = redis.findCommand(args)
  const keys = row === undefined || row === null ? null : keysOf(row.command, args)
  return { name: (args[0] as string).toLowerCase(), database, args, keys }
}

/** The keys that a script is called with. */
export const scriptKeys = (outer: readonly string[]): readonly string[] => outer.slice(3, 3 + numberOfKeys(outer))

const numberOfKeys = (outer: readonly string[]): number => {
  const count = Number(outer[2])
  return Number.isInteger(count) && count >= 0 && count <= outer.length ? count : 0
}

/** The arguments that may be tokens: what is neither a name nor a key. */
export function tokensOf({ outer, isScript, commands }: Unit): readonly string[] {
  if (outer === null) return []
  if (isScript) return outer.slice(3 + numberOfKeys(outer))
  const keys = commands[0]?.keys ?? []
  return outer.slice(1).filter((arg) => !keys.includes(arg))
}

const hasWord = (args: readonly string[], from: number, word: string): boolean =>
  args.some((arg, index) => index >= from && arg.length === word.length && arg.toLowerCase() === word)

/** Takes a key only when nothing is there. */
export const isTake = ({ name, args }: Call): boolean => name === 'setnx' || (name === 'set' && hasWord(args, 3, 'nx'))

/** What it writes is there afterwards, whatever was there before. */
export const isPlainSet = ({ name, args }: Call): boolean =>
  name === 'setex' ||
  name === 'psetex' ||
  name === 'getset' ||
  name === 'mset' ||
  (name === 'set' && !['nx', 'xx', 'keepttl', 'ifeq', 'ifne', 'ifdeq', 'ifdne'].some((word) => hasWord(args, 3, word)))

export const isDelete = ({ name }: Pick<Call, 'name'>): boolean =>
  name === 'del' || name === 'unlink' || name === 'getdel'

const CHECKS: ReadonlySet<string> = new Set([
  'exists',
  'get',
  'hexists',
  'hget',
  'setnx',
  'hsetnx',
  'ttl',
  'pttl',
  'type',
])
const EXPIRES: ReadonlySet<string> = new Set(['expire', 'pexpire', 'expireat', 'pexpireat'])
const WRITES: ReadonlySet<string> = new Set(['set', 'setnx', 'hset', 'hsetnx', 'hmset', 'hincrby'])

/** Keys that a script writes with a time to live after it has looked at them: as a lock's acquire does. */
export function takenByScript({ isScript, commands }: Unit): ReadonlySet<string> {
  const taken = new Set<string>()
  if (!isScript) return taken
  const checked = new Set<string>()
  const written = new Set<string>()
  for (const call of commands) {
    const { name, database, args, keys } = call
    for (const key of keys ?? []) {
      const id = `${database} ${key}`
      const hasTtl = name === 'set' && ['px', 'ex', 'pxat', 'exat'].some((word) => hasWord(args, 3, word))
      if (isTake(call) || (checked.has(id) && (hasTtl || (EXPIRES.has(name) && written.has(id))))) taken.add(id)
      if (CHECKS.has(name)) checked.add(id)
      if (WRITES.has(name)) written.add(id)
    }
  }
  return taken
}
