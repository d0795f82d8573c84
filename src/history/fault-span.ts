/**
 * What the storm did, read off a trace: a stretch of time for each fault that struck, with its effects.
 *
 * The trace puts on record that a fault struck, in words; which fault it was the world says beside it (`struck`), in the
 * same order.
 */
import { boundFault } from '../fault/bound.ts'
import type { Effect, FaultBar } from '../fault/effect.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { assert } from '../sim/assert.ts'
import type { TraceRecord } from '../sim/trace.ts'

/** A stretch of a fault, for checks, reports and explanations. */
export interface FaultSpan {
  readonly kind: string
  readonly description: string
  readonly processes: readonly string[]
  readonly fromUs: number
  /** 0 for an instant. Null: until the storm was over. */
  readonly durationUs: number | null
  readonly effects: readonly Effect[]
  readonly bar: FaultBar
}

/** The spans of the faults that struck; `records` are those of the fault lane. */
export function faultSpans(records: readonly TraceRecord[], struck: readonly PlannedFault[]): FaultSpan[] {
  return records
    .filter(({ op }) => op !== 'healed')
    .map((record, index) => {
      const fault = struck[index]
      assert(fault?.kind === record.op, 'each record of a fault has the fault that struck, in the same order')
      const { description, processes, durationUs, effects, bar } = boundFault(fault)
      return { kind: fault.kind, description, processes, fromUs: record.atUs, durationUs, effects, bar }
    })
}

/** Whether one of its effects is such. */
export const does = (span: FaultSpan, isSuch: (effect: Effect) => boolean): boolean => span.effects.some(isSuch)

/** When a fault was over; what has no end of its own was mended when everything was. */
export const endOfUs = (span: FaultSpan, healedUs: number): number =>
  span.durationUs === null || does(span, (effect) => effect.kind === 'ends' && !effect.comesBack)
    ? healedUs
    : span.fromUs + span.durationUs
