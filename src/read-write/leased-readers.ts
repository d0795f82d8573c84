/**
 * A read-write lock whose holders have leases: the writer a key with an expiry, readers a sorted set of tokens with the time at which
 * each ends. Each attempt is one script.
 *
 * - Ends are by the clock of Redis; a holder believes in its own until a deadline on its monotonic clock, counted from before the
 *   request was sent, less a margin. A reply that comes too late is no lease.
 * - A script that runs twice finds its own token. An attempt whose outcome is unknown is taken back.
 *
 * Does not model: readers that wait behind a waiting writer. While readers come and go a writer may wait for ever.
 *
 * Source: Redisson's RReadWriteLock, https://github.com/redisson/redisson/wiki/8.-distributed-locks-and-synchronizers, one hash there
 */
import { usableMs } from '../lock/fenced.ts'
import type { Lease, LockContext } from '../lock/lock.ts'
import { leaseInTime, withinLease } from '../lock/take-back.ts'
import { defineReadWriteLock } from './read-write-lock.ts'

// KEYS: the writer, the readers
const READ = `local writer = redis.call('get', KEYS[1])
if writer then return 0 end
local t = redis.call('time')
redis.call('zadd', KEYS[2], t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[2], ARGV[1])
redis.call('pexpire', KEYS[2], ARGV[2])
return 1`
const WRITE = `local writer = redis.call('get', KEYS[1])
if writer then return writer == ARGV[1] and 1 or 0 end
local t = redis.call('time')
redis.call('zremrangebyscore', KEYS[2], '-inf', t[1] * 1000 + math.floor(t[2] / 1000))
if redis.call('zcard', KEYS[2]) > 0 then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
const LEAVE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return redis.call('zrem', KEYS[2], ARGV[1])`

const keysOf = (key: string): readonly [string, string] => [key, `${key}:readers`]

const leave = async (context: LockContext): Promise<boolean> =>
  (await withinLease(context, context.redis.eval(LEAVE, 2, ...keysOf(context.key), context.token))) === 1

const enter = (script: string, context: LockContext): Promise<Lease | null> =>
  leaseInTime(context, () => context.redis.eval(script, 2, ...keysOf(context.key), context.token, context.ttlMs), {
    usableMs: usableMs(context.ttlMs),
    release: leave,
  })

export const leasedReaders = defineReadWriteLock({
  name: 'leased-readers',
  title: 'leases of readers and of a writer, in scripts',
  commands:
    'EVAL "if no writer: ZADD readers end token" · EVAL "if no writer, no readers: SET writer token PX ttl" · EVAL "remove mine"',
  acquireRead: (context) => enter(READ, context),
  acquireWrite: (context) => enter(WRITE, context),
  release: leave,
})
