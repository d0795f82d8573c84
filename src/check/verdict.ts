/**
 * What judging a history ends with.
 *
 * A violation is *definite* when a correct lock would not have done this, and *by contract* when no lock with a
 * lease can prevent it by itself: the lease ran out while its holder could not know, and only a resource that checks
 * fencing tokens refuses the late write.
 *
 * Source: https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */

/** Every property that is judged, in the order in which reports list them (worst first). */
export const PROPERTIES = [
  'mutual-exclusion',
  'stale-write',
  'fence-order',
  'foreign-release',
  'session-crossed',
  'session-lost-update',
  'session-vanished',
  'session-resurrected',
  'session-stale-read',
  'stale-cache',
  'stampede',
  'job-run-twice',
  'dead-lock',
  'hang',
  'overstated-lease',
  'late-signal',
  'starvation',
  'linearizability',
  'crash',
] as const

export type PropertyName = (typeof PROPERTIES)[number]

/** `definite`: a bug of the subject. `by-contract`: no lease lock can prevent it, it needs fencing. */
export type ViolationKind = 'definite' | 'by-contract'

/** One thing that went wrong, in words and places. */
export interface Violation {
  readonly property: PropertyName
  readonly kind: ViolationKind
  /** One plain sentence: who, what, for how long. */
  readonly sentence: string
  /** Why it happened: one or two sentences for the reader who wants the cause. */
  readonly why: string
  /** True time at which it began, µs since the world began. */
  readonly atUs: number
  /** True time at which it was over; equal to `atUs` for an instant. */
  readonly untilUs: number
  /** The processes it is about, the earlier holder first. */
  readonly processes: readonly string[]
}

/** What a world, or a set of worlds, is worth. */
export type Verdict =
  | { readonly status: 'valid' }
  | { readonly status: 'violated'; readonly violations: readonly Violation[] }
  /** A limit was hit: which one. */
  | { readonly status: 'unknown'; readonly reason: string }
  /** Nothing contended, no lease expired: nothing was tested. */
  | { readonly status: 'vacuous'; readonly missing: string }
