/** A holder that is stopped between its last look at the clock and its write. */
import { pause as en } from './en/pause.ts'
import type { Lesson } from './lesson.ts'
import { writersIn } from './writes.ts'
import { pause as zh } from './zh/pause.ts'

export const pause: Lesson = {
  name: 'pause',
  shows: { property: 'stale-write', kind: 'limit' },
  answerIn: ({ history }) => {
    const writers = writersIn(history)
    return [['B'], ['A', 'B'], ['B', 'A']].findIndex((choice) => choice.join() === writers.join())
  },
  adversary: { tools: ['pause'], fewest: 1 },
  pitfalls: [22],
  sources: [
    {
      title: 'Kleppmann: How to do distributed locking',
      address: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    },
    { title: 'antirez: Is Redlock safe?', address: 'http://antirez.com/news/101' },
  ],
  text: { en, zh },
}
