/**
 * What happened in a world at least once: the proof that a clean verdict was earned. A world in which nothing contended
 * and no lease ended tested nothing, nor did one in which no client got its work done.
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import type { Operation } from '../history/operation.ts'
import { leaderTerms } from './leader-terms.ts'
import { queueRuns } from './queue-runs.ts'

/** Facts that reports name, with their words. */
export const SOMETIMES = {
  done: 'a client got its work done',
  contended: 'a client wanted the lock (the session, the job) while another had it',
  expired: 'a key reached its TTL',
  outlived: 'a lease ended while its holder still believed in it',
  refused: 'the resource refused a superseded holder',
  unknown: 'an operation ended without its client knowing whether it was applied',
  gaveUp: 'a holder noticed in time that its lease had ended',
  crashed: 'a process ended',
} as const

export type Sometimes = keyof typeof SOMETIMES

/** The facts of one world. */
export function sometimes(history: History): ReadonlySet<Sometimes> {
  const facts = new Set<Sometimes>()
  const { doneBy } = history.rules
  if (isContended(history)) facts.add('contended')
  for (const record of history.records) {
    if (record.type === 'truth' && record.op === 'expired') facts.add('expired')
    else if (record.type === 'effect' && record.op === 'refused') facts.add('refused')
    else if (record.type === 'ok' && doneBy?.includes(record.op) !== false) facts.add('done')
    else if (record.type === 'info') facts.add('unknown')
    else if (record.type === 'note' && record.op === 'gave up') facts.add('gaveUp')
    else if (record.type === 'note' && record.op === 'ended') facts.add('crashed')
  }
  if (facts.has('expired') && isOutlived(history)) facts.add('outlived')
  return facts
}

/** An attempt that met another client's hold, or a session request during another that changes the session. */
function isContended(history: History): boolean {
  if (history.subject === 'job-queue') return areTogether(history)
  if (history.subject === 'leader-election') return isWaitedFor(history)
  const { holds, operations } = history
  // By session operation: until when the last of them lasts, and whose it is.
  let change = IDLE
  let read = IDLE
  for (const operation of operations) {
    if (operation.op === 'acquire') {
      if (operation.outcome === 'fail') return true
      if (
        holds.some(
          (hold) =>
            hold.client !== operation.process && hold.fromUs < operation.endedUs && hold.untilUs > operation.invokedUs,
        )
      )
        return true
    } else if (operation.op === 'add' || operation.op === 'remove' || operation.op === 'logout') {
      if (overlaps(operation, change) || overlaps(operation, read)) return true
      if (operation.endedUs > change.endedUs) change = operation
    } else if (operation.op === 'read') {
      if (overlaps(operation, change)) return true
      if (operation.endedUs > read.endedUs) read = operation
    }
  }
  return false
}

/** Two workers that were each at a job. */
function areTogether(history: History): boolean {
  let last = IDLE
  for (const run of queueRuns(history)) {
    if (run.client !== last.process && run.fromUs < last.endedUs) return true
    if (run.untilUs > last.endedUs) last = { process: run.client, endedUs: run.untilUs }
  }
  return false
}

/** A candidate that campaigned while another one led. */
function isWaitedFor(history: History): boolean {
  const terms = leaderTerms(history)
  return history.operations.some(({ op, process, invokedUs }) => {
    if (op !== 'campaign') return false
    const own = terms.find(({ client, fromUs }) => client === process && fromUs >= invokedUs)
    return terms.some(
      ({ client, fromUs, untilUs }) => client !== process && untilUs > invokedUs && fromUs < (own?.fromUs ?? Infinity),
    )
  })
}

const IDLE = { process: '', endedUs: -1 }
/** Whether an operation began while another process was busy with an earlier one. */
const overlaps = (operation: Operation, earlier: Pick<Operation, 'process' | 'endedUs'>): boolean =>
  operation.process !== earlier.process && operation.invokedUs < earlier.endedUs

function isOutlived(history: History): boolean {
  if (history.isQuorum) return history.holds.some(isLost)
  return history.grants.some(
    (grant) =>
      grant.endedBy === 'expired' &&
      history.holds.some(
        (hold) => hold.client === grant.owner && hold.fromUs < grant.untilUs && hold.untilUs > grant.untilUs,
      ),
  )
}

/** Whether the majority behind a hold was gone before its holder stopped believing in it. */
const isLost = ({ backing, fromUs, untilUs }: BelievedHold): boolean =>
  backing !== null && fromUs < backing.untilUs && untilUs > backing.untilUs
