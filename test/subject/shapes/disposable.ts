import { randomUUID } from 'node:crypto'
import type { RedisClientType } from 'redis'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** For `await using lease = await lock(redis, 'orders', 1_000)`, over node-redis. */
export async function lock(redis: RedisClientType, key: string, ttlMs: number): Promise<AsyncDisposable | null> {
  const token = randomUUID()
  if ((await redis.set(key, token, { PX: ttlMs, NX: true })) !== 'OK') return null
  return {
    async [Symbol.asyncDispose]() {
      await redis.eval(RELEASE, { keys: [key], arguments: [token] })
    },
  }
}
