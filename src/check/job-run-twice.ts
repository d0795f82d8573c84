/**
 * job-run-twice: a scheduled job runs once a tick.
 *
 * Two runs at the same time are the lock's doing, judged like any overlap. Two runs one after the other are a limit: a lock
 * excludes while it is held and remembers nothing; a scheduler that comes late finds it free and runs the tick again.
 *
 * Source: ShedLock, "lockAtLeastFor … to prevent execution from multiple nodes in case of really short tasks and clock
 * difference between the nodes", https://github.com/lukas-krecan/ShedLock
 */
import type { History } from '../history/history.ts'
import { readEffect } from '../record/effect.ts'
import type { Check } from './check.ts'
import { grantedWhileHeld, leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

interface Run {
  readonly client: string
  readonly token: string
  readonly atUs: number
}

export const jobRunTwice: Check = {
  name: 'job-run-twice',
  heading: 'job run twice',
  weight: 'harm',
  summary: 'a scheduled job runs once a tick',
  subjects: ['lock'],
  run(history) {
    const violations: Violation[] = []
    const runs = new Map<number, Run>()
    for (const record of history.records) {
      if (record.type !== 'effect' || record.op !== 'run') continue
      const { client, token, value: tick } = readEffect(record)
      const run: Run = { client, token, atUs: record.atUs }
      const first = runs.get(tick)
      if (first === undefined) runs.set(tick, run)
      else violations.push(violation(history, tick, first, run))
    }
    return violations
  },
}

function violation(history: History, tick: number, first: Run, again: Run): Violation {
  const [earlier, later] = [history.holdOf(first.token), history.holdOf(again.token)]
  const isOverlap = earlier !== undefined && later !== undefined && earlier.untilUs > later.fromUs
  const end = isOverlap ? leaseEnd(history, earlier, later.fromUs) : null
  return {
    property: 'job-run-twice',
    kind: isOverlap ? (end?.kind ?? 'bug') : 'limit',
    told: {
      kind: 'ran-twice',
      tick,
      first: first.client,
      again: again.client,
      afterUs: again.atUs - first.atUs,
    },
    cause: isOverlap
      ? (end?.cause ?? grantedWhileHeld(history, first.client, again.client))
      : { kind: 'lock-forgets', first: first.client, again: again.client },
    atUs: again.atUs,
    untilUs: again.atUs,
    processes: [first.client, again.client],
  }
}
