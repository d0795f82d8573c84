/**
 * Fields of hashes that end by themselves (Redis 7.4): when each ends, and that it is gone then.
 *
 * Models          a field is gone when the clock has passed its deadline; it is removed when a command comes to its hash, or
 *                 by the active expiry cycle; a hash without fields is no key.
 * Does not model  deadlines in DUMP, whose format for them is that of Redis 7.4.
 *
 * Source: https://redis.io/docs/latest/commands/hexpire/
 */
import type { Keyspace } from './keyspace.ts'
import type { HashValue } from './value.ts'

/** Sets or removes (null) the deadline of a field that is there. */
export function setDeadline(keys: Keyspace, hash: HashValue, field: string, atMs: number | null): void {
  if (atMs === null) hash.deadlines?.delete(field)
  else {
    hash.deadlines ??= new Map()
    hash.deadlines.set(field, atMs)
    keys.hasEndingFields = true
  }
}

/** Removes the fields whose time is up; how many. */
export function endFields({ fields, deadlines }: HashValue, nowMs: number): number {
  let count = 0
  for (const [field, atMs] of deadlines ?? []) {
    if (nowMs <= atMs) continue
    fields.delete(field)
    deadlines?.delete(field)
    count++
  }
  return count
}
