/**
 * P46: takes back only the votes that it knows of. A yes whose answer was lost stands until its TTL.
 * Source: redlock-universal 0.8.5 `releasePartialLocks`, leandromoreira/redlock-rb#60.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, inTime, majority, release, unvote, validUntil, voteAll } from './votes.ts'

export const skipsUnknown = defineLock({
  name: 'p46-skips-unknown',
  nodes: 3,
  async acquire(context) {
    const until = validUntil(context)
    const votes = await voteAll(context)
    if (count(votes, 'yes') >= majority(votes.length) && performance.now() < until) {
      return { token: context.token, validUntil: until }
    }
    const known = context.nodes.filter((_, index) => votes[index] === 'yes')
    await Promise.all(known.map((node) => inTime(unvote(node, context), context)))
    return null
  },
  release,
})
