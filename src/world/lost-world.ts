/** A world that its worker did not survive: what that says of the code under test. */
import type { Violation } from '../check/verdict.ts'
import type { LossReason } from '../worker/messages.ts'

/** What is violated, as far as anybody can say. */
export const lostViolation = (reason: LossReason): Violation => ({
  ...(reason === 'spins'
    ? {
        property: 'hang',
        sentence: 'the code under test ran for ever without waiting for anything',
        why: 'A turn of its event loop never ended: in a real process nothing else would run any more.',
      }
    : {
        property: 'crash',
        sentence: 'the code under test used up all memory',
        why: 'The worker that ran this world was ended by its memory limit.',
      }),
  kind: 'definite',
  atUs: 0,
  untilUs: 0,
  processes: [],
})
