/** @verrou/core: `run` of a lock, wrapped by the application. */
import { Verrou } from '@verrou/core'
import { redisStore } from '@verrou/core/drivers/redis'
import { Redis } from 'ioredis'

const verrou = new Verrou({
  default: 'redis',
  stores: { redis: { driver: redisStore({ connection: new Redis('redis://cache:6379') }) } },
})

export const withLock = (key: string, ttlMs: number, work: () => Promise<void>) =>
  verrou.createLock(key, ttlMs).run(work)
