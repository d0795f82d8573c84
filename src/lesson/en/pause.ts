/** The lesson about a pause, in English. */
import type { LessonText } from '../lesson.ts'

export const pause: LessonText = {
  title: 'A pause',
  question: 'The holder looks at its clock right before it writes, and stops when the lease is over. Is that enough?',
  storm:
    'A looks at its clock: its lease has time left. Then its process stands still for 400 ms, as a garbage collection, SIGSTOP or a suspended machine makes it, and only then its write leaves. B wants the lock next.',
  predict: 'Which writes does the storage accept, in which order?',
  choices: ['B’s alone', 'A’s, then B’s', 'B’s, then A’s'],
  happened:
    'A’s lease of 200 ms ended in the middle of the pause. B took the lock, wrote, and gave it back. When A went on it did what it had decided before: its write arrived at {from} and overwrote B’s.',
  why: 'Between any look at a clock and the write that follows, the process can be stopped, and no line of code in between can notice. A longer lease only makes it rarer. So no lock with a lease can prevent this by itself, whatever it does in the client: this is a limit, and not a bug of the lock.',
  cure: 'Give out a number with each grant that is greater than all before it, a fencing token, send it with each write, and have the storage refuse a lower number than it has seen. The storage is the only one that is there when the write arrives.',
  goal: 'Have the storage accept a write of a holder that has been superseded.',
  notModelled: [
    'Storage that cannot compare a number. Where nothing can be refused, a late write can only be made harmless: by a condition on a version, or by an operation that does the same when it is done twice.',
  ],
}
