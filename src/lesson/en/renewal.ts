/** The lesson about renewal, in English. */
import type { LessonText } from '../lesson.ts'

export const renewal: LessonText = {
  title: 'Renewal',
  question: 'A watchdog renews the lease as long as the work takes. Can the work then take as long as it likes?',
  storm:
    'A works for 500 ms with a lease of 200 ms, which a timer renews each third. The answer to the second renewal is lost with its connection. Redis can be reached again at once. B wants the lock.',
  predict: 'At {at}, who believes that it holds the lock?',
  choices: ['nobody', 'A alone', 'B alone', 'A and B'],
  happened:
    'The renewal threw, and with it the chain of timers ended. Redis had carried that renewal out, but it was the last one, good for 200 ms. Then B took the lock, and from {from} on both held it for {lasted}: A worked on as if nothing had happened.',
  why: 'A renewal can fail like any other command. A watchdog has two duties: to try again while there is time, and to tell the holder when there is none left. This one did neither, and the holder did not ask. Seen from outside it looks like a lease that no client could have kept, so lockstorm calls it a limit; the cure shows that this lock could have.',
  cure: 'Renew on an interval, so that one failure is followed by the next try, and keep a deadline that moves only when Redis has said yes, counted from before the question. The holder asks it before each step.',
  goal: 'Make two clients hold the lock at the same time.',
  notModelled: [
    'A holder that is stopped together with its timer: renewal is no help against a pause, as in the lesson about it.',
  ],
}
