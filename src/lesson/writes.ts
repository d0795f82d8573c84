/** What the protected storage was asked to write, in the order in which it was. */
import type { History } from '../history/history.ts'
import { readEffect } from '../record/effect.ts'
import type { TraceRecord } from '../sim/trace.ts'

/** The writes that the storage accepted (`write`) or refused (`refused`). */
export const writesIn = (history: History): readonly TraceRecord[] =>
  history.records.filter(({ type, op }) => type === 'effect' && (op === 'write' || op === 'refused'))

/** Whose writes it accepted. */
export const writersIn = (history: History): readonly string[] =>
  writesIn(history)
    .filter(({ op }) => op === 'write')
    .map((record) => readEffect(record).client)
