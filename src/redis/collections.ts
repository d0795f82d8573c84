/**
 * Finding and storing hashes, sets, lists and sorted sets: every command of these groups begins here.
 *
 * A missing key is `undefined`, a key of another type is `MISMATCH` (the command answers `WRONG_TYPE`); two plain
 * comparisons and no allocation on the hot path of locks.
 */
import type { Keyspace } from './keyspace.ts'
import type { KeyEvent } from './keyspace-events.ts'
import type { StreamValue } from './stream.ts'
import type { HashValue, ListValue, SetValue, SortedSetValue, Value } from './value.ts'

/** The key holds a value of another type. */
export const MISMATCH: unique symbol = Symbol('mismatch')

/** The hash at `key`. */
export function hashAt(keys: Keyspace, key: string): HashValue | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'hash' ? entry.value : MISMATCH
}

/** The set at `key`. */
export function setAt(keys: Keyspace, key: string): SetValue | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'set' ? entry.value : MISMATCH
}

/** The list at `key`. */
export function listAt(keys: Keyspace, key: string): ListValue | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'list' ? entry.value : MISMATCH
}

/** The sorted set at `key`. */
export function sortedSetAt(keys: Keyspace, key: string): SortedSetValue | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'zset' ? entry.value : MISMATCH
}

/** The stream at `key`. */
export function streamAt(keys: Keyspace, key: string): StreamValue | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'stream' ? entry.value : MISMATCH
}

/** After elements left a collection: the key goes with the last of them. */
export function shrunk(keys: Keyspace, key: string, countLeft: number, event: KeyEvent, changes: number): void {
  keys.wrote(event, key, changes)
  if (countLeft > 0) {
    keys.changed(key)
    return
  }
  keys.remove(key)
  keys.wrote('del', key, 0)
}

/** What a `…STORE` leaves: `count` elements, announced as `event`. */
export interface Stored {
  readonly value: Value
  readonly count: number
  readonly event: KeyEvent
}

/** The end of every `…STORE`: the result replaces whatever is at `key`, TTL included; an empty result removes the key. */
export function store(keys: Keyspace, key: string, { value, count, event }: Stored): number {
  if (count > 0) {
    keys.put(key, value)
    keys.wrote(event, key)
  } else if (keys.remove(key)) {
    keys.wrote('del', key)
  }
  return count
}
