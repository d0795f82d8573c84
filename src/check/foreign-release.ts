/**
 * foreign-release: nobody but its owner deletes, prolongs or overwrites a live lock key.
 *
 * The owner is the client whose command put the key there; attribution is by connection, so a lock whose clients all
 * write the same value cannot hide. To go to the head of a queue is foreign only when its former head was told, or will be,
 * that the lock is its own.
 */
import type { History } from '../history/history.ts'
import { isByClient, readTruth, type TruthOp } from '../record/truth.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

const VERBS: ReadonlyMap<string, string> = new Map<TruthOp, string>([
  ['deleted', 'deleted'],
  ['extended', 'changed the expiry of'],
  ['overwritten', 'overwrote'],
  ['displaced', 'went before the first in'],
])

export const foreignRelease: Check = {
  name: 'foreign-release',
  summary: 'only its owner deletes, prolongs or overwrites a live lock',
  subjects: ['lock'],
  run(history) {
    const violations: Violation[] = []
    for (const record of history.lanes.truth) {
      const verb = VERBS.get(record.op)
      if (verb === undefined) continue
      const truth = readTruth(record)
      const { key, by, owner } = truth
      if (by === owner || !isByClient(truth)) continue
      if (record.op === 'displaced' && !wasBelieved(history, record.atUs)) continue
      violations.push({
        property: 'foreign-release',
        kind: 'definite',
        sentence: `${by} ${verb} "${key}"${history.voters.length > 1 ? ` on ${record.process}` : ''} while it was ${owner}'s`,
        why: `The command of ${by} does not compare the key's token with its own.`,
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
