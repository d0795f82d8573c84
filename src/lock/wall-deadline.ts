/**
 * Released by the clock: the holder deletes the key while its own wall clock says that the lease is still running. The
 * check and the DEL are two steps, and the clock can be stepped back.
 *
 * Source: redis-lock 1.0.0 (`index.js:42`), errorception/redis-lock#30.
 */
import { defineLock } from './lock.ts'

export const wallDeadline = defineLock({
  name: 'wall-deadline',
  title: 'SET NX PX; DEL if Date.now() < deadline',
  commands: 'SET k token PX ttl NX; if Date.now() < deadline then DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    const expiresAt = Date.now() + ttlMs
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token, expiresAt } : null
  },
  async release({ redis, key }, lease) {
    return Date.now() < (lease.expiresAt as number) && (await redis.del(key)) === 1
  },
})
