/**
 * The values a key can hold. Bytes are latin-1 strings, so Map keys and comparisons are native.
 *
 * Does not model  Redis's internal encodings: `OBJECT ENCODING` computes what Redis would answer from
 *                 the size of the value (see generic commands).
 */
export type StringValue = { readonly type: 'string'; text: string }
export type HashValue = { readonly type: 'hash'; readonly fields: Map<string, string> }
export type SetValue = { readonly type: 'set'; readonly members: Set<string> }
export type ListValue = { readonly type: 'list'; readonly items: string[] }
/** `order` is kept sorted by (score, member bytes); `scores` answers ZSCORE without a search. */
export type SortedSetValue = {
  readonly type: 'zset'
  readonly scores: Map<string, number>
  readonly order: { score: number; readonly member: string }[]
}
export type Value = StringValue | HashValue | SetValue | ListValue | SortedSetValue

/** One key: its value and when it ends, in milliseconds of the server's wall clock (null: never). */
export interface Entry {
  value: Value
  expireAtMs: number | null
}

/**
 * The value of a string; the head of a list or sorted set; the smallest field or member of a hash or set, whose own order a
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
  }
}

/** By code units, so that it is the same everywhere; null: there is none. */
function smallest(names: Iterable<string>): string | null {
  let least: string | null = null
  for (const name of names) if (least === null || name < least) least = name
  return least
}
