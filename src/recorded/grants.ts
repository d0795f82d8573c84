/**
 * What is in the keys of one server, and to whom each was given: taken, prolonged, given back, taken away, as the in-memory Redis
 * that runs what was recorded says it.
 *
 * Invariants
 * - A key of which the evidence does not say what is in it is not in that Redis either, and nothing is said of it.
 */
import type { RedisConnection } from '../redis/memory-redis.ts'
import { MemoryRedis } from '../redis/memory-redis.ts'
import { loadLuaEngine } from '../redis/script/node/load.ts'
import { EVERY_FEATURE } from '../redis/version.ts'
import { EDGE_MS, LockFindings } from './lock-findings.ts'
import { type Attempt, type Grant, type GrantEnd, type LockKey, PAST_MAX, REMEMBERED_MAX } from './lock-key.ts'
import { ScriptTexts } from './script-trial.ts'
import type { ServerRecording } from './sent.ts'
import type { Shown } from './told.ts'
import { isDelete, isTake, tokensOf, type Unit } from './unit.ts'
import { Connections, type Identity } from './who.ts'

/** What is in a key. */
export interface Content {
  readonly token: string | null
  readonly isHash: boolean
  readonly expireAtMs: number | null
}

/** Of whom and to whom it is told. */
export interface GrantsOptions {
  /** Each client has one connection. */
  readonly isOneEach: boolean
  readonly nameOf: (token: string) => string
  readonly tell: (shown: Shown) => void
  /** Told of each grant that is over. */
  readonly ended: (key: LockKey, grant: Grant) => void
}

export class Grants {
  readonly findings: LockFindings
  readonly redis: MemoryRedis
  readonly texts = new ScriptTexts()
  readonly connections: Connections
  /** When the recording was last heard of. */
  lastUs = 0
  /** The clock of that Redis. */
  nowUs = 0
  readonly #connection: RedisConnection
  readonly #kind: ServerRecording['kind']
  readonly #ended: GrantsOptions['ended']

  constructor(
    { name, kind }: Pick<ServerRecording, 'name' | 'kind'>,
    { isOneEach, nameOf, tell, ended }: GrantsOptions,
  ) {
    this.#kind = kind
    this.#ended = ended
    this.redis = new MemoryRedis({ nowUs: () => this.nowUs, scripts: loadLuaEngine(), features: EVERY_FEATURE })
    this.#connection = this.redis.connect({ onReply: () => {} })
    this.#connection.mustNotBlock = true
    this.connections = new Connections(isOneEach)
    this.findings = new LockFindings(name, { nameOf, tell, texts: this.texts, connections: this.connections })
  }

  /** What is in a key is not known any more. */
  loseTrack(key: LockKey): void {
    if (key.grant !== null) this.#end(key, 'unsure', null, '')
    key.isKnown = false
    this.remove(key)
  }

  /** Nothing is in a key. */
  remove({ database, key }: LockKey): void {
    this.execute(database, ['DEL', key])
  }

  /** A command of the recording. */
  execute(database: number, args: readonly string[]): void {
    if (this.#connection.keys.index !== database) this.#connection.select(database)
    this.#connection.execute(args)
  }

  /** A lease that has ended by now. */
  expire(key: LockKey, unit: Unit): void {
    const { grant } = key
    if (grant === null || grant.expireAtMs === null || this.#kind === 'aof') return
    const lateMs = this.redis.nowMs - grant.expireAtMs
    // The command may have begun before, and so may the one that set the end.
    const isUnsure =
      lateMs > 0 ? lateMs <= unit.windowUs / 1_000 + EDGE_MS : -lateMs <= grant.windowUs / 1_000 + EDGE_MS
    if (lateMs > 0) this.#end(key, 'expired', grant.expireAtMs * 1_000, grant.place)
    if (isUnsure) this.loseTrack(key)
  }

  /** A script that asks for a token, and then changes the key, shows that the token was in it: so its SET NX had taken it. */
  proveAttempt(key: LockKey, unit: Unit): void {
    if (key.isKnown || unit.outer === null || !this.#changes(key, unit)) return
    const shown = tokensOf(unit).filter((token) => key.attempts.has(token))
    const [token] = shown
    if (token === undefined) return
    const other = { key: key.key, token: `${token}-not`, isHash: false }
    if (this.texts.asksFor(unit.outer, other, shown) !== true) return
    this.execute(key.database, ['SET', key.key, token])
    key.isKnown = true
    this.#grant(key, token, null, key.attempts.get(token) as Attempt)
    if (key.grant !== null) key.grant.hadExpiry = true
    key.attempts.clear()
    this.findings.learn(key, 'sure')
  }

  /** Whether the commands of a script delete or prolong the key. */
  #changes({ key, database }: LockKey, { commands }: Unit): boolean {
    return commands.some(
      (call) =>
        call.database === database &&
        call.keys?.includes(key) &&
        (isDelete(call) || /^p?expire(at)?$|^set$/.test(call.name)),
    )
  }

  /** Who tried, when, and where it stands. */
  attemptOf(unit: Unit): Attempt {
    const { source, place, atUs, slackUs, windowUs } = unit
    return { source, place, atUs, slackUs, windowUs, takenBy: this.texts.identity(unit) }
  }

  /** Null: nothing, or it is not known. */
  contentOf({ key, database, isKnown }: LockKey): Content | null {
    if (!isKnown) return null
    const entry = this.redis.database(database).peek(key)
    if (entry === undefined) return null
    const expireAtMs = entry.expireAtMs === null ? null : Number(entry.expireAtMs)
    if (expireAtMs !== null && this.redis.nowMs > expireAtMs) return null
    const { value } = entry
    if (value.type === 'string') return { token: value.text, isHash: false, expireAtMs }
    // Redisson: the field is the thread, the value how often it has the lock.
    const isOne = value.type === 'hash' && value.fields.size === 1
    return {
      token: isOne ? (value.fields.keys().next().value as string) : null,
      isHash: value.type === 'hash',
      expireAtMs,
    }
  }

  /** What became of a key. */
  compare(key: LockKey, before: Content | null, unit: Unit): void {
    const after = this.contentOf(key)
    if (after !== null && after.token === null) {
      // Several have a place in it: a semaphore, a queue. That is not judged.
      this.loseTrack(key)
      return
    }
    const { grant } = key
    if (grant === null || before === null) {
      if (after !== null) this.#grant(key, after.token as string, after.expireAtMs, this.attemptOf(unit), unit)
      else this.findings.usedLate(key, unit)
      return
    }
    const wasOwn = this.#owner(key, grant, unit)
    if (after !== null && after.token === grant.token) {
      if (after.expireAtMs === before.expireAtMs) {
        this.#refuse(key, unit)
        return
      }
      if (this.#isAnothers(key, grant, before, unit)) return
      this.findings.changed(key, grant, unit, 'extended', wasOwn)
      grant.expireAtMs = after.expireAtMs
      grant.windowUs = unit.windowUs
      grant.hadExpiry ||= after.expireAtMs !== null
      if (wasOwn === 'same' && tokensOf(unit).includes(grant.token)) this.findings.learn(key, 'sure')
      return
    }
    if (after !== null && isCountedUp(grant.token, after.token as string)) {
      grant.token = after.token as string
      grant.expireAtMs = after.expireAtMs
      return
    }
    if (this.#isAnothers(key, grant, before, unit)) return
    if (after === null) {
      const isFlush = unit.commands.some(({ name }) => name === 'flushall' || name === 'flushdb')
      if (isFlush) this.findings.flushed(key, grant, unit, wasOwn)
      else if (wasOwn === 'same') {
        const isShown = tokensOf(unit).includes(grant.token)
        this.findings.learn(key, isShown ? 'sure' : 'likely')
      } else {
        if (unit.source !== null && key.takers.has(unit.source)) this.findings.learn(key, 'likely')
        this.findings.changed(key, grant, unit, 'deleted', wasOwn)
      }
      this.#end(key, isFlush ? 'forgotten' : endBy(wasOwn), unit.atUs, unit.place)
      return
    }
    if (wasOwn !== 'same') this.findings.changed(key, grant, unit, 'overwritten', wasOwn)
    this.#end(key, endBy(wasOwn), unit.atUs, unit.place)
    this.#grant(key, after.token as string, after.expireAtMs, this.attemptOf(unit), unit)
  }

  /** Whose command it was: who took the key, or who shows its token. */
  #owner(key: LockKey, grant: Grant, unit: Unit): Identity {
    if (!key.hasSharedToken && tokensOf(unit).includes(grant.token)) return 'same'
    return this.connections.compare(grant.source, unit.source)
  }

  /**
   * A script that asks for its token has changed a key in which the replay has the token of another client: then the server had lost
   * that one, and given the lock away again.
   */
  #isAnothers(key: LockKey, grant: Grant, before: Content, unit: Unit): boolean {
    const { outer, isScript } = unit
    if (!isScript || outer === null) return false
    const shown = tokensOf(unit)
    if (shown.includes(grant.token)) return false
    const asks = this.texts.asksFor(outer, { key: key.key, token: grant.token, isHash: before.isHash }, shown)
    if (asks !== true) return false
    this.findings.learn(key, 'sure')
    const token = shown.find((each) => key.refused.has(each))
    const second = token === undefined ? undefined : key.refused.get(token)
    if (token !== undefined && second !== undefined) {
      const what = `${JSON.stringify(key.key)} was given to ${this.findings.who(second.source, token)} while ${this.findings.who(grant.source, grant.token)} had it, neither released nor at its end: the server had lost it (a failover, a restart or an eviction)`
      this.findings.say(key, {
        property: 'mutual-exclusion',
        status: 'violated',
        sentence: what,
        places: [grant.place, second.place, unit.place],
      })
      this.#end(key, 'forgotten', second.atUs, second.place)
    }
    this.loseTrack(key)
    // What a delete leaves is known.
    if (unit.commands.some((call) => isDelete(call) && call.keys?.includes(key.key))) key.isKnown = true
    return true
  }

  /** A try to take what another has. */
  #refuse(key: LockKey, unit: Unit): void {
    for (const call of unit.commands) {
      if (isTake(call) && call.args[1] === key.key) remember(key.refused, call.args[2] as string, this.attemptOf(unit))
    }
    this.findings.usedLate(key, unit)
  }

  #grant(key: LockKey, token: string, expireAtMs: number | null, attempt: Attempt, unit?: Unit): void {
    const { source, place, atUs, slackUs, windowUs, takenBy } = attempt
    const again = key.past.some(
      (past) => past.token === token && this.connections.compare(past.source, source) !== 'same',
    )
    if (again) key.hasSharedToken = true
    // An append-only file keeps no NX: there it may be a copy from another server.
    const isOwnTake = unit === undefined || this.#kind === 'aof' || unit.isScript || unit.commands.some(isTake)
    key.grant = {
      token,
      source,
      place,
      fromUs: atUs,
      slackUs,
      windowUs,
      isOwnTake,
      takenBy,
      expireAtMs: this.#kind === 'aof' ? readableTime(expireAtMs) : expireAtMs,
      hadExpiry: expireAtMs !== null,
      endedBy: null,
      untilUs: null,
      endPlace: null,
      gaveUpUs: null,
      isToldLate: false,
    }
    key.refused.clear()
    key.grantCount += 1
  }

  #end(key: LockKey, endedBy: GrantEnd, untilUs: number | null, place: string): void {
    const { grant } = key
    if (grant === null) return
    key.grant = null
    grant.endedBy = endedBy
    grant.untilUs = untilUs
    grant.endPlace = place
    if (key.past.length === PAST_MAX) key.past.shift()
    key.past.push(grant)
    if (!grant.hadExpiry && endedBy !== 'unsure') this.findings.endless(key, grant, this.lastUs)
    this.#ended(key, grant)
  }

  /** The recording is over: no command ends what the key still holds. */
  finish(key: LockKey): void {
    const { grant } = key
    if (grant !== null) {
      const leaseUs = grant.expireAtMs === null ? null : grant.expireAtMs * 1_000
      const isOver = leaseUs !== null && leaseUs < this.lastUs && this.#kind === 'monitor'
      if (isOver) this.#end(key, 'expired', leaseUs, grant.place)
      else {
        if (!grant.hadExpiry) this.findings.endless(key, grant, this.lastUs)
        key.grant = null
        key.past.push(grant)
        this.#ended(key, grant)
      }
    }
  }
}

/** Relative times in a file whose clock stands still tell nothing. */
const readableTime = (ms: number | null): number | null => (ms !== null && ms < 1_000_000_000_000 ? null : ms)

/** How a grant ends by whose command ended it. */
const endBy = (who: Identity): GrantEnd => (who === 'same' ? 'released' : who === 'other' ? 'taken' : 'deleted')

/** A counter that another client counts up is still whose it was. */
const isCountedUp = (before: string, after: string): boolean =>
  /^\d{1,15}$/.test(before) && after === String(Number(before) + 1)

/** The last of several is the one that may have worked. */
export function remember(attempts: Map<string, Attempt>, token: string, attempt: Attempt): void {
  if (attempts.has(token) || attempts.size < REMEMBERED_MAX) attempts.set(token, attempt)
}
