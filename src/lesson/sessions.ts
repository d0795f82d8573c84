/** A request that stores the session that it loaded before the logout. */
import { sessions as en } from './en/sessions.ts'
import type { Lesson } from './lesson.ts'
import { sessions as zh } from './zh/sessions.ts'

export const sessions: Lesson = {
  name: 'sessions',
  shows: { property: 'session-resurrected', kind: 'bug' },
  answerIn: ({ judgement: { verdict } }) => {
    const found = verdict.status === 'violated' ? verdict.violations.map(({ property }) => property) : []
    return found.includes('session-resurrected') ? 1 : 0
  },
  adversary: { tools: ['slow-work', 'pause'], fewest: 1 },
  pitfalls: [81, 82],
  sources: [
    {
      title: 'tj/connect-redis#328',
      address: 'https://github.com/tj/connect-redis/issues/328',
    },
    {
      title: 'Redis: transactions, “Optimistic locking using check-and-set”',
      address: 'https://redis.io/docs/latest/develop/using-commands/transactions/',
    },
  ],
  text: { en, zh },
}
