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
import { type Content, Grants, type GrantsOptions, remember } from './grants.ts'
import type { LockFindings } from './lock-findings.ts'
import { type LockKey, newLockKey, REMEMBERED_MAX } from './lock-key.ts'
import type { Sent, ServerRecording } from './sent.ts'
import { type Call, isDelete, isPlainSet, isTake, scriptKeys, takenByScript, type Unit } from './unit.ts'
import { UnitReader } from './unit-reader.ts'

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

export interface ServerOptions extends Omit<GrantsOptions, 'tell' | 'ended'> {
  /** Globs of the keys that are locks; none: they are learned. */
  readonly keys: readonly string[]
}

export class ServerReplay {
  commands = 0
  gaps = 0
  readonly recording: Pick<ServerRecording, 'name' | 'kind' | 'isComplete'>
  readonly #options: ServerOptions
  readonly #grants: Grants
  readonly #keys = new Map<string, LockKey>()
  readonly #units: UnitReader
  #hasHidden = false
  /** Databases of which all keys are known that are not in `#keys`; null: all. */
  #emptied: Set<number> | null

  constructor(
    recording: Pick<ServerRecording, 'name' | 'kind' | 'isComplete'>,
    options: ServerOptions,
    told: Pick<GrantsOptions, 'tell' | 'ended'>,
  ) {
    this.recording = recording
    this.#options = options
    this.#grants = new Grants(recording, { ...options, ...told })
    const { redis, texts } = this.#grants
    this.#units = new UnitReader(redis, texts, {
      run: (unit) => this.#run(unit),
      hide: (sent) => this.#hide(sent),
    })
    this.#emptied = recording.isComplete ? null : new Set()
  }

  get findings(): LockFindings {
    return this.#grants.findings
  }

  /** When the recording was last heard of. */
  get lastUs(): number {
    return this.#grants.lastUs
  }

  /** The lock key of that name; undefined: there is none. */
  find(id: string): LockKey | undefined {
    return this.#keys.get(id)
  }

  /** The next command. */
  apply(sent: Sent): void {
    this.commands += 1
    const { atUs, source } = sent
    if (atUs !== null) this.#grants.lastUs = Math.max(this.lastUs, atUs)
    if (atUs !== null && source !== null && source !== 'lua') this.#grants.connections.see(source, atUs)
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
    for (const key of this.#keys.values()) this.#grants.loseTrack(key)
  }

  /** The recording is over. */
  finish(): void {
    this.endScript()
    this.findings.sayEarly()
    for (const key of this.#keys.values()) {
      this.#grants.finish(key)
      this.findings.settle(key)
    }
  }

  #hide(sent: Sent): void {
    for (const name of scriptKeys(sent.args)) {
      const key = this.#keys.get(`${sent.database} ${name}`)
      if (key === undefined) continue
      this.#hasHidden = true
      this.#grants.loseTrack(key)
    }
  }

  /** Scripts touched keys, and no command of any script is in the recording. */
  get hidesScripts(): boolean {
    return this.#hasHidden && !this.#units.hasSeenLua
  }

  #run(unit: Unit): void {
    // An append-only file tells each end itself, so its clock stands still.
    this.#grants.nowUs = this.recording.kind === 'aof' ? 0 : (unit.atUs ?? 0)
    const touched = this.#touched(unit)
    if (touched.size === 0) return
    const before = new Map<LockKey, Content | null>()
    for (const key of touched) {
      this.#grants.expire(key, unit)
      if (unit.isScript) this.#grants.proveAttempt(key, unit)
      before.set(key, this.#grants.contentOf(key))
    }
    for (const call of unit.commands) this.#call(call, unit)
    for (const key of touched) if (key.isKnown) this.#grants.compare(key, before.get(key) ?? null, unit)
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
        this.#grants.loseTrack(oldest)
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

  #call(call: Call, unit: Unit): void {
    const { name, database, args } = call
    if (name === 'flushall' || name === 'flushdb') {
      for (const key of this.#keys.values()) {
        if (name === 'flushdb' && key.database !== database) continue
        key.isKnown = true
        this.#grants.remove(key)
      }
      return
    }
    const own = (call.keys ?? args.slice(1)).flatMap((key) => this.#keys.get(`${database} ${key}`) ?? [])
    if (own.length === 0) {
      if (name === 'swapdb') for (const key of this.#keys.values()) this.#grants.loseTrack(key)
      return
    }
    if (call.keys === null || UNSURE.has(name)) {
      for (const key of own) this.#grants.loseTrack(key)
      return
    }
    const unknown = own.filter(({ isKnown }) => !isKnown)
    if (unknown.length === 0) this.#grants.execute(database, args)
    else if (isDelete(call) || isPlainSet(call) || (this.recording.kind === 'aof' && isTake(call))) {
      // What stands in an append-only file was done.
      this.#grants.execute(database, args)
      for (const key of unknown) {
        key.isKnown = true
        key.attempts.clear()
      }
    } else {
      for (const key of own) {
        if (key.isKnown) this.#grants.loseTrack(key)
        if (isTake(call)) remember(key.attempts, args[2] as string, this.#grants.attemptOf(unit))
      }
    }
  }
}
