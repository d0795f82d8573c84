/**
 * Failovers: when a replica became the primary, and until when the former one took writes of clients that had not moved.
 */
import { formerPrimary } from '../record/world.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { Span } from './fault-span.ts'

export interface Failover extends Span {
  readonly former: string
  readonly primary: string
}

/** All of them, in the order of time. One lasts until the former primary has ended or follows another server. */
export function failovers(notes: readonly TraceRecord[], endUs: number): Failover[] {
  return notes
    .filter(({ op }) => op === 'promoted')
    .map((record) => {
      const former = formerPrimary(record)
      const { atUs: fromUs, process: primary } = record
      const isOver = ({ process, op, atUs }: TraceRecord): boolean =>
        process === former && (op === 'demoted' || op === 'ended') && atUs >= fromUs
      const hadEnded = notes.findLast(({ process, op, atUs }) => process === former && op === 'ended' && atUs <= fromUs)
      const untilUs = hadEnded === undefined ? (notes.find(isOver)?.atUs ?? endUs) : fromUs
      return { former, primary, fromUs, untilUs }
    })
}
