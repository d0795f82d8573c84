/** The lesson about fencing tokens, in English. */
import type { LessonText } from '../lesson.ts'

export const fencing: LessonText = {
  title: 'Fencing tokens',
  question: 'The lock gives out growing numbers, and the storage refuses lower ones. Is everything right then?',
  storm:
    'A draws its number and stands still for 150 ms before it asks for the lock. B draws the next number, has the lock, writes and gives it back. Then A goes on and takes the free lock.',
  predict: 'A holds the lock now, alone. What does the storage do with its write?',
  choices: ['it accepts it', 'it refuses it'],
  happened:
    'A was granted the lock after B, with a lower number than B’s. The storage had seen B’s number and refused A: the rightful holder, the only one, could not do its work.',
  why: 'Fencing works if numbers grow in the order of the grants. Here the order of drawing decides, and anything can come between drawing and taking. The other way round it is worse: a number that was drawn late can protect a write that is stale.',
  cure: 'Take the lock and draw the number in one script. Then there is one order, and the number says which grant came later.',
  goal: 'Grant the lock to a client with a lower number than an earlier holder had.',
  notModelled: [
    'A counter that is lost with its server: FLUSHALL, or a failover, makes numbers begin anew. The scenario flush-resets-the-fence shows it.',
  ],
}
