/**
 * stale-write: the protected resource never accepts a write of a holder that another client has superseded.
 *
 * Superseded: another client was granted the lock after this holder, before the write arrived. Where holders carry
 * fencing tokens and the resource checks them, a write counts as stale only when the resource has already seen the newer
 * holder: before that it is simply the earlier of two writes.
 *
 * Source: Kleppmann 2016.
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { readEffect } from '../record/effect.ts'
import type { Check } from './check.ts'
import { grantedWhileHeld, isFenced, leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

export const staleWrite: Check = {
  name: 'stale-write',
  heading: 'stale write accepted',
  weight: 'harm',
  summary: 'the resource never accepts a write of a superseded holder',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const violations: Violation[] = []
    const seen = new Set<string>()
    const byGrant = [...history.holds].sort((a, b) => a.grantedUs - b.grantedUs)
    for (const record of history.lanes.effects) {
      if (record.op === 'refused') continue
      const { token, value } = readEffect(record)
      const hold = history.holdOf(token)
      if (record.op === 'write' && hold !== undefined) {
        const newer = superseding(byGrant, hold, record.atUs)
        const isHarmless =
          isFenced(hold, history.rules.checkFence) && newer !== null && newer.fence !== null && !seen.has(newer.token)
        if (newer !== null && !isHarmless) violations.push(staleWriteOf(history, hold, newer, value, record.atUs))
      }
      seen.add(token)
    }
    return violations
  },
}

/** Whether a client really had the lock, and for a while: Redis gave it to it, and its lease had not ended when it heard so. */
const wasHad = ({ backing, fromUs, untilUs }: BelievedHold): boolean => backing !== null && untilUs > fromUs

/** The first hold of another client that was granted after this one and by the time of the write. */
function superseding(byGrant: readonly BelievedHold[], hold: BelievedHold, atUs: number): BelievedHold | null {
  for (const other of byGrant) {
    if (other.grantedUs > atUs) return null
    if (other.grantedUs > hold.grantedUs && other.client !== hold.client && wasHad(other)) return other
  }
  return null
}

function staleWriteOf(
  history: History,
  hold: BelievedHold,
  newer: BelievedHold,
  value: number,
  atUs: number,
): Violation {
  // When it asked for the write it looked for the last time.
  const write = history.operations.findLast(({ op, token }) => op === 'write' && token === hold.token)
  // Where the writer still had the lock, the newer one had it no more: of several nodes, one may lose a vote before the last is given.
  const end = leaseEnd(history, hold, atUs, write?.invokedUs ?? atUs) ?? leaseEnd(history, newer, newer.fromUs)
  return {
    property: 'stale-write',
    kind: end?.kind ?? 'bug',
    told: { kind: 'wrote-late', client: hold.client, value, newer: newer.client, lateUs: atUs - newer.grantedUs },
    cause: end?.cause ?? grantedWhileHeld(history, hold.client, newer.client),
    atUs,
    untilUs: atUs,
    processes: [hold.client, newer.client],
  }
}
