import { randomUUID } from 'node:crypto'
import { redis } from '@/lib/redis'
export async function acquireLock(key: string, ttlMs: number) {
  const token = randomUUID()
  return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? token : null
}
export async function releaseLock(key: string, token: string) {
  return (await redis.eval(`if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`, 1, key, token)) === 1
}
