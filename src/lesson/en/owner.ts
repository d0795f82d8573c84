/** The lesson about whose lock it is, in English. */
import type { LessonText } from '../lesson.ts'

export const owner: LessonText = {
  title: 'Whose lock is it?',
  question: 'Only the holder calls release. Can a plain DEL then delete the lock of another client?',
  storm: 'A is done in time and gives the lock back, but its DEL is under way for 150 ms. B and C want the lock, too.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['B alone', 'C alone', 'A and B', 'B and C'],
  happened:
    'A’s lease ended while its DEL was on the way, and {first} took the free lock. Then the DEL arrived and deleted {first}’s key. {second} found the lock free: from {from} on both held it for {lasted}, and neither had done anything wrong.',
  why: 'DEL names a key, not a holder. Whoever deletes by the key deletes what is there when the command arrives, which after a slow network, a long queue or a pause is the lock of somebody else. A clock that is looked at before DEL does not help: the delay comes after the look.',
  cure: 'Write a token that is unique for each attempt, and delete only if it is still there: compare and delete in one script, because Redis runs nothing in the middle of a script.',
  goal: 'Make two clients hold the lock at the same time, through the mistake of this lock (a bug, not the end of a lease).',
  notModelled: ['Packets that overtake each other: TCP keeps the order of one connection, and so does the simulation.'],
}
