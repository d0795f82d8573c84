/**
 * torn-read: what a reader reads does not change while it holds a read-write lock.
 *
 * A limit where the lease of the writer or of the reader had ended, and it could not know.
 *
 * Source: Courtois, Heymans and Parnas 1971, "Concurrent Control with Readers and Writers"
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { readValueOf } from '../record/counter.ts'
import { readEffect } from '../record/effect.ts'
import type { Check } from './check.ts'
import { whyBeside } from './held-beside.ts'
import { overOf } from './over-limit.ts'
import type { Violation } from './verdict.ts'

export const tornRead: Check = {
  name: 'torn-read',
  heading: 'torn read',
  weight: 'harm',
  summary: 'what a reader reads does not change while it holds a read-write lock',
  subjects: ['read-write-lock'],
  run(history) {
    const last = new Map<string, Operation>()
    return history.operations.flatMap((again): readonly Violation[] => {
      if (again.op !== 'read' || again.outcome !== 'ok') return []
      const before = last.get(again.token)
      last.set(again.token, again)
      if (before === undefined || readValueOf(before.answer) === readValueOf(again.answer)) return []
      return torn(history, before, again)
    })
  },
}

/** A write that was accepted between two reads: what they read differs, so the last one before the second was. */
function torn(history: History, before: Operation, again: Operation): readonly Violation[] {
  const reader = history.holdOf(again.token)
  const write = history.lanes.effects.findLast(({ op, atUs }) => op === 'write' && atUs <= again.endedUs)
  const writer = write === undefined ? undefined : history.holdOf(readEffect(write).token)
  if (reader === undefined || write === undefined || writer === undefined) return []
  const [earlier, later] = writer.fromUs < reader.fromUs ? [writer, reader] : [reader, writer]
  const beside = whyBeside(history, earlier, later)
  // Both held it, or one went on when its lease had ended.
  const reason =
    beside.cause.kind === 'let-in-beside'
      ? (overOf(history, writer, write.atUs) ?? overOf(history, reader, again.endedUs) ?? beside)
      : beside
  return [
    {
      property: 'torn-read',
      ...reason,
      told: {
        kind: 'read-two',
        reader: reader.client,
        first: readValueOf(before.answer),
        second: readValueOf(again.answer),
        writer: writer.client,
      },
      atUs: write.atUs,
      untilUs: again.endedUs,
      processes: [reader.client, writer.client],
    },
  ]
}
