/** The lesson about a command that is sent twice, in English. */
import type { LessonText } from '../lesson.ts'

export const resend: LessonText = {
  title: 'Sent twice',
  question:
    'The driver connects again by itself and sends again what had no answer. Then a lost reply is no problem any more?',
  storm:
    'Redis gives A the lock, and the connection breaks before the answer arrives. ioredis, as it comes, connects again and sends the same SET NX again. A sees no error.',
  predict: 'How does A’s acquire end?',
  choices: ['A is told that it has the lock', 'A is told that another client has it', 'with an error'],
  happened:
    'The second SET NX found the key of the first: A’s own token. It answered no, and A believed it. The lock had no holder for {lasted}, until the lease was over.',
  why: 'The driver hides the unknown outcome, but sending a command twice is right only for commands that do the same when they are done twice. SET NX does not: the first answers yes, the second no. INCR counts twice, LPUSH pushes twice, and a DEL that comes twice deletes what was set in between.',
  cure: 'Make the command one that can be repeated: a script that looks for its own token first gives the same answer again. Or switch the resending off, and treat the error as in the lesson before.',
  goal: 'Leave the lock taken, while the client that took it was told otherwise.',
  notModelled: [
    'Other drivers: what each sends again differs, and changes with its settings. lockstorm run --client shows it for three of them.',
  ],
}
