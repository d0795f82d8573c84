/** A holder that dies before it has said when the lock ends. */
import { expiry as en } from './en/expiry.ts'
import type { Lesson } from './lesson.ts'
import { expiry as zh } from './zh/expiry.ts'

/** The lease in the storm, and time for B to notice, µs. */
const SOON_US = 20_000
const LEASE_US = 200_000

export const expiry: Lesson = {
  name: 'expiry',
  shows: { property: 'dead-lock', kind: 'bug' },
  answerIn: ({ history }) => {
    const first = history.holds.find(({ client }) => client === 'B')
    if (first === undefined) return 2
    return first.fromUs < SOON_US ? 0 : first.fromUs < 2 * LEASE_US ? 1 : -1
  },
  adversary: { tools: ['crash'], fewest: 1 },
  pitfalls: [2, 3],
  sources: [
    {
      title: 'Redis: SETNX, and the lock that was built on it',
      address: 'https://redis.io/docs/latest/commands/setnx/',
    },
    { title: 'Redis: SET with PX and NX', address: 'https://redis.io/docs/latest/commands/set/' },
  ],
  text: { en, zh },
}
