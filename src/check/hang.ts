/**
 * hang: every call returns. A promise that was handed to the workload and has not settled by the time at which everything
 * has healed and settled down never will. A call of a quorum lock must also return while a minority of nodes is silent.
 */
import type { History } from '../history/history.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'
import { waitsForMinority } from './waits-for-minority.ts'

export const hang: Check = {
  name: 'hang',
  summary: 'every call returns once all faults have healed',
  subjects: ['lock', 'session'],
  run: (history, rules) => [
    ...(history.voters.length > 1 ? waitsForMinority(history, rules) : []),
    ...neverReturned(history),
  ],
}

const NEVER_ANSWERS =
  'The promise was neither resolved nor rejected, nor was any other: it waits for something that the simulator does not control, such as a file, a real socket or a worker, or for nothing at all.'

function neverReturned(history: History): Violation[] {
  const settledUs = history.lanes.notes.find((record) => record.op === 'settled')?.atUs
  if (settledUs === undefined) return []
  // Not one call of the subject ever came back.
  const isAlone = history.operations.every(({ outcome }) => outcome === 'pending')
  return (
    history.operations
      .filter((operation) => operation.outcome === 'pending' && operation.invokedUs < settledUs)
      // What a process was waiting for when it ended is nobody's any more.
      .filter((operation) => (history.ended.get(operation.process) ?? -1) < operation.invokedUs)
      .filter((operation) => operation.op !== 'probe')
      .map((operation) => ({
        property: 'hang' as const,
        kind: 'definite' as const,
        sentence: `${operation.process}'s ${operation.op} never returned: it waited ${formatUs(settledUs - operation.invokedUs)}, the last ${formatUs(settledUs - history.healedUs)} with all faults healed`,
        why: isAlone ? NEVER_ANSWERS : 'The promise was neither resolved nor rejected.',
        atUs: operation.invokedUs,
        untilUs: history.endUs,
        processes: [operation.process],
      }))
  )
}
