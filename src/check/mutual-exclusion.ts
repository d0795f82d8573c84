/**
 * mutual-exclusion: at no time do two clients believe that they hold the lock.
 *
 * Source: Dijkstra 1965; redis.io, "Safety property: mutual exclusion. At any given moment, only one client can hold a
 * lock."
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { isFenced, type LeaseEnd, leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

export const mutualExclusion: Check = {
  name: 'mutual-exclusion',
  summary: 'two clients never believe at the same time that they hold the lock',
  subjects: ['lock'],
  run(history, rules) {
    const violations: Violation[] = []
    let open: BelievedHold[] = []
    for (const later of history.holds) {
      open = open.filter((hold) => hold.untilUs > later.fromUs)
      if (later.untilUs > later.fromUs) {
        for (const earlier of open) {
          if (earlier.client === later.client) continue
          const end = leaseEnd(history, earlier, later.fromUs) ?? heardTooLate(history, later)
          const kind = end?.kind ?? 'definite'
          if (kind === 'by-contract' && isFenced(earlier, rules.checkFence) && isFenced(later, rules.checkFence))
            continue
          const untilUs = Math.min(earlier.untilUs, later.untilUs)
          violations.push({
            property: 'mutual-exclusion',
            kind,
            sentence: `${earlier.client} and ${later.client} both held the lock for ${formatUs(untilUs - later.fromUs)}`,
            why:
              end?.why ??
              `${later.client} was told that it has the lock while ${history.voters > 1 ? 'a majority of the nodes' : 'Redis'} still had ${earlier.client}'s token.`,
            atUs: later.fromUs,
            untilUs,
            processes: [earlier.client, later.client],
          })
        }
        open.push(later)
      }
    }
    return violations
  },
}

/** The lock was `hold`'s, and was no longer when its client heard of it: its reply, or its client, was that late. */
function heardTooLate(history: History, hold: BelievedHold): LeaseEnd | null {
  // Of several nodes it may be that too few ever voted for it.
  if (history.voters > 1) return leaseEnd(history, hold, hold.fromUs)
  const [vote] = history.backingOf(hold)?.votes ?? []
  const end = vote?.endedBy === 'expired' ? leaseEnd(history, hold, hold.fromUs) : null
  return end === null ? null : { ...end, why: `${end.why} It was over before ${hold.client} heard that it began.` }
}
