/**
 * Replication of one server: its role, the stream of effects with its offsets, and whom it follows.
 *
 *   command ── what it did (`effects.ts`) ── stream ──┬─► backlog
 *                                                     └─► replicas
 *
 * A replica executes the stream of its primary and hands it on, byte for byte, so that all count the same offsets. It never removes a key
 * because its time is up: it hides it, until the primary says DEL. A server that becomes a primary keeps its former stream's id as
 * a second one, up to the offset at which it left it: who has read no further may go on with it.
 *
 * Models          PSYNC, partial and full; promotion; READONLY, MASTERDOWN, NOREPLICAS; WAIT; FAILOVER. See `replicas.ts`, `primary-link.ts`,
 *                 `handover.ts`.
 *
 * Source: replication.c of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
import type { CommandRow } from '../commands/command-row.ts'
import type { RedisConnection } from '../connection.ts'
import type { Keyspace, LateKey } from '../keyspace.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { Random } from '../random.ts'
import { encodeRequest } from '../resp/encode-request.ts'
import { Backlog } from './backlog.ts'
import { ALWAYS_PROPAGATED, type Call, type Effect, effectsOf, MEETS_LATE_KEYS, RUNS_OTHERS } from './effects.ts'
import { Handover, type HandoverOrder } from './handover.ts'
import { PrimaryLink } from './primary-link.ts'
import { Replicas } from './replicas.ts'

const ID_DIGITS = 40
const CRON_MS = 1000
const NO_ID = '0'.repeat(ID_DIGITS)
const MULTI = encodeRequest(['MULTI'])
const EXEC = encodeRequest(['EXEC'])
const PING = encodeRequest(['ping'])

/** Where a server is. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** What a server is to others when it begins. */
export interface ReplicationOptions {
  /**
   * It has been running for long: its stream has this id, and a replica of it has all of that. Missing: each server begins with a
   * stream of its own.
   */
  readonly streamId?: string
  /** How long that stream is; missing: nothing was ever written. */
  readonly offset?: number
  /** Whom it follows from the start, and again after a restart. */
  readonly primary?: ServerAddress
}

export class Replication {
  /** Of the stream, 40 hexadecimal digits. */
  id: string
  /** Of the stream that this one goes on from, and the first offset that it does not share; -1: there is none. */
  secondId = NO_ID
  secondOffset = -1
  /** Of the last byte. */
  offset: number
  backlog: Backlog | null = null
  readonly replicas: Replicas
  /** FAILOVER; null: there was none. */
  handover: Handover | null = null
  /** To the primary; null: this is one. */
  link: PrimaryLink | null = null
  /** The stream that this server has a part of; null: it has none that a primary could go on with. */
  knownId: string | null
  readonly #server: MemoryRedis
  readonly #random: Random
  #pending: { readonly database: number; readonly effect: Effect }[] = []
  /** A command runs: what it does is sent when it is over. */
  #isInCommand = false
  /** A command of the primary's stream runs. */
  #isApplying = false
  /** The database that the stream works on; -1: it must be told. */
  #database = -1
  /** Counted from the server's start, also by one that had no replicas then. */
  #cronLoops: number

  constructor(server: MemoryRedis, seed: string, { streamId, offset, primary }: ReplicationOptions = {}) {
    this.#server = server
    this.#random = new Random(seed)
    this.#cronLoops = Math.floor((server.nowMs - server.startedMs) / CRON_MS)
    this.replicas = new Replicas(server, this)
    this.id = streamId ?? this.#random.hex(ID_DIGITS)
    this.knownId = streamId ?? null
    this.offset = offset ?? 0
    if (streamId !== undefined) this.backlog = new Backlog(this.offset)
    if (primary !== undefined) this.link = new PrimaryLink(server, this, primary)
  }

  get isReplica(): boolean {
    return this.link !== null
  }

  /** Commands that write are refused, as on most replicas. */
  get isReadOnly(): boolean {
    return this.link !== null && this.#server.config.get('replica-read-only') === 'yes'
  }

  /** Commands that need data are refused: it does not know how old its own is. */
  get isStale(): boolean {
    return this.link !== null && !this.link.isUp && this.#server.config.get('replica-serve-stale-data') === 'no'
  }

  /** What becomes of a key whose time is up, for the command that runs. */
  readonly lateKey = (): LateKey => (this.link === null ? 'removed' : this.#isApplying ? 'shown' : 'hidden')

  // The stream of a primary.

  /** A command begins: until it is over, what it does is collected. */
  begin(): number {
    this.#isInCommand = true
    return this.#server.changes
  }

  /** A command (also one of a script or a transaction) ran; `before` is what `begin` gave. */
  ran(before: number, found: CommandRow, call: Omit<Call, 'name'>): void {
    const { name } = found
    if (this.link !== null || RUNS_OTHERS.has(name)) return
    if (this.#server.changes === before && !ALWAYS_PROPAGATED.has(name)) return
    // On the bus of a cluster that reaches all nodes.
    if (this.#server.cluster !== null && (name === 'publish' || name === 'spublish')) return
    for (const effect of effectsOf({ ...call, name })) this.#pending.push({ database: call.keys.index, effect })
  }

  /** A key was removed by the server itself: its time was up, or it was evicted. */
  removed({ index }: Keyspace, key: string): void {
    if (this.link !== null) return
    this.#pending.push({ database: index, effect: ['DEL', key] })
    if (!this.#isInCommand) this.end(null)
  }

  /** The command is over, with all that it called: what it did is sent, as a transaction if it is more than one thing. */
  end(connection: RedisConnection | null): void {
    this.#isInCommand = false
    const pending = this.#pending
    if (pending.length > 0) {
      this.#pending = []
      const first = this.#select(pending[0]!.database)
      const bytes = pending.map(({ database, effect }) => this.#select(database) + encodeRequest(effect)).join('')
      const isWhole = pending.length > 1 && !MEETS_LATE_KEYS.has(connection?.lastCommandName ?? '')
      this.feed(isWhole ? first + MULTI + bytes + EXEC : first + bytes)
    }
    if (connection !== null) connection.writtenOffset = this.offset
    if (this.handover !== null) this.handover.update()
  }

  /** FAILOVER. */
  handOver(order: HandoverOrder): void {
    this.handover ??= new Handover(this.#server, this)
    this.handover.begin(order)
  }

  /** One is under way. */
  get isHandingOver(): boolean {
    return this.handover !== null && this.handover.state !== 'no-failover'
  }

  #select(database: number): string {
    if (database === this.#database || this.backlog === null) return ''
    this.#database = database
    return encodeRequest(['SELECT', String(database)])
  }

  /** The next effect says again which database it works on. */
  forgetDatabase(): void {
    this.#database = -1
  }

  /** Adds bytes to the stream. Before the first replica has come there is none. */
  feed(bytes: string): void {
    if (this.backlog === null) return
    this.offset += bytes.length
    this.backlog.add(bytes, Number(this.#server.config.get('repl-backlog-size')))
    this.replicas.feed(bytes)
  }

  /** A replica is to come: from now on the stream is kept. */
  openBacklog(): void {
    if (this.backlog !== null) return
    this.backlog = new Backlog(this.offset)
    this.id = this.#random.hex(ID_DIGITS)
    this.secondId = NO_ID
    this.secondOffset = -1
  }

  /** What a replica has missed that has read a stream up to `offset - 1`; null: it must begin anew. */
  missedSince(id: string, offset: number): string | null {
    const isKnown = id === this.id || (id === this.secondId && offset <= this.secondOffset)
    return isKnown ? (this.backlog?.from(offset) ?? null) : null
  }

  // Roles.

  /** REPLICAOF NO ONE: the stream goes on under a new name. */
  becomePrimary(): void {
    const { link } = this
    if (link === null) return
    this.link = null
    link.close()
    this.#renameStream(this.#random.hex(ID_DIGITS))
    this.knownId = this.id
    this.replicas.disconnect()
    this.backlog ??= new Backlog(this.offset)
    this.forgetDatabase()
    this.#server.onPromoted?.()
  }

  /** REPLICAOF: its own data is kept until the new primary has sent its own. */
  becomeReplicaOf(primary: ServerAddress): void {
    // What it wrote as a primary it offers as its part of a stream that the other one may know.
    const wasPrimary = this.link === null
    if (wasPrimary) this.knownId = this.id
    this.link?.close()
    this.#server.dropBlockedClients()
    this.backlog ??= new Backlog(this.offset)
    this.link = new PrimaryLink(this.#server, this, primary)
    this.link.connect()
    if (wasPrimary) this.#server.onDemoted?.()
  }

  #renameStream(id: string): void {
    this.secondId = this.id
    this.secondOffset = this.offset + 1
    this.id = id
  }

  // The stream of a replica.

  /** Runs a command of the primary's. */
  apply(execute: () => void): void {
    this.#isApplying = true
    execute()
    this.#isApplying = false
  }

  /** The primary goes on with the stream that this server knows, perhaps under another name. */
  continueAs(id: string | null): void {
    if (id === null || id === this.id) return
    this.#renameStream(id)
    this.knownId = id
    this.replicas.disconnect()
  }

  /** A snapshot was loaded. */
  beginAnew(id: string, offset: number): void {
    this.replicas.disconnect()
    this.id = id
    this.knownId = id
    this.secondId = NO_ID
    this.secondOffset = -1
    this.offset = offset
    this.backlog = new Backlog(offset)
  }

  /** Once a second, as Redis does it. */
  cron(): void {
    this.link?.cron()
    const period = Number(this.#server.config.get('repl-ping-replica-period'))
    const mustBeStill = this.handover?.untilMs != null
    if (this.#cronLoops % period === 0 && this.link === null && this.replicas.count > 0 && !mustBeStill) this.feed(PING)
    this.#cronLoops += 1
    this.replicas.cron()
    this.handover?.update()
  }
}
