/**
 * job-run-twice: a scheduled job runs once a tick.
 *
 * Two runs at the same time are the lock's doing, judged like any overlap. Two runs one after the other are by contract: a
 * lock excludes while it is held and remembers nothing; whoever comes late finds it free and runs the tick again.
 *
 * Source: ShedLock, "lockAtLeastFor … to prevent execution from multiple nodes in case of really short tasks and clock
 * difference between the nodes", https://github.com/lukas-krecan/ShedLock
 */
import type { History } from '../history/history.ts'
import { readEffect } from '../record/effect.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

interface Run {
  readonly client: string
  readonly token: string
  readonly atUs: number
}

export const jobRunTwice: Check = {
  name: 'job-run-twice',
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
    kind: isOverlap ? (end?.kind ?? 'definite') : 'by-contract',
    sentence: `the job of tick ${tick} ran twice: ${again.client} ran it ${formatUs(again.atUs - first.atUs)} after ${first.client}`,
    why: isOverlap
      ? (end?.why ?? `${again.client} was told that it has the lock while Redis still had ${first.client}'s token.`)
      : `${first.client} was done and the lock was free when ${again.client} came. A lock does not remember what was done under it.`,
    atUs: again.atUs,
    untilUs: again.atUs,
    processes: [first.client, again.client],
  }
}
