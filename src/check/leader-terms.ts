/** The terms of the leaders of an election, from a history, and what excuses an election that had two of them. */
import { keptFrom } from '../history/excuse.ts'
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import { stoppedUs } from '../history/running.ts'
import { termOf } from '../record/leader.ts'
import type { Forgetting } from './cause.ts'
import { endOfLife } from './queue-runs.ts'
import { forgottenIn, movedAheadUs } from './server-loss.ts'
import type { Reason } from './verdict.ts'

/** For how long one client was told that it leads. */
export interface LeaderTerm {
  readonly client: string
  /** Null: the election has no numbers. */
  readonly term: number | null
  readonly fromUs: number
  /** When it was deposed, resigned, or ended. */
  readonly untilUs: number
}

const known = new WeakMap<History, readonly LeaderTerm[]>()

/** All terms, in the order in which they began; read off a history once. */
export function leaderTerms(history: History): readonly LeaderTerm[] {
  const terms = known.get(history) ?? readTerms(history)
  known.set(history, terms)
  return terms
}

const readTerms = (history: History): readonly LeaderTerm[] =>
  history.operations.flatMap(({ op, process, invokedUs, endedUs, asked }): LeaderTerm[] =>
    op === 'lead'
      ? [
          {
            client: process,
            term: termOf(asked),
            fromUs: invokedUs,
            untilUs: Math.min(endedUs, endOfLife(history, process, invokedUs)),
          },
        ]
      : [],
  )

/**
 * Why a second one was elected while the first one led. A leader knows by its own clock when its lease is over: what keeps it from
 * stepping down is that it is stopped, or that its lease ended before that, by Redis's clock or because Redis forgot it. Nor does that
 * excuse one that runs beside the other for longer.
 */
export function whyTwoLead(history: History, earlier: LeaderTerm, later: LeaderTerm): Reason {
  const { client } = earlier
  const leaseUs = history.rules.ttlMs * 1_000
  const both: Span = { fromUs: later.fromUs, untilUs: Math.min(earlier.untilUs, later.untilUs) }
  const before: Span = { fromUs: Math.max(0, later.fromUs - leaseUs), untilUs: later.fromUs }
  const stoppedMeanwhileUs = stoppedUs(history, client, both)
  const runningUs = both.untilUs - both.fromUs - stoppedMeanwhileUs
  // What began within the lease that led to the election may still be what ends it.
  const stretch: Span = { fromUs: Math.max(0, earlier.fromUs - leaseUs), untilUs: later.fromUs }
  const forgotten = forgottenIn(history, stretch)
  if (forgotten !== null && runningUs <= leaseUs) return forgottenBy(client, forgotten.node, forgotten.how)
  for (const node of history.servers) {
    const aheadUs = movedAheadUs(history, node, stretch)
    if (aheadUs >= ROUNDING_US && runningUs <= Math.min(aheadUs, leaseUs) + ROUNDING_US) {
      return forgottenBy(client, node, 'clock ahead')
    }
  }
  const wasStopped = stoppedUs(history, client, before) * 2 >= leaseUs
  if ((stoppedMeanwhileUs > 0 && runningUs <= ROUNDING_US) || (wasStopped && runningUs <= leaseUs)) {
    const during = { when: 'while', circumstance: 'paused' } as const
    return { kind: 'limit', cause: { kind: 'lease-ended', client, leaseUs, during } }
  }
  if (stoppedMeanwhileUs > 0 || keptForHalf(history, client, before, leaseUs)) {
    return { kind: 'bug', cause: { kind: 'deposed-unnoticed', client, runningUs } }
  }
  const isLate = keptForHalf(history, later.client, { ...before, fromUs: later.fromUs - 2 * leaseUs }, leaseUs)
  return {
    kind: 'bug',
    cause: isLate ? { kind: 'elected-too-late', client: later.client } : { kind: 'lead-not-kept', client },
  }
}

const keptForHalf = (history: History, client: string, stretch: Span, leaseUs: number): boolean =>
  (keptFrom(history, client, stretch)?.us ?? 0) * 2 >= leaseUs

/** A difference that is smaller is one of milliseconds that were rounded, or of messages under way. */
const ROUNDING_US = 2_000

const forgottenBy = (client: string, node: string, how: Forgetting | 'clock ahead'): Reason => ({
  kind: 'limit',
  cause: { kind: 'lead-forgotten', client, node, how },
})
