/**
 * fence-order: a later grant has a higher fencing token, and the resource never accepts a lower one after a higher one.
 *
 * Does not judge  a lease of an attempt that took the lock twice, before and after another client: it is not said which of the
 *                 two it is, and the token of the first is rightly below that of the other client.
 *
 *   A    |--SET NX--|........ reply late ........|        the reply that it then returns with is the first one's
 *   A         again and again: |--SET NX--|
 *   B              |--SET NX--|
 *
 * Source: Kleppmann 2016, "a number that increases every time a client acquires the lock".
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { readEffect } from '../record/effect.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

export const fenceOrder: Check = {
  name: 'fence-order',
  heading: 'fencing order violated',
  weight: 'untrue',
  summary: 'fencing tokens grow with each grant, and the resource never goes back to a lower one',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const violations: Violation[] = []
    const fenced = history.holds.filter((hold) => hold.fence !== null).sort((a, b) => a.grantedUs - b.grantedUs)
    for (const [index, hold] of fenced.entries()) {
      const previous = fenced[index - 1]
      if (previous === undefined || (hold.fence as number) > (previous.fence as number)) continue
      if (earliestUs(history, hold) < previous.grantedUs) continue
      violations.push({
        property: 'fence-order',
        kind: 'bug',
        told: {
          kind: 'fence-not-higher',
          client: hold.client,
          fence: hold.fence as number,
          previous: previous.client,
          previousFence: previous.fence as number,
        },
        cause: { kind: 'fence-not-drawn-with-grant' },
        atUs: hold.fromUs,
        untilUs: hold.fromUs,
        processes: [previous.client, hold.client],
      })
    }
    let highest: { readonly fence: number; readonly client: string } | null = null
    for (const record of history.lanes.effects) {
      if (record.op === 'refused') continue
      const { client, fence } = readEffect(record)
      if (fence === null) continue
      if (highest !== null && fence < highest.fence && record.op === 'write') {
        violations.push({
          property: 'fence-order',
          kind: 'limit',
          told: {
            kind: 'lower-fence-accepted',
            client,
            fence,
            highest: highest.client,
            highestFence: highest.fence,
          },
          cause: { kind: 'fence-not-checked' },
          atUs: record.atUs,
          untilUs: record.atUs,
          processes: [highest.client, client],
        })
      }
      if (highest === null || fence > highest.fence) highest = { fence, client }
    }
    return violations
  },
}

/** The earliest grant that a lease may be of. Of several nodes it takes the votes that made the majority. */
function earliestUs(history: History, { client, invokedUs, grantedUs }: BelievedHold): number {
  if (history.isQuorum) return grantedUs
  // What it gave back itself it does not mean.
  const first = history.grants.find(
    ({ owner, fromUs, endedByWhom }) => owner === client && fromUs >= invokedUs && endedByWhom !== client,
  )
  return first === undefined ? grantedUs : Math.min(first.fromUs, grantedUs)
}
