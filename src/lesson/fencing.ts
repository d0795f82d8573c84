/** A fencing token that is drawn before the lock is taken. */
import { fencing as en } from './en/fencing.ts'
import type { Lesson } from './lesson.ts'
import { writesIn } from './writes.ts'
import { fencing as zh } from './zh/fencing.ts'

export const fencing: Lesson = {
  name: 'fencing',
  shows: { property: 'fence-order', kind: 'bug' },
  // Of the writes that reached the storage, the last is A's.
  answerIn: ({ history }) => ['write', 'refused'].indexOf(writesIn(history).at(-1)?.op ?? ''),
  adversary: { tools: ['pause', 'delay-request', 'delay-reply'], fewest: 1 },
  pitfalls: [77, 78],
  sources: [
    {
      title: 'Kleppmann: How to do distributed locking, “Making the lock safe with fencing”',
      address: 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
    },
    { title: 'Jepsen: etcd 3.4.3, on locks and fencing', address: 'https://jepsen.io/analyses/etcd-3.4.3' },
  ],
  text: { en, zh },
}
