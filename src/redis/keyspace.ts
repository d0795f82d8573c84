/**
 * One database of the in-memory Redis: keys, values, expiry.
 *
 * Invariants
 * - A key is gone when `nowMs > expireAtMs`: at exactly the deadline PTTL is 0 and the value still there,
 *   as measured on redis-server 7.0.15.
 * - Expiry uses the time that the running command sees, so one command never sees two times. A key whose time is up is
 *   removed when a command comes to it, or by the active expiry cycle (`expireDue`), whichever is first.
 * - Every change of a key goes through `changed`, which is what WATCH, blocked clients and observers listen to, and through
 *   `wrote`, which counts it and announces it.
 *
 * Source: https://redis.io/docs/latest/commands/expire/
 */
import { DEFAULT_COMPACT_LIMITS } from './compact.ts'
import { endFields } from './hash-fields.ts'
import type { KeyEvent } from './keyspace-events.ts'
import { type FrequencySettings, firstFrequency, usageSecond, usedOnceMore } from './usage-clock.ts'
import type { Entry, Milliseconds, Value } from './value.ts'

/** What becomes of a key whose time is up: on a replica, or while CLIENT PAUSE is on, it is not removed yet. */
export type LateKey = 'removed' | 'hidden' | 'shown'

export class Keyspace {
  #entries = new Map<string, Entry>()
  /** The number SELECT takes. */
  readonly index: number
  /** The time of the running command; the server sets it before each command. */
  nowMs = 0
  /** The running command only reads: what it finds counts as a hit, what it does not find as a miss. */
  isReading = false
  hits = 0
  misses = 0
  /** Changes since the start, as Redis counts them (`dirty`). */
  changes = 0
  /** Some hash has, or had, fields that end by themselves. */
  hasEndingFields = false
  /** What becomes of a key whose time is up; null: it is removed. */
  lateKey: (() => LateKey) | null = null
  /** Told of a key that was removed because its time was up; set on a server that has replicas. */
  onExpire: ((keys: Keyspace, key: string) => void) | null = null
  /** Keys whose time was up when they were removed. */
  expiredCount = 0
  /** Up to which size collections keep their compact encoding. */
  compactLimits = DEFAULT_COMPACT_LIMITS
  /** An LFU policy counts uses; null: the time of the last use is kept. */
  frequencies: FrequencySettings | null = null
  /** Told of every key that changed or vanished; the server hangs WATCH and blocked clients on it. */
  onChange: ((key: string) => void) | null = null
  /** Told of a stream that has something for clients that wait; set together with `onChange`. */
  onReady: ((key: string) => void) | null = null
  /** Told what happened to keys; null: keyspace events are not asked for. */
  onEvent: ((event: KeyEvent, key: string) => void) | null = null

  constructor(index = 0) {
    this.index = index
  }

  /** The live entry of a key, which counts as used; an expired one is removed first. */
  find(key: string): Entry | undefined {
    const entry = this.look(key)
    if (entry === undefined) {
      if (this.isReading) this.#miss(key)
      return undefined
    }
    entry.usage =
      this.frequencies === null ? usageSecond(this.nowMs) : usedOnceMore(entry.usage, this.nowMs, this.frequencies)
    if (this.isReading) this.hits++
    return entry
  }

  #miss(key: string): void {
    this.misses++
    this.onEvent?.('keymiss', key)
  }

  /** `find` inside a command that writes, where it reads a value for its reply: GETDEL, SET with GET. */
  read(key: string): Entry | undefined {
    this.isReading = true
    const entry = this.find(key)
    this.isReading = false
    return entry
  }

  /** The live entry of a key, as if it had not been looked up; an expired one is removed first. */
  look(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (this.hasEndingFields && entry !== undefined && this.#endFields(key, entry, this.nowMs)) return undefined
    if (entry === undefined || entry.expireAtMs === null || this.nowMs <= entry.expireAtMs) return entry
    return this.#expire(key) ? undefined : entry
  }

  /** Removes fields of a hash whose time is up; true: it was left without any, and is gone. */
  #endFields(key: string, { value }: Entry, nowMs: number): boolean {
    if (value.type !== 'hash' || value.deadlines === undefined) return false
    const count = this.lateKey !== null && this.lateKey() !== 'removed' ? 0 : endFields(value, nowMs)
    if (count === 0) return false
    this.onEvent?.('hexpired', key)
    const isEmpty = value.fields.size === 0
    if (isEmpty) {
      this.#entries.delete(key)
      this.onEvent?.('del', key)
    }
    this.onChange?.(key)
    return isEmpty
  }

  /** `find` of a command that reads, for which the key does not count as used (TTL, TYPE, EXISTS). */
  glance(key: string): Entry | undefined {
    const entry = this.look(key)
    if (entry === undefined) this.#miss(key)
    else this.hits++
    return entry
  }

  /** A key whose time is up: true, the command that runs does not see it. */
  #expire(key: string): boolean {
    const fate = this.lateKey === null ? 'removed' : this.lateKey()
    if (fate !== 'removed') return fate === 'hidden'
    this.#entries.delete(key)
    this.expiredCount++
    this.onExpire?.(this, key)
    this.onEvent?.('expired', key)
    this.onChange?.(key)
    return true
  }

  /** The entry as it is stored, even when its time is up; nothing is removed. */
  peek(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Whether the key is stored and its time is up. */
  isExpired(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.expireAtMs !== null && this.nowMs > entry.expireAtMs
  }

  /** Stores a value; the old TTL is dropped unless `expireAtMs` says otherwise. */
  put(key: string, value: Value, expireAtMs: Milliseconds | null = null): void {
    // An expired value is removed before it is replaced, because a WATCH tells the two changes apart.
    this.replace(key, this.look(key), value, expireAtMs)
  }

  /** `put` of a command that has just looked for the key and found `old`. */
  replace(key: string, old: Entry | undefined, value: Value, expireAtMs: Milliseconds | null): void {
    if (old === undefined) {
      const usage = this.frequencies === null ? usageSecond(this.nowMs) : firstFrequency(this.nowMs)
      this.#entries.set(key, { value, expireAtMs, usage })
      if (this.onEvent !== null) this.onEvent('new', key)
    } else {
      old.value = value
      old.expireAtMs = expireAtMs
      if (this.frequencies === null) old.usage = usageSecond(this.nowMs)
    }
    if (this.onChange !== null) this.onChange(key)
  }

  /** What a command leaves that has changed nothing, as Redis counts: no client that watches the key or caches it is told. */
  putUnseen(key: string, value: Value): void {
    const { onChange } = this
    this.onChange = null
    this.put(key, value, this.peek(key)?.expireAtMs ?? null)
    this.onChange = onChange
  }

  /** Removes a key; false when it was not there. */
  remove(key: string): boolean {
    if (this.look(key) === undefined) return false
    this.#entries.delete(key)
    this.onChange?.(key)
    return true
  }

  /** Must follow every change made inside an entry (a pushed item, a new TTL). Empty collections are removed by the caller. */
  changed(key: string): void {
    this.onChange?.(key)
  }

  /** A stream has a new entry, or has lost a group: what clients wait for, which other changes of a stream are not. */
  ready(key: string): void {
    if (this.onReady !== null) this.onReady(key)
  }

  /** A command has done to a key what Redis announces as `event` and counts as `changes`. */
  wrote(event: KeyEvent, key: string, changes = 1): void {
    this.changes += changes
    if (this.onEvent !== null) this.onEvent(event, key)
  }

  /** The active expiry cycle: removes every key whose time was up at `nowMs`. */
  expireDue(nowMs: number): void {
    if (this.hasEndingFields) for (const [key, entry] of this.#entries) this.#endFields(key, entry, nowMs)
    for (const [key, { expireAtMs }] of this.#entries) if (expireAtMs !== null && nowMs > expireAtMs) this.#expire(key)
  }

  /** The first deadline of all keys; null: none has one. */
  firstDeadlineMs(): number | null {
    let first: Milliseconds | null = null
    for (const { expireAtMs } of this.#entries.values()) {
      if (expireAtMs !== null && (first === null || expireAtMs < first)) first = expireAtMs
    }
    return first === null ? null : Number(first)
  }

  /** Every entry, also those whose time is up but which were not touched since; in insertion order. */
  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries()
  }

  /** Number of entries as DBSIZE counts them: expired keys count until something removes them. */
  get size(): number {
    return this.#entries.size
  }

  /** FLUSHDB. */
  clear(): void {
    this.changes += this.#entries.size
    if (this.#entries.size === 0) return
    const keys = this.onChange === null ? [] : [...this.#entries.keys()]
    this.#entries.clear()
    for (const key of keys) this.onChange?.(key)
  }

  /** CONFIG RESETSTAT. */
  resetCounts(): void {
    this.hits = 0
    this.misses = 0
    this.expiredCount = 0
  }

  /** SWAPDB: the contents change places, the listeners stay. */
  swapWith(other: Keyspace): void {
    const mine = this.#entries
    this.#entries = other.#entries
    other.#entries = mine
    const hasEndingFields = this.hasEndingFields || other.hasEndingFields
    this.hasEndingFields = hasEndingFields
    other.hasEndingFields = hasEndingFields
  }
}
