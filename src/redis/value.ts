/**
 * The values a key can hold. Bytes are latin-1 strings, so Map keys and comparisons are native.
 *
 * Models          what of Redis's internal encodings a client can see: OBJECT ENCODING, the order of SMEMBERS, what SCAN
 *                 hands out at once (see `compact.ts`).
 */

import { firstEntry, type StreamValue } from './stream.ts'

/**
 * How a string came to be, which decides its encoding: `chosen` by Redis when it stored a whole value (an integer where the
 * text is one), `text` by a command that does not look for integers, `raw` by a change inside the string.
 */
export type StringForm = 'chosen' | 'text' | 'raw'

export type StringValue = { readonly type: 'string'; text: string; readonly form: StringForm }
export type HashValue = {
  readonly type: 'hash'
  readonly fields: Map<string, string>
  isCompact: boolean
  /** When fields end that do: see `hash-fields.ts`. */
  deadlines?: Map<string, number>
}
export type SetValue = { readonly type: 'set'; readonly members: Set<string>; isCompact: boolean }
export type ListValue = { readonly type: 'list'; readonly items: string[] }
/** `order` is kept sorted by (score, member bytes); `scores` answers ZSCORE without a search. */
export type SortedSetValue = {
  readonly type: 'zset'
  readonly scores: Map<string, number>
  readonly order: { score: number; readonly member: string }[]
  isCompact: boolean
}
export type Value = StringValue | HashValue | SetValue | ListValue | SortedSetValue | StreamValue

/** A time of the server's wall clock in ms: a number up to 2^53, a bigint beyond. */
export type Milliseconds = number | bigint

/** One key. */
export interface Entry {
  value: Value
  /** When it ends; null: never. */
  expireAtMs: Milliseconds | null
  /** When it was last used, as OBJECT IDLETIME and OBJECT FREQ need it: see `usage-clock.ts`. */
  usage: number
}

/**
 * The value of a string; the head of a list or sorted set; the first field of the first entry of a stream; the smallest field or member of a hash or set, whose own order a
 * real Redis changes when it packs them in another way.
 */
export function firstText(value: Value): string | null {
  switch (value.type) {
    case 'string':
      return value.text
    case 'hash':
      return smallest(value.fields.keys())
    case 'set':
      return smallest(value.members.values())
    case 'list':
      return value.items[0] ?? null
    case 'zset':
      return value.order[0]?.member ?? null
    case 'stream':
      return firstEntry(value)?.fields[0] ?? null
  }
}

/** By code units, so that it is the same everywhere; null: there is none. */
function smallest(names: Iterable<string>): string | null {
  let least: string | null = null
  for (const name of names) if (least === null || name < least) least = name
  return least
}
