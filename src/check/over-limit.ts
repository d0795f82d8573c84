/**
 * mutual-exclusion of what several clients may have at once (`limit`): never more than so many believe that they hold it.
 *
 * One key holds the tokens of all of them, so what Redis knew of each is not on record: that a lease had ended is read off what
 * the storm did to its client and to the server.
 */
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { circumstanceOf } from '../history/running.ts'
import type { Cause } from './cause.ts'
import { forgottenIn, movedAheadUs } from './server-loss.ts'
import type { Violation, ViolationKind } from './verdict.ts'

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
  const reason = open.map((hold) => overOf(history, hold, later.fromUs)).find((found) => found !== null)
  return {
    property: 'mutual-exclusion',
    kind: reason?.kind ?? 'bug',
    told: { kind: 'too-many-held', holders, limit, forUs: untilUs - later.fromUs },
    cause: reason?.cause ?? { kind: 'one-too-many-let-in', later: later.client, limit },
    atUs: later.fromUs,
    untilUs,
    processes: [...new Set(holders)],
  }
}

/** Why a holder's lease may have ended by then; null: it had not. */
export function overOf(
  history: History,
  hold: BelievedHold,
  atUs: number,
): { readonly kind: ViolationKind; readonly cause: Cause } | null {
  const leaseUs = history.rules.ttlMs * 1_000
  const { client } = hold
  // Redis counts from when it was reached, which is not on record: at the earliest from when it was asked, unless the call waited.
  const begunUs = history.isBlocking ? hold.fromUs : hold.invokedUs
  const sinceUs = atUs - begunUs
  const stretch: Span = { fromUs: begunUs, untilUs: atUs }
  const forgotten = forgottenIn(history, stretch)
  if (forgotten !== null) return limitBy(client, forgotten)
  for (const node of history.servers) {
    const aheadUs = movedAheadUs(history, node, stretch)
    if (aheadUs > 0 && sinceUs + aheadUs >= leaseUs && sinceUs < leaseUs) {
      return limitBy(client, { node, how: 'clock ahead', livedUs: sinceUs, ttlUs: leaseUs })
    }
  }
  if (sinceUs < leaseUs) return null
  // What was over when it asked kept it from nothing.
  const kept = history.faultEffects.find(
    ({ effect, fromUs, untilUs }) => circumstanceOf(effect, client) !== null && fromUs <= atUs && untilUs >= begunUs,
  )
  const circumstance = kept === undefined ? null : circumstanceOf(kept.effect, client)
  const during = { when: kept === undefined ? ('before' as const) : ('after' as const), circumstance }
  return { kind: kept === undefined ? 'bug' : 'limit', cause: { kind: 'lease-ended', client, leaseUs, during } }
}

const limitBy = (
  client: string,
  end: Extract<Cause, { kind: 'redis-lost-it' }>['ends'][number],
): { readonly kind: ViolationKind; readonly cause: Cause } => ({
  kind: 'limit',
  cause: { kind: 'redis-lost-it', client, ends: [end], votes: null },
})
