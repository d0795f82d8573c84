/**
 * Finding and storing strings; see `collections.ts` for the other types.
 *
 * Does not model  strings of more than 64 MB.
 */
import { MISMATCH } from './collections.ts'
import { type ErrorReply, OUT_OF_MEMORY, STRING_TOO_LONG } from './errors.ts'
import type { Keyspace } from './keyspace.ts'
import type { StringForm } from './value.ts'

/** `proto-max-bulk-len`: the longest string a key may hold. */
const STRING_BYTES_MAX = 512 * 1024 * 1024

/** Longer strings would be too much for the process that simulates the server: they get Redis's answer for no memory. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024

/** The string at `key`; undefined: no such key; `MISMATCH`: another type. */
export function stringAt(keys: Keyspace, key: string): string | undefined | typeof MISMATCH {
  const entry = keys.find(key)
  if (entry === undefined) return undefined
  return entry.value.type === 'string' ? entry.value.text : MISMATCH
}

/** Stores a string and keeps the TTL, as every command does that changes a string in place. */
export function overwrite(keys: Keyspace, key: string, text: string, form: StringForm): void {
  const entry = keys.look(key)
  if (entry === undefined) {
    keys.put(key, { type: 'string', text, form })
    return
  }
  entry.value = { type: 'string', text, form }
  keys.changed(key)
}

/** The error of a command that would make a string longer than Redis allows; null: it fits. */
export function refuseLength(sizeBytes: number): ErrorReply | null {
  if (sizeBytes > STRING_BYTES_MAX) return STRING_TOO_LONG
  return sizeBytes > MEMORY_BYTES_MAX ? OUT_OF_MEMORY : null
}
