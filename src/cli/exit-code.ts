/**
 * What the exit code means; the same table is in `lockstorm --help` and in the README.
 */
import type { Outcome } from '../engine/outcome.ts'

export const EXIT = {
  /** Everything as expected. */
  ok: 0,
  /** A violation, or a cell that is not as expected. */
  violated: 1,
  /** A limit was hit, or nothing was exercised. */
  inconclusive: 2,
  /** The same plan gave two histories. */
  nonDeterministic: 3,
  /** A flag, a scenario, a token or a lock file is wrong. */
  usage: 64,
  /** The real Redis cannot be reached or started. */
  unavailable: 69,
  /** Our own bug. */
  bug: 70,
  /** SIGINT: what was found so far is written. */
  interrupted: 130,
  /** SIGTERM: the same. */
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const OF_OUTCOME: Readonly<Record<Outcome, ExitCode>> = {
  fine: EXIT.ok,
  failed: EXIT.violated,
  inconclusive: EXIT.inconclusive,
  'not-deterministic': EXIT.nonDeterministic,
  unavailable: EXIT.unavailable,
}

/** The exit code of a result; `signalled` is that of the signal that ended it early, if one did. */
export function exitCodeOf(outcome: Outcome, signalled: ExitCode | null = null): ExitCode {
  // What makes a result worthless counts more than that it is not whole.
  const isWorthless = outcome === 'not-deterministic' || outcome === 'unavailable'
  return isWorthless ? OF_OUTCOME[outcome] : (signalled ?? OF_OUTCOME[outcome])
}
