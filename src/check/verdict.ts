/**
 * What judging a history ends with.
 *
 * A violation is a *bug* when the code under test could have prevented it, knowing only what its own process could know,
 * and a *limit* when nothing that runs on the client can: the lease ran out while its holder could not know, and only a
 * resource that checks fencing tokens refuses the late write; or Redis forgot what it had acknowledged.
 *
 * Source: https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
import type { Service } from '../history/history.ts'
import type { Cause } from './cause.ts'
import type { Told } from './told.ts'

/** Every property that is judged, in the order in which reports list them. */
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
  'job-lost',
  'job-run-by-two',
  'job-run-twice',
  'term-given-twice',
  'torn-read',
  'dead-lock',
  'no-leader',
  'orphaned-lock',
  'hang',
  'overstated-lease',
  'late-signal',
  'release-denied',
  'livelock',
  'starvation',
  'linearizability',
  'crash',
] as const

export type PropertyName = (typeof PROPERTIES)[number]

/** `bug`: the code under test could have prevented it. `limit`: nothing that runs on the client can. */
export type ViolationKind = 'bug' | 'limit'

/** How much it matters, worst first. */
export const WEIGHTS = ['harm', 'blocked-for-ever', 'blocked-until-expiry', 'untrue', 'slow'] as const

/**
 * `harm`: two at once, or data lost. `blocked-for-ever`, `blocked-until-expiry`: a lock that cannot be had, for ever or until
 * a lease ends. `untrue`: the code was told, or told others, something untrue. `slow`: slow or unfair.
 */
export type Weight = (typeof WEIGHTS)[number]

/** One thing that went wrong, as data; `words/` makes sentences of it. */
export interface Violation {
  readonly property: PropertyName
  readonly kind: ViolationKind
  /** What happened: who, what, for how long. */
  readonly told: Told
  /** Why it happened. */
  readonly cause: Cause
  /** True time at which it began, µs since the world began. */
  readonly atUs: number
  /** True time at which it was over; equal to `atUs` for an instant. */
  readonly untilUs: number
  /** The processes it is about, the earlier holder first. */
  readonly processes: readonly string[]
  /** What clients asked, if it was no Redis. */
  readonly service?: Service
}

/** Why something happened, and whether the code under test could have prevented it. */
export type Reason = Pick<Violation, 'kind' | 'cause'>

/** What a world, or a set of worlds, is worth. */
export type Verdict =
  | { readonly status: 'valid' }
  | { readonly status: 'violated'; readonly violations: readonly Violation[] }
  /** A limit was hit: which one. */
  | { readonly status: 'unknown'; readonly reason: string }
  /** Nothing contended, no lease expired: nothing was tested. */
  | { readonly status: 'vacuous'; readonly missing: string }
