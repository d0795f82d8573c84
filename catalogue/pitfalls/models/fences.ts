/** Fencing tokens drawn in the wrong place or kept too short, and a lock that opens when Redis is away. */
import { defineLock } from 'lockstorm'
import { giveBack, take } from './parts.ts'

/** INCR after SET NX: between the two somebody else may take the lock and draw first. */
export const drawsFenceSecond = defineLock({
  name: 'draws-fence-second',
  title: 'model of a fencing token from a second command',
  commands: 'SET k token PX ttl NX; INCR fence; EVAL "if get == token then del"',
  async acquire(context) {
    const lease = await take(context)
    if (lease === null) return null
    return { ...lease, fence: await context.redis.incr(`${context.key}:fence`) }
  },
  release: giveBack,
})

const ACQUIRE = `if not redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return false end
local fence = redis.call('incr', KEYS[2])
redis.call('pexpire', KEYS[2], ARGV[2])
return fence`

/** The counter has a TTL, so that no counters pile up: after a quiet time it begins at 1 again. */
export const expiresFence = defineLock({
  name: 'expires-fence',
  title: 'model of a fencing counter with a TTL',
  commands: 'EVAL "set NX PX, incr fence, pexpire fence"; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    const fence = await redis.eval(ACQUIRE, 2, key, `${key}:fence`, token, ttlMs)
    return fence === null ? null : { token, fence: Number(fence) }
  },
  release: giveBack,
})

/** "Better to work without the lock than not at all": when Redis cannot be asked, everybody has the lock. */
export const failsOpen = defineLock({
  name: 'fails-open',
  title: 'model of code that runs unlocked when Redis fails',
  commands: 'SET k token PX ttl NX; on an error: go on; EVAL "if get == token then del"',
  async acquire(context) {
    return take(context).catch(() => ({ token: context.token }))
  },
  release: giveBack,
})
