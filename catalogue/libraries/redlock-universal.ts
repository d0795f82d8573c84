/**
 * redlock-universal 0.8.5, unmodified: `createLock` on one node, `createRedlock` on several.
 *
 * Its handle says when the lock was acquired and for how long.
 */
import type { Redis } from 'ioredis'
import { createLock, createRedlock, IoredisAdapter, type Lock, type LockHandle } from 'redlock-universal'
import { defineLock, type Lease, type LockContext } from '../../src/lock/lock.ts'

export type UniversalOptions = {
  readonly retryAttempts?: number
  readonly retryDelay?: number
  readonly quorum?: number
}

function definition(name: string, title: string, make: (context: LockContext<Redis>) => Lock) {
  const instances = new WeakMap<Redis, Lock>()
  const lockOf = (context: LockContext<Redis>): Lock => {
    const lock = instances.get(context.redis) ?? make(context)
    instances.set(context.redis, lock)
    return lock
  }
  return defineLock<Redis>({
    name,
    title,
    client: 'ioredis',
    blocking: true,
    statements: { expiresAt: 'handle.acquiredAt+ttl' },
    async acquire(context) {
      const handle = await lockOf(context).acquire()
      const lease: Lease & { handle: LockHandle } = {
        handle,
        token: handle.value,
        expiresAt: handle.acquiredAt + handle.ttl,
      }
      return lease
    },
    release: (context, lease) => lockOf(context).release((lease as Lease & { handle: LockHandle }).handle),
  })
}

const adapterOf = (redis: Redis) => new IoredisAdapter(redis as never)

export const universal = (name = 'redlock-universal', options: UniversalOptions = {}) =>
  definition(name, 'redlock-universal 0.8.5: createLock', ({ redis, key, ttlMs }) =>
    createLock({ adapter: adapterOf(redis), key, ttl: ttlMs, ...options }),
  )

export const universalRedlock = (name = 'redlock-universal-quorum', options: UniversalOptions = {}) =>
  definition(name, 'redlock-universal 0.8.5: createRedlock', ({ nodes, key, ttlMs }) =>
    createRedlock({ adapters: nodes.map(adapterOf), key, ttl: ttlMs, ...options }),
  )
