/**
 * The truth lane: when a Redis node had the key with whose token, read off a trace.
 */
import type { TraceRecord } from '../sim/trace.ts'
import { fieldsOf } from './hold.ts'

export interface Grant {
  readonly node: string
  readonly key: string
  /** The client whose command put the key there. */
  readonly owner: string
  /** What the key held. */
  readonly text: string | null
  readonly fromUs: number
  readonly untilUs: number
  /** `expired`, `deleted`, `overwritten`, `lost` (the node restarted without it), or `end` of the world. */
  readonly endedBy: 'expired' | 'deleted' | 'overwritten' | 'lost' | 'end'
  /** Who ended it: a client, or `time`. */
  readonly endedByWhom: string
  /** Its deadline as it was last set, in true time by the node's clock at that moment; null: no TTL. */
  readonly expireUs: number | null
  /** The TTL it was given last, µs of the node's clock. */
  readonly ttlUs: number | null
  /** When that TTL was set. */
  readonly renewedUs: number
}

/** All grants, in the order in which they began. */
export function grants(records: readonly TraceRecord[], endUs: number): Grant[] {
  const open = new Map<string, Omit<Grant, 'untilUs' | 'endedBy' | 'endedByWhom'>>()
  const done: Grant[] = []
  const close = (place: string, untilUs: number, endedBy: Grant['endedBy'], endedByWhom: string): void => {
    const grant = open.get(place)
    if (grant === undefined) return
    open.delete(place)
    done.push({ ...grant, untilUs, endedBy, endedByWhom })
  }
  for (const record of records) {
    if (record.type !== 'truth') continue
    const [key, by, owner, text, expireUs, ttlUs] = fieldsOf(record) as [
      string,
      string,
      string,
      string | null,
      number | null,
      number | null,
    ]
    const place = `${record.process} ${key}`
    const { atUs } = record
    switch (record.op) {
      case 'granted':
      case 'overwritten':
        if (record.op === 'overwritten') close(place, atUs, 'overwritten', by)
        open.set(place, { node: record.process, key, owner: by, text, fromUs: atUs, expireUs, ttlUs, renewedUs: atUs })
        break
      case 'extended': {
        const grant = open.get(place)
        if (grant !== undefined) open.set(place, { ...grant, owner, text, expireUs, ttlUs, renewedUs: atUs })
        break
      }
      case 'deleted':
        close(place, atUs, by === 'restart' ? 'lost' : 'deleted', by)
        break
      case 'expired':
        close(place, atUs, 'expired', 'time')
        break
    }
  }
  for (const place of [...open.keys()]) close(place, endUs, 'end', 'time')
  return done.sort((a, b) => a.fromUs - b.fromUs || (a.node < b.node ? -1 : 1))
}
