/** A watchdog that stops when one renewal fails, and tells nobody. */
import { renewal as en } from './en/renewal.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { renewal as zh } from './zh/renewal.ts'

const AT_US = 400_000

export const renewal: Lesson = {
  name: 'renewal',
  shows: { property: 'mutual-exclusion', kind: 'limit' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['lose-reply', 'reset'], fewest: 1 },
  pitfalls: [29, 33],
  sources: [
    {
      title: 'Redisson: locks, and the lock watchdog',
      address: 'https://github.com/redisson/redisson/wiki/8.-distributed-locks-and-synchronizers',
    },
    {
      title: 'Redis: distributed locks, “Making the algorithm more reliable: Extending the lock”',
      address: 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/',
    },
  ],
  text: { en, zh },
}
