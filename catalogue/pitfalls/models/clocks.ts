/** Locks whose truth is a time that clients wrote. */
import { defineLock, type LockContext } from 'lockstorm'

const ACQUIRE = `redis.call('zremrangebyscore', KEYS[1], '-inf', ARGV[1] - ARGV[3])
if redis.call('zcard', KEYS[1]) >= 1 then return 0 end
redis.call('zadd', KEYS[1], ARGV[1], ARGV[2])
redis.call('pexpire', KEYS[1], ARGV[3])
return 1`

/** A semaphore of one: who entered longer than a TTL ago, by the caller's clock, is thrown out. */
export const scoresByClient = defineLock({
  name: 'scores-by-client',
  title: 'model of a semaphore whose scores are Date.now()',
  commands: 'EVAL "zremrangebyscore k -inf now-ttl; if zcard < 1 zadd k now token"; ZREM k token',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.eval(ACQUIRE, 1, key, Date.now(), token, ttlMs)) === 1 ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.call('zrem', key, lease.token as string)) === 1
  },
})

export const scoresByServer = defineLock({
  ...scoresByClient,
  name: 'scores-by-server',
  title: 'the same with the time of Redis',
  commands: 'EVAL "now = time; zremrangebyscore k -inf now-ttl; if zcard < 1 zadd k now token"; ZREM k token',
  async acquire({ redis, key, token, ttlMs }) {
    const script = `local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[2])
if redis.call('zcard', KEYS[1]) >= 1 then return 0 end
redis.call('zadd', KEYS[1], now, ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
return 1`
    return (await redis.eval(script, 1, key, token, ttlMs)) === 1 ? { token } : null
  },
})

/** The value is the time at which the lock ends; whoever finds it in the past takes over. */
export const valueIsDeadline = defineLock({
  name: 'value-is-deadline',
  title: 'model of the SETNX and GETSET lock of the old Redis pages',
  commands: 'SETNX k deadline; GET k; if it is past GETSET k deadline; DEL k if now < deadline',
  async acquire({ redis, key, token, ttlMs }: LockContext) {
    const deadline = String(Date.now() + ttlMs)
    if ((await redis.setnx(key, deadline)) === 1) return { token }
    const current = await redis.get(key)
    if (current === null || Number(current) > Date.now()) return null
    return (await redis.call('getset', key, deadline)) === current ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
