/**
 * starvation: no client that waits for the lock is overtaken again and again by those who came later.
 *
 * Judged only where the scenario says how often is too often (`bypasses`): a lock that is polled promises no order, and
 * overtaking is no fault of it.
 *
 * Source: "bounded bypass", Burns et al., "Data requirements for implementation of N-process mutual exclusion", 1982.
 */
import type { BelievedHold } from '../history/hold.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

/** One wait: from a client's first attempt to the hold that it led to, or to the end. */
interface Wait {
  readonly client: string
  readonly fromUs: number
  untilUs: number
}

export const starvation: Check = {
  name: 'starvation',
  heading: 'waiter starved',
  weight: 'slow',
  summary: 'a waiter is not overtaken by later comers more often than the scenario allows',
  subjects: ['lock'],
  run(history) {
    const { bypassesMax } = history.rules
    if (bypassesMax === undefined) return []
    const waits: Wait[] = []
    const open = new Map<string, Wait>()
    const began = new Map<BelievedHold, number>()
    for (const { op, process, token, invokedUs, outcome, endedUs } of history.operations) {
      if (op !== 'acquire') continue
      const wait = open.get(process) ?? { client: process, fromUs: invokedUs, untilUs: history.endUs }
      if (!open.has(process)) waits.push(wait)
      open.set(process, wait)
      if (outcome !== 'ok') continue
      wait.untilUs = endedUs
      open.delete(process)
      const hold = history.holdOf(token)
      if (hold !== undefined) began.set(hold, wait.fromUs)
    }
    return waits.flatMap((wait): Violation[] => {
      const endedUs = history.ended.get(wait.client) ?? Number.POSITIVE_INFINITY
      const overtaking = history.holds.filter(
        (hold) =>
          (began.get(hold) ?? 0) > wait.fromUs &&
          hold.fromUs < Math.min(wait.untilUs, endedUs >= wait.fromUs ? endedUs : wait.untilUs),
      )
      if (overtaking.length <= bypassesMax) return []
      const last = overtaking[overtaking.length - 1] as BelievedHold
      return [
        {
          property: 'starvation',
          kind: 'bug',
          told: {
            kind: 'overtaken',
            client: wait.client,
            waitedUs: wait.untilUs - wait.fromUs,
            times: overtaking.length,
          },
          cause: { kind: 'no-queue', bypassesMax },
          atUs: wait.fromUs,
          untilUs: wait.untilUs,
          processes: [wait.client, last.client],
        },
      ]
    })
  },
}
