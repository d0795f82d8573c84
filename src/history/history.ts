/**
 * A history: one world's trace with the views that checks and reports need, each computed once and only when asked.
 */
import type { PlannedFault } from '../fault/fault.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { Subject } from '../subject/subject.ts'
import { type Failover, failovers } from './failover.ts'
import { type EffectSpan, effectSpans, type FaultSpan, faultSpans } from './fault-span.ts'
import { type Grant, grants } from './grant.ts'
import { type BelievedHold, believedHolds } from './hold.ts'
import { readHistory, writeHistory } from './ndjson.ts'
import { type Operation, operations } from './operation.ts'
import type { Rules } from './rules.ts'

/** Records by what they tell, each list in the order of time. */
export interface Lanes {
  readonly truth: readonly TraceRecord[]
  readonly copies: readonly TraceRecord[]
  readonly effects: readonly TraceRecord[]
  readonly faults: readonly TraceRecord[]
  readonly notes: readonly TraceRecord[]
}

/** What may answer in the place of a Redis: a coordination service. */
export type Service = 'keeper'

/** One world, as plain data: what a history is read off. */
export interface HistoryRun {
  /** In the order of virtual time. */
  readonly records: readonly TraceRecord[]
  /** The faults that struck, in the order of their records. */
  readonly struck: readonly PlannedFault[]
  /** When everything had healed, and when the world ended, µs. */
  readonly healedUs: number
  readonly endUs: number
  /** The names of the nodes that vote on the lock: several for a quorum lock. */
  readonly voters: readonly string[]
  /** Those that replicate, the first primary before the others; missing: each node is on its own. */
  readonly replicas?: readonly string[] | undefined
  /** What answers, if it is no Redis. */
  readonly service?: Service | undefined
  /** Whether an acquire may wait for as long as another client has the lock. */
  readonly isBlocking: boolean
  /** Which limit was reached, or which fault this kind of Redis could not have; null: all went as planned. */
  readonly limitReached: string | null
  /** What was under test, and what it is judged by. */
  readonly subject: Subject['kind']
  readonly rules: Rules
  /** What decided the world, for readers: no check looks at it. */
  readonly plan: object
}

export class History {
  readonly #run: HistoryRun
  readonly records: readonly TraceRecord[]
  readonly healedUs: number
  readonly endUs: number
  readonly voters: readonly string[]
  /** All nodes that may hold the truth: the voters, or of servers that replicate all of them. */
  readonly servers: readonly string[]
  readonly service: Service | undefined
  readonly isBlocking: boolean
  readonly limitReached: string | null
  readonly subject: Subject['kind']
  readonly rules: Rules
  #failovers: readonly Failover[] | null = null
  #holds: readonly BelievedHold[] | null = null
  #grants: readonly Grant[] | null = null
  #operations: readonly Operation[] | null = null
  #faults: readonly FaultSpan[] | null = null
  #faultEffects: readonly EffectSpan[] | null = null
  #lanes: Lanes | null = null
  #holdsByToken: Map<string, BelievedHold> | null = null
  #ended: ReadonlyMap<string, number> | null = null

  constructor(run: HistoryRun) {
    this.#run = run
    this.records = run.records
    this.healedUs = run.healedUs
    this.endUs = run.endUs
    this.voters = run.voters
    this.servers = run.replicas ?? run.voters
    this.service = run.service
    this.isBlocking = run.isBlocking
    this.limitReached = run.limitReached
    this.subject = run.subject
    this.rules = run.rules
  }

  /** Whether a lock needs the votes of a majority of several nodes. */
  get isQuorum(): boolean {
    return this.voters.length > 1
  }

  /**
   * Reads back what `toNdjson` gave.
   * @param place the name of the file, for messages
   * @param rules what to judge it by instead of the rules of its own world
   * @throws UsageError when it is no history
   */
  static parse(ndjson: string, place = 'history', rules: Partial<Rules> = {}): History {
    const run = readHistory(ndjson, place)
    return new History({ ...run, rules: { ...run.rules, ...rules } })
  }

  /** The text of a file in `histories/`. */
  toNdjson(): string {
    return writeHistory(this.#run)
  }

  /** The records that are no operations, by what they tell. */
  get lanes(): Lanes {
    this.#lanes ??= lanesOf(this.records)
    return this.#lanes
  }

  /** Believed holds. */
  get holds(): readonly BelievedHold[] {
    this.#holds ??= believedHolds(this.records, this.grants, this)
    return this.#holds
  }

  /** What servers held that were not the primary: for pictures, no check reads it. */
  get copies(): readonly Grant[] {
    return grants(this.lanes.copies, this.endUs)
  }

  /** What Redis nodes held. */
  get grants(): readonly Grant[] {
    this.#grants ??= grants(this.lanes.truth, this.endUs, voterOf(this.#run))
    return this.#grants
  }

  /** The hold of an attempt. */
  holdOf(token: string): BelievedHold | undefined {
    if (this.#holdsByToken === null) {
      this.#holdsByToken = new Map()
      for (const hold of this.holds) this.#holdsByToken.set(hold.token, hold)
    }
    return this.#holdsByToken.get(token)
  }

  get operations(): readonly Operation[] {
    this.#operations ??= operations(this.records, this.endUs)
    return this.#operations
  }

  /** What the storm did. */
  get faults(): readonly FaultSpan[] {
    this.#faults ??= faultSpans(this.lanes.faults, this.#run.struck)
    return this.#faults
  }

  /** What its faults did to whom, one effect after the other. */
  get faultEffects(): readonly EffectSpan[] {
    this.#faultEffects ??= effectSpans(this.lanes.faults, this.#run, this.healedUs)
    return this.#faultEffects
  }

  /** When a replica became the primary. */
  get failovers(): readonly Failover[] {
    this.#failovers ??= failovers(this.lanes.notes, this.endUs)
    return this.#failovers
  }

  /** When processes ended: the last end of each. */
  get ended(): ReadonlyMap<string, number> {
    this.#ended ??= new Map(
      this.lanes.notes.filter((record) => record.op === 'ended').map((record) => [record.process, record.atUs]),
    )
    return this.#ended
  }
}

/** In whose place a node votes: servers that replicate stand together, in the order of the primaries that clients ask. */
function voterOf({ voters, replicas = [] }: HistoryRun): (node: string) => string {
  const each = replicas.length / voters.length
  return (node) => voters[Math.floor(replicas.indexOf(node) / each)] ?? node
}

function lanesOf(records: readonly TraceRecord[]): Lanes {
  const truth: TraceRecord[] = []
  const copies: TraceRecord[] = []
  const effects: TraceRecord[] = []
  const faults: TraceRecord[] = []
  const notes: TraceRecord[] = []
  for (const record of records) {
    if (record.type === 'truth') truth.push(record)
    else if (record.type === 'copy') copies.push(record)
    else if (record.type === 'effect') effects.push(record)
    else if (record.type === 'fault') faults.push(record)
    else if (record.type === 'note') notes.push(record)
  }
  return { truth, copies, effects, faults, notes }
}
