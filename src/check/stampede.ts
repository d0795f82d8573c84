/**
 * stampede: after a miss one client makes the value, the others wait for it.
 *
 * Source: Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1 (thundering herds).
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import type { Check } from './check.ts'
import { grantedWhileHeld, leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

export const stampede: Check = {
  name: 'stampede',
  heading: 'cache stampede',
  weight: 'slow',
  summary: 'a cached value is never made twice at the same time',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const violations: Violation[] = []
    let open: Operation[] = []
    for (const later of history.operations) {
      if (later.op !== 'rebuild') continue
      open = open.filter((earlier) => endOf(history, earlier) > later.invokedUs)
      for (const earlier of open) {
        if (earlier.process !== later.process) violations.push(violation(history, earlier, later))
      }
      open.push(later)
    }
    return violations
  },
}

/** When a rebuild was over: answered, or its process had ended. */
function endOf(history: History, rebuild: Operation): number {
  const crashedUs = history.ended.get(rebuild.process) ?? Number.NEGATIVE_INFINITY
  return crashedUs >= rebuild.invokedUs ? Math.min(rebuild.endedUs, crashedUs) : rebuild.endedUs
}

function violation(history: History, earlier: Operation, later: Operation): Violation {
  const hold = history.holdOf(earlier.token)
  const late = history.holdOf(later.token)
  // Whose lease had ended: of the one that was at it, or of the one that came late to what it had the lock for.
  const end =
    (hold === undefined ? null : leaseEnd(history, hold, later.invokedUs)) ??
    (late === undefined ? null : leaseEnd(history, late, later.invokedUs))
  const untilUs = Math.min(endOf(history, earlier), endOf(history, later))
  return {
    property: 'stampede',
    kind: end?.kind ?? 'bug',
    told: {
      kind: 'made-twice',
      earlier: earlier.process,
      later: later.process,
      forUs: untilUs - later.invokedUs,
    },
    cause: end?.cause ?? grantedWhileHeld(history, earlier.process, later.process),
    atUs: later.invokedUs,
    untilUs,
    processes: [earlier.process, later.process],
  }
}
