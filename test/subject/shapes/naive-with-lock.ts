import type { Redis } from 'ioredis'

/** It looks, and then it takes: and what it gives back may be another client's. */
export async function withLock(redis: Redis, key: string, ttlMs: number, fn: () => Promise<void>): Promise<void> {
  while ((await redis.exists(key)) === 1) await new Promise((resolve) => setTimeout(resolve, 10))
  await redis.set(key, 'locked', 'PX', ttlMs)
  try {
    await fn()
  } finally {
    await redis.del(key)
  }
}
