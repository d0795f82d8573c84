/**
 * stale-write: the protected resource never accepts a write of a holder that somebody else has superseded.
 *
 * Superseded: another client was granted the lock after this holder, before the write arrived. Where holders carry
 * fencing tokens and the resource checks them, a write counts as stale only when the resource has already seen the newer
 * holder: before that it is simply the earlier of two writes.
 *
 * Source: Kleppmann 2016.
 */
import { fieldsOf } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { grantOf, leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

export const staleWrite: Check = {
  name: 'stale-write',
  summary: 'the resource never accepts a write of a superseded holder',
  subjects: ['lock'],
  run(history, rules) {
    const violations: Violation[] = []
    const seen = new Set<string>()
    for (const record of history.records) {
      if (record.type !== 'effect') continue
      const [client, token, value] = fieldsOf(record) as [string, string, number]
      if (record.op === 'write') {
        const hold = history.holds.find((candidate) => candidate.token === token)
        const grantedUs = hold === undefined ? null : (grantOf(history, hold)?.fromUs ?? hold.fromUs)
        const newer = history.holds.find((other) => {
          if (hold === undefined || grantedUs === null || other.client === client || other.invokedUs > record.atUs)
            return false
          const otherUs = grantOf(history, other)?.fromUs ?? other.fromUs
          return otherUs > grantedUs && otherUs <= record.atUs
        })
        const isFencedOff =
          rules.checkFence &&
          hold?.fence !== null &&
          newer !== undefined &&
          newer.fence !== null &&
          !seen.has(newer.token)
        if (hold !== undefined && newer !== undefined && !isFencedOff) {
          const end = leaseEnd(history, hold, record.atUs)
          violations.push({
            property: 'stale-write',
            kind: end?.kind ?? 'definite',
            sentence: `${client} wrote ${value} although ${newer.client} had taken the lock ${formatUs(record.atUs - (grantOf(history, newer)?.fromUs ?? newer.fromUs))} before`,
            why: end?.why ?? `Redis still had ${client}'s token when ${newer.client} was told that it has the lock.`,
            atUs: record.atUs,
            untilUs: record.atUs,
            processes: [client, newer.client],
          })
        }
      }
      if (record.op !== 'refused') seen.add(token)
    }
    return violations
  },
}
