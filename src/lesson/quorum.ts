/** A server that forgets its vote and gives it again. */
import { quorum as en } from './en/quorum.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { quorum as zh } from './zh/quorum.ts'

const AT_US = 100_000

export const quorum: Lesson = {
  name: 'quorum',
  shows: { property: 'mutual-exclusion', kind: 'limit' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['restart', 'partition'], isLossy: true, fewest: 2 },
  pitfalls: [41, 50],
  sources: [
    {
      title: 'Redis: distributed locks, “Performance, crash recovery and fsync”',
      address: 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/',
    },
    {
      title: 'Kleppmann: How to do distributed locking',
      address: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    },
    { title: 'antirez: Is Redlock safe?', address: 'http://antirez.com/news/101' },
  ],
  text: { en, zh },
}
