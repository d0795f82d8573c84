/**
 * The truth lane: when a Redis node had the key with whose token, read off a trace.
 */
import { isLoss, isMigration, readTruth, type Truth } from '../record/truth.ts'
import type { TraceRecord } from '../sim/trace.ts'

export interface Grant {
  readonly node: string
  /** In whose place that node votes: itself, or the primary that it replicated. */
  readonly voter: string
  readonly key: string
  /** The client whose command put the key there. */
  readonly owner: string
  /** What the key held. */
  readonly text: string | null
  readonly fromUs: number
  readonly untilUs: number
  /**
   * `expired`, `deleted`, `overwritten`, `displaced` (another client went before it in a queue), `lost` (by the node: a
   * restart, an eviction, FLUSHALL, a failover), or `end` of the world.
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
  /**
   * A failover, or a restart with what was on the disk, has taken something back that a client had been told: a later deadline, that it is
   * gone, that it is there at all. Missing: none did.
   */
  readonly brokenBy?: 'failover' | 'restart'
  /** Where it was, and until when, before its slot moved to another node of a Cluster. */
  readonly moved?: readonly { readonly node: string; readonly untilUs: number }[]
}

/** Milliseconds are the unit of leases: less than that is rounding. */
export const ROUNDING_US = 2_000

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/**
 * All grants that the truth lane tells of, in the order in which they began. `voterOf`: nodes with one voter replicate, so a grant of one
 * goes on at another.
 */
export function grants(lane: readonly TraceRecord[], endUs: number, voterOf = itself): Grant[] {
  const found: Writable<Grant>[] = []
  // One for each watched key of each node at most: a handful.
  const live: Writable<Grant>[] = []
  for (const record of lane) {
    const truth = readTruth(record)
    const { op, key, by, owner, text, expireUs, ttlUs } = truth
    const { atUs } = record
    const voter = voterOf(record.process)
    const isHere = (each: Grant): boolean => each.key === key && each.voter === voter
    const grant = live.find(isHere)
    if (op === 'disowned') {
      if (grant !== undefined && grant.owner === by && (text === null || text === grant.text))
        grant.brokenBy = 'failover'
      else if (text !== null) found.push({ ...disowned(record, truth), voter })
      continue
    }
    // With its slot it goes on elsewhere, and its deadline is the one that it had.
    if (isMigration(truth) && grant !== undefined) {
      if (op !== 'granted') continue
      grant.moved = [...(grant.moved ?? []), { node: grant.node, untilUs: atUs }]
      grant.node = record.process
      grant.expireUs = expireUs
      continue
    }
    if (op === 'extended' && takesBack(by) && grant !== undefined) {
      grant.node = record.process
      if ((expireUs ?? Infinity) < (grant.expireUs ?? Infinity) - ROUNDING_US) grant.brokenBy = by
    }
    if (op === 'extended' && grant !== undefined) {
      grant.owner = owner
      grant.text = text
      grant.expireUs = expireUs
      grant.ttlUs = ttlUs
      grant.renewedUs = atUs
      continue
    }
    if (grant !== undefined) {
      grant.untilUs = atUs
      grant.endedBy = isLoss(truth) ? 'lost' : (op as Grant['endedBy'])
      grant.endedByWhom = by
      live.splice(live.indexOf(grant), 1)
    }
    if (op === 'deleted' || op === 'expired') continue
    const before = op === 'granted' ? found.findLast(isHere) : null
    const revived = before != null && isRevived(before, truth) ? before : null
    const next: Writable<Grant> = {
      node: record.process,
      voter,
      key,
      // Not always whose command it was: a clock that is set back can bring a key to life again.
      owner: op === 'granted' ? owner : by,
      text,
      fromUs: atUs,
      untilUs: endUs,
      endedBy: 'end',
      endedByWhom: 'time',
      expireUs,
      ttlUs: revived === null ? ttlUs : revived.ttlUs,
      renewedUs: revived === null ? atUs : revived.renewedUs,
      ...(takesBack(by) ? { brokenBy: by } : {}),
    }
    live.push(next)
    found.push(next)
  }
  return found
}

/** Of nodes that know nothing of each other. */
const itself = (node: string): string => node

/** Who has servers hold again what they held before. */
const takesBack = (by: string): by is 'failover' | 'restart' => by === 'failover' || by === 'restart'

/** What a server gave that was no longer the primary: it was lost in the same moment. */
const disowned = (
  { process: node, atUs }: TraceRecord,
  { key, by, text, expireUs, ttlUs }: Truth,
): Omit<Grant, 'voter'> => ({
  ...{ node, key, owner: by, text, fromUs: atUs, untilUs: atUs, endedBy: 'lost', endedByWhom: 'failover' },
  ...{ expireUs, ttlUs, renewedUs: atUs, brokenBy: 'failover' },
})

/**
 * Whether a clock that was set back brought a key to life again, which renews no lease. Mostly the command of another client shows it;
 * where it is one of the owner's, less of the TTL is left than a command of its own would have given it.
 */
const isRevived = (before: Grant, { by, owner, text, ttlUs }: Truth): boolean =>
  before.endedBy === 'expired' &&
  before.owner === owner &&
  before.text === text &&
  (by !== owner || (ttlUs !== null && before.ttlUs !== null && ttlUs < before.ttlUs - ROUNDING_US))
