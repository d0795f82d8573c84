/**
 * SET NX + Lua with a fencing token and an honest deadline: the reference, which together with a resource that checks
 * the token survives whatever leaves Redis its counter. FLUSHALL does not: tokens begin anew, below those already seen.
 *
 * - The token is drawn in the same script that takes the lock, so grants and tokens have one order.
 * - Acquiring is idempotent: a script that runs twice because the driver sent it again finds its own token and gives
 *   the same answer, so a lost reply does not block the lock.
 * - The holder believes in its lease until a deadline on its monotonic clock, counted from before the request was
 *   sent, less a margin for clocks that run at different rates. A reply that comes too late is not a lock.
 * - An attempt whose outcome is unknown is taken back before the caller hears of it (`take-back.ts`).
 * - No call waits longer than the lease for its answer.
 *
 * Source: Kleppmann, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html; the drift margin is
 * Redlock's, 1 % of the TTL and 2 ms.
 */
import { defineLock, type LockContext } from './lock.ts'
import { releaseOwn, takeBack, withinLease } from './take-back.ts'

// The host's monotonic clock: virtual inside a world.
declare const performance: { now(): number }

/** Takes a free lock and draws its fencing token in one step; to whoever has it already it gives the same answer again. */
const ACQUIRE_WITH_FENCE = `local holder = redis.call('get', KEYS[1])
if holder == ARGV[1] then return redis.call('get', KEYS[2]) end
if holder then return false end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('incr', KEYS[2])`

/** How long a lease may be believed in: its length less 1 % and 2 ms. */
export const usableMs = (ttlMs: number): number => ttlMs - (ttlMs * 0.01 + 2)

/** One attempt: the token that the grant drew, and until when to believe in it; null when somebody else holds it. */
export async function takeWithFence(context: LockContext): Promise<{ fence: number; validUntil: number } | null> {
  const { redis, key, token, ttlMs } = context
  const validUntil = performance.now() + usableMs(ttlMs)
  let fence: unknown
  try {
    fence = await withinLease(context, redis.eval(ACQUIRE_WITH_FENCE, 2, key, `${key}:fence`, token, ttlMs))
  } catch (cause) {
    await takeBack(context)
    throw cause
  }
  if (fence === null) return null
  if (performance.now() >= validUntil) {
    await takeBack(context)
    return null
  }
  return { fence: Number(fence), validUntil }
}

export const fenced = defineLock({
  name: 'fenced',
  title: 'SET NX + Lua, fencing token, monotonic deadline',
  commands: 'EVAL "if free: set PX, incr fence"; write with the fence; EVAL "if get == token then del"',
  async acquire(context) {
    const taken = await takeWithFence(context)
    if (taken === null) return null
    const { fence, validUntil } = taken
    return { token: context.token, fence, validUntil, isHeld: () => performance.now() < validUntil }
  },
  release: (context, lease) => releaseOwn(context, lease.token as string),
})
