/**
 * The belief lane: when each client believed that it held the lock, read off a trace.
 *
 * A believed hold begins when `acquire` resolved and ends at the first of: release called, loss signalled, `isHeld()`
 * false, the end that the lease states (on the client's own clock), a crash, the end of the world.
 */

import { fieldsOf } from '../record/fields.ts'
import {
  acquiredClock,
  acquiredFence,
  acquiredSaid,
  acquiredStatedUs,
  acquiredToken,
  beliefToken,
  beliefWhy,
} from '../record/lock.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { type Backing, backingOf } from './backing.ts'
import type { Grant } from './grant.ts'

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
  /** What stands behind it. Null: Redis never had its token (of several nodes: never enough of them). */
  readonly backing: Backing | null
  /** When Redis gave it the lock, or when it began where Redis never did. */
  readonly grantedUs: number
  /** What the lease says of itself (`isHeld`, `signal`, `expiresAt`, …), and what the lock calls it. */
  readonly statements: ReadonlyMap<string, string>
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/** All believed holds, in the order in which they began. */
export function believedHolds(
  records: readonly TraceRecord[],
  grants: readonly Grant[],
  { endUs, voters }: { readonly endUs: number; readonly voters: readonly string[] },
): BelievedHold[] {
  const attempts: TraceRecord[] = []
  const holds: Writable<BelievedHold>[] = []
  for (const record of records) {
    const { type, atUs } = record
    if (type === 'invoke') {
      if (record.op === 'acquire') attempts.push(record)
    } else if (type === 'ok') {
      if (record.op !== 'acquire') continue
      const fields = fieldsOf(record)
      const token = acquiredToken(fields)
      const statedUs = acquiredStatedUs(fields)
      const clock = acquiredClock(fields)
      const client = record.process
      // From the end: it is among the last.
      const invokedUs = attempts.findLast((attempt) => attempt.value === token)?.atUs ?? atUs
      // A lease that had ended before it was handed over was never believed in.
      const isOver = statedUs !== null && statedUs <= atUs
      const hold: Writable<BelievedHold> = {
        client,
        token,
        fence: acquiredFence(fields),
        invokedUs,
        fromUs: atUs,
        untilUs: isOver ? atUs : endUs,
        endedBy: isOver ? 'stated end' : 'end',
        statedUs,
        clock,
        backing: null,
        grantedUs: atUs,
        statements: statementsOf(clock, acquiredSaid(fields)),
      }
      holds.push(hold)
    } else if (type === 'belief') {
      const fields = fieldsOf(record)
      const token = beliefToken(fields)
      const hold = holds.findLast((each) => each.token === token)
      if (hold !== undefined && hold.endedBy === 'end') end(hold, atUs, beliefWhy(fields))
    } else if (type === 'note' && record.op === 'ended') {
      for (const hold of holds) if (hold.endedBy === 'end' && hold.client === record.process) end(hold, atUs, 'crash')
    }
  }
  // Last, because a vote that comes late counts while its client still believes.
  for (const hold of holds) {
    hold.backing = backingOf(grants, hold, voters.length)
    if (hold.backing !== null) hold.grantedUs = hold.backing.fromUs
  }
  return holds
}

const NOTHING: ReadonlyMap<string, string> = new Map()
const EXPIRES_AT: ReadonlyMap<string, string> = new Map([['expiresAt', 'expiresAt']])
const VALID_UNTIL: ReadonlyMap<string, string> = new Map([['validUntil', 'validUntil']])

function statementsOf(clock: BelievedHold['clock'], said: string | undefined): ReadonlyMap<string, string> {
  if (said !== undefined) return new Map(said.split(' ').map((each) => each.split('=') as [string, string]))
  return clock === 'wall' ? EXPIRES_AT : clock === 'monotonic' ? VALID_UNTIL : NOTHING
}

function end(hold: Writable<BelievedHold>, atUs: number, why: string): void {
  hold.untilUs = Math.max(atUs, hold.fromUs)
  hold.endedBy = why
}
