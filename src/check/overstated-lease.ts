/**
 * overstated-lease: a client never believes in a lease longer than the server does. What counts is what the lease says of
 * itself, measured in true time, against the key's deadline on the server.
 *
 * Source: redis.io, "the validity time … is the initial validity time minus the time elapsed".
 */
import type { Backing } from '../history/backing.ts'
import { ROUNDING_US } from '../history/grant.ts'
import type { BelievedHold } from '../history/hold.ts'
import type { Cause } from './cause.ts'
import type { Check } from './check.ts'
import { isFenced, placeOf, ranAhead } from './lease-end.ts'
import { falseStatement } from './statement.ts'
import type { Violation } from './verdict.ts'

export const overstatedLease: Check = {
  name: 'overstated-lease',
  heading: 'lease overstated',
  weight: 'untrue',
  summary: "a lease never claims to last longer than the server's key",
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const violations: Violation[] = []
    for (const hold of history.holds) {
      if (hold.statedUs === null) continue
      const { backing } = hold
      if (backing === null || backing.deadlineUs === null) continue
      const serverUs = backing.deadlineUs
      const believedUs = hold.endedBy === 'stated end' ? hold.untilUs : Math.max(hold.untilUs, hold.statedUs)
      if (believedUs <= serverUs + ROUNDING_US || hold.untilUs <= hold.fromUs) continue
      const ahead = ranAhead(backing)
      const kind = ahead === null ? 'bug' : 'limit'
      if (kind === 'limit' && isFenced(hold, history.rules.checkFence)) continue
      violations.push({
        property: 'overstated-lease',
        kind,
        told: {
          kind: 'claimed-longer',
          client: hold.client,
          byUs: believedUs - serverUs,
          place: placeOf(history, backing),
          statement: falseStatement(hold, serverUs, hold.fromUs),
        },
        cause:
          ahead === null
            ? wrongSum(hold, backing)
            : { kind: 'redis-lost-it', client: hold.client, ends: ahead, votes: null },
        atUs: Math.min(serverUs, hold.untilUs),
        untilUs: Math.max(believedUs, hold.untilUs),
        processes: [hold.client],
      })
    }
    return violations
  },
}

/** What was wrong with the client's sum. */
function wrongSum({ client, clock, statedUs }: BelievedHold, { deadlineUs, honestUs }: Backing): Cause {
  const aheadUs = (honestUs ?? 0) - (deadlineUs ?? 0)
  // With clocks that all run alike the sum would have been right.
  if (aheadUs > ROUNDING_US && (statedUs ?? 0) <= (honestUs ?? 0)) return { kind: 'no-drift-margin', aheadUs }
  return { kind: 'counted-on-wrong-clock', client, clock }
}
