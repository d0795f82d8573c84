/**
 * A unit of work: a stretch of storms that one worker runs, plain data in and plain data out. Which storms a unit holds
 * depends on the unit alone (`storms.ts`), so the answer of a hunt does not depend on who runs what, or on how many do.
 */
import type { LossReason } from '../worker/messages.ts'
import type { Plan } from '../world/plan.ts'
import type { Counterexample } from './counterexample.ts'
import type { RankedFinding } from './finding.ts'
import type { FrontierPoint } from './frontier-point.ts'
import type { Tally } from './tally.ts'

/** Units of storms; `base` is the index of a fault-free plan. */
export type StormUnit =
  /** No fault: worlds of other latencies; `isUnasked`: clients do not ask their lease before they write. */
  | {
      readonly kind: 'seeds'
      readonly base: number
      readonly from: number
      readonly until: number
      readonly isUnasked?: boolean
    }
  /** No fault: every order of simultaneous arrivals with at most this many deviations, at most `limit` worlds. */
  | { readonly kind: 'orders'; readonly base: number; readonly deviations: number; readonly limit: number }
  /** The storms of one fault with these indexes. */
  | { readonly kind: 'singles'; readonly base: number; readonly from: number; readonly until: number }
  /** One fault in all its magnitudes: those with a size with these indexes. */
  | { readonly kind: 'magnitudes'; readonly base: number; readonly from: number; readonly until: number }
  /**
   * All storms with one fault more than this one. `path`: the index of its first fault's storm among those of one fault, of its
   * second among those that begin with the first. `isLast`: no longer ones are asked for.
   */
  | { readonly kind: 'longer'; readonly base: number; readonly path: readonly number[]; readonly isLast: boolean }
  /** `count` storms drawn from this seed. */
  | { readonly kind: 'random'; readonly base: number; readonly seed: number; readonly count: number }
  /** `count` storms from this seed: half of them drawn, then mutants of those that led somewhere new. */
  | { readonly kind: 'guided'; readonly base: number; readonly seed: number; readonly count: number }
  /** The storms of one point of a frontier. */
  | { readonly kind: 'point'; readonly base: number; readonly point: FrontierPoint }
  /** Given storms. */
  | { readonly kind: 'given'; readonly plans: readonly Plan[] }

export type Unit =
  | StormUnit
  /** Runs the fault-free plan and counts the storms of one fault that are made from it. */
  | { readonly kind: 'count'; readonly base: number }
  /** Shrinks a finding, and tries what is needed for it and what cures it. */
  | { readonly kind: 'explain'; readonly finding: RankedFinding; readonly shrinks: boolean }

/** A storm of a unit that its worker did not survive. */
export interface LostStorm {
  readonly plan: Plan
  readonly reason: LossReason
}

/** How many storms with one fault more begin with a storm, and the course of its world; of a storm that was lost there is none. */
export interface Next {
  readonly count: number
  readonly course: string
}

/** What every unit of storms comes to. */
export interface Tried {
  readonly tally: Tally
  readonly lost: readonly LostStorm[]
}

/** What a whole unit comes to. */
export type WholeResult =
  | ({ readonly kind: 'seeds' } & Tried)
  | ({ readonly kind: 'magnitudes' } & Tried)
  | ({ readonly kind: 'random' } & Tried)
  | ({ readonly kind: 'guided' } & Tried)
  | ({ readonly kind: 'point' } & Tried)
  /** `isCut`: there were more orders than the limit allows. */
  | ({ readonly kind: 'orders'; readonly isCut: boolean } & Tried)
  /** What follows each of the storms; none: that was not asked for. */
  | ({ readonly kind: 'singles'; readonly nexts: readonly Next[] } & Tried)
  | ({ readonly kind: 'longer'; readonly nexts: readonly Next[] } & Tried)
  /** The histories' hashes, and the keys of what each storm showed; null for a storm that was lost. */
  | ({
      readonly kind: 'given'
      readonly hashes: readonly (string | null)[]
      readonly shown: readonly (readonly string[] | null)[]
    } & Tried)
  /** `sizedCount`: how many of the faults, told apart by more than their size, have one; `weight`: what a world costs (`cost.ts`). */
  | ({
      readonly kind: 'count'
      readonly sizedCount: number
      readonly weight: number
      readonly lost: readonly LostStorm[]
    } & Next)
  /** Null: the storm did not show the finding again. */
  | {
      readonly kind: 'explain'
      readonly counterexample: Counterexample | null
      readonly lost: readonly LostStorm[]
    }

/** A unit that cost too many workers: only the storms that did are told. */
export interface GivenUp {
  readonly kind: 'given-up'
  readonly lost: readonly LostStorm[]
}

/** What comes of a unit. */
export type UnitResult = WholeResult | GivenUp

/** What comes of a unit of this kind. */
export type ResultOf<Kind extends Unit['kind']> = Extract<WholeResult, { readonly kind: Kind }> | GivenUp
