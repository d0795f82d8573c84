/**
 * A history as NDJSON, an event a line, for people's own tools and for `lockstorm judge`:
 *
 *   {"atUs":210,"seq":0,"process":"A","type":"invoke","op":"acquire","value":"A-1"}
 */
import type { TraceRecord } from '../sim/trace.ts'

/** The text of one file in `histories/`; empty for an empty history. */
export function historyLines(records: readonly TraceRecord[]): string {
  return records
    .map(({ atUs, seq, process, type, op, value }) => `${JSON.stringify({ atUs, seq, process, type, op, value })}\n`)
    .join('')
}
