/** A server in whose place comes one that had not heard of the lock. */
import { failover as en } from './en/failover.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { failover as zh } from './zh/failover.ts'

const AT_US = 100_000

export const failover: Lesson = {
  name: 'failover',
  shows: { property: 'mutual-exclusion', kind: 'limit' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [[], ['A'], ['B'], ['A', 'B']]),
  adversary: { tools: ['failover', 'reset'], fewest: 1 },
  pitfalls: [53, 57],
  sources: [
    {
      title: 'Redis: distributed locks, “Why failover-based implementations are not enough”',
      address: 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/',
    },
    { title: 'Jepsen: Redis and Sentinel', address: 'https://aphyr.com/posts/283-jepsen-redis' },
  ],
  text: { en, zh },
}
