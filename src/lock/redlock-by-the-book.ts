/**
 * Redlock as redis.io describes it: the lock is had when a majority of independent nodes has the token, and in time.
 *
 * 1. Note the time. 2. SET NX PX on every node at once, with a timeout for each that is small beside the TTL, so that a
 *    node that is down costs little. 3. With a majority, and if the TTL less the time that passed less a margin for drift
 *    is still positive, the lock is ours for that long. 4. Otherwise release it on every node, also on those that refused or
 *    did not answer: an answer that was lost may have been a yes.
 *
 * All of it on the monotonic clock. The random delay before the next attempt is the caller's.
 *
 * It cannot help        a holder that is stopped after the check; a node whose wall clock jumps; a node that restarts
 *                       without its keys before the TTL is over. Those are limits.
 * It has no fencing     tokens: counters on independent nodes do not make one order. With three nodes and the highest of
 * token                 the counters of a majority, A on 1, 2 gets 1, B on 2, 3 gets 2, C on 1, 3 gets 2 again.
 *
 * Source: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/ ("The Redlock Algorithm"); the margin
 * of 1 % of the TTL and 2 ms is that of its implementations.
 */
import { defineLock, type LockContext } from './lock.ts'
import { COMPARE_AND_DELETE } from './release-script.ts'

// The host's clock and timers: virtual inside a world.
declare const performance: { now(): number }
declare function setTimeout(task: () => void, ms: number): unknown
declare function clearTimeout(timer: unknown): void

/** What a node said; null: it failed, or said nothing in time. */
type Answer = unknown

const majority = (nodes: readonly unknown[]): number => Math.floor(nodes.length / 2) + 1

/** Waits for an answer, but not long. */
function inTime(answer: Promise<unknown>, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), timeoutMs)
    answer
      .catch(() => null)
      .then((value) => {
        clearTimeout(timer)
        resolve(value)
      })
  })
}

/** Asks every node at once; redis.io: "5-50 milliseconds" for a TTL of 10 s, here a twentieth for short ones. */
const askAll = (
  { nodes, ttlMs }: LockContext,
  ask: (node: LockContext['redis']) => Promise<unknown>,
): Promise<Answer[]> => Promise.all(nodes.map((node) => inTime(ask(node), Math.ceil(ttlMs / 20))))

const releaseAll = (context: LockContext, token: string): Promise<Answer[]> =>
  askAll(context, (node) => node.eval(COMPARE_AND_DELETE, 1, context.key, token))

export const redlockByTheBook = defineLock({
  name: 'redlock-by-the-book',
  title: 'Redlock: a majority of 3 nodes, in time',
  commands: 'SET k token PX ttl NX on every node; on every node EVAL "if get == token then del"',
  nodes: 3,
  async acquire(context) {
    const { nodes, key, token, ttlMs } = context
    const validUntil = performance.now() + ttlMs - (ttlMs * 0.01 + 2)
    const votes = await askAll(context, (node) => node.set(key, token, 'PX', ttlMs, 'NX'))
    const isMajority = votes.filter((vote) => vote === 'OK').length >= majority(nodes)
    if (isMajority && performance.now() < validUntil) return { token, validUntil }
    await releaseAll(context, token)
    return null
  },
  async release(context, lease) {
    const answers = await releaseAll(context, lease.token as string)
    const count = (wanted: number): number => answers.filter((answer) => answer === wanted).length
    if (count(1) >= majority(context.nodes)) return true
    if (count(0) > context.nodes.length - majority(context.nodes)) return false
    throw new Error('too few nodes answered: nobody knows whether the lock was released')
  },
})
