/**
 * Taken atomically, released blindly: a holder whose lease has ended deletes the lock of whoever holds it now.
 *
 * Source: laravel/framework#20709, lukas-krecan/ShedLock#2584.
 */
import { defineLock } from './lock.ts'

export const nxPlainDel = defineLock({
  name: 'nx-plain-del',
  title: 'SET NX PX; DEL without comparing',
  commands: 'SET k token PX ttl NX; DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
