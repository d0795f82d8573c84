/** @medusajs/locking-redis: `execute` of its provider, which Medusa makes and an application calls. */
import { RedisLockingProvider } from '@medusajs/locking-redis/dist/services/redis-lock.js'
import { Redis } from 'ioredis'

const locking = new RedisLockingProvider(
  { redisClient: new Redis('redis://cache:6379'), prefix: 'medusa_lock:' } as never,
  // By default a waiter comes to look only once a second.
  { maximumRetryInterval: 50 } as never,
)

export const withLock = (key: string, work: (signal?: AbortSignal) => Promise<void>) =>
  locking.execute([key], work, { expire: 1 })
