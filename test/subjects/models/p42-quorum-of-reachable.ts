/**
 * P42: a majority of the nodes that answered, not of all there are: on both sides of a partition there is one.
 * Source: SPSCommerce/redlock-py#6, samcook/RedLock.net#91.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, majority, release, unvoteAll, validUntil, voteAll } from './votes.ts'

export const quorumOfReachable = defineLock({
  name: 'p42-quorum-of-reachable',
  nodes: 3,
  async acquire(context) {
    const until = validUntil(context)
    const votes = await voteAll(context)
    const reachable = votes.length - count(votes, 'unknown')
    if (count(votes, 'yes') >= majority(reachable) && performance.now() < until) {
      return { token: context.token, validUntil: until }
    }
    await unvoteAll(context)
    return null
  },
  release,
})
