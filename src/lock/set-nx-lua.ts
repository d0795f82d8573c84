/**
 * SET NX PX and a Lua compare-and-delete: the lock that redis.io describes. It excludes as long as nobody outlives
 * the lease; beyond that only a fencing token helps.
 *
 * Source: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
 */
import { defineLock } from './lock.ts'
import { COMPARE_AND_DELETE } from './release-script.ts'

export const setNxLua = defineLock({
  name: 'set-nx-lua',
  title: 'SET NX PX; Lua compare-and-delete',
  commands: 'SET k token PX ttl NX; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
  },
})
