/**
 * Operations: what clients asked for and what came of it, paired from the invoke and completion records of a trace.
 *
 * `ok`: it happened. `fail`: it certainly did not. `info`: nobody knows. `pending`: it never came back.
 */
import type { Atom, TraceRecord } from '../sim/trace.ts'
import { fieldsOf } from './hold.ts'

export interface Operation {
  readonly process: string
  readonly op: string
  /** The attempt or request it belongs to: the first field of its records. */
  readonly token: string
  readonly invokedUs: number
  /** Equal to the end of the world while pending. */
  readonly endedUs: number
  readonly outcome: 'ok' | 'fail' | 'info' | 'pending'
  /** The fields of the invoke record, and of the completion (empty while pending). */
  readonly asked: readonly Atom[]
  readonly answer: readonly Atom[]
}

/** All operations, in the order in which they were invoked. */
export function operations(records: readonly TraceRecord[], endUs: number): Operation[] {
  const slots: Operation[] = []
  const open = new Map<string, number>()
  for (const record of records) {
    const { type } = record
    if (type !== 'invoke' && type !== 'ok' && type !== 'fail' && type !== 'info') continue
    const fields = fieldsOf(record)
    const token = String(fields[0] ?? '')
    const id = `${record.process} ${record.op} ${token}`
    if (type === 'invoke') {
      open.set(id, slots.length)
      slots.push({
        process: record.process,
        op: record.op,
        token,
        invokedUs: record.atUs,
        endedUs: endUs,
        outcome: 'pending',
        asked: fields,
        answer: [],
      })
      continue
    }
    const index = open.get(id)
    if (index === undefined) continue
    open.delete(id)
    slots[index] = { ...(slots[index] as Operation), endedUs: record.atUs, outcome: type, answer: fields }
  }
  return slots
}
