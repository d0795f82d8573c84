/** The lesson about interleaving, in English. */
import type { LessonText } from '../lesson.ts'

export const interleaving: LessonText = {
  title: 'Interleaving',
  question: 'Redis runs one command at a time. Is a lock of two commands then safe, as long as nothing fails?',
  storm: 'A and B begin at the same moment. Nothing fails: no message is lost, no process stops.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'Both asked before either had taken the lock, so both were told that it was free. Both took it, and from {from} on both held it for {lasted}. Each wrote 1 into the counter: one of two increments is lost.',
  why: 'Redis runs each command alone, but between two commands of one client it runs those of others. What GET said was true when it was said, and no longer when SET came. Tests do not show it, because the gap is a fraction of a millisecond; production does, because it has all day.',
  cure: 'Look and take in one command. NX sets the key only if it is not there, and tells which of the two happened.',
  goal: 'Make two clients hold the lock at the same time.',
  notModelled: ['Threads inside a client: each runs one thing at a time, as Node does.'],
}
