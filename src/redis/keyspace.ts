/**
 * One database of the in-memory Redis: keys, values, expiry.
 *
 * Does not model  the active expiry cycle: a key whose time is up stays until something looks at it, or FLUSHDB.
 *
 * Invariants
 * - A key is gone when `nowMs > expireAtMs`: at exactly the deadline PTTL is 0 and the value still there,
 *   as measured on redis-server 7.0.15.
 * - Expiry is lazy and uses the time that the running command sees, so one command never sees two times.
 * - Every change of a key goes through `changed`, which is what WATCH, blocked clients and observers listen to.
 *
 * Source: https://redis.io/docs/latest/commands/expire/
 */
import type { Entry, Value } from './value.ts'

export class Keyspace {
  #entries = new Map<string, Entry>()
  /** The number SELECT takes. */
  readonly index: number
  /** The time of the running command; the server sets it before each command. */
  nowMs = 0
  /** Told of every key that changed or vanished; the server hangs WATCH and blocked clients on it. */
  onChange: ((key: string) => void) | null = null

  constructor(index = 0) {
    this.index = index
  }

  /** The live entry of a key; an expired one is removed first. */
  find(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.expireAtMs !== null && this.nowMs > entry.expireAtMs) {
      this.#entries.delete(key)
      this.onChange?.(key)
      return undefined
    }
    return entry
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
  put(key: string, value: Value, expireAtMs: number | null = null): void {
    // An expired value is removed before it is replaced, because a WATCH tells the two changes apart.
    if (this.onChange !== null) this.find(key)
    this.#entries.set(key, { value, expireAtMs })
    this.onChange?.(key)
  }

  /** Removes a key; false when it was not there. */
  remove(key: string): boolean {
    if (this.find(key) === undefined) return false
    this.#entries.delete(key)
    this.onChange?.(key)
    return true
  }

  /** Must follow every change made inside an entry (a pushed item, a new TTL). Empty collections are removed by the caller. */
  changed(key: string): void {
    this.onChange?.(key)
  }

  /** Every entry, also those whose time is up but which nobody touched since; in insertion order. */
  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries()
  }

  /** Number of entries as DBSIZE counts them: expired keys count until something removes them. */
  get size(): number {
    return this.#entries.size
  }

  /** FLUSHDB. */
  clear(): void {
    if (this.#entries.size === 0) return
    const keys = this.onChange === null ? [] : [...this.#entries.keys()]
    this.#entries.clear()
    for (const key of keys) this.onChange?.(key)
  }

  /** SWAPDB: the contents change places, the listeners stay. */
  swapWith(other: Keyspace): void {
    const mine = this.#entries
    this.#entries = other.#entries
    other.#entries = mine
  }
}
