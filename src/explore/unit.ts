/**
 * A unit of work of a hunt: a stretch of storms that one worker runs, plain data in and plain data out. Which storms a
 * unit holds depends on the unit alone, so that the answer of a hunt does not depend on who runs what, or on how many.
 */
import type { LossReason } from '../worker/messages.ts'
import type { Plan } from '../world/plan.ts'
import type { Counterexample } from './counterexample.ts'
import type { RankedFinding } from './finding.ts'
import type { FrontierPoint } from './frontier-point.ts'
import type { Tally } from './tally.ts'

/** `base` is the index of a fault-free plan. */
export type Unit =
  /** No fault: worlds of other latencies. */
  | { readonly kind: 'seeds'; readonly base: number; readonly from: number; readonly until: number }
  /** No fault: every order of simultaneous arrivals with up to so many deviations, at most `limit` worlds. */
  | { readonly kind: 'orders'; readonly base: number; readonly deviations: number; readonly limit: number }
  /** The storms of one fault with these indexes. */
  | { readonly kind: 'singles'; readonly base: number; readonly from: number; readonly until: number }
  /** All storms of two faults whose first is this storm of one fault. */
  | { readonly kind: 'pairs'; readonly base: number; readonly first: number }
  /** So many storms drawn from this seed. */
  | { readonly kind: 'random'; readonly base: number; readonly seed: number; readonly count: number }
  /** The storms of one point of a frontier. */
  | { readonly kind: 'point'; readonly base: number; readonly point: FrontierPoint }
  /** Given storms. */
  | { readonly kind: 'given'; readonly plans: readonly Plan[] }
  /** Shrinks a finding, and tries what is needed for it and what cures it. */
  | { readonly kind: 'explain'; readonly finding: RankedFinding; readonly shrinks: boolean }

/** What came of a unit. */
export interface UnitResult {
  readonly tally: Tally
  /** Of `orders`: whether the limit cut it short. */
  readonly isCut: boolean
  /** Of `singles`: how many storms of one fault there are on its base plan. */
  readonly singleCount: number
  /** Of `singles`: how many storms of two faults begin with each. */
  readonly pairCounts: readonly number[]
  /** Of `point`: in how many storms there was a bug. */
  readonly bugCount: number
  /** Of `given`: the histories' hashes. */
  readonly hashes: readonly string[]
  /** Of `explain`. */
  readonly counterexample: Counterexample | null
}

/** A storm of a unit that its worker did not survive. */
export interface LostStorm {
  readonly plan: Plan
  readonly reason: LossReason
}
