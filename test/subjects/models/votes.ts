/**
 * What the broken quorum locks of this folder share: asking all nodes, each with a small timeout. What is wrong with each of
 * them is in its own file.
 */
import type { LockContext } from '../../../src/lock/lock.ts'
import type { RedisCommands } from '../../../src/lock/redis-commands.ts'
import { COMPARE_AND_DELETE } from '../../../src/lock/release-script.ts'

/** `yes`, `no`, or nobody knows. */
export type Vote = 'yes' | 'no' | 'unknown'

export const majority = (count: number): number => Math.floor(count / 2) + 1

export const count = (votes: readonly Vote[], wanted: Vote): number => votes.filter((vote) => vote === wanted).length

/** SET NX PX on one node, for as long as it takes. */
export const vote = (node: RedisCommands, { key, token, ttlMs }: LockContext): Promise<Vote> =>
  node.set(key, token, 'PX', ttlMs, 'NX').then(
    (reply) => (reply === 'OK' ? 'yes' : 'no'),
    () => 'unknown',
  )

/** Compare-and-delete on one node, for as long as it takes. */
export const unvote = (node: RedisCommands, { key, token }: LockContext): Promise<Vote> =>
  node.eval(COMPARE_AND_DELETE, 1, key, token).then(
    (reply) => (reply === 1 ? 'yes' : 'no'),
    () => 'unknown',
  )

/** The answer, or `unknown` after a twentieth of the TTL. */
export const inTime = (answer: Promise<Vote>, { ttlMs }: LockContext): Promise<Vote> =>
  Promise.race([
    answer,
    new Promise<Vote>((resolve) => {
      setTimeout(() => resolve('unknown'), Math.ceil(ttlMs / 20))
    }),
  ])

export const voteAll = (context: LockContext): Promise<Vote[]> =>
  Promise.all(context.nodes.map((node) => inTime(vote(node, context), context)))

export const unvoteAll = (context: LockContext): Promise<Vote[]> =>
  Promise.all(context.nodes.map((node) => inTime(unvote(node, context), context)))

/** Releases on every node; true with a majority. */
export const release = async (context: LockContext): Promise<boolean> =>
  count(await unvoteAll(context), 'yes') >= majority(context.nodes.length)

/** Until when a lease may be believed in, counted from now: the TTL less the margin for drift. */
export const validUntil = ({ ttlMs }: LockContext): number => performance.now() + ttlMs - (ttlMs * 0.01 + 2)
