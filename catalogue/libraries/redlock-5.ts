/**
 * redlock 5.0.0-beta.2, unmodified: `acquire` and `release`, and `using` with its automatic extension.
 */
import type { Redis } from 'ioredis'
// biome-ignore lint/suspicious/noTsIgnore: it is a mistake only to a program that takes no implicit any
// @ts-ignore its package.json does not say where its types are
import RedlockModule from 'redlock-5'
import { defineLock, type Lease, type LockContext } from '../../src/lock/lock.ts'

interface Held {
  readonly value: string
  readonly expiration: number
  release(): Promise<unknown>
}
interface RedlockClass {
  acquire(resources: string[], durationMs: number): Promise<Held>
  using(resources: string[], durationMs: number, routine: (signal: AbortSignal) => Promise<void>): Promise<void>
  on(event: 'error', listener: () => void): unknown
}
interface Settings {
  readonly driftFactor: number
  readonly retryCount: number
  readonly retryDelay: number
  readonly retryJitter: number
  readonly automaticExtensionThreshold: number
}

const Redlock = RedlockModule as new (clients: readonly Redis[], settings: Partial<Settings>) => RedlockClass

/** One Redlock for each client, as an application has one. */
function redlocks(settings: Partial<Settings>): (context: LockContext<Redis>) => RedlockClass {
  const instances = new WeakMap<Redis, RedlockClass>()
  return ({ redis, nodes }) => {
    const known = instances.get(redis)
    if (known !== undefined) return known
    const redlock = new Redlock(nodes, settings)
    // As its README says: errors of single nodes are events, and an event `error` that nobody hears is thrown.
    redlock.on('error', () => {})
    instances.set(redis, redlock)
    return redlock
  }
}

/** `acquire` and `release`. */
export function redlock5(name = 'redlock-5', settings: Partial<Settings> = {}) {
  const redlockOf = redlocks(settings)
  return defineLock<Redis>({
    name,
    title: 'redlock 5.0.0-beta.2: acquire, release',
    blocking: true,
    statements: { expiresAt: 'lock.expiration' },
    async acquire(context) {
      const lock = await redlockOf(context).acquire([context.key], context.ttlMs)
      return {
        token: lock.value,
        get expiresAt() {
          return lock.expiration
        },
        release: () => lock.release(),
      }
    },
    async release(_context, lease) {
      await (lease as unknown as Held).release()
      return true
    },
  })
}

/** `using`: the lock is held while a routine runs; the library extends it, and aborts a signal when it cannot. */
export function redlock5Using(name = 'redlock-5-using', settings: Partial<Settings> = {}) {
  const redlockOf = redlocks(settings)
  return defineLock<Redis>({
    name,
    title: 'redlock 5.0.0-beta.2: using',
    blocking: true,
    statements: { signal: 'signal' },
    acquire: (context) =>
      new Promise((resolve, reject) => {
        let finish = (): void => {}
        const finished = new Promise<void>((done) => {
          finish = done
        })
        const using = redlockOf(context).using([context.key], context.ttlMs, async (signal) => {
          // The caller works while this routine has not returned.
          resolve({ signal, finish, using } as Lease)
          await finished
        })
        using.catch(reject)
      }),
    async release(_context, lease) {
      const { finish, using } = lease as Lease & { finish(): void; using: Promise<void> }
      finish()
      await using
      return true
    },
  })
}
