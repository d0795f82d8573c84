/**
 * hang: every call returns. A promise that was handed to the workload and has not settled by the time at which everything
 * has healed and settled down never will. A call of a quorum lock must also return while a minority of nodes is silent.
 */
import type { History } from '../history/history.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'
import { waitsForMinority } from './waits-for-minority.ts'

export const hang: Check = {
  name: 'hang',
  heading: 'hang',
  weight: 'blocked-for-ever',
  summary: 'every call returns once all faults have healed',
  subjects: ['lock', 'session', 'job-queue', 'leader-election', 'read-write-lock'],
  run: (history) => [...(history.isQuorum ? waitsForMinority(history) : []), ...neverReturned(history)],
}

/** What lockstorm does itself, and the subject is not asked for. */
const OWN = new Set(['probe', 'run', 'lead'])

function neverReturned(history: History): Violation[] {
  const settledUs = history.lanes.notes.find((record) => record.op === 'settled')?.atUs
  if (settledUs === undefined) return []
  // Not one call of the subject ever came back.
  const isEveryCall = history.operations.every(({ outcome }) => outcome === 'pending')
  return (
    history.operations
      .filter((operation) => operation.outcome === 'pending' && operation.invokedUs < settledUs)
      // What a process was waiting for when it ended does not count any more.
      .filter((operation) => (history.ended.get(operation.process) ?? -1) < operation.invokedUs)
      .filter((operation) => !OWN.has(operation.op))
      // Work that a fault makes longer than the calm is not over yet.
      .filter((operation) => slowedUs(history, operation.process) < settledUs - history.healedUs)
      .map((operation) => ({
        property: 'hang' as const,
        kind: 'bug' as const,
        told: {
          kind: 'never-returned' as const,
          client: operation.process,
          op: operation.op,
          waitedUs: settledUs - operation.invokedUs,
          calmUs: settledUs - history.healedUs,
        },
        cause: { kind: 'never-settled' as const, isEveryCall },
        atUs: operation.invokedUs,
        untilUs: history.endUs,
        processes: [operation.process],
      }))
  )
}

/** How much longer each piece of work of a client took. */
const slowedUs = (history: History, process: string): number =>
  Math.max(
    0,
    ...history.faultEffects.map(({ effect }) =>
      effect.kind === 'slows-work' && effect.process === process ? effect.byUs : 0,
    ),
  )
