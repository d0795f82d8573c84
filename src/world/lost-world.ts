/** A world that its worker did not survive: what that says of the code under test. */
import type { Violation } from '../check/verdict.ts'
import type { LossReason } from '../worker/messages.ts'

/** What is violated, as far as it can be told. */
export const lostViolation = (reason: LossReason): Violation => ({
  ...(reason === 'spins'
    ? { property: 'hang', told: { kind: 'ran-for-ever' }, cause: { kind: 'turn-never-ends' } }
    : { property: 'crash', told: { kind: 'out-of-memory' }, cause: { kind: 'memory-used-up' } }),
  kind: 'bug',
  atUs: 0,
  untilUs: 0,
  processes: [],
})
