import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** A factory; each lease gives itself back. */
export function createLock(redis: Redis, { prefix = 'mutex:', ttlSeconds = 5 } = {}) {
  return {
    async acquire(resource: string) {
      const token = randomUUID()
      const key = prefix + resource
      if ((await redis.set(key, token, 'EX', ttlSeconds, 'NX')) !== 'OK') return null
      return { key, release: async () => (await redis.eval(RELEASE, 1, key, token)) === 1 }
    },
  }
}
