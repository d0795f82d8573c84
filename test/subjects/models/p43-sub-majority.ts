/**
 * P43: a quorum that is set too low. Two clients can each have one node of three.
 * Source: redlock-universal 0.8.5 takes `quorum: 1` of 3 nodes.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, release, unvoteAll, validUntil, voteAll } from './votes.ts'

const QUORUM = 1

export const subMajority = defineLock({
  name: 'p43-sub-majority',
  nodes: 3,
  async acquire(context) {
    const until = validUntil(context)
    const votes = await voteAll(context)
    if (count(votes, 'yes') >= QUORUM && performance.now() < until) return { token: context.token, validUntil: until }
    await unvoteAll(context)
    return null
  },
  release,
})
