/** redislock: a lock object for each use, which knows how long its lease is. */
import { Redis } from 'ioredis'
// @ts-expect-error it has no types
import redislock from 'redislock'

const redis = new Redis('redis://cache:6379')

export const createLock = (timeout: number) => redislock.createLock(redis, { timeout, retries: -1, delay: 50 })
