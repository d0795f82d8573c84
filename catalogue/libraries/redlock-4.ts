/**
 * redlock 4 (the `latest` of npm), unmodified: `lock` and `unlock`, with the library's own retries.
 *
 * It is built on bluebird, whose queue is a module variable: each client loads its own copy. It calls Redis with
 * callbacks, which ioredis understands.
 */
import type { Redis } from 'ioredis'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'

interface Held {
  readonly value: string
  readonly expiration: number
  unlock(): PromiseLike<void>
}
interface Redlock {
  lock(resource: string, ttlMs: number): PromiseLike<Held>
  lockWithOptions(resource: string, ttlMs: number, options: Redlock4Options): PromiseLike<Held>
  on(event: 'clientError', listener: () => void): unknown
}
export type Redlock4Options = {
  readonly retryCount?: number
  readonly retryDelay?: number
  readonly retryJitter?: number
}

/** The lock with these options of the library, and with options for each call. */
export function redlock4(name = 'redlock-4', options: Redlock4Options = {}, perCall?: Redlock4Options) {
  const instances = new WeakMap<Redis, Redlock>()
  const redlockOf = ({ redis, nodes, load }: LockContext<Redis>): Redlock => {
    const known = instances.get(redis)
    if (known !== undefined) return known
    const Redlock = load<new (clients: readonly Redis[], options: object) => Redlock>('redlock-4', import.meta.url)
    const redlock = new Redlock(nodes, options)
    // Errors of single nodes; what counts is the majority.
    redlock.on('clientError', () => {})
    instances.set(redis, redlock)
    return redlock
  }
  return defineLock<Redis>({
    name,
    title: 'redlock 4.2.0: lock, unlock',
    client: 'ioredis',
    blocking: true,
    statements: { expiresAt: 'lock.expiration' },
    async acquire(context) {
      const redlock = redlockOf(context)
      const { key, ttlMs } = context
      const lock = await (perCall === undefined
        ? redlock.lock(key, ttlMs)
        : redlock.lockWithOptions(key, ttlMs, perCall))
      return {
        token: lock.value,
        get expiresAt() {
          return lock.expiration
        },
        unlock: () => lock.unlock(),
      }
    },
    async release(_context, lease) {
      await (lease as unknown as Held).unlock()
      return true
    },
  })
}
