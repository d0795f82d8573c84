import type { Redis } from 'ioredis'

export class QueueLock {
  private readonly redis: Redis
  constructor(redis: Redis) {
    this.redis = redis
  }
  async acquire(key: string, lane: number, ttlMs: number): Promise<boolean> {
    return (await this.redis.set(`${key}:${lane}`, '1', 'PX', ttlMs, 'NX')) === 'OK'
  }
  async release(key: string, lane: number): Promise<void> {
    await this.redis.del(`${key}:${lane}`)
  }
}
