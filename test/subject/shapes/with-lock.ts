import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

const redis = new Redis('redis://redis:6379')
redis.on('error', () => {})
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** Runs the function under the lock. */
export async function withLock<T>(key: string, fn: () => Promise<T>, ttl = 10_000): Promise<T> {
  const token = randomUUID()
  while ((await redis.set(key, token, 'PX', ttl, 'NX')) !== 'OK') await sleep(50)
  try {
    return await fn()
  } finally {
    await redis.eval(RELEASE, 1, key, token)
  }
}
