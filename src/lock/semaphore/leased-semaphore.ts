/**
 * A semaphore whose permits are leases: a sorted set of tokens, each with the time at which it ends. Who comes removes what has
 * ended, counts what is left, and enters, in one script.
 *
 * - Ends are by the clock of Redis; a holder believes in its own until a deadline on its monotonic clock, counted from before the
 *   request was sent, less a margin. A reply that comes too late is no permit.
 * - A script that runs twice finds its own token, and takes no second permit.
 * - An attempt whose outcome is unknown is taken back.
 *
 * Source: https://redislabs.com/ebook/part-2-core-concepts/chapter-6-application-components-in-redis/6-3-counting-semaphores/, with
 * the time of the server in place of the clients'.
 */
import { usableMs } from '../fenced.ts'
import { defineLock, type LockContext } from '../lock.ts'
import { leaseInTime, withinLease } from '../take-back.ts'

const LIMIT = 2
const ENTER = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now)
if redis.call('zscore', KEYS[1], ARGV[1]) then return 1 end
if redis.call('zcard', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('zadd', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[3])
return 1`

const leave = async (context: LockContext): Promise<boolean> =>
  (await withinLease(context, context.redis.zrem(context.key, context.token))) === 1

export const leasedSemaphore = defineLock({
  name: 'leased-semaphore',
  title: 'a semaphore of two: a sorted set of leases',
  commands: 'EVAL "remove what has ended; if fewer than 2: ZADD k end token"; ZREM k token',
  limit: LIMIT,
  acquire: (context) =>
    leaseInTime(context, () => context.redis.eval(ENTER, 1, context.key, context.token, LIMIT, context.ttlMs), {
      usableMs: usableMs(context.ttlMs),
      release: leave,
    }),
  release: leave,
})
