/** Two clients between whose commands the other one's come. */
import { interleaving as en } from './en/interleaving.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { interleaving as zh } from './zh/interleaving.ts'

const AT_US = 15_000

export const interleaving: Lesson = {
  name: 'interleaving',
  shows: { property: 'mutual-exclusion', kind: 'bug' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['pause', 'delay-request', 'delay-reply'], fewest: 0 },
  pitfalls: [1],
  sources: [
    { title: 'Redis: SET with NX', address: 'https://redis.io/docs/latest/commands/set/' },
    {
      title: 'Redis: transactions, and why WATCH exists',
      address: 'https://redis.io/docs/latest/develop/using-commands/transactions/',
    },
  ],
  text: { en, zh },
}
