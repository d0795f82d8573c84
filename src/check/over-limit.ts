/**
 * mutual-exclusion of what several clients may have at once (`limit`): never more than so many believe that they hold it.
 *
 * One key holds the tokens of all of them, so what Redis knew of each is not on record: that a lease had ended is read off what
 * the storm did to its client and to the server.
 */
import { keptFrom } from '../history/excuse.ts'
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { circumstanceOf, runsFromUs } from '../history/running.ts'
import type { UntimelyEnd } from './cause.ts'
import { forgottenIn, movedAheadUs } from './server-loss.ts'
import type { Reason, Violation } from './verdict.ts'

/** Each time that one more client than is allowed believed that it holds. */
export function overLimit(history: History, limit: number): readonly Violation[] {
  const violations: Violation[] = []
  let open: BelievedHold[] = []
  for (const later of history.holds) {
    open = open.filter((hold) => hold.untilUs > later.fromUs)
    if (later.untilUs <= later.fromUs) continue
    if (open.length >= limit) violations.push(violation(history, open, later, limit))
    open.push(later)
  }
  return violations
}

function violation(history: History, open: readonly BelievedHold[], later: BelievedHold, limit: number): Violation {
  const untilUs = Math.min(later.untilUs, ...open.map((hold) => hold.untilUs))
  const holders = [...open.map(({ client }) => client), later.client]
  const reason = whyOver(history, [...open, later], later.fromUs)
  return {
    property: 'mutual-exclusion',
    ...(reason ?? { kind: 'bug', cause: { kind: 'one-too-many-let-in', later: later.client, limit } }),
    told: { kind: 'too-many-held', holders, limit, forUs: untilUs - later.fromUs },
    atUs: later.fromUs,
    untilUs,
    processes: [...new Set(holders)],
  }
}

/**
 * Why the lease of one of several may have been over when the last of them was told that it holds; null: none was. Whom Redis let in
 * first is not on record: who was told last may have been the first, and its lease the one that ended.
 */
export function whyOver(history: History, holds: readonly BelievedHold[], atUs: number): Reason | null {
  for (const hold of holds) {
    const late = toldTooLate(history, hold)
    if (late !== null) return late
  }
  return holds.map((hold) => overOf(history, hold, atUs)).find((found) => found !== null) ?? null
}

/** A lease that was over when its client heard of it, by that client's own clock; null: it was not. */
function toldTooLate(history: History, hold: BelievedHold): Reason | null {
  const { client, fromUs } = hold
  const stretch: Span = { fromUs: begunUs(history, hold), untilUs: fromUs }
  const leaseUs = leaseOf(history)
  const lateUs = fromUs - stretch.fromUs - leaseUs
  // A call that nothing kept waited for its turn.
  if (lateUs <= 0 || (keptFrom(history, client, stretch)?.us ?? 0) * 2 < leaseUs) return null
  return { kind: 'bug', cause: { kind: 'granted-too-late', client, lateUs, isQuorum: false } }
}

/**
 * When a lease began. Redis counts from when it was reached, which is not on record: at the earliest from when its client, unless it
 * was stopped at that moment, asked. A call that may have waited: from when it was told.
 */
const begunUs = (history: History, { client, invokedUs, fromUs }: BelievedHold): number =>
  history.isBlocking ? fromUs : Math.min(fromUs, runsFromUs(history, client, invokedUs))

const leaseOf = ({ rules }: History): number => rules.ttlMs * 1_000

/** Why a holder's lease may have ended by then; null: it had not. */
export function overOf(history: History, hold: BelievedHold, atUs: number): Reason | null {
  const leaseUs = leaseOf(history)
  const { client } = hold
  const stretch: Span = { fromUs: begunUs(history, hold), untilUs: atUs }
  const sinceUs = atUs - stretch.fromUs
  const forgotten = forgottenIn(history, stretch)
  if (forgotten !== null) return limitBy(client, forgotten)
  for (const node of history.servers) {
    const aheadUs = movedAheadUs(history, node, stretch)
    if (sinceUs + aheadUs >= leaseUs && sinceUs < leaseUs) {
      return limitBy(client, { node, how: 'clock ahead', livedUs: sinceUs, ttlUs: leaseUs })
    }
  }
  if (sinceUs < leaseUs) return null
  // What was over when it asked kept it from nothing.
  const kept = history.faultEffects.find(
    ({ effect, fromUs, untilUs }) =>
      circumstanceOf(effect, client) !== null && fromUs <= atUs && untilUs >= stretch.fromUs,
  )
  const circumstance = kept === undefined ? null : circumstanceOf(kept.effect, client)
  const during = { when: kept === undefined ? ('before' as const) : ('after' as const), circumstance }
  return { kind: kept === undefined ? 'bug' : 'limit', cause: { kind: 'lease-ended', client, leaseUs, during } }
}

const limitBy = (client: string, end: UntimelyEnd): Reason => ({
  kind: 'limit',
  cause: { kind: 'redis-lost-it', client, ends: [end], votes: null },
})
