/**
 * S19, the formulas of an article on caches and locks: L = 1 if SETNX; EXPIRE; DEL; reentrant if GET == 0. Between SETNX
 * and EXPIRE the lock has no end, DEL does not ask whose key it is, and nobody ever writes the 0 that would let a holder
 * in again.
 */
import { defineLock } from '../lock.ts'
import { wholeSeconds } from './waiting.ts'

export const setnxFormulas = defineLock({
  name: 'setnx-formulas',
  title: 'S19: SETNX, EXPIRE; GET == 0 is reentrant; DEL',
  commands: 'SETNX k 1; EXPIRE k n; else GET k == 0 → in; DEL k',
  async acquire({ redis, key, ttlMs }) {
    if ((await redis.setnx(key, '1')) === 1) {
      await redis.expire(key, wholeSeconds(ttlMs))
      return {}
    }
    return (await redis.get(key)) === '0' ? {} : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
