/**
 * S11 and S12, an article on Redis locks: get, compare and set in one script, reentrant by value. As printed (`== nil`) it
 * can never be taken: for Redis a missing key is `false` in Lua. Repaired (`== false`) it excludes and is reentrant; its
 * release still deletes whatever is there, ends the outer hold with the inner one, and returns nothing, which the caller
 * reads as "not released".
 */
import { defineLock, type LockDefinition } from '../lock.ts'
import { wholeSeconds } from './waiting.ts'

const acquireScript = (missing: 'nil' | 'false'): string => `local lock_name = KEYS[1]
local lock_value = ARGV[1]
local expire_time = ARGV[2]
local current_value = redis.call('get', lock_name)
if current_value == ${missing} then
  redis.call('set', lock_name, lock_value, 'EX', expire_time)
  return 1
elseif current_value == lock_value then
  redis.call('set', lock_name, lock_value, 'EX', expire_time)
  return 1
else
  return 0
end`

const RELEASE = `local lock_name = KEYS[1]
local lock_value = ARGV[1]
redis.call('del', lock_name)`

function luaCompare(name: string, title: string, missing: 'nil' | 'false'): LockDefinition {
  const script = acquireScript(missing)
  return defineLock({
    name,
    title,
    commands: `EVAL "if get == ${missing} or get == token then SET EX; return 1"; EVAL "del"`,
    async acquire({ redis, key, token, ttlMs }) {
      return (await redis.eval(script, 1, key, token, wholeSeconds(ttlMs))) === 1 ? { token } : null
    },
    async release({ redis, key }, lease) {
      return (await redis.eval(RELEASE, 1, key, lease.token as string)) === 1
    },
  })
}

export const luaNil = luaCompare('lua-nil', 'S11: Lua, free when GET == nil', 'nil')

export const luaFalse = luaCompare('lua-false', 'S12: Lua, free when GET == false', 'false')
