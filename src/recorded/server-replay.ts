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
import type { Cause } from '../check/cause.ts'
import { globMatches } from '../redis/glob.ts'
import type { RedisConnection } from '../redis/memory-redis.ts'
import { MemoryRedis } from '../redis/memory-redis.ts'
import { loadLuaEngine } from '../redis/script/node/load.ts'
import { causeWords } from '../words/cause-words.ts'
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
import {
  type Call,
  callOf,
  isDelete,
  isPlainSet,
  isScriptCall,
  isTake,
  scriptKeys,
  takenByScript,
  tokensOf,
  type Unit,
} from './unit.ts'
import { Connections, type Identity } from './who.ts'

const KEYS_MAX = 100_000
/** Ends are whole milliseconds, and a key is gone after its last one. */
const EDGE_MS = 2
/** MONITOR prints when a command is over; the server looked at its clock when it began: after the line before, and at most this long before. */
const WINDOW_US_MAX = 100_000
const EARLY_MAX = 1_000
/** A lock without an expiry is told when the recording goes on this long after it was taken. */
const EXPIRY_WAIT_US = 1_000_000

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
  /** Lock keys, and grants of them. */
  locks = 0
  grants = 0
  /** Keys that were taken, of which it is not known whether they are locks. */
  unjudged = 0
  commands = 0
  gaps = 0
  lastUs = 0
  readonly recording: Pick<ServerRecording, 'name' | 'kind' | 'isComplete'>
  readonly #options: ServerOptions
  readonly #tell: (shown: Shown) => void
  readonly #ended: (key: LockKey, grant: Grant) => void
  readonly #redis: MemoryRedis
  readonly #connection: RedisConnection
  readonly #keys = new Map<string, LockKey>()
  readonly #texts = new ScriptTexts()
  readonly #connections: Connections
  readonly #grantsOf = new WeakMap<LockKey, number>()
  readonly #toldEndless = new WeakSet<LockKey>()
  /** What is said when the recording is over. */
  readonly #early: (() => void)[] = []
  #nowUs = 0
  #script: {
    readonly sent: Sent
    readonly commands: Call[]
    beganUs: number | null
    readonly windowUs: number
  } | null = null
  /** When the line before was printed. */
  #previousUs = 0
  /** Clients that have said MULTI: their next commands are shown when EXEC runs them, all at one time. */
  readonly #inMulti = new Set<string>()
  #transaction: { readonly source: string; readonly sinceUs: number } | null = null
  #hasSeenLua = false
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
    this.#tell = tell
    this.#ended = ended
    this.#redis = new MemoryRedis({ nowUs: () => this.#nowUs, scripts: loadLuaEngine(), version: 'valkey-9.0' })
    this.#connection = this.#redis.connect({ onReply: () => {} })
    this.#connection.mustNotBlock = true
    this.#connections = new Connections(options.isOneEach)
    this.#emptied = recording.isComplete ? null : new Set()
  }

  /** The lock key of that name; undefined: there is none. */
  find(id: string): LockKey | undefined {
    return this.#keys.get(id)
  }

  /** The next command. */
  apply(sent: Sent): void {
    this.commands += 1
    if (sent.atUs !== null) this.lastUs = Math.max(this.lastUs, sent.atUs)
    if (sent.source === 'lua') {
      this.#hasSeenLua = true
      const call = callOf(sent, this.#redis)
      if (this.#script !== null) {
        this.#script.beganUs ??= sent.atUs
        this.#script.commands.push(call)
      } else {
        this.#run({ ...sent, windowUs: WINDOW_US_MAX, source: null, outer: null, isScript: true, commands: [call] })
      }
      this.#previousUs = sent.atUs ?? 0
      return
    }
    this.endScript()
    const windowUs = this.#windowOf(sent)
    this.#previousUs = sent.atUs ?? 0
    if (sent.source !== null && sent.atUs !== null) this.#connections.see(sent.source, sent.atUs)
    if (sent.args.length === 0) return
    if (isScriptCall(sent.args)) {
      if (/^eval(_ro)?$/i.test(sent.args[0] as string)) this.#texts.add(sent.args[1] ?? '')
      this.#script = { sent, commands: [], beganUs: null, windowUs }
      return
    }
    if (/^script$/i.test(sent.args[0] as string) && /^load$/i.test(sent.args[1] ?? '')) {
      this.#texts.add(sent.args[2] ?? '')
    }
    this.#run({ ...sent, windowUs, outer: sent.args, isScript: false, commands: [callOf(sent, this.#redis)] })
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
    for (const say of this.#early.splice(0)) say()
    for (const key of this.#keys.values()) {
      const { grant } = key
      if (grant !== null) {
        const leaseUs = grant.expireAtMs === null ? null : grant.expireAtMs * 1_000
        const isOver = leaseUs !== null && leaseUs < this.lastUs && this.recording.kind === 'monitor'
        if (isOver) this.#end(key, 'expired', leaseUs, grant.place)
        else {
          if (!grant.hadExpiry) this.#tellEndless(key, grant)
          key.grant = null
          key.past.push(grant)
          this.#ended(key, grant)
        }
      }
      this.#settle(key)
    }
  }

  /** What a script called is over when something else comes. */
  endScript(): void {
    const script = this.#script
    if (script === null) return
    this.#script = null
    const { sent, commands, beganUs, windowUs } = script
    // Redis shows what a script calls. Where nothing of the kind is ever shown, what it called is not known.
    if (commands.length === 0 && !this.#hasSeenLua) this.#hide(sent)
    // The clock was read after the script was shown, and before its first command was.
    const atUs = beganUs ?? sent.atUs
    const windowOfRun =
      this.#transaction === null ? (atUs ?? 0) - (sent.atUs ?? 0) : windowUs + (atUs ?? 0) - (sent.atUs ?? 0)
    this.#run({ ...sent, atUs, windowUs: windowOfRun, outer: sent.args, isScript: true, commands })
  }

  /** How long before its line a command may have begun. */
  #windowOf({ atUs, source, args }: Sent): number {
    if (atUs === null || source === null) return 0
    const name = (args[0] ?? '').toLowerCase()
    if (this.#transaction !== null && this.#transaction.source !== source) this.#transaction = null
    if (name === 'multi') this.#inMulti.add(source)
    else if (name === 'exec' || name === 'discard' || name === 'reset') {
      this.#inMulti.delete(source)
      this.#transaction = null
    } else if (this.#inMulti.has(source)) this.#transaction ??= { source, sinceUs: this.#previousUs }
    const passedUs = atUs - (this.#transaction?.sinceUs ?? this.#previousUs)
    // A clock that went back says nothing of how long it was.
    return passedUs < 0 ? WINDOW_US_MAX : Math.min(WINDOW_US_MAX, passedUs)
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
    return this.#hasHidden && !this.#hasSeenLua
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
        this.#settle(oldest)
        this.#keys.delete(oldest.id)
      }
      this.#emptied = new Set()
    }
    const isNamed = this.#options.keys.length > 0
    // Only of named keys every command is looked at.
    const isEmpty = isNamed && (this.#emptied === null || this.#emptied.has(database))
    const key = newLockKey(id, database, name, isEmpty)
    if (isNamed) this.#learn(key, 'sure')
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
    this.#learn(key, 'sure')
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
    return { source, place, atUs, slackUs, windowUs, takenBy: this.#identityOf(unit) }
  }

  #identityOf({ outer, isScript }: Unit): string {
    return outer === null ? '' : isScript ? `script ${this.#texts.identityOf(outer)}` : 'command'
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
      else this.#lateUse(key, unit)
      return
    }
    const wasOwn = this.#owner(key, grant, unit)
    if (after !== null && after.token === grant.token) {
      if (after.expireAtMs === before.expireAtMs) {
        this.#refuse(key, unit)
        return
      }
      if (this.#isAnothers(key, grant, before, unit)) return
      this.#judgeChange(key, grant, unit, 'extended', wasOwn)
      grant.expireAtMs = after.expireAtMs
      grant.windowUs = unit.windowUs
      grant.hadExpiry ||= after.expireAtMs !== null
      if (wasOwn === 'same' && tokensOf(unit).includes(grant.token)) this.#learn(key, 'sure')
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
      if (isFlush) this.#judgeFlush(key, grant, unit, wasOwn)
      else if (wasOwn === 'same') {
        const isShown = tokensOf(unit).includes(grant.token)
        this.#learn(key, isShown ? 'sure' : 'likely')
      } else {
        if (unit.source !== null && key.takers.has(unit.source)) this.#learn(key, 'likely')
        this.#judgeChange(key, grant, unit, 'deleted', wasOwn)
      }
      this.#end(
        key,
        isFlush ? 'forgotten' : wasOwn === 'same' || unit.source === null ? 'released' : 'taken',
        unit.atUs,
        unit.place,
      )
      return
    }
    if (wasOwn !== 'same') this.#judgeChange(key, grant, unit, 'overwritten', wasOwn)
    this.#end(key, wasOwn === 'same' ? 'released' : 'taken', unit.atUs, unit.place)
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
    this.#learn(key, 'sure')
    const token = shown.find((each) => key.refused.has(each))
    const second = token === undefined ? undefined : key.refused.get(token)
    if (token !== undefined && second !== undefined) {
      const what = `${JSON.stringify(key.key)} was given to ${this.#who(second.source, token)} while ${this.#who(grant.source, grant.token)} had it, neither released nor at its end: the server had lost it (a failover, a restart or an eviction)`
      this.#say(key, {
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

  #judgeChange(
    key: LockKey,
    grant: Grant,
    unit: Unit,
    how: 'deleted' | 'extended' | 'overwritten',
    who: Identity,
  ): void {
    if (who === 'same' || (unit.source === null && how !== 'overwritten')) return
    const by = unit.source ?? 'a command'
    const what = `${by} ${how} ${JSON.stringify(key.key)} of ${this.#who(grant.source, grant.token)}`
    const places = [grant.place, unit.place]
    // A script that is not in the recording may have asked.
    const isHidden = unit.isScript && (unit.outer === null || this.#texts.textOf(unit.outer) === null)
    const say = (identity: Identity): void => {
      if (identity === 'same') return
      if (identity === 'other' && !isHidden) {
        const cause: Cause = { kind: 'token-not-compared', by, how }
        const sentence = `${what}. ${causeWords(cause)}`
        this.#say(key, { property: 'foreign-release', status: 'violated', sentence, places, cause })
        return
      }
      const because =
        identity === 'other'
          ? 'whether its script asked whose it is is not known: it is not in the recording'
          : identity.because
      this.#say(key, { property: 'foreign-release', status: 'unknown', sentence: `${what}: ${because}`, places })
    }
    const isEarly = typeof who === 'object' && who.isEarly === true && this.#early.length < EARLY_MAX
    if (isEarly) this.#early.push(() => say(this.#connections.compare(grant.source, unit.source)))
    else say(who)
  }

  #judgeFlush(key: LockKey, grant: Grant, unit: Unit, who: Identity): void {
    if (who === 'same') return
    const cause: Cause = {
      kind: 'redis-lost-it',
      client: grant.source ?? 'its holder',
      ends: [{ node: this.recording.name, how: 'flush' }],
      votes: null,
    }
    this.#say(key, {
      property: 'foreign-release',
      status: who === 'other' ? 'violated' : 'unknown',
      sentence: `${JSON.stringify(key.key)} of ${this.#who(grant.source, grant.token)} was flushed while it was live${who === 'other' ? `. ${causeWords(cause)}` : `: ${who.because}`}`,
      places: [grant.place, unit.place],
      cause,
    })
  }

  /** A try to take what another has. */
  #refuse(key: LockKey, unit: Unit): void {
    for (const call of unit.commands) {
      if (isTake(call) && call.args[1] === key.key) remember(key.refused, call.args[2] as string, this.#attemptOf(unit))
    }
    this.#lateUse(key, unit)
  }

  /** The key is asked for with a token whose lease is over: how long its holder had gone on using it the server cannot see. */
  #lateUse(key: LockKey, unit: Unit): void {
    if (unit.atUs === null || key.hasSharedToken || key.past.length === 0) return
    const shown = tokensOf(unit)
    const isPlain = unit.commands.some((call) => isDelete(call) || /^p?expire(at)?$/.test(call.name))
    if (!unit.isScript && !isPlain) return
    const identity = this.#identityOf(unit)
    const late = key.past.findLast(
      ({ token, source, takenBy }) =>
        token !== key.grant?.token &&
        (unit.isScript ? shown.includes(token) && takenBy !== identity : source === unit.source),
    )
    if (late === undefined || late.isToldLate || late.untilUs === null) return
    if (late.endedBy !== 'expired' && late.endedBy !== 'taken' && late.endedBy !== 'forgotten') return
    const lateUs = unit.atUs - late.untilUs
    if (lateUs <= EDGE_MS * 1_000 + unit.windowUs) return
    late.isToldLate = true
    const how = late.endedBy === 'expired' ? 'its lease had ended' : 'it had lost it'
    const next = key.grant === null ? '' : `, when ${this.#who(key.grant.source, key.grant.token)} had it`
    this.#say(key, {
      property: 'overstated-lease',
      status: 'unknown',
      sentence: `${this.#who(unit.source, late.token)} asked for ${JSON.stringify(key.key)} ${Math.round(lateUs / 1_000)} ms after ${how}${next}: whether it had used it until then no server can say (--belief and --effect can)`,
      places: [late.place, unit.place],
    })
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
    const count = (this.#grantsOf.get(key) ?? 0) + 1
    this.#grantsOf.set(key, count)
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
    if (!grant.hadExpiry && endedBy !== 'unsure') this.#tellEndless(key, grant)
    this.#ended(key, grant)
  }

  #tellEndless(key: LockKey, grant: Grant): void {
    if (this.#toldEndless.has(key)) return
    const isOpen = grant.endedBy === null
    const sinceUs = grant.fromUs === null ? 0 : this.lastUs - grant.fromUs
    const isSure = !isOpen || sinceUs >= EXPIRY_WAIT_US
    this.#toldEndless.add(key)
    const owner = this.#who(grant.source, grant.token)
    const cause: Cause = { kind: 'no-expiry', owner, hasEnded: false }
    this.#say(key, {
      property: 'dead-lock',
      status: isSure ? 'violated' : 'unknown',
      sentence: isSure
        ? `${JSON.stringify(key.key)} has no expiry: if its holder dies it is locked for ever. ${causeWords(cause)}`
        : `${JSON.stringify(key.key)} has no expiry where the recording ends: one may follow`,
      places: [grant.place, ...(grant.endPlace === null ? [] : [grant.endPlace])],
      ...(isSure ? { cause } : {}),
    })
  }

  #learn(key: LockKey, kind: 'likely' | 'sure'): void {
    if (key.kind === 'sure') return
    key.kind = kind
    if (kind === 'likely') return
    for (const shown of key.pending.splice(0)) this.#tell(shown)
  }

  #say(key: LockKey, shown: Shown): void {
    if (key.kind === 'sure') this.#tell(shown)
    else if (key.pending.length < PAST_MAX) key.pending.push(shown)
  }

  /** No more is learned of a key. */
  #settle(key: LockKey): void {
    const count = this.#grantsOf.get(key) ?? 0
    this.#grantsOf.delete(key)
    if (key.kind === 'no') {
      if (count > 0) this.unjudged += 1
      return
    }
    this.locks += 1
    this.grants += count
    for (const shown of key.pending.splice(0)) {
      const sentence =
        shown.status === 'unknown'
          ? shown.sentence
          : `${shown.sentence} Whether that key is a lock is not certain, because no release shows its token: --keys says so`
      this.#tell({ ...shown, status: 'unknown', sentence })
    }
  }

  #who(source: string | null, token: string): string {
    return source === null ? this.#options.nameOf(token) : `${source} (${this.#options.nameOf(token)})`
  }
}

/** Relative times in a file whose clock stands still tell nothing. */
const readableTime = (ms: number | null): number | null => (ms !== null && ms < 1_000_000_000_000 ? null : ms)

/** A counter that another client counts up is still whose it was. */
const isCountedUp = (before: string, after: string): boolean =>
  /^\d{1,15}$/.test(before) && after === String(Number(before) + 1)

function remember(attempts: Map<string, Attempt>, token: string, attempt: Attempt): void {
  // The last of several is the one that may have worked.
  if (attempts.has(token) || attempts.size < REMEMBERED_MAX) attempts.set(token, attempt)
}
