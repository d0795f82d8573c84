/**
 * job-run-twice: a scheduled job runs once a tick, an item of a queue once, and a request once for as long as its record stays.
 *
 * Two runs at the same time are the lock's doing, judged like any overlap. Two runs one after the other are a limit where what
 * was done is recorded elsewhere: a lock excludes while it is held and remembers nothing; a scheduler that comes late finds it
 * free and runs the tick again, and a worker may end between running an item and marking it. A request's record is the lock
 * itself: it has to be there for the time that it was given.
 *
 * Source: ShedLock, "lockAtLeastFor … to prevent execution from multiple nodes in case of really short tasks and clock
 * difference between the nodes", https://github.com/lukas-krecan/ShedLock;
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-idempotency-key-header-06.html
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { readEffect } from '../record/effect.ts'
import type { Cause, Forgetting, Taking, UntimelyEnd } from './cause.ts'
import type { Check } from './check.ts'
import { aheadOf, endedEarly, grantedWhileHeld, leaseEnd } from './lease-end.ts'
import { type QueueRun, queueRuns } from './queue-runs.ts'
import type { Reason, Violation } from './verdict.ts'

interface Run {
  readonly client: string
  readonly token: string
  readonly atUs: number
}

export const jobRunTwice: Check = {
  name: 'job-run-twice',
  heading: 'job run twice',
  weight: 'harm',
  summary: 'a scheduled job runs once a tick, a job of a queue once',
  subjects: ['lock', 'job-queue'],
  isForOneHolder: true,
  run(history) {
    if (history.rules.runs === 'task') return doneTwice(history)
    const violations: Violation[] = []
    const runs = new Map<number, Run>()
    for (const record of history.records) {
      if (record.type !== 'effect' || record.op !== 'run') continue
      const { client, token, value: tick } = readEffect(record)
      const run: Run = { client, token, atUs: record.atUs }
      const first = runs.get(tick)
      if (first === undefined) runs.set(tick, run)
      else violations.push(...violation(history, tick, first, run))
    }
    return violations
  },
}

/**
 * A job of a queue that was run to its end and then once more. Between the end and the moment at which the queue has it on record
 * a worker can end and a message be lost, so a fault in that time makes it a limit.
 */
function doneTwice(history: History): readonly Violation[] {
  const done = new Map<number, QueueRun>()
  return queueRuns(history).flatMap((run): Violation[] => {
    const first = done.get(run.job)
    if (first === undefined && run.outcome === 'ok') done.set(run.job, run)
    if (first === undefined || first.untilUs > run.fromUs) return []
    const isTouched = history.faults.some(({ fromUs }) => fromUs <= run.fromUs)
    return [
      {
        property: 'job-run-twice',
        ...(isTouched
          ? ({ kind: 'limit', cause: { kind: 'run-not-recorded', first: first.client } } as const)
          : ({ kind: 'bug', cause: { kind: 'done-not-kept', first: first.client } } as const)),
        told: {
          kind: 'ran-twice',
          what: 'task',
          tick: run.job,
          first: first.client,
          again: run.client,
          afterUs: run.fromUs - first.fromUs,
        },
        atUs: run.fromUs,
        untilUs: run.fromUs,
        processes: [first.client, run.client],
      },
    ]
  })
}

function violation(history: History, tick: number, first: Run, again: Run): readonly Violation[] {
  const why = reasonOf(history, first, again)
  if (why === null) return []
  return [
    {
      property: 'job-run-twice',
      ...why,
      told: {
        kind: 'ran-twice',
        what: history.rules.runs ?? 'tick',
        tick,
        first: first.client,
        again: again.client,
        afterUs: again.atUs - first.atUs,
      },
      atUs: again.atUs,
      untilUs: again.atUs,
      processes: [first.client, again.client],
    },
  ]
}

/** Why it ran again; null: it may. */
function reasonOf(history: History, first: Run, again: Run): Reason | null {
  const [earlier, later] = [history.holdOf(first.token), history.holdOf(again.token)]
  if (earlier !== undefined && later !== undefined && earlier.untilUs > later.fromUs) {
    const end = leaseEnd(history, earlier, later.fromUs)
    return end ?? { kind: 'bug', cause: grantedWhileHeld(history, first.client, again.client) }
  }
  switch (history.rules.runs) {
    case 'request':
      return recordGone(history, first, again, later)
    case 'item':
      return { kind: 'limit', cause: { kind: 'run-not-recorded', first: first.client } }
    default:
      return { kind: 'limit', cause: { kind: 'lock-forgets', first: first.client, again: again.client } }
  }
}

/** What became of a request's record. */
function recordGone(history: History, first: Run, again: Run, later: BelievedHold | undefined): Reason | null {
  const atUs = later?.grantedUs ?? again.atUs
  const record = history.grants.findLast(({ owner, fromUs }) => owner === first.client && fromUs < atUs)
  const { client } = first
  const isStored = history.operations.some(
    ({ op, token, outcome, endedUs }) =>
      op === 'release' && token === first.token && outcome === 'ok' && endedUs <= again.atUs,
  )
  const forgotten: Cause = { kind: 'lock-forgets', first: client, again: again.client }
  if (record === undefined) return { kind: 'bug', cause: forgotten }
  if (record.untilUs > atUs) return { kind: 'bug', cause: grantedWhileHeld(history, client, again.client) }
  const { node, endedBy, endedByWhom: by } = record
  const lost = (end: UntimelyEnd): Reason => ({
    kind: 'limit',
    cause: { kind: 'redis-lost-it', client, ends: [end], votes: null },
  })
  switch (endedBy) {
    case 'lost':
      return lost({ node, how: by as Forgetting })
    case 'expired':
      if (endedEarly(record)) return lost(aheadOf(record))
      if (!isStored) return { kind: 'limit', cause: { kind: 'run-not-recorded', first: client } }
      // Its time is over: who sends the request again asks for something new.
      return (record.ttlUs ?? 0) >= history.rules.ttlMs * 1_000 ? null : { kind: 'bug', cause: forgotten }
    default:
      return by === client
        ? { kind: 'bug', cause: forgotten }
        : { kind: 'bug', cause: { kind: 'taken-away', client, by, how: endedBy as Taking, votes: null } }
  }
}
