/**
 * mutual-exclusion: at no time do two clients believe that they hold the lock.
 *
 * Source: Dijkstra 1965; redis.io, "Safety property: mutual exclusion. At any given moment, only one client can hold a
 * lock."
 */
import type { BelievedHold } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { isFenced, type LeaseEnd, leaseEnd } from './lease-end.ts'
import { falseStatement } from './statement.ts'
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
          // Whose key was gone: mostly the earlier one's; the later one's when its reply was long under way.
          const wrong = leaseEnd(history, earlier, later.fromUs) === null ? later : earlier
          const untilUs = Math.min(earlier.untilUs, later.untilUs)
          const end = leaseEnd(history, wrong, later.fromUs, untilUs)
          const kind = end?.kind ?? 'definite'
          if (kind === 'by-contract' && isFenced(earlier, rules.checkFence) && isFenced(later, rules.checkFence))
            continue
          const said = kind === 'definite' ? wrongStatement(wrong, end, later.fromUs) : ''
          violations.push({
            property: 'mutual-exclusion',
            kind,
            sentence: `${earlier.client} and ${later.client} both held the lock for ${formatUs(untilUs - later.fromUs)}${said === '' ? '' : `: ${said}`}`,
            why:
              end?.why ??
              `${later.client} was told that it has the lock while ${history.voters.length > 1 ? 'a majority of the nodes' : 'Redis'} still had ${earlier.client}'s token.`,
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

/** What the lease said that was untrue, and when. */
function wrongStatement(hold: BelievedHold, end: LeaseEnd | null, atUs: number): string {
  return falseStatement(hold, end === null || hold.backing === null ? null : end.atUs, atUs)
}
