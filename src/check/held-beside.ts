/**
 * mutual-exclusion of a read-write lock: a writer never holds it beside another client. Readers may hold it together.
 *
 * Where its readers and its writer are in Redis only the lock knows: that a lease had ended is read off what the storm did.
 */
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { whyOver } from './over-limit.ts'
import type { Reason, Violation } from './verdict.ts'

/** The tokens of those that hold it to write. */
export const writersOf = (history: History): ReadonlySet<string> =>
  new Set(history.lanes.notes.filter(({ op }) => op === 'may write').map(({ value }) => String(value)))

/** Each time that a writer held it beside another. */
export function heldBeside(history: History): readonly Violation[] {
  const writers = writersOf(history)
  const violations: Violation[] = []
  let open: BelievedHold[] = []
  for (const later of history.holds) {
    open = open.filter(({ untilUs }) => untilUs > later.fromUs)
    if (later.untilUs <= later.fromUs) continue
    for (const earlier of open) {
      const [writer, other] = writers.has(earlier.token) ? [earlier, later] : [later, earlier]
      if (earlier.client === later.client || !writers.has(writer.token)) continue
      const untilUs = Math.min(earlier.untilUs, later.untilUs)
      violations.push({
        property: 'mutual-exclusion',
        ...whyBeside(history, earlier, later),
        told: {
          kind: 'held-beside',
          writer: writer.client,
          other: other.client,
          isReader: !writers.has(other.token),
          forUs: untilUs - later.fromUs,
        },
        atUs: later.fromUs,
        untilUs,
        processes: [earlier.client, later.client],
      })
    }
    open.push(later)
  }
  return violations
}

/** Why the later one was let in. */
export const whyBeside = (history: History, earlier: BelievedHold, later: BelievedHold): Reason =>
  whyOver(history, [earlier, later], later.fromUs) ?? {
    kind: 'bug',
    cause: { kind: 'let-in-beside', holder: earlier.client, later: later.client },
  }
