/**
 * S9, an article on Redis locks: "when something goes wrong, release early with a Lua script that sets the lock to an empty
 * string with an expiry of 0". Redis refuses that expiry, so nothing is ever released by it.
 *
 * The article takes its lock with SET EX (S8), which overwrites whatever is there: that nothing was released then blocks
 * nobody. `emergencyEvalNx` takes it with NX, so that the release alone is to blame for what follows.
 */
import { defineLock, type LockContext } from '../lock.ts'
import { wholeSeconds } from './waiting.ts'

const EMERGENCY_RELEASE = `redis.call('set', KEYS[1], '', 'EX', 0)
return 1`

const release = async ({ redis, key }: LockContext): Promise<boolean> =>
  (await redis.eval(EMERGENCY_RELEASE, 1, key)) === 1

export const emergencyEval = defineLock({
  name: 'emergency-eval',
  title: "S9: SET EX; released by EVAL SET '' EX 0",
  commands: 'SET k token EX n; EVAL "SET k \'\' EX 0"',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'EX', wholeSeconds(ttlMs))) === 'OK' ? { token } : null
  },
  release,
})

export const emergencyEvalNx = defineLock({
  name: 'emergency-eval-nx',
  title: 'S9 with NX',
  commands: 'SET k token EX n NX; EVAL "SET k \'\' EX 0"',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'EX', wholeSeconds(ttlMs), 'NX')) === 'OK' ? { token } : null
  },
  release,
})
