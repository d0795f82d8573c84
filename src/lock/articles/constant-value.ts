/**
 * S1, an article on distributed sessions: SET without NX, one constant value for everybody, then "is it mine?", which it
 * always is. Whoever comes is in at once, and whoever leaves deletes the key of all.
 *
 *   redis.set('session:lock', 'value', ex=10)
 *   if redis.get('session:lock') == 'value': …            # else: while it is not, time.sleep(1)
 *   redis.del('session:lock')
 */
import { defineLock } from '../lock.ts'
import { sleepMs, wholeSeconds } from './waiting.ts'

const VALUE = 'value'
const POLL_MS = 1000

export const constantValue = defineLock({
  name: 'constant-value',
  title: 'S1: SET EX of one constant value, GET == value; DEL',
  commands: 'SET k value EX n; GET k == value → in, else once a second; DEL k',
  blocking: true,
  async acquire({ redis, key, ttlMs }) {
    await redis.set(key, VALUE, 'EX', wholeSeconds(ttlMs))
    while ((await redis.get(key)) !== VALUE) await sleepMs(POLL_MS)
    return {}
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
