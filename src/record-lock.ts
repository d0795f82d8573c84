/**
 * Records what a lock's users believe, in production: wrap the lock, and each acquire, extend and release becomes a line of a file that
 * `lockstorm judge --belief` reads.
 *
 * ```ts
 * import { recordLock } from 'lockstorm/record'
 *
 * const lock = recordLock(new MyLock(redis), { file: 'belief.ndjson' })
 * ```
 *
 * Stands alone: it loads nothing else of lockstorm, so it makes no time virtual. Tokens are hashed before they are written. What cannot be
 * written is dropped: recording must not break what it records.
 */
import { createHash, randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { hostname } from 'node:os'

export interface RecordOptions {
  /** One line for each event is appended; a file for each process. */
  readonly file: string
  /** Default: the host name with the process id. */
  readonly host?: string
  /** Which lock a call is about; default: its first argument. */
  readonly nameOf?: (...args: readonly unknown[]) => string
}

type Event = 'acquired' | 'extended' | 'released'

const EVENTS: Readonly<Record<string, Event>> = {
  acquire: 'acquired',
  lock: 'acquired',
  tryLock: 'acquired',
  extend: 'extended',
  renew: 'extended',
  release: 'released',
  unlock: 'released',
}

/** A hold that was recorded: by what identifies it. */
interface Hold {
  readonly lock: string
  readonly token: string
}

/** The same lock, whose calls of `acquire` (`lock`, `tryLock`), `extend` (`renew`) and `release` (`unlock`) are recorded. */
export function recordLock<Lock extends object>(lock: Lock, options: RecordOptions): Lock {
  const { file, host = `${hostname()}:${process.pid}`, nameOf = (name) => String(name) } = options
  const byLease = new WeakMap<object, Hold>()
  const byText = new Map<string, Hold>()
  const write = (hold: Hold, event: Event, lease: unknown): void => {
    const expiresAt = expiryOf(lease)
    const line = { t: Date.now(), host, ...hold, event, ...(expiresAt === null ? {} : { expiresAt }) }
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`)
    } catch {
      // Recording must not break what it records.
    }
  }
  const remember = (lease: unknown, args: readonly unknown[]): Hold => {
    const name = nameOf(...args)
    const hold = { lock: name, token: hashed(tokenOf(lease) ?? randomUUID()) }
    if (typeof lease === 'object' && lease !== null) byLease.set(lease, hold)
    byText.set(typeof lease === 'string' ? lease : name, hold)
    return hold
  }
  const holdOf = (args: readonly unknown[]): Hold | undefined => {
    for (const arg of args) {
      const hold = typeof arg === 'object' && arg !== null ? byLease.get(arg) : undefined
      if (hold !== undefined) return hold
    }
    return [...args].reverse().flatMap((arg) => byText.get(String(arg)) ?? [])[0]
  }
  return new Proxy(lock, {
    get(target, key) {
      const method = Reflect.get(target, key, target) as unknown
      const event = typeof key === 'string' ? EVENTS[key] : undefined
      if (typeof method !== 'function' || event === undefined) {
        return typeof method === 'function' ? method.bind(target) : method
      }
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const before = event === 'acquired' ? undefined : holdOf(args)
        // Whoever releases believes in it no longer, whatever comes of that.
        if (before !== undefined && event === 'released') write(before, event, null)
        const lease: unknown = await Reflect.apply(method, target, args)
        const isRefused = lease === null || lease === undefined || lease === false
        if (event === 'acquired' && !isRefused) write(remember(lease, args), event, lease)
        if (event === 'extended' && before !== undefined && !isRefused) {
          if (typeof lease === 'object') byLease.set(lease as object, before)
          write(before, event, lease)
        }
        return lease
      }
    },
  })
}

/** What a lease calls its token. */
function tokenOf(lease: unknown): string | null {
  if (typeof lease === 'string') return lease
  const { token, value, identifier } = (lease ?? {}) as Readonly<Record<string, unknown>>
  return [token, value, identifier].find((each): each is string => typeof each === 'string') ?? null
}

/** When a lease says that it ends, as `Date.now()`; null: it does not say. */
function expiryOf(lease: unknown): number | null {
  const { expiresAt, expiration } = (lease ?? {}) as Readonly<Record<string, unknown>>
  return [expiresAt, expiration].find((each): each is number => typeof each === 'number') ?? null
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 16)
