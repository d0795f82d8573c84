/**
 * S15: a reentrant lock on a hash, as Redisson has it: the owner is a field, its value is how often it entered. The count
 * is right while every command runs once. A driver that sends a command again after a lost reply counts twice: the
 * release then leaves one, and the lock stays until its TTL.
 *
 * Source: an article on Redis locks names it; scripts after RedissonLock, without its publish.
 */
import { defineLock } from '../lock.ts'

const ACQUIRE = `if redis.call('exists', KEYS[1]) == 0 or redis.call('hexists', KEYS[1], ARGV[2]) == 1 then
  redis.call('hincrby', KEYS[1], ARGV[2], 1)
  redis.call('pexpire', KEYS[1], ARGV[1])
  return nil
end
return redis.call('pttl', KEYS[1])`

const RELEASE = `if redis.call('hexists', KEYS[1], ARGV[2]) == 0 then
  return nil
end
local counter = redis.call('hincrby', KEYS[1], ARGV[2], -1)
if counter > 0 then
  redis.call('pexpire', KEYS[1], ARGV[1])
  return 0
end
redis.call('del', KEYS[1])
return 1`

export const reentrantHash = defineLock({
  name: 'reentrant-hash',
  title: 'S15: hash of owner and hold count, Lua',
  commands: 'EVAL "if free or mine: HINCRBY k owner 1, PEXPIRE"; EVAL "HINCRBY k owner -1; at 0 DEL"',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.eval(ACQUIRE, 1, key, ttlMs, token)) === null ? { token } : null
  },
  async release({ redis, key, ttlMs }, lease) {
    // 1: deleted, 0: one hold less, nil: not mine. Redisson's `unlock` is content with the first two.
    return (await redis.eval(RELEASE, 1, key, ttlMs, lease.token as string)) !== null
  },
})
