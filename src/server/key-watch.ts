/**
 * The truth lane: looks at the watched keys of one node after everything that could change them (a command, time passing, a
 * restart), and records what changed and who did it.
 *
 * Attribution is by connection: the client whose message has just been executed, `time`, or what befell the server. Of a
 * queue (a sorted set) the next in line comes to the lock by another client's command: the token says whose it is.
 *
 * Of servers that replicate one holds the truth (`topology/shard.ts`). What the others hold is a copy; what a client changes on one that
 * has been replaced and does not know it is disowned. While the slot of a key moves from one shard of a Cluster to another (`migration`), and
 * after that, both look at it; one of them has it.
 */
import type { ClockName } from '../sim/clock.ts'
import type { SimProcess, SimTimer } from '../sim/process.ts'
import type { KeyState, RedisServer } from './server.ts'
import type { Shard } from './topology/shard.ts'

interface Watched {
  readonly key: string
  state: KeyState | null
  /** Who put the key there: the process whose message created it. */
  owner: string
  alarm: SimTimer | null
  /** What expired here last, and whose it was: a clock that is set back can bring it to life again. */
  expired: { readonly text: string | null; readonly expireAtMs: number | null; readonly owner: string } | null
  readonly ownerOf: (token: string) => string | null
}

export class KeyWatch {
  readonly #process: SimProcess
  readonly #server: RedisServer
  readonly #watched: Watched[] = []
  /** The servers that it is one of; null: it is alone. */
  shard: Shard | null = null

  constructor(process: SimProcess, server: RedisServer) {
    this.#process = process
    this.#server = server
  }

  /** Adds a key; `ownerOf` says whose token a text is. */
  add(key: string, ownerOf: (token: string) => string | null): void {
    if (this.#find(key) !== undefined) return
    this.#watched.push({ key, state: null, owner: '', alarm: null, expired: null, ownerOf })
  }

  #find(key: string): Watched | undefined {
    return this.#watched.find((watched) => watched.key === key)
  }

  /** A key comes here that another node has: it is whose it was there. */
  expectFrom(other: KeyWatch, key: string): void {
    const there = other.#find(key)
    if (there?.state != null) this.shard?.remember(key, there.state.text, there.owner)
  }

  /** The process ended, and its alarms with it. */
  forgetAlarms(): void {
    for (const watched of this.#watched) watched.alarm = null
  }

  /** Looks at all of them; `by` is who caused what changed. */
  observe(by: string): void {
    for (const watched of this.#watched) this.#observe(watched, by)
  }

  /** A clock that was moved in this very instant may have ended a key: that was not the command that comes next. */
  observeExpired(): void {
    for (const watched of this.#watched) {
      const goneUs = goneAtUs(watched.state)
      if (goneUs !== null && goneUs <= this.#nowUs) this.#observe(watched, 'time')
    }
  }

  /** This server is the primary now: what it has and the former one had not, or the other way round, comes to light. */
  takeOver(former: KeyWatch): void {
    for (const [index, watched] of this.#watched.entries()) {
      const { state: before, owner } = former.#watched[index] as Watched
      const after = watched.state
      const isSame = before !== null && after !== null && before.text === after.text && before.type === after.type
      if (before !== null && !isSame)
        this.#process.world.record(this.#process, 'truth', 'deleted', [watched.key, 'failover', owner])
      if (after === null) continue
      const goneUs = goneAtUs(after)
      this.#process.world.record(this.#process, 'truth', isSame ? 'extended' : 'granted', [
        watched.key,
        'failover',
        isSame ? owner : watched.owner,
        ...this.#termOf(after.text, goneUs),
      ])
    }
  }

  get #clock(): ClockName {
    return this.#server.clock ?? 'wall'
  }

  /** What the clock shows by which the server counts, µs. */
  get #nowUs(): number {
    return this.#process.clockUs(this.#clock)
  }

  /** What a key holds, until when, and how long that is. */
  #termOf(text: string | null, goneUs: number | null): readonly [string | null, number | null, number | null] {
    return [
      text,
      goneUs === null ? null : this.#process.clock.trueUsWhen(this.#clock, goneUs),
      goneUs === null ? null : goneUs - this.#nowUs,
    ]
  }

  /** Whether what this server holds is the truth, or a copy of it. */
  get #lane(): 'truth' | 'copy' {
    return this.shard === null || this.shard.isPrimary(this.#process.name) ? 'truth' : 'copy'
  }

  /** A client changed something on a server that is no longer the primary, and takes writes all the same. */
  #disown(watched: Watched, by: string, owner: string, after: KeyState | null): void {
    if (this.#lane === 'truth' || !this.#server.replication?.isPrimary || NO_CLIENT.has(by) || this.shard?.isServer(by))
      return
    const goneUs = goneAtUs(after)
    const { world } = this.#process
    world.record(this.#process, 'truth', 'disowned', [
      watched.key,
      by,
      owner,
      ...this.#termOf(after?.text ?? null, goneUs),
    ])
  }

  #observe(watched: Watched, cause: string): void {
    const before = watched.state
    const after = this.#server.observe(watched.key)
    // What came with the stream is whose it is on the primary.
    const isCopied = after !== null && this.shard?.isServer(cause) === true
    const by = isCopied ? (this.shard?.ownerOf(watched.key, after.text) ?? cause) : cause
    if (before === null && after === null) return
    if (
      before !== null &&
      after !== null &&
      before.text === after.text &&
      before.type === after.type &&
      before.expireAtMs === after.expireAtMs
    ) {
      if (watched.alarm === null) this.#watchExpiry(watched)
      return
    }
    watched.state = after
    // A counter that another client counts up (INCR) is still whose it was: it holds what it is worth to its owner.
    if (before !== null && after !== null && isCountedUp(before, after)) return
    watched.alarm?.cancel()
    watched.alarm = null
    const { world } = this.#process
    if (after === null) {
      const isExpired = this.#isOver(before)
      if (!isExpired) this.#disown(watched, by, watched.owner, null)
      world.record(this.#process, this.#lane, isExpired ? 'expired' : 'deleted', [
        watched.key,
        isExpired ? 'time' : by,
        watched.owner,
      ])
      watched.expired =
        isExpired && before !== null ? { text: before.text, expireAtMs: before.expireAtMs, owner: watched.owner } : null
      watched.owner = ''
      return
    }
    if (cause === 'restart' && before?.text !== after.text) {
      // What was on the disk is older than what it had told: a key that was gone is back, or holds what it held before.
      if (before !== null) world.record(this.#process, this.#lane, 'deleted', [watched.key, by, watched.owner])
      const owner = watched.ownerOf(after.text ?? '') ?? by
      this.#recordGrant(watched, 'granted', by, owner)
      watched.owner = owner
      return
    }
    const next = before !== null && after.type === 'zset' ? watched.ownerOf(after.text ?? '') : null
    if (before !== null && before.text !== after.text && next !== null && next !== by) {
      // The first in the queue left, or its time was up, and the lock went to the one behind it.
      const how = this.#isOver(before) ? (['expired', 'time'] as const) : (['deleted', by] as const)
      world.record(this.#process, this.#lane, how[0], [watched.key, how[1], watched.owner])
      this.#recordGrant(watched, 'granted', next, next)
      return
    }
    const op = before === null ? 'granted' : before.text === after.text ? 'extended' : replacedBy(after)
    const { expired } = watched
    const isBack = before === null && expired?.text === after.text && expired.expireAtMs === after.expireAtMs
    const isMoved = before === null && cause === MIGRATION
    const mover = isMoved ? this.shard?.ownerOf(watched.key, after.text) : null
    const owner = isBack ? expired.owner : (mover ?? by)
    this.#recordGrant(watched, op, by, op === 'granted' ? owner : watched.owner)
    if (isBack || isMoved) watched.owner = owner
  }

  #isOver(state: KeyState | null): boolean {
    return state !== null && state.expireAtMs !== null && this.#nowUs > state.expireAtMs * 1000
  }

  /** Records what a key holds now, by whom, and whose it was. */
  #recordGrant(
    watched: Watched,
    op: 'granted' | 'extended' | 'overwritten' | 'displaced',
    by: string,
    previousOwner: string,
  ): void {
    if (op !== 'extended') watched.owner = by
    const goneUs = goneAtUs(watched.state)
    const text = watched.state?.text ?? null
    if (by !== MIGRATION) this.shard?.remember(watched.key, text, op === 'extended' ? watched.owner : by)
    this.#disown(watched, by, previousOwner, watched.state)
    this.#process.world.record(this.#process, this.#lane, op, [
      watched.key,
      by,
      previousOwner,
      ...this.#termOf(text, goneUs),
    ])
    this.#watchExpiry(watched)
  }

  /** Looks at a key again when its time is up. */
  #watchExpiry(watched: Watched): void {
    const goneUs = goneAtUs(watched.state)
    if (goneUs === null || goneUs <= this.#nowUs) return
    watched.alarm = this.#process.setAlarm(this.#clock, goneUs, () => {
      watched.alarm = null
      this.#server.setClock(this.#nowUs)
      this.#observe(watched, 'time')
    })
  }
}

/** Who changes keys when their slot moves to another node of a Cluster. */
export const MIGRATION = 'migration'
/** Who changes keys without being a client. */
const NO_CLIENT: ReadonlySet<string> = new Set([
  ...['time', 'restart', 'eviction', 'flush', 'fault', 'failover'],
  MIGRATION,
])

/** Whether a whole number became the next one, and nothing else changed. */
const isCountedUp = (before: KeyState, after: KeyState): boolean =>
  before.expireAtMs === after.expireAtMs &&
  before.type === after.type &&
  /^\d{1,15}$/.test(before.text ?? '') &&
  after.text === String(Number(before.text) + 1)

/** What another value in the place of one is: of a queue, another client went to its head. */
const replacedBy = ({ type }: KeyState) => (type === 'zset' ? 'displaced' : 'overwritten')

/** When a key is gone: when the clock is past its deadline, at the first instant of the next millisecond. */
const goneAtUs = (state: KeyState | null): number | null =>
  state === null || state.expireAtMs === null ? null : (state.expireAtMs + 1) * 1000
