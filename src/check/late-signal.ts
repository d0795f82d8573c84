/**
 * late-signal: a lock that signals its loss does so within one lease of the moment at which Redis gave it up.
 *
 * Does not count  the time in which the holder could not know: while its process was paused, or cut off from Redis.
 *
 * Source: Redisson's watchdog and ioredis-based locks promise a signal; how late it may come decides what it is worth.
 */

import { type Effect, touchedBy } from '../fault/effect.ts'
import { liveVotes, nodesIn } from '../history/backing.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

const SIGNALS = new Set(['lost', 'signalled'])

/** These stop no process and cut none off. */
const HARMLESS: ReadonlySet<Effect['kind']> = new Set(['slows-work', 'moves-clock', 'changes-rate', 'forgets'])

export const lateSignal: Check = {
  name: 'late-signal',
  heading: 'loss signalled late',
  weight: 'untrue',
  summary: 'a loss that is signalled is signalled within one lease',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const { ttlMs } = history.rules
    const violations: Violation[] = []
    for (const hold of history.holds) {
      const { backing } = hold
      if (backing === null || !SIGNALS.has(hold.endedBy)) continue
      if (nodesIn(liveVotes(backing.votes, hold.untilUs)) >= backing.quorum) continue
      const lostUs = backing.untilUs
      const knowableUs = couldKnowUs(history, hold, lostUs)
      const lagUs = hold.untilUs - knowableUs
      if (lagUs <= ttlMs * 1000) continue
      violations.push({
        property: 'late-signal',
        kind: 'bug',
        told: { kind: 'told-late', client: hold.client, afterUs: hold.untilUs - lostUs },
        cause: { kind: 'signal-late', runningUs: lagUs, leaseUs: ttlMs * 1000 },
        atUs: lostUs,
        untilUs: hold.untilUs,
        processes: [hold.client],
      })
    }
    return violations
  },
}

/** From when on the client could have found out: the end of the last fault that kept it from running or from Redis. */
function couldKnowUs(history: History, hold: BelievedHold, fromUs: number): number {
  let us = fromUs
  for (const { effect, fromUs, untilUs } of history.faultEffects) {
    if (HARMLESS.has(effect.kind) || fromUs > hold.untilUs) continue
    if (!touchedBy(effect).some((name) => name === hold.client || history.servers.includes(name))) continue
    us = Math.max(us, Math.min(untilUs, hold.untilUs))
  }
  return us
}
