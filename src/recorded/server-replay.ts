/**
 * What one server did, replayed: its commands run, at their times, in an in-memory Redis that says what they answered, as far as
 * they touch keys that may be locks. What becomes of each such key is told: taken, prolonged, given back, taken away.
 *
 * Which keys are locks is learned: what SET NX, SETNX or a script takes, and its taker gives back. Or the user names them.
 *
 * Invariants
 * - A key of which the evidence does not say what is in it is not in the replay either, and nothing is said of it.
 * - The memory is bounded: of at most KEYS_MAX keys something is known.
 */
import { globMatches } from '../redis/glob.ts'
import type { RedisConnection } from '../redis/memory-redis.ts'
import { MemoryRedis } from '../redis/memory-redis.ts'
import { loadLuaEngine } from '../redis/script/node/load.ts'
import { EDGE_MS, LockFindings } from './lock-findings.ts'
import {
  type Attempt,
  type Grant,
  type GrantEnd,
  type LockKey,
  newLockKey,
  PAST_MAX,
  REMEMBERED_MAX,
} from './lock-key.ts'
import { ScriptTexts } from './script-trial.ts'
import type { Sent, ServerRecording } from './sent.ts'
import type { Shown } from './told.ts'
import { type Call, isDelete, isPlainSet, isTake, scriptKeys, takenByScript, tokensOf, type Unit } from './unit.ts'
import { UnitReader } from './unit-reader.ts'
import { Connections, type Identity } from './who.ts'

const KEYS_MAX = 100_000

/** What the commands of these leave in a key is not worked out. */
const UNSURE: ReadonlySet<string> = new Set([
  'migrate',
  'move',
  'rename',
  'renamenx',
  'copy',
  'restore',
  'restore-asking',
  'sort',
  'msetnx',
  'swapdb',
])

export interface ServerOptions {
  /** Globs of the keys that are locks; none: they are learned. */
  readonly keys: readonly string[]
  /** Each client has one connection. */
  readonly isOneEach: boolean
  readonly nameOf: (token: string) => string
}

/** What is in a key. */
interface Content {
  readonly token: string | null
  readonly isHash: boolean
  readonly expireAtMs: number | null
}

export class ServerReplay {
  readonly findings: LockFindings
  commands = 0
  gaps = 0
  lastUs = 0
  readonly recording: Pick<ServerRecording, 'name' | 'kind' | 'isComplete'>
  readonly #options: ServerOptions
  readonly #ended: (key: LockKey, grant: Grant) => void
  readonly #redis: MemoryRedis
  readonly #connection: RedisConnection
  readonly #keys = new Map<string, LockKey>()
  readonly #texts = new ScriptTexts()
  readonly #connections: Connections
  #nowUs = 0
  readonly #units: UnitReader
  #hasHidden = false
  /** Databases of which all keys are known that are not in `#keys`; null: all. */
  #emptied: Set<number> | null

  /** @param ended told of each grant that is over */
  constructor(
    recording: Pick<ServerRecording, 'name' | 'kind' | 'isComplete'>,
    options: ServerOptions,
    { tell, ended }: { tell(shown: Shown): void; ended(key: LockKey, grant: Grant): void },
  ) {
    this.recording = recording
    this.#options = options
    this.#ended = ended
    this.#redis = new MemoryRedis({ nowUs: () => this.#nowUs, scripts: loadLuaEngine(), version: 'valkey-9.0' })
    this.#connection = this.#redis.connect({ onReply: () => {} })
    this.#connection.mustNotBlock = true
    this.#units = new UnitReader(this.#redis, this.#texts, {
      run: (unit) => this.#run(unit),
      hide: (sent) => this.#hide(sent),
    })
    this.#connections = new Connections(options.isOneEach)
    this.findings = new LockFindings(recording.name, {
      nameOf: options.nameOf,
      tell,
      texts: this.#texts,
      connections: this.#connections,
    })
    this.#emptied = recording.isComplete ? null : new Set()
  }

  /** The lock key of that name; undefined: there is none. */
  find(id: string): LockKey | undefined {
    return this.#keys.get(id)
  }

  /** The next command. */
  apply(sent: Sent): void {
    this.commands += 1
    const { atUs, source } = sent
    if (atUs !== null) this.lastUs = Math.max(this.lastUs, atUs)
    if (atUs !== null && source !== null && source !== 'lua') this.#connections.see(source, atUs)
    this.#units.read(sent)
  }

  /** No more comes: what a script called is over. */
  endScript(): void {
    this.#units.end()
  }

  /** Between what was and what comes commands may be missing: nothing is known. */
  gap(): void {
    this.endScript()
    this.gaps += 1
    this.#emptied = new Set()
    for (const key of this.#keys.values()) this.#loseTrack(key)
  }

  /** The recording is over. */
  finish(): void {
    this.endScript()
    this.findings.sayEarly()
    for (const key of this.#keys.values()) {
      const { grant } = key
      if (grant !== null) {
        const leaseUs = grant.expireAtMs === null ? null : grant.expireAtMs * 1_000
        const isOver = leaseUs !== null && leaseUs < this.lastUs && this.recording.kind === 'monitor'
        if (isOver) this.#end(key, 'expired', leaseUs, grant.place)
        else {
          if (!grant.hadExpiry) this.findings.endless(key, grant, this.lastUs)
          key.grant = null
          key.past.push(grant)
          this.#ended(key, grant)
        }
      }
      this.findings.settle(key)
    }
  }

  #hide(sent: Sent): void {
    for (const name of scriptKeys(sent.args)) {
      const key = this.#keys.get(`${sent.database} ${name}`)
      if (key === undefined) continue
      this.#hasHidden = true
      this.#loseTrack(key)
    }
  }

  /** Scripts touched keys, and no command of any script is in the recording. */
  get hidesScripts(): boolean {
    return this.#hasHidden && !this.#units.hasSeenLua
  }

  #loseTrack(key: LockKey): void {
    if (key.grant !== null) this.#end(key, 'unsure', null, '')
    key.isKnown = false
    this.#remove(key)
  }

  #remove({ database, key }: LockKey): void {
    this.#execute(database, ['DEL', key])
  }

  #execute(database: number, args: readonly string[]): void {
    if (this.#connection.keys.index !== database) this.#connection.select(database)
    this.#connection.execute(args)
  }

  #run(unit: Unit): void {
    // An append-only file tells each end itself, so its clock stands still.
    this.#nowUs = this.recording.kind === 'aof' ? 0 : (unit.atUs ?? 0)
    const touched = this.#touched(unit)
    if (touched.size === 0) return
    const before = new Map<LockKey, Content | null>()
    for (const key of touched) {
      this.#expire(key, unit)
      if (unit.isScript) this.#proveAttempt(key, unit)
      before.set(key, this.#contentOf(key))
    }
    for (const call of unit.commands) this.#call(call, unit)
    for (const key of touched) if (key.isKnown) this.#compare(key, before.get(key) ?? null, unit)
  }

  /** The keys that may be locks and that the unit touches; those that it takes are looked at from now on. */
  #touched(unit: Unit): ReadonlySet<LockKey> {
    const touched = new Set<LockKey>()
    const taken = takenByScript(unit)
    for (const call of unit.commands) {
      const { name, database, keys, args } = call
      if (name === 'flushall' || name === 'flushdb') {
        for (const key of this.#keys.values()) if (name === 'flushall' || key.database === database) touched.add(key)
        if (name === 'flushdb') this.#emptied?.add(database)
        else this.#emptied = null
      } else if (name === 'swapdb') {
        this.#emptied = new Set()
        for (const key of this.#keys.values()) touched.add(key)
      }
      // Of a command that is not known: every argument may be a key.
      for (const name of keys ?? args.slice(1)) {
        const id = `${database} ${name}`
        let key = this.#keys.get(id)
        if (key === undefined && keys !== null && this.#isToBeTracked(call, name, taken.has(id))) {
          key = this.#track(id, database, name)
        }
        if (key === undefined) continue
        touched.add(key)
        if (isTake(call) || taken.has(id)) this.#remember(key, unit)
      }
    }
    if (unit.isScript && unit.outer !== null) {
      for (const name of scriptKeys(unit.outer)) {
        const key = this.#keys.get(`${unit.database} ${name}`)
        if (key !== undefined) touched.add(key)
      }
    }
    return touched
  }

  #isToBeTracked(call: Call, key: string, isTakenByScript: boolean): boolean {
    const { keys } = this.#options
    if (keys.length > 0) return keys.some((glob) => globMatches(glob, key))
    return isTakenByScript || isTake(call)
  }

  #track(id: string, database: number, name: string): LockKey {
    if (this.#keys.size >= KEYS_MAX) {
      const [oldest] = this.#keys.values()
      if (oldest !== undefined) {
        this.#loseTrack(oldest)
        this.findings.settle(oldest)
        this.#keys.delete(oldest.id)
      }
      this.#emptied = new Set()
    }
    const isNamed = this.#options.keys.length > 0
    // Only of named keys every command is looked at.
    const isEmpty = isNamed && (this.#emptied === null || this.#emptied.has(database))
    const key = newLockKey(id, database, name, isEmpty)
    if (isNamed) this.findings.learn(key, 'sure')
    this.#keys.set(id, key)
    return key
  }

  #remember(key: LockKey, { source }: Unit): void {
    if (source !== null && key.takers.size < REMEMBERED_MAX) key.takers.add(source)
    this.#keys.delete(key.id)
    this.#keys.set(key.id, key)
  }

  /** A lease that has ended by now. */
  #expire(key: LockKey, unit: Unit): void {
    const { grant } = key
    if (grant === null || grant.expireAtMs === null || this.recording.kind === 'aof') return
    const lateMs = this.#redis.nowMs - grant.expireAtMs
    // The command may have begun before, and so may the one that set the end.
    const isUnsure =
      lateMs > 0 ? lateMs <= unit.windowUs / 1_000 + EDGE_MS : -lateMs <= grant.windowUs / 1_000 + EDGE_MS
    if (lateMs > 0) this.#end(key, 'expired', grant.expireAtMs * 1_000, grant.place)
    if (isUnsure) this.#loseTrack(key)
  }

  /** A script that asks for a token, and then changes the key, shows that the token was in it: so its SET NX had taken it. */
  #proveAttempt(key: LockKey, unit: Unit): void {
    if (key.isKnown || unit.outer === null || !this.#changes(key, unit)) return
    const shown = tokensOf(unit).filter((token) => key.attempts.has(token))
    const [token] = shown
    if (token === undefined) return
    const other = { key: key.key, token: `${token}-not`, isHash: false }
    if (this.#texts.asksFor(unit.outer, other, shown) !== true) return
    this.#execute(key.database, ['SET', key.key, token])
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

  #call(call: Call, unit: Unit): void {
    const { name, database, args } = call
    if (name === 'flushall' || name === 'flushdb') {
      for (const key of this.#keys.values()) {
        if (name === 'flushdb' && key.database !== database) continue
        key.isKnown = true
        this.#remove(key)
      }
      return
    }
    const own = (call.keys ?? args.slice(1)).flatMap((key) => this.#keys.get(`${database} ${key}`) ?? [])
    if (own.length === 0) {
      if (name === 'swapdb') for (const key of this.#keys.values()) this.#loseTrack(key)
      return
    }
    if (call.keys === null || UNSURE.has(name)) {
      for (const key of own) this.#loseTrack(key)
      return
    }
    const unknown = own.filter(({ isKnown }) => !isKnown)
    if (unknown.length === 0) this.#execute(database, args)
    else if (isDelete(call) || isPlainSet(call) || (this.recording.kind === 'aof' && isTake(call))) {
      // What stands in an append-only file was done.
      this.#execute(database, args)
      for (const key of unknown) {
        key.isKnown = true
        key.attempts.clear()
      }
    } else {
      for (const key of own) {
        if (key.isKnown) this.#loseTrack(key)
        if (isTake(call)) remember(key.attempts, args[2] as string, this.#attemptOf(unit))
      }
    }
  }

  #attemptOf(unit: Unit): Attempt {
    const { source, place, atUs, slackUs, windowUs } = unit
    return { source, place, atUs, slackUs, windowUs, takenBy: this.#texts.identity(unit) }
  }

  #contentOf({ key, database, isKnown }: LockKey): Content | null {
    if (!isKnown) return null
    const entry = this.#redis.database(database).peek(key)
    if (entry === undefined) return null
    const expireAtMs = entry.expireAtMs === null ? null : Number(entry.expireAtMs)
    if (expireAtMs !== null && this.#redis.nowMs > expireAtMs) return null
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
  #compare(key: LockKey, before: Content | null, unit: Unit): void {
    const after = this.#contentOf(key)
    if (after !== null && after.token === null) {
      // Several have a place in it: a semaphore, a queue. That is not judged.
      this.#loseTrack(key)
      return
    }
    const { grant } = key
    if (grant === null || before === null) {
      if (after !== null) this.#grant(key, after.token as string, after.expireAtMs, this.#attemptOf(unit), unit)
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
    this.#grant(key, after.token as string, after.expireAtMs, this.#attemptOf(unit), unit)
  }

  /** Whose command it was: who took the key, or who shows its token. */
  #owner(key: LockKey, grant: Grant, unit: Unit): Identity {
    if (!key.hasSharedToken && tokensOf(unit).includes(grant.token)) return 'same'
    return this.#connections.compare(grant.source, unit.source)
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
    const asks = this.#texts.asksFor(outer, { key: key.key, token: grant.token, isHash: before.isHash }, shown)
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
    this.#loseTrack(key)
    // What a delete leaves is known.
    if (unit.commands.some((call) => isDelete(call) && call.keys?.includes(key.key))) key.isKnown = true
    return true
  }

  /** A try to take what another has. */
  #refuse(key: LockKey, unit: Unit): void {
    for (const call of unit.commands) {
      if (isTake(call) && call.args[1] === key.key) remember(key.refused, call.args[2] as string, this.#attemptOf(unit))
    }
    this.findings.usedLate(key, unit)
  }

  #grant(key: LockKey, token: string, expireAtMs: number | null, attempt: Attempt, unit?: Unit): void {
    const { source, place, atUs, slackUs, windowUs, takenBy } = attempt
    const again = key.past.some(
      (past) => past.token === token && this.#connections.compare(past.source, source) !== 'same',
    )
    if (again) key.hasSharedToken = true
    // An append-only file keeps no NX: there it may be a copy from another server.
    const isOwnTake = unit === undefined || this.recording.kind === 'aof' || unit.isScript || unit.commands.some(isTake)
    key.grant = {
      token,
      source,
      place,
      fromUs: atUs,
      slackUs,
      windowUs,
      isOwnTake,
      takenBy,
      expireAtMs: this.recording.kind === 'aof' ? readableTime(expireAtMs) : expireAtMs,
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
}

/** Relative times in a file whose clock stands still tell nothing. */
const readableTime = (ms: number | null): number | null => (ms !== null && ms < 1_000_000_000_000 ? null : ms)

/** How a grant ends by whose command ended it. */
const endBy = (who: Identity): GrantEnd => (who === 'same' ? 'released' : who === 'other' ? 'taken' : 'deleted')

/** A counter that another client counts up is still whose it was. */
const isCountedUp = (before: string, after: string): boolean =>
  /^\d{1,15}$/.test(before) && after === String(Number(before) + 1)

function remember(attempts: Map<string, Attempt>, token: string, attempt: Attempt): void {
  // The last of several is the one that may have worked.
  if (attempts.has(token) || attempts.size < REMEMBERED_MAX) attempts.set(token, attempt)
}
