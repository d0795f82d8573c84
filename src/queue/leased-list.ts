/**
 * The queue as the book has it: a job that is taken stays in Redis, with the time at which it is anybody's again. Its worker
 * prolongs that time while it is at work, and removes the job when it is done.
 *
 *   add       unless it is there: a driver may send it twice
 *   take      what is overdue goes back to the list; one job moves from the list to the taken ones, until now + lease; it is left
 *             alone when the reply was long under way
 *   prolong   each third of the lease, if it is still this worker's
 *   done      removed, if it is still this worker's
 *
 * All times are the server's own. A job may run twice, when its worker was away for longer than the lease, or when it was added
 * again after it was done: no queue can prevent that, and jobs must bear it.
 *
 * Source: https://redis.io/docs/latest/commands/lmove/, "Pattern: Reliable queue"
 */
import { defineQueue, type Handle, type QueueContext } from './job-queue.ts'
import { polling } from './polling.ts'

// The host's timers: virtual inside a world.
declare function setInterval(task: () => void, ms: number): unknown
declare const performance: { now(): number }
declare function clearInterval(timer: unknown): void

// KEYS: list, jobs (a job → its worker; empty: it waits), ends (a job → when it is anybody's again)
const NOW = "local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
const ADD = "if redis.call('hsetnx', KEYS[2], ARGV[1], '') == 1 then redis.call('rpush', KEYS[1], ARGV[1]) end return 1"
const TAKE = `${NOW}for _, job in ipairs(redis.call('zrangebyscore', KEYS[3], '-inf', now)) do
  redis.call('zrem', KEYS[3], job)
  redis.call('hset', KEYS[2], job, '')
  redis.call('rpush', KEYS[1], job)
end
local job = redis.call('lpop', KEYS[1])
if not job then return false end
redis.call('hset', KEYS[2], job, ARGV[1])
redis.call('zadd', KEYS[3], now + ARGV[2], job)
return job`
const PROLONG = `${NOW}if redis.call('hget', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('zadd', KEYS[3], now + ARGV[3], ARGV[1])
return 1`
const DONE = `if redis.call('hget', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('hdel', KEYS[2], ARGV[1])
redis.call('zrem', KEYS[3], ARGV[1])
return 1`
/** A worker prolongs so often within a lease: one message may be lost. */
const TIMES = 3

const keysOf = (queue: string): readonly [string, string, string] => [queue, `${queue}:jobs`, `${queue}:ends`]

export const leasedList = defineQueue({
  name: 'leased-list',
  title: 'a list and leases, in scripts',
  commands: 'EVAL add · EVAL take, every lease/3 EVAL prolong, EVAL done',
  async add({ redis, queue }, job) {
    await redis.eval(ADD, 3, ...keysOf(queue), job)
  },
  async work(context, handle) {
    let count = 0
    polling(() => {
      count += 1
      return takeOne(context, `${context.owner}:${count}`, handle)
    })
  },
})

/** @param token unique for each look, so that what a lost reply has taken is not taken for this one's */
async function takeOne({ redis, queue, lockMs }: QueueContext, token: string, handle: Handle): Promise<boolean> {
  const keys = keysOf(queue)
  const askedMs = performance.now()
  const job = await redis.eval(TAKE, 3, ...keys, token, lockMs)
  if (typeof job !== 'string') return false
  // A reply that was so long under way gives it what may be another worker's by now, or soon.
  if (performance.now() - askedMs > lockMs / TIMES) return true
  const timer = setInterval(
    () => {
      redis.eval(PROLONG, 3, ...keys, job, token, lockMs).catch(() => 'the next tick tries again')
    },
    Math.floor(lockMs / TIMES),
  )
  try {
    await handle(job)
  } finally {
    clearInterval(timer)
  }
  await redis.eval(DONE, 3, ...keys, job, token)
  return true
}
