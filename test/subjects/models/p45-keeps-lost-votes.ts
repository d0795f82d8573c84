/**
 * P45: an attempt that did not get a majority keeps the votes that it got until their TTL: once the vote is split it stays
 * split.
 * Source: antirez/redlock-rb#3; redlock 5.0.0-beta.2 releases nothing between attempts.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, majority, release, validUntil, voteAll } from './votes.ts'

export const keepsLostVotes = defineLock({
  name: 'p45-keeps-lost-votes',
  nodes: 3,
  async acquire(context) {
    const until = validUntil(context)
    const votes = await voteAll(context)
    if (count(votes, 'yes') < majority(votes.length) || performance.now() >= until) return null
    return { token: context.token, validUntil: until }
  },
  release,
})
