/**
 * mutual-exclusion: at no time do two clients believe that they hold the lock.
 *
 * Source: Dijkstra 1965; redis.io, "Safety property: mutual exclusion. At any given moment, only one client can hold a
 * lock."
 */
import type { BelievedHold } from '../history/hold.ts'
import type { Check } from './check.ts'
import { heldBeside } from './held-beside.ts'
import { grantedWhileHeld, hasRunOut, isFenced, type LeaseEnd, leaseEnd } from './lease-end.ts'
import { overLimit } from './over-limit.ts'
import { falseStatement } from './statement.ts'
import type { Statement } from './told.ts'
import { twoLeaders } from './two-leaders.ts'
import type { Violation } from './verdict.ts'

export const mutualExclusion: Check = {
  name: 'mutual-exclusion',
  heading: 'mutual exclusion violated',
  weight: 'harm',
  summary: 'two clients never believe at the same time that they hold the lock, or that they lead',
  subjects: ['lock', 'leader-election', 'read-write-lock'],
  run(history) {
    if (history.subject === 'leader-election') return twoLeaders(history)
    if (history.subject === 'read-write-lock') return heldBeside(history)
    const { checkFence, limit = 1 } = history.rules
    if (limit > 1) return overLimit(history, limit)
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
          const kind = end?.kind ?? 'bug'
          if (end !== null && hasRunOut(end) && isFenced(earlier, checkFence) && isFenced(later, checkFence)) continue
          violations.push({
            property: 'mutual-exclusion',
            kind,
            told: {
              kind: 'both-held',
              earlier: earlier.client,
              later: later.client,
              forUs: untilUs - later.fromUs,
              statement: kind === 'bug' ? wrongStatement(wrong, end, later.fromUs) : null,
            },
            cause: end?.cause ?? grantedWhileHeld(history, earlier.client, later.client),
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
const wrongStatement = (hold: BelievedHold, end: LeaseEnd | null, atUs: number): Statement | null =>
  falseStatement(hold, end === null || hold.backing === null ? null : end.atUs, atUs)
