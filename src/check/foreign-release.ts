/**
 * foreign-release: only its owner deletes, prolongs or overwrites a live lock key.
 *
 * The owner is the client whose command put the key there; attribution is by connection, so a lock whose clients all
 * write the same value cannot hide. To go to the head of a queue is foreign only when its former head was told, or will be,
 * that the lock is its own.
 */
import type { History } from '../history/history.ts'
import { isByClient, readTruth, type TruthOp } from '../record/truth.ts'
import type { Taking } from './cause.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

const FOREIGN: readonly TruthOp[] = ['deleted', 'extended', 'overwritten', 'displaced']

export const foreignRelease: Check = {
  name: 'foreign-release',
  heading: 'lock released by a stranger',
  weight: 'harm',
  summary: 'only its owner deletes, prolongs or overwrites a live lock',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const violations: Violation[] = []
    for (const record of history.lanes.truth) {
      const truth = readTruth(record)
      const { op, key, by, owner } = truth
      if (!FOREIGN.includes(op) || by === owner || !isByClient(truth)) continue
      if (op === 'displaced' && !wasBelieved(history, record.atUs)) continue
      const how = op as Taking | 'extended'
      violations.push({
        property: 'foreign-release',
        kind: 'bug',
        told: { kind: 'key-changed', by, owner, key, how, node: history.isQuorum ? record.process : null },
        cause: { kind: 'token-not-compared', by, how },
        atUs: record.atUs,
        untilUs: record.atUs,
        processes: [owner, by],
      })
    }
    return violations
  },
}

/** Whether a client believed in the place at the head of the queue that it lost at that time. */
const wasBelieved = (history: History, atUs: number): boolean =>
  history.holds.some(({ backing }) =>
    backing?.votes.some(({ endedBy, untilUs }) => endedBy === 'displaced' && untilUs === atUs),
  )
