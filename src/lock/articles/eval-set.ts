/**
 * S10, an article on Redis locks: SET EX inside a script that then returns 1. A script is atomic, but it is not a
 * condition: everybody is told 1.
 */
import { defineLock } from '../lock.ts'
import { wholeSeconds } from './waiting.ts'

const ACQUIRE = `local lock_name = KEYS[1]
local lock_value = ARGV[1]
local expire_time = ARGV[2]
redis.call('set', lock_name, lock_value, 'EX', expire_time)
return 1`

export const evalSet = defineLock({
  name: 'eval-set',
  title: 'S10: EVAL "SET EX; return 1"; DEL',
  commands: 'EVAL "SET k token EX n; return 1"; DEL k',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.eval(ACQUIRE, 1, key, token, wholeSeconds(ttlMs))) === 1 ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
