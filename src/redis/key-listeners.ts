/**
 * Who listens for changes of keys in one database: clients with a WATCH, and clients blocked until a key has data.
 *
 * The database calls `changed` only while a client listens, so a world without WATCH and BLPOP pays nothing.
 *
 * Models  dirty CAS of Redis 7.0: a key that expires after WATCH aborts EXEC, one that had expired before does not,
 *         and a change makes the watcher forget all its keys at once. A key is ready for those who are blocked on it when it
 *         appears as a list, sorted set or stream, when a stream vanishes, and when a stream says so itself; so a sorted set
 *         that ZUNIONSTORE writes over a string wakes no client, as in Redis.
 *
 * Source: multi.c (`touchWatchedKey`), db.c (`signalKeyAsReady`) of Redis 7.0; https://redis.io/docs/latest/develop/interact/transactions/
 */

import type { RedisConnection } from './connection.ts'
import type { Keyspace } from './keyspace.ts'
import type { Milliseconds, Value } from './value.ts'

/** One key that one client watches. */
export interface Watch {
  readonly key: string
  readonly listeners: KeyListeners
  readonly connection: RedisConnection
  /** The key's time was already up when it was watched: its removal is no change. */
  wasExpired: boolean
}

export class KeyListeners {
  readonly keys: Keyspace
  readonly #watches = new Map<string, Watch[]>()
  readonly #blocked = new Map<string, RedisConnection[]>()
  /** What each key that a client is blocked on held after its last change. */
  readonly #lastSeen = new Map<string, Value | undefined>()
  #onTouched: ((key: string) => void) | null = null
  readonly #onReady: (listeners: KeyListeners, key: string) => void

  /** `onReady` is told of changed keys for which a client is blocked. */
  constructor(keys: Keyspace, onReady: (listeners: KeyListeners, key: string) => void) {
    this.keys = keys
    this.#onReady = onReady
  }

  /** WATCH. */
  watch(key: string, connection: RedisConnection): Watch {
    const watch: Watch = { key, listeners: this, connection, wasExpired: this.keys.isExpired(key) }
    const watches = this.#watches.get(key)
    if (watches === undefined) this.#watches.set(key, [watch])
    else watches.push(watch)
    this.#listen()
    return watch
  }

  /** UNWATCH of one key. */
  unwatch(watch: Watch): void {
    const watches = this.#watches.get(watch.key)
    if (watches === undefined) return
    const rest = watches.filter((other) => other !== watch)
    if (rest.length === 0) this.#watches.delete(watch.key)
    else this.#watches.set(watch.key, rest)
    this.#listen()
  }

  /** A client waits for data in a key. */
  block(key: string, connection: RedisConnection): void {
    const waiting = this.#blocked.get(key)
    if (waiting === undefined) {
      this.#blocked.set(key, [connection])
      this.#lastSeen.set(key, this.keys.peek(key)?.value)
    } else {
      waiting.push(connection)
    }
    this.#listen()
  }

  /** It waits no longer. */
  unblock(key: string, connection: RedisConnection): void {
    const rest = (this.#blocked.get(key) ?? []).filter((other) => other !== connection)
    if (rest.length === 0) {
      this.#blocked.delete(key)
      this.#lastSeen.delete(key)
    } else {
      this.#blocked.set(key, rest)
    }
    this.#listen()
  }

  /** Clients blocked on a key, the one that waits longest first. */
  blockedOn(key: string): readonly RedisConnection[] {
    return this.#blocked.get(key) ?? []
  }

  /** The first deadline of the streams that clients wait for; null: none has one. */
  firstDeadlineMs(): number | null {
    let first: Milliseconds | null = null
    for (const key of this.#blocked.keys()) {
      const entry = this.keys.peek(key)
      if (entry === undefined || entry.value.type !== 'stream' || entry.expireAtMs === null) continue
      if (first === null || entry.expireAtMs < first) first = entry.expireAtMs
    }
    return first === null ? null : Number(first)
  }

  /** SWAPDB gave this database other contents: every watched key that is in either counts as changed. */
  replaced(before: Keyspace): void {
    for (const [key, watches] of this.#watches) {
      const isHere = this.keys.peek(key) !== undefined
      if (!isHere && before.peek(key) === undefined) continue
      for (const watch of watches) this.#touchReplaced(watch, isHere, before)
    }
    for (const key of this.#blocked.keys()) {
      const value = this.keys.peek(key)?.value
      this.#lastSeen.set(key, value)
      if (value !== undefined) this.#onReady(this, key)
    }
  }

  #touchReplaced(watch: Watch, isHere: boolean, before: Keyspace): void {
    if (watch.wasExpired) {
      if (!isHere) {
        watch.wasExpired = false
        return
      }
      if (this.keys.isExpired(watch.key)) return
    } else if (before.peek(watch.key) === undefined && this.keys.isExpired(watch.key)) {
      watch.wasExpired = true
      return
    }
    watch.connection.markDirty()
  }

  #listen(): void {
    const isWanted = this.#watches.size > 0 || this.#blocked.size > 0 || this.#onTouched !== null
    if (!isWanted) {
      this.keys.onChange = null
      this.keys.onReady = null
    } else if (this.keys.onChange === null) {
      this.keys.onChange = (key) => this.#changed(key)
      this.keys.onReady = (key) => {
        if (this.#blocked.has(key)) this.#onReady(this, key)
      }
    }
  }

  /** Every changed key is told from now on. */
  track(onTouched: (key: string) => void): void {
    this.#onTouched = onTouched
    this.#listen()
  }

  #changed(key: string): void {
    if (this.#onTouched !== null) this.#onTouched(key)
    const watches = this.#watches.get(key)
    if (watches !== undefined) this.#touch(key, watches)
    if (this.#blocked.has(key) && this.#isReady(key)) this.#onReady(this, key)
  }

  /** Redis signals a key where it adds one to the database; where it deletes or overwrites one only for streams. */
  #isReady(key: string): boolean {
    const before = this.#lastSeen.get(key)
    const after = this.keys.peek(key)?.value
    if (before === after) return false
    this.#lastSeen.set(key, after)
    if (before !== undefined) return before.type === 'stream'
    return after?.type === 'stream' || after?.type === 'list' || after?.type === 'zset'
  }

  #touch(key: string, watches: readonly Watch[]): void {
    for (const watch of watches) {
      if (watch.wasExpired) {
        if (this.keys.peek(key) !== undefined) return
        watch.wasExpired = false
      } else {
        watch.connection.markDirty()
        watch.connection.transaction.unwatch()
      }
    }
  }
}
