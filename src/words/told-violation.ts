/** A violation as reports hold it: its data with the sentences that are made of it. */
import type { Cause } from '../check/cause.ts'
import { weightOf } from '../check/rank.ts'
import type { Told } from '../check/told.ts'
import type { PropertyName, Violation, ViolationKind, Weight } from '../check/verdict.ts'
import type { Service } from '../history/history.ts'
import { needsOf } from './needs.ts'
import { sentenceOf, whyOf } from './sentence.ts'

export interface ToldViolation {
  readonly property: PropertyName
  readonly kind: ViolationKind
  readonly weight: Weight
  /** Why it happened, as data: `cause.kind` is what findings are grouped by. */
  readonly cause: Cause
  /** What happened, as data: what sentences in each language are made of. */
  readonly told: Told
  /** What happened, in one plain sentence: who, what, for how long. */
  readonly sentence: string
  /** Why it happened, in one or two sentences. */
  readonly why: string
  /** For a limit: what it takes besides the client's code. Null: it is a bug. */
  readonly needs: string | null
  /** True time at which it began, µs since the world began. */
  readonly atUs: number
  /** True time at which it was over; equal to `atUs` for an instant. */
  readonly untilUs: number
  /** The processes it is about, the earlier holder first. */
  readonly processes: readonly string[]
  /** What clients asked, if it was no Redis. */
  readonly service?: Service
}

/** Tells a violation. */
export const tellViolation = (violation: Violation): ToldViolation => ({
  property: violation.property,
  kind: violation.kind,
  weight: weightOf(violation),
  cause: violation.cause,
  told: violation.told,
  sentence: sentenceOf(violation),
  why: whyOf(violation),
  needs: needsOf(violation),
  atUs: violation.atUs,
  untilUs: violation.untilUs,
  processes: violation.processes,
  ...(violation.service === undefined ? {} : { service: violation.service }),
})
