/**
 * The belief lane: when each client believed that it held the lock, read off a trace.
 *
 * A believed hold begins when `acquire` resolved and ends at the first of: release called, loss signalled, `isHeld()`
 * false, the end that the lease states (on the client's own clock), a crash, the end of the world.
 */
import type { Atom, TraceRecord } from '../sim/trace.ts'

export interface BelievedHold {
  readonly client: string
  readonly token: string
  readonly fence: number | null
  /** When the attempt began. */
  readonly invokedUs: number
  readonly fromUs: number
  readonly untilUs: number
  /** `released`, `stated end`, `signalled`, `lost`, `not held`, `crash`, or `end` of the world. */
  readonly endedBy: string
  /** When the lease, by the client's clock at that moment, said it would end; null: it says nothing. */
  readonly statedUs: number | null
  /** The clock that the stated end is measured on. */
  readonly clock: 'monotonic' | 'wall' | null
}

/** The fields of a record's value; a lone value counts as the first. */
export const fieldsOf = (record: TraceRecord): readonly Atom[] =>
  typeof record.value === 'object' && record.value !== null ? record.value : [record.value]

/** All believed holds, in the order in which they began. */
export function believedHolds(records: readonly TraceRecord[], endUs: number): BelievedHold[] {
  const invoked = new Map<string, number>()
  const open = new Map<string, Omit<BelievedHold, 'untilUs' | 'endedBy'>>()
  const holds: BelievedHold[] = []
  const close = (token: string, untilUs: number, endedBy: string): void => {
    const hold = open.get(token)
    if (hold === undefined) return
    open.delete(token)
    holds.push({ ...hold, untilUs: Math.max(untilUs, hold.fromUs), endedBy })
  }
  for (const record of records) {
    if (record.op === 'acquire') {
      const [token, fence, statedUs, clock] = fieldsOf(record)
      if (record.type === 'invoke') invoked.set(token as string, record.atUs)
      else if (record.type === 'ok') {
        open.set(token as string, {
          client: record.process,
          token: token as string,
          fence: fence as number | null,
          invokedUs: invoked.get(token as string) ?? record.atUs,
          fromUs: record.atUs,
          statedUs: statedUs as number | null,
          clock: clock as 'monotonic' | 'wall' | null,
        })
        // A lease that had ended before it was handed over was never believed in.
        if (statedUs !== null && (statedUs as number) <= record.atUs) close(token as string, record.atUs, 'stated end')
      }
    } else if (record.type === 'belief') {
      const [token, why] = fieldsOf(record)
      close(token as string, record.atUs, why as string)
    } else if (record.type === 'note' && record.op === 'ended') {
      for (const hold of [...open.values()]) if (hold.client === record.process) close(hold.token, record.atUs, 'crash')
    }
  }
  for (const hold of [...open.values()]) close(hold.token, endUs, 'end')
  return holds.sort((a, b) => a.fromUs - b.fromUs || (a.token < b.token ? -1 : 1))
}
