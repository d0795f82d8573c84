/**
 * P48: believes in its lease for the whole TTL, as if the clocks of all machines ran at one rate.
 * Source: redis-semaphore 5.8.0 RedlockMutex has no margin.
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, majority, release, unvoteAll, voteAll } from './votes.ts'

export const noDriftMargin = defineLock({
  name: 'p48-no-drift-margin',
  nodes: 3,
  async acquire(context) {
    const validUntil = performance.now() + context.ttlMs
    const votes = await voteAll(context)
    if (count(votes, 'yes') >= majority(votes.length) && performance.now() < validUntil) {
      return { token: context.token, validUntil }
    }
    await unvoteAll(context)
    return null
  },
  release,
})
