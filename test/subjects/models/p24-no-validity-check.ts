/**
 * P24: waits for the votes, however long that takes, counts them, and never looks at the clock: votes that have ended while
 * their answers were under way count too.
 * Source: redis-semaphore 5.8.0 RedlockMutex has neither a timeout nor a check of the time that passed.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, majority, release, unvoteAll, vote } from './votes.ts'

export const noValidityCheck = defineLock({
  name: 'p24-no-validity-check',
  nodes: 3,
  async acquire(context) {
    const votes = await Promise.all(context.nodes.map((node) => vote(node, context)))
    if (count(votes, 'yes') >= majority(votes.length)) return { token: context.token }
    await unvoteAll(context)
    return null
  },
  release,
})
