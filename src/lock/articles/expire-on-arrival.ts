/**
 * S18, an article on caches and locks: every `get_lock` begins with EXPIRE on the key, whoever holds it. Each waiter that
 * arrives prolongs the lease of the holder; when the holder is dead and waiters keep coming, the lock never ends.
 *
 *   r.expire(lock_key, timeout)
 *   while True:
 *       if r.get(lock_key) == b'1': time.sleep(0.1); continue
 *       if r.set(lock_key, b'1', ex=timeout, nx=True): return True
 *       else: time.sleep(0.1)
 *   …  r.delete(lock_key)
 */
import { defineLock } from '../lock.ts'
import { sleepMs, wholeSeconds } from './waiting.ts'

const POLL_MS = 100

export const expireOnArrival = defineLock({
  name: 'expire-on-arrival',
  title: 'S18: EXPIRE, poll GET, SET NX EX of a constant; DEL',
  commands: 'EXPIRE k n; GET k == 1 → wait 0.1 s; SET k 1 EX n NX; DEL k',
  blocking: true,
  async acquire({ redis, key, ttlMs }) {
    const seconds = wholeSeconds(ttlMs)
    await redis.expire(key, seconds)
    for (;;) {
      if ((await redis.get(key)) !== '1' && (await redis.set(key, '1', 'EX', seconds, 'NX')) === 'OK') return {}
      await sleepMs(POLL_MS)
    }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
