/** The effect lane: what the protected resource accepted (`read`, `write`, `run`) or `refused`. */
import type { TraceRecord } from '../sim/trace.ts'
import { fieldsOf } from './fields.ts'
import { number, orNull, reader, shape, TOKEN, text } from './shape.ts'

export const effect = shape(
  ['client', text],
  TOKEN,
  /** The value that was written or read; of the run of a job: its tick. */
  ['value', number],
  ['fence', orNull(number)],
)

const client = reader(effect, 'client')
const token = reader(effect, 'token')
const value = reader(effect, 'value')
const fence = reader(effect, 'fence')

export interface Effect {
  readonly op: 'read' | 'write' | 'run' | 'refused'
  readonly client: string
  readonly token: string
  readonly value: number
  readonly fence: number | null
}

/** Reads a record of the effect lane. */
export function readEffect(record: TraceRecord): Effect {
  const fields = fieldsOf(record)
  return {
    op: record.op as Effect['op'],
    client: client(fields),
    token: token(fields),
    value: value(fields),
    fence: fence(fields),
  }
}
