/**
 * Operations: what clients asked for and what came of it, paired from the invoke and completion records of a trace.
 *
 * `ok`: it happened. `fail`: it certainly did not. `info`: unknown. `pending`: it never came back.
 */

import { fieldsOf } from '../record/fields.ts'
import type { Atom, TraceRecord } from '../sim/trace.ts'

export interface Operation {
  readonly process: string
  readonly op: string
  /** The attempt or request it belongs to: the first field of its records. */
  readonly token: string
  readonly invokedUs: number
  /** Equal to the end of the world while pending. */
  readonly endedUs: number
  /** The places of both records in the trace: what happened in one microsecond has an order too. */
  readonly invokedIndex: number
  readonly endedIndex: number
  readonly outcome: 'ok' | 'fail' | 'info' | 'pending'
  /** The fields of the invoke record, and of the completion (empty while pending). */
  readonly asked: readonly Atom[]
  readonly answer: readonly Atom[]
}

/** All operations, in the order in which they were invoked. */
export function operations(records: readonly TraceRecord[], endUs: number): Operation[] {
  const found: Writable<Operation>[] = []
  // What was invoked and has not completed: one a process, and what never comes back.
  const open: Writable<Operation>[] = []
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as TraceRecord
    const { type, op } = record
    if (type !== 'invoke' && type !== 'ok' && type !== 'fail' && type !== 'info') continue
    const fields = fieldsOf(record)
    const first = fields[0] ?? record.process
    const token = typeof first === 'string' ? first : String(first)
    if (type === 'invoke') {
      const operation: Writable<Operation> = {
        process: record.process,
        op,
        token,
        invokedUs: record.atUs,
        endedUs: endUs,
        invokedIndex: index,
        endedIndex: records.length,
        outcome: 'pending',
        asked: fields,
        answer: NONE,
      }
      open.push(operation)
      found.push(operation)
      continue
    }
    const operation = takeLast(open, op, token)
    if (operation === null) continue
    operation.endedUs = record.atUs
    operation.endedIndex = index
    operation.outcome = type
    operation.answer = fields
  }
  return found
}

/** Takes the last of these operations that has this name and token out of the list. */
function takeLast(open: Writable<Operation>[], op: string, token: string): Writable<Operation> | null {
  for (let index = open.length - 1; index >= 0; index -= 1) {
    const operation = open[index] as Writable<Operation>
    if (operation.op !== op || operation.token !== token) continue
    for (let next = index + 1; next < open.length; next += 1) open[next - 1] = open[next] as Writable<Operation>
    open.pop()
    return operation
  }
  return null
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }
const NONE: readonly Atom[] = []
