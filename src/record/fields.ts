/** The value of a record as a list of its fields. */
import type { Atom, TraceRecord } from '../sim/trace.ts'

/** The fields of a record's value; a lone atom counts as the first. */
export const fieldsOf = ({ value }: TraceRecord): readonly Atom[] =>
  typeof value === 'object' && value !== null ? value : [value]
