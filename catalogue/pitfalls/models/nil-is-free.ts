/** A script that takes the lock when GET is `nil`. In Lua a missing key is `false`, so it never does. */
import { defineLock } from 'lockstorm'
import { giveBack } from './parts.ts'

const ACQUIRE = `if redis.call('get', KEYS[1]) == nil then
  return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 0`

export default defineLock({
  name: 'nil-is-free',
  title: 'model of a script that compares a reply with nil',
  commands: 'EVAL "if get == nil then set PX"; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    return String(await redis.eval(ACQUIRE, 1, key, token, ttlMs)) === 'OK' ? { token } : null
  },
  release: giveBack,
})
