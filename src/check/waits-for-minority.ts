/**
 * hang of a quorum lock: a call that waits for a minority of nodes that do not answer, although a majority does.
 *
 *   A  |-- SET to 3 nodes --|· redis-1 OK · redis-2 OK ·······································| and still no answer
 *   redis-3  ─────────────── out of reach for 2 s, the TTL is 1 s ───────────────
 *
 * Longer than the TTL is too long: what the other nodes gave has ended by then.
 *
 * Does not judge  an acquire that waits by itself (`blocking`), for it may wait for its turn; one whose length is explained by
 *                 keys of other clients, or is not by the silence: too long is what would have been in time without it.
 *
 * Source: redis.io, "a small timeout compared to the total lock auto-release time … prevents the client from remaining
 * blocked for a long time trying to talk with a Redis node which is down".
 */
import { majorityOf } from '../history/backing.ts'
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { heldMessages, outages } from '../history/reach.ts'
import type { Violation } from './verdict.ts'

/** The calls of a quorum lock that waited too long for too few. */
export function waitsForMinority(history: History): Violation[] {
  const { voters } = history
  const minority = voters.length - majorityOf(voters.length)
  return history.operations
    .filter(({ op }) => op === 'release' || (op === 'acquire' && !history.isBlocking))
    .filter((operation) => lateUs(history, operation) > 0)
    .filter((operation) => !isHeldUp(history, operation))
    .flatMap((operation) => {
      const silent = voters.filter((node) => outagesOf(history, operation, node).length > 0)
      if (silent.length > minority) return []
      const silence = silent.flatMap((node) => outagesOf(history, operation, node))
      const others = history.grants.filter(({ owner }) => owner !== operation.process)
      const late = lateUs(history, operation)
      const isExplained = overlapUs(operation, silence) >= late && overlapUs(operation, others) < late
      return isExplained ? [violation(history, operation, silent)] : []
    })
}

/** By how much a call took longer than a lease lasts. */
const lateUs = ({ rules }: History, { invokedUs, endedUs }: Operation): number =>
  endedUs - invokedUs - rules.ttlMs * 1_000

/** How much of a call's time these stretches cover together. */
function overlapUs({ invokedUs, endedUs }: Operation, spans: readonly Span[]): number {
  let coveredUs = 0
  let atUs = invokedUs
  for (const { fromUs, untilUs } of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    const [from, until] = [Math.max(fromUs, atUs), Math.min(untilUs, endedUs)]
    if (until <= from) continue
    coveredUs += until - from
    atUs = until
  }
  return coveredUs
}

const overlaps = ({ invokedUs, endedUs }: Operation, span: Span): boolean =>
  span.fromUs < endedUs && span.untilUs > invokedUs

/** Whether a message that was held up explains that the call took so long. A client that was stopped could reach no node at all. */
const isHeldUp = (history: History, operation: Operation): boolean =>
  heldMessages(history, operation.process).some((span) => overlaps(operation, span))

const outagesOf = (history: History, operation: Operation, node: string): readonly Span[] =>
  outages(history, operation.process, node).filter((outage) => overlaps(operation, outage))

function violation(history: History, operation: Operation, silent: readonly string[]): Violation {
  const { process, op, invokedUs, endedUs } = operation
  return {
    property: 'hang',
    kind: 'bug',
    told: {
      kind: 'waited-for-minority',
      client: process,
      op,
      waitedUs: endedUs - invokedUs,
      silent,
      of: history.voters.length,
    },
    cause: { kind: 'minority-awaited' },
    atUs: invokedUs,
    untilUs: endedUs,
    processes: [process],
  }
}
