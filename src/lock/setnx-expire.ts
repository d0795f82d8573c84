/**
 * SETNX, then the expiry as a second command. A client that dies between the two leaves a lock that never ends.
 *
 * Source: the SETNX pattern of early articles; laravel/framework#31166.
 */
import { defineLock } from './lock.ts'

export const setnxExpire = defineLock({
  name: 'setnx-expire',
  title: 'SETNX, then PEXPIRE; DEL',
  commands: 'SETNX k token; PEXPIRE k ttl; DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.setnx(key, token)) !== 1) return null
    await redis.pexpire(key, ttlMs)
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
