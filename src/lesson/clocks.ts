/** A deadline on a clock that is set while the lock is held. */
import { clocks as en } from './en/clocks.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { clocks as zh } from './zh/clocks.ts'

const AT_US = 230_000

export const clocks: Lesson = {
  name: 'clocks',
  shows: { property: 'mutual-exclusion', kind: 'bug' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['clock-step', 'slow-work'], fewest: 2 },
  pitfalls: [74, 75],
  sources: [
    {
      title: 'Kleppmann: How to do distributed locking, “Using time to solve consensus”',
      address: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    },
    { title: 'antirez: Is Redlock safe?, on monotonic clocks', address: 'http://antirez.com/news/101' },
  ],
  text: { en, zh },
}
