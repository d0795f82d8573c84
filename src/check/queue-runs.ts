/** The runs of the jobs of a queue, from a history, and what excuses a queue that gave a job to a second worker. */
import { touchedBy } from '../fault/effect.ts'
import { keptFrom } from '../history/excuse.ts'
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { jobOf } from '../record/job.ts'
import { forgottenIn, movedAheadUs } from './server-loss.ts'
import type { Reason } from './verdict.ts'

/** One run of a job by one worker. */
export interface QueueRun {
  readonly client: string
  readonly job: number
  readonly fromUs: number
  /** When it was over, by its own end or by that of its worker. */
  readonly untilUs: number
  readonly outcome: Operation['outcome']
}

const known = new WeakMap<History, readonly QueueRun[]>()

/** All runs, in the order in which they began; read off a history once. */
export function queueRuns(history: History): readonly QueueRun[] {
  const runs = known.get(history) ?? readRuns(history)
  known.set(history, runs)
  return runs
}

function readRuns(history: History): readonly QueueRun[] {
  return history.operations.flatMap((operation): QueueRun[] => {
    if (operation.op !== 'run') return []
    const { process, invokedUs, endedUs, outcome, asked } = operation
    const died = endOfLife(history, process, invokedUs)
    return [{ client: process, job: jobOf(asked), fromUs: invokedUs, untilUs: Math.min(endedUs, died), outcome }]
  })
}

/** When the life of a process that lived at `atUs` ended; infinity: it did not. */
export function endOfLife(history: History, process: string, atUs: number): number {
  const end = history.lanes.notes.find(
    (record) => record.op === 'ended' && record.process === process && record.atUs >= atUs,
  )
  return end?.atUs ?? Number.POSITIVE_INFINITY
}

/**
 * Why a job went to a second worker while the first one was at it. A worker that runs can say so at least twice within a lease:
 * what kept it for less than half of one is no excuse, nor is one message that was lost. Of three parts of a lease a lost message
 * leaves the last one: what keeps the worker for that long is.
 */
export function claimEnded(history: History, { client, fromUs }: QueueRun, later: QueueRun): Reason {
  const atUs = later.fromUs
  const leaseUs = history.rules.ttlMs * 1_000
  // What began within the lease that led to the first run may still be what ends it.
  const stretch = { fromUs: Math.max(0, fromUs - leaseUs), untilUs: atUs }
  const forgotten = forgottenIn(history, stretch)
  if (forgotten !== null) return { kind: 'limit', cause: { kind: 'claim-forgotten', client, ...forgotten } }
  const ahead = history.servers.map((node) => ({ node, us: movedAheadUs(history, node, stretch) }))
  const jumped = ahead.find(({ us }) => us * 2 >= leaseUs)
  if (jumped !== undefined) {
    return { kind: 'limit', cause: { kind: 'claim-forgotten', client, node: jumped.node, how: 'clock ahead' } }
  }
  const losses = lossesUs(history, client, stretch)
  if (losses.some((us, index) => us - (losses[index - 1] ?? Number.NEGATIVE_INFINITY) <= leaseUs)) {
    return {
      kind: 'limit',
      cause: { kind: 'claim-ended', client, leaseUs, during: { when: 'while', circumstance: 'cut off' } },
    }
  }
  const kept = keptFrom(history, client, stretch)
  // A clock that moved ahead by less has shortened the claim by so much, as has what held up the reply that gave it.
  const aheadUs = Math.max(...ahead.map(({ us }) => us))
  const lateUs = keptUs(history, client, { fromUs: fromUs - leaseUs / 3, untilUs: fromUs })
  const longestUs = Math.max(kept?.us ?? 0, lateUs + keptUs(history, client, { fromUs, untilUs: atUs }))
  const lostUs = losses.some((us) => us >= atUs - 2 * leaseUs) ? leaseUs / 2 - leaseUs / 3 : 0
  if (kept === null || (longestUs + aheadUs + lostUs) * 2 < leaseUs) {
    // The claim that is over may be the later one's, which it was given so late that it had ended.
    const keptLater = keptFrom(history, later.client, { fromUs: atUs - 2 * leaseUs, untilUs: atUs })
    const isLate = later.client !== client && keptLater !== null && keptLater.us * 2 >= leaseUs
    return {
      kind: 'bug',
      cause: isLate ? { kind: 'claim-too-late', client: later.client } : { kind: 'claim-not-kept', client },
    }
  }
  const during = { when: 'while', circumstance: kept.circumstance } as const
  return { kind: 'limit', cause: { kind: 'claim-ended', client, leaseUs, during } }
}

const keptUs = (history: History, client: string, stretch: Span): number => keptFrom(history, client, stretch)?.us ?? 0

/** When what a worker said may have been lost, with its connection. */
function lossesUs({ faultEffects }: History, client: string, { fromUs, untilUs }: Span): readonly number[] {
  return faultEffects
    .filter(
      ({ effect }) =>
        (effect.kind === 'resets' || effect.kind === 'loses-message') && touchedBy(effect).includes(client),
    )
    .map((loss) => loss.fromUs)
    .filter((us) => us >= fromUs && us <= untilUs)
}
