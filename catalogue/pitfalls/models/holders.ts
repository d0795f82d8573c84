/** Locks that count holds, or keep a second lock in the process, each with its cure. */
import { defineLock, type Lease, type LockContext } from 'lockstorm'
import { everyThird, giveBack, take } from './parts.ts'

const stops = new WeakMap<Lease, () => void>()
const ACQUIRE_COUNTED = `if redis.call('exists', KEYS[1]) == 0 or redis.call('hexists', KEYS[1], ARGV[1]) == 1 then
  redis.call('hincrby', KEYS[1], ARGV[1], 1)
  redis.call('pexpire', KEYS[1], ARGV[2])
  return nil
end
return redis.call('pttl', KEYS[1])`
const RELEASE_COUNTED = `if redis.call('hexists', KEYS[1], ARGV[1]) == 0 then return nil end
local holds = redis.call('hincrby', KEYS[1], ARGV[1], -1)
if holds > 0 then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 0
end
redis.call('del', KEYS[1])
redis.call('publish', KEYS[1] .. ':channel', 0)
return 1`
const RENEW_COUNTED = `if redis.call('hexists', KEYS[1], ARGV[1]) == 1 then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0`

/** A reentrant lock: the acquire that the driver sent twice counts twice, and one release is not enough. */
export const countsHolds = defineLock({
  name: 'counts-holds',
  title: "model of Redisson's reentrant lock",
  commands:
    'EVAL "if free or mine hincrby k token 1, pexpire, else pttl"; every ttl/3 EVAL "if mine pexpire"; EVAL "hincrby k token -1, at 0 del, publish"',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.eval(ACQUIRE_COUNTED, 1, key, token, ttlMs)) !== null) return null
    const lease = { token }
    const renew = (): void => void redis.eval(RENEW_COUNTED, 1, key, token, ttlMs).catch(() => 'at the next tick')
    stops.set(lease, everyThird(ttlMs, renew))
    return lease
  },
  async release({ redis, key, ttlMs }, lease) {
    const released = await redis.eval(RELEASE_COUNTED, 1, key, lease.token as string, ttlMs)
    // Null: not the holder. 0: one hold less. 1: the lock is free.
    if (released !== 0) stops.get(lease)?.()
    return released !== null
  },
})

const OBTAIN = `local owner = redis.call('get', KEYS[1])
if owner == ARGV[1] then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return 1
elseif not owner then
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return 0`
const UNLINK_MINE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('unlink', KEYS[1]) end
return 0`

const obtain = async ({ redis, key, token, ttlMs }: LockContext): Promise<Lease | null> =>
  (await redis.eval(OBTAIN, 1, key, token, ttlMs)) === 1 ? { token } : null
const unlink = async ({ redis, key }: LockContext, token: string): Promise<boolean> =>
  (await redis.eval(UNLINK_MINE, 1, key, token)) === 1

/** The processes whose local lock is taken: an error in Redis leaves it so for ever. */
const busy = new WeakSet<object>()

export const keepsLocalLock = defineLock({
  name: 'keeps-local-lock',
  title: "model of Spring's RedisLockRegistry: a local lock, then Redis",
  commands: 'local lock; EVAL "if mine pexpire, if free set PX"; EVAL "if get == token then unlink"; local unlock',
  async acquire(context) {
    if (busy.has(context.redis)) return null
    busy.add(context.redis)
    const lease = await obtain(context)
    if (lease === null) busy.delete(context.redis)
    return lease
  },
  async release(context, lease) {
    busy.delete(context.redis)
    return unlink(context, lease.token as string)
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
      lease = await obtain(context)
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
      return (await context.redis.set(context.key, lease.token as string, 'XX', 'PX', restMs)) === 'OK'
    },
  })
}

export const keepsByWallClock = keepsAtLeast('keeps-by-wall-clock', "model of ShedLock's lockAtLeastFor", () =>
  Date.now(),
)
export const keepsByMonotonicClock = keepsAtLeast('keeps-by-monotonic-clock', 'the same on the monotonic clock', () =>
  performance.now(),
)
