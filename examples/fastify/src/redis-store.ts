import type { SessionStore } from '@fastify/session'
import type { Redis } from 'ioredis'

/** Keeps sessions in Redis, each as one JSON text that ends with its cookie. */
export class RedisStore implements SessionStore {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  get: SessionStore['get'] = (id, callback) => {
    this.#redis.get(`session:${id}`).then((text) => callback(null, text === null ? null : JSON.parse(text)), callback)
  }

  set: SessionStore['set'] = (id, session, callback) => {
    const ttlMs = session.cookie.originalMaxAge ?? 24 * 3600_000
    this.#redis.set(`session:${id}`, JSON.stringify(session), 'PX', ttlMs).then(() => callback(), callback)
  }

  destroy: SessionStore['destroy'] = (id, callback) => {
    this.#redis.del(`session:${id}`).then(() => callback(), callback)
  }
}
