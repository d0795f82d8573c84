/** A driver that sends a command again when its answer was lost. */
import { resend as en } from './en/resend.ts'
import type { Lesson } from './lesson.ts'
import { resend as zh } from './zh/resend.ts'

export const resend: Lesson = {
  name: 'resend',
  shows: { property: 'orphaned-lock', kind: 'bug' },
  answerIn: ({ history }) => {
    const first = history.operations.find(({ op, process }) => op === 'acquire' && process === 'A')
    return ['ok', 'fail', 'info'].indexOf(first?.outcome ?? '')
  },
  adversary: { tools: ['lose-reply', 'reset'], fewest: 1 },
  pitfalls: [10, 11],
  sources: [
    {
      title: 'ioredis: auto-reconnect, and autoResendUnfulfilledCommands',
      address: 'https://github.com/redis/ioredis#auto-reconnect',
    },
    { title: 'Redis: SET with NX and GET', address: 'https://redis.io/docs/latest/commands/set/' },
  ],
  text: { en, zh },
}
