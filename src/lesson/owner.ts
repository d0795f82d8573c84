/** A release that comes late and deletes the lock of another client. */
import { owner as en } from './en/owner.ts'
import { whoHolds } from './holders.ts'
import type { Lesson } from './lesson.ts'
import { owner as zh } from './zh/owner.ts'

const AT_US = 350_000

export const owner: Lesson = {
  name: 'owner',
  shows: { property: 'mutual-exclusion', kind: 'bug' },
  askedAtUs: AT_US,
  answerIn: whoHolds(AT_US, [['B'], ['C'], ['A', 'B'], ['B', 'C']]),
  adversary: { tools: ['delay-request', 'pause', 'slow-work'], fewest: 1 },
  pitfalls: [4, 5],
  sources: [
    {
      title: 'Redis: distributed locks, “Correct implementation with a single instance”',
      address: 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/',
    },
  ],
  text: { en, zh },
}
