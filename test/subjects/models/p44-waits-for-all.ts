/**
 * P44: waits for every node's answer, without a timeout: one that is silent blocks the lock of all.
 * Source: redlock 4.2.0 `redlock.js:411`, redis-semaphore RedlockMutex (`Promise.all`).
 */
import { defineLock } from '../../../src/lock/lock.ts'
import { count, majority, unvote, validUntil, vote } from './votes.ts'

export const waitsForAll = defineLock({
  name: 'p44-waits-for-all',
  nodes: 3,
  async acquire(context) {
    const until = validUntil(context)
    const votes = await Promise.all(context.nodes.map((node) => vote(node, context)))
    if (count(votes, 'yes') >= majority(votes.length) && performance.now() < until) {
      return { token: context.token, validUntil: until }
    }
    await Promise.all(context.nodes.map((node) => unvote(node, context)))
    return null
  },
  async release(context) {
    const answers = await Promise.all(context.nodes.map((node) => unvote(node, context)))
    return count(answers, 'yes') >= majority(answers.length)
  },
})
