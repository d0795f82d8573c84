/**
 * simple-redis-mutex 3.0.0, unmodified: `lock`, with its subscriber, its polling and its fencing token.
 *
 * It keeps its subscriber and its waiting callers in module variables: each client loads its own copy.
 */
import { defineLock, type Lease } from '../../src/lock/lock.ts'

interface Release {
  (): Promise<void>
  readonly fencingToken: number
}
interface SimpleRedisMutex {
  lock(redis: unknown, name: string, options: object): Promise<Release>
}
export type MutexOptions = { readonly pollingInterval?: number; readonly failAfter?: number }

/** The lock with these options of the library. */
export function simpleRedisMutex(name = 'simple-redis-mutex', options: MutexOptions = {}) {
  return defineLock<unknown>({
    name,
    title: 'simple-redis-mutex 3.0.0: lock',
    client: 'node-redis',
    blocking: true,
    keys: (key) => [`@simple-redis-mutex:lock-${key}`],
    async acquire({ redis, key, ttlMs, load }) {
      const { lock } = load<SimpleRedisMutex>('simple-redis-mutex', import.meta.url)
      const release = await lock(redis, key, { timeout: ttlMs, ...options })
      const lease: Lease & { release: Release } = { release, fence: release.fencingToken }
      return lease
    },
    async release(_context, lease) {
      await (lease as Lease & { release: Release }).release()
      return true
    },
  })
}
