/**
 * P41: with an even number of nodes a vote can end in a tie, and the promise settles only when one side has a majority.
 * Source: redlock 5.0.0-beta.2 `index.js:327,334`, sesamecare/redlock#22.
 */
import { defineLock, type LockContext } from '../../../src/lock/lock.ts'
import { inTime, majority, release, unvoteAll, vote } from './votes.ts'

/** Whether the lock was voted for; never, when neither side wins. */
const poll = (context: LockContext): Promise<boolean> =>
  new Promise((resolve) => {
    const quorum = majority(context.nodes.length)
    let yes = 0
    let no = 0
    for (const node of context.nodes) {
      inTime(vote(node, context), context).then((answer) => {
        if (answer === 'yes') yes += 1
        else no += 1
        if (yes === quorum) resolve(true)
        if (no === quorum) resolve(false)
      })
    }
  })

export const evenTie = defineLock({
  name: 'p41-even-tie',
  nodes: 4,
  async acquire(context) {
    if (await poll(context)) return { token: context.token }
    await unvoteAll(context)
    return null
  },
  release,
})
