/** The lesson about expiry, in English. */
import type { LessonText } from '../lesson.ts'

export const expiry: LessonText = {
  title: 'Expiry',
  question: 'A holder can die with the lock in its hand. Does an expiry give the lock back whenever that happens?',
  storm: 'A takes the lock and its process dies: a deployment, a kill, no memory. B waits for the lock.',
  predict: 'When does B get the lock?',
  choices: ['as soon as A is dead', 'when the lease of 200 ms is over', 'never'],
  happened:
    'A died after SETNX and before PEXPIRE had left. The key stayed without an expiry and without a holder. B asked until the end of the world, and so would every client after it.',
  why: 'An expiry that is a second command is missing when the process ends between the two. Few processes die at that moment, and each that does locks everybody out until a person deletes the key.',
  cure: 'SET with PX and NX takes the lock and says when it ends in one command: either both happened or neither.',
  goal: 'Make the lock unavailable for ever.',
  notModelled: [
    'Restarts by an orchestrator: a client that died stays dead here, and would know nothing of its key if it came back.',
  ],
}
