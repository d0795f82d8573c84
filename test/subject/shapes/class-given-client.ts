import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** A class that is given its client. */
export class RedisLock {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  async acquire(key: string, ttlMs: number): Promise<string | null> {
    const token = randomUUID()
    return (await this.#redis.set(`lock:${key}`, token, 'PX', ttlMs, 'NX')) === 'OK' ? token : null
  }

  async release(key: string, token: string): Promise<boolean> {
    return (await this.#redis.eval(RELEASE, 1, `lock:${key}`, token)) === 1
  }
}
