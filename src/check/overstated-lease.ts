/**
 * overstated-lease: a client never believes in a lease longer than the server does. What counts is what the lease says of
 * itself, measured in true time, against the key's deadline on the server.
 *
 * Source: redis.io, "the validity time … is the initial validity time minus the time elapsed".
 */
import type { Backing } from '../history/backing.ts'
import type { BelievedHold } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { isFenced, placeOf, ranAhead } from './lease-end.ts'
import { falseStatement } from './statement.ts'
import type { Violation } from './verdict.ts'

/** Milliseconds are the unit of leases: less than that is rounding. */
const ROUNDING_US = 2_000

export const overstatedLease: Check = {
  name: 'overstated-lease',
  summary: "a lease never claims to last longer than the server's key",
  subjects: ['lock'],
  run(history, rules) {
    const violations: Violation[] = []
    for (const hold of history.holds) {
      if (hold.statedUs === null) continue
      const { backing } = hold
      if (backing === null || backing.deadlineUs === null) continue
      const serverUs = backing.deadlineUs
      const believedUs = hold.endedBy === 'stated end' ? hold.untilUs : Math.max(hold.untilUs, hold.statedUs)
      if (believedUs <= serverUs + ROUNDING_US || hold.untilUs <= hold.fromUs) continue
      const ahead = ranAhead(backing)
      const kind = ahead === null ? 'definite' : 'by-contract'
      if (kind === 'by-contract' && isFenced(hold, rules.checkFence)) continue
      violations.push({
        property: 'overstated-lease',
        kind,
        sentence: `${hold.client}'s lease claimed to last ${formatUs(believedUs - serverUs)} longer than the key in ${placeOf(history, backing)}: ${falseStatement(hold, serverUs, hold.fromUs)}`,
        why: ahead === null ? cause(hold, backing) : `${ahead}, and ${hold.client} could not know.`,
        atUs: Math.min(serverUs, hold.untilUs),
        untilUs: Math.max(believedUs, hold.untilUs),
        processes: [hold.client],
      })
    }
    return violations
  },
}

/** What was wrong with the client's sum. */
function cause({ client, clock, statedUs }: BelievedHold, { deadlineUs, honestUs }: Backing): string {
  // With clocks that all run alike the sum would have been right.
  if (honestUs !== null && (statedUs ?? 0) <= honestUs && (deadlineUs ?? 0) < honestUs - ROUNDING_US) {
    return `The server's clock ran ${formatUs(honestUs - (deadlineUs ?? 0))} ahead within the lease, which is drift, and the lease leaves no margin for it.`
  }
  return `It was counted on ${client}'s ${clock} clock, and that clock was moved, or it began to count after the server did.`
}
