/**
 * The truth lane: when a Redis node had the key with whose token, read off a trace.
 */
import type { TraceRecord } from '../sim/trace.ts'

export interface Grant {
  readonly node: string
  readonly key: string
  /** The client whose command put the key there. */
  readonly owner: string
  /** What the key held. */
  readonly text: string | null
  readonly fromUs: number
  readonly untilUs: number
  /**
   * `expired`, `deleted`, `overwritten`, `displaced` (somebody went before it in a queue), `lost` (the node restarted
   * without it), or `end` of the world.
   */
  readonly endedBy: 'expired' | 'deleted' | 'overwritten' | 'displaced' | 'lost' | 'end'
  /** Who ended it: a client, or `time`. */
  readonly endedByWhom: string
  /** Its deadline as it was last set, in true time by the node's clock at that moment; null: no TTL. */
  readonly expireUs: number | null
  /** The TTL it was given last, µs of the node's clock. */
  readonly ttlUs: number | null
  /** When that TTL was set. */
  readonly renewedUs: number
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/** All grants, in the order in which they began. */
export function grants(records: readonly TraceRecord[], endUs: number): Grant[] {
  const found: Writable<Grant>[] = []
  // The live grant of each key, by node and key.
  const live = new Map<string, Writable<Grant> | null>()
  for (const record of records) {
    if (record.type !== 'truth') continue
    const [key, by, owner, text, expireUs, ttlUs] = record.value as TruthValue
    const { atUs, op } = record
    const place = `${record.process} ${key}`
    const grant = live.get(place) ?? null
    if (op === 'extended' && grant !== null) {
      grant.owner = owner
      grant.text = text
      grant.expireUs = expireUs
      grant.ttlUs = ttlUs
      grant.renewedUs = atUs
      continue
    }
    if (grant !== null) {
      grant.untilUs = atUs
      grant.endedBy = op === 'deleted' && by === 'restart' ? 'lost' : (op as Grant['endedBy'])
      grant.endedByWhom = by
      live.set(place, null)
    }
    if (op === 'deleted' || op === 'expired') continue
    const next: Writable<Grant> = {
      node: record.process,
      key,
      owner: by,
      text,
      fromUs: atUs,
      untilUs: endUs,
      endedBy: 'end',
      endedByWhom: 'time',
      expireUs,
      ttlUs,
      renewedUs: atUs,
    }
    live.set(place, next)
    found.push(next)
  }
  return found
}

type TruthValue = readonly [string, string, string, string | null, number | null, number | null]
