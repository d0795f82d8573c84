/**
 * The naive lock: look, then take. Between the two, somebody else looks too.
 *
 *   A  GET → nil              SET
 *   B           GET → nil           SET      both hold it, and no fault was needed
 */
import { defineLock } from './lock.ts'

export const naive = defineLock({
  name: 'naive',
  title: 'GET, then SET; DEL',
  commands: 'GET k → nil; SET k token PX ttl; DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.get(key)) !== null) return null
    await redis.set(key, token, 'PX', ttlMs)
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
