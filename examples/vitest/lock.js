import { randomUUID } from 'node:crypto'

const COMPARE_AND_DELETE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** A lock with a lease: it counts the lease from before it asked, and takes back an attempt of which it does not know what came. */
export class Lock {
  #redis

  constructor(redis) {
    this.#redis = redis
  }

  async acquire(key, ttlMs) {
    const token = randomUUID()
    const validUntil = performance.now() + ttlMs - ttlMs / 100 - 2
    try {
      const answer = await this.#redis.set(key, token, 'PX', ttlMs, 'NX')
      if (answer === 'OK' && performance.now() < validUntil) return { token, validUntil }
    } catch {
      // The command may have been carried out all the same.
    }
    await this.release(key, { token })
    return null
  }

  async release(key, { token }) {
    return (await this.#redis.eval(COMPARE_AND_DELETE, 1, key, token)) === 1
  }
}
