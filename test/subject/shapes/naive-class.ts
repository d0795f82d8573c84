import type { Redis } from 'ioredis'

/** GET, then SET: two clients find the key free at once. */
export class NaiveLock {
  private readonly redis: Redis

  constructor(redis: Redis) {
    this.redis = redis
  }

  async acquire(key: string): Promise<boolean> {
    if ((await this.redis.get(key)) !== null) return false
    await this.redis.set(key, '1', 'EX', 30)
    return true
  }

  async release(key: string): Promise<void> {
    await this.redis.del(key)
  }
}
