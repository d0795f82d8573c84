/**
 * SET with an expiry but without NX: "success" is always, because SET overwrites. Copied from articles that mistake
 * the OK of SET for a condition.
 */
import { defineLock } from './lock.ts'

export const plainSet = defineLock({
  name: 'plain-set',
  title: 'SET with expiry, no NX; DEL',
  commands: 'SET k token PX ttl; DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs)) === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
