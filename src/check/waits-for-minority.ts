/**
 * hang of a quorum lock: a call that waits for a minority of nodes that do not answer, although a majority does.
 *
 *   A  |-- SET to 3 nodes --|· redis-1 OK · redis-2 OK ·······································| and still no answer
 *   redis-3  ─────────────── out of reach for 2 s, the TTL is 1 s ───────────────
 *
 * Longer than the TTL is too long: what the other nodes gave has ended by then.
 *
 * Does not judge  an acquire that waits by itself (`blocking`), for it may wait for its turn.
 *
 * Source: redis.io, "a small timeout compared to the total lock auto-release time … prevents the client from remaining
 * blocked for a long time trying to talk with a Redis node which is down".
 */
import { majorityOf } from '../history/backing.ts'
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { heldMessages, outages } from '../history/reach.ts'
import { stops } from '../history/running.ts'
import type { Violation } from './verdict.ts'

/** The calls of a quorum lock that waited too long for too few. */
export function waitsForMinority(history: History): Violation[] {
  const { voters } = history
  const minority = voters.length - majorityOf(voters.length)
  return history.operations
    .filter(({ op }) => op === 'release' || (op === 'acquire' && !history.isBlocking))
    .filter(({ invokedUs, endedUs }) => endedUs - invokedUs > history.rules.ttlMs * 1000)
    .filter((operation) => !isHeldUp(history, operation))
    .flatMap((operation) => {
      const silent = voters.filter((node) => isOutOfReach(history, operation, node))
      if (silent.length === 0 || silent.length > minority) return []
      return [violation(history, operation, silent)]
    })
}

const overlaps = ({ invokedUs, endedUs }: Operation, span: Span): boolean =>
  span.fromUs < endedUs && span.untilUs > invokedUs

/** Whether something else explains that the call took so long. */
const isHeldUp = (history: History, operation: Operation): boolean =>
  [...heldMessages(history, operation.process), ...stops(history, operation.process)].some((span) =>
    overlaps(operation, span),
  )

const isOutOfReach = (history: History, operation: Operation, node: string): boolean =>
  outages(history, operation.process, node).some((outage) => overlaps(operation, outage))

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
