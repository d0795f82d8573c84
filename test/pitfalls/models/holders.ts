/** Locks that count holds, or keep a second lock in the process, each with its cure. */
import { defineLock, type Lease, type LockContext } from 'lockstorm'
import { everyThird, giveBack, take } from './parts.ts'

const stops = new WeakMap<Lease, () => void>()
const ACQUIRE_COUNTED = `if redis.call('exists', KEYS[1]) == 0 or redis.call('hexists', KEYS[1], ARGV[1]) == 1 then
  redis.call('hincrby', KEYS[1], ARGV[1], 1)
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 1
end
return 0`
const RELEASE_COUNTED = `if redis.call('hexists', KEYS[1], ARGV[1]) == 0 then return -1 end
local holds = redis.call('hincrby', KEYS[1], ARGV[1], -1)
if holds == 0 then redis.call('del', KEYS[1]) end
return holds`
const RENEW_COUNTED = `if redis.call('hexists', KEYS[1], ARGV[1]) == 1 then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0`

/** A reentrant lock: the acquire that the driver sent twice counts twice, and one release is not enough. */
export const countsHolds = defineLock({
  name: 'counts-holds',
  title: "model of Redisson's reentrant lock",
  commands: 'EVAL "hincrby k token 1, pexpire"; every ttl/3 "pexpire"; EVAL "hincrby k token -1; at 0 del"',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.eval(ACQUIRE_COUNTED, 1, key, token, ttlMs)) !== 1) return null
    const lease = { token }
    const renew = (): void => void redis.eval(RENEW_COUNTED, 1, key, token, ttlMs).catch(() => 'at the next tick')
    stops.set(lease, everyThird(ttlMs, renew))
    return lease
  },
  async release({ redis, key }, lease) {
    const holds = (await redis.eval(RELEASE_COUNTED, 1, key, lease.token as string)) as number
    if (holds <= 0) stops.get(lease)?.()
    return holds >= 0
  },
})

/** The process that has the lock is known by a lock of its own; after an error it stays there for ever. */
const busy = new WeakSet<object>()
export const keepsLocalLock = defineLock({
  name: 'keeps-local-lock',
  title: "model of Spring's RedisLockRegistry: a local lock, then Redis",
  commands: 'local lock; SET k token PX ttl NX; EVAL "if get == token then del"; local unlock',
  async acquire(context) {
    if (busy.has(context.redis)) return null
    busy.add(context.redis)
    const lease = await take(context)
    if (lease === null) busy.delete(context.redis)
    return lease
  },
  async release(context, lease) {
    busy.delete(context.redis)
    return giveBack(context, lease)
  },
})

export const freesLocalLock = defineLock({
  ...keepsLocalLock,
  name: 'frees-local-lock',
  title: 'the same, freeing the local lock when Redis fails',
  async acquire(context) {
    if (busy.has(context.redis)) return null
    busy.add(context.redis)
    let lease: Lease | null = null
    try {
      lease = await take(context)
    } catch (error) {
      await giveBack(context, context).catch(() => 'the lease ends by itself')
      throw error
    } finally {
      if (lease === null) busy.delete(context.redis)
    }
    return lease
  },
})

const KEEP_MS = 50

/** `now` decides how long the lock is kept after a short task. */
function keepsAtLeast(name: string, title: string, now: () => number) {
  const untils = new WeakMap<Lease, number>()
  return defineLock({
    name,
    title,
    commands: 'SET k token PX ttl NX; if the least time is not over SET k token XX PX rest, else EVAL "… del"',
    async acquire(context: LockContext) {
      const untilMs = now() + KEEP_MS
      const lease = await take(context)
      if (lease !== null) untils.set(lease, untilMs)
      return lease
    },
    async release(context: LockContext, lease: Lease) {
      const restMs = Math.ceil((untils.get(lease) as number) - now())
      if (restMs <= 0) return giveBack(context, lease)
      const script = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0`
      return (await context.redis.eval(script, 1, context.key, lease.token as string, restMs)) === 1
    },
  })
}

export const keepsByWallClock = keepsAtLeast('keeps-by-wall-clock', "model of ShedLock's lockAtLeastFor", () =>
  Date.now(),
)
export const keepsByMonotonicClock = keepsAtLeast('keeps-by-monotonic-clock', 'the same on the monotonic clock', () =>
  performance.now(),
)
