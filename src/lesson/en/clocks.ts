/** The lesson about clocks, in English. */
import type { LessonText } from '../lesson.ts'

export const clocks: LessonText = {
  title: 'Clocks',
  question: 'The holder counts its lease on its own clock. Which clock should that be?',
  storm:
    'A’s work takes 400 ms longer than usual, twice its lease. While it works its clock is set back by an hour: NTP, a virtual machine, a person. B wants the lock next.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'Redis counted 200 ms and let the key go, and B took it. A looked at its clock and saw that its lease would last for another hour: from {from} on both held the lock for {lasted}. A wrote in the end, although it had asked its clock before.',
  why: 'Date.now() says what time it is, and that may change at any moment by any amount. A lease is a length of time, and a length needs a clock that nobody sets. It took two things at once, long work and a step, and either alone was harmless: that is why such locks run well for years.',
  cure: 'Count on a monotonic clock: performance.now() in Node. It does not know what time it is, and knows what has passed. A gives up in time.',
  goal: 'Make two clients hold the lock at the same time, through the mistake of this lock (a bug).',
  notModelled: [
    'A clock that stands still while a machine sleeps: some monotonic clocks do not count that time.',
    'Redis’s own clock is right here. If it jumps, a lease ends early, and only fencing helps: lockstorm run redis-clock-step-forward.',
  ],
}
