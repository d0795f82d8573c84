/**
 * dead-lock and orphaned-lock of a quorum lock: votes that no client will use, on so many nodes that no majority is left.
 *
 *   redis-1  |-- A-1 --|------- used by no one -------|        N = 3: with one such vote the lock can be taken,
 *   redis-2  |-- B-1 --|------- used by no one -------|        with two it cannot.
 *                      ^ A and B were told that they do not have it
 *
 * Does not judge  votes whose owner could not reach the node to take them back, or whose command to do so may have been lost
 *                 with its connection: that is what the TTL is for.
 *
 * Source: redis.io, "clients that fail to acquire the majority of locks … release the (partially) acquired locks ASAP".
 */
import { majorityOf } from '../history/backing.ts'
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import { mayHaveMissedReply, reachableUs, wasReset } from '../history/reach.ts'
import { type Cause, causeKey } from './cause.ts'
import { orphanedBy, prolongedBy, unbelievedUs } from './orphan.ts'
import type { Violation } from './verdict.ts'

/** A stretch in which a node's vote was used by no client. */
interface Kept {
  readonly grant: Grant
  readonly fromUs: number
  readonly untilUs: number
  readonly reason: Cause
}

/** The stretches in which too many votes were used by no client. */
export function keptVotes(history: History): Violation[] {
  const kept = history.grants.flatMap((grant) => keptBy(history, grant) ?? [])
  const enough = history.voters.length - majorityOf(history.voters.length) + 1
  const violations: Violation[] = []
  let doneUs = -1
  for (const { fromUs } of [...kept].sort((a, b) => a.fromUs - b.fromUs)) {
    if (fromUs < doneUs) continue
    const stretch = stretchFrom(kept, fromUs, enough)
    if (stretch === null || stretch.untilUs - fromUs <= history.rules.orphanUs) continue
    violations.push(violation(history, stretch, fromUs))
    doneUs = stretch.untilUs
  }
  return violations
}

/** Who keeps enough nodes at a moment, and until when they are enough; null: they are not. */
function stretchFrom(
  kept: readonly Kept[],
  atUs: number,
  enough: number,
): { readonly kept: readonly Kept[]; readonly untilUs: number } | null {
  const now = keptAt(kept, atUs)
  if (nodesOf(now) < enough) return null
  const ends = kept.map(({ untilUs }) => untilUs).sort((a, b) => a - b)
  const untilUs = ends.find((endUs) => endUs > atUs && nodesOf(keptAt(kept, endUs)) < enough) as number
  return { kept: now, untilUs }
}

const keptAt = (kept: readonly Kept[], atUs: number): readonly Kept[] =>
  kept.filter(({ fromUs, untilUs }) => fromUs <= atUs && untilUs > atUs)
const nodesOf = (kept: readonly Kept[]): number => new Set(kept.map(({ grant }) => grant.voter)).size

function keptBy(history: History, grant: Grant): Kept | null {
  const { orphanUs } = history.rules
  const { owner, node, untilUs } = grant
  if (grant.expireUs === null && grant.endedBy === 'end') {
    return {
      grant,
      fromUs: unbelievedUs(history, grant),
      untilUs,
      reason: { kind: 'no-expiry', owner, hasEnded: history.ended.has(owner) },
    }
  }
  const prolonged = prolongedBy(history, grant)
  if (prolonged !== null) {
    return {
      grant,
      fromUs: prolonged.deadlineUs,
      untilUs,
      reason: { kind: 'prolonged-by-waiters', helpers: prolonged.helpers },
    }
  }
  const orphaned = orphanedBy(history, grant)
  if (orphaned === null) return null
  const fromUs = reachableUs(history, { client: owner, node, atUs: orphaned.fromUs, forUs: orphanUs })
  // What takes it back may wait for a way to the node until then, and be lost with its connection.
  const sentUntilUs = Math.max(fromUs, orphaned.fromUs + orphanUs)
  const way = { client: owner, node, untilUs: sentUntilUs }
  if (wasReset(history, { ...way, fromUs: grant.fromUs })) return null
  // A reply that is lost during the attempt may be that of the vote itself, which has to be taken back all the more.
  if (mayHaveMissedReply(history, { ...way, fromUs: orphaned.toldUs })) return null
  return fromUs < untilUs ? { grant, fromUs, untilUs, reason: orphaned.cause } : null
}

function violation(history: History, stretch: { kept: readonly Kept[]; untilUs: number }, fromUs: number): Violation {
  const { kept, untilUs } = stretch
  const owners = [...new Set(kept.map(({ grant }) => grant.owner))].sort()
  const reasons = [...new Map(kept.map(({ reason }) => [causeKey(reason), reason])).values()]
  return {
    // What has no expiry, or is prolonged, stays; what has one is over with it.
    property: reasons.some(({ kind }) => kind === 'no-expiry' || kind === 'prolonged-by-waiters')
      ? 'dead-lock'
      : 'orphaned-lock',
    kind: 'bug',
    told: { kind: 'votes-kept', owners, nodes: nodesOf(kept), of: history.voters.length, forUs: untilUs - fromUs },
    cause: { kind: 'votes-kept', reasons },
    atUs: fromUs,
    untilUs,
    processes: owners,
  }
}
