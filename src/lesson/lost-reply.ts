/** An acquire that was done and whose answer never came. */
import { lostReply as en } from './en/lost-reply.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { lostReply as zh } from './zh/lost-reply.ts'

const AT_US = 1_000_000

export const lostReply: Lesson = {
  name: 'lost-reply',
  shows: { property: 'orphaned-lock', kind: 'bug' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['lose-reply', 'reset'], fewest: 1 },
  pitfalls: [14, 16],
  sources: [
    {
      title: 'Jepsen: writing a client, where an operation may be ok, fail or info',
      address: 'https://github.com/jepsen-io/jepsen/blob/main/doc/tutorial/03-client.md',
    },
    { title: 'Redis: SET with NX', address: 'https://redis.io/docs/latest/commands/set/' },
  ],
  text: { en, zh },
}
