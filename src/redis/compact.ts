/**
 * Which collections Redis would keep in a compact encoding (listpack, intset), because a few replies depend on it:
 * the order of SMEMBERS, what SCAN hands out at once, -0 and large integers as scores.
 *
 * Does not model  that a collection never goes back to its compact encoding: what counts here is what it holds now.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/memory-optimization/
 * with the defaults of Redis 7.0: `hash-max-listpack-entries 512`, `hash-max-listpack-value 64`,
 * `zset-max-listpack-entries 128`, `zset-max-listpack-value 64`, `set-max-intset-entries 512`.
 */
import { parseInteger, parseInteger64 } from './arguments.ts'
import type { HashValue, SetValue, SortedSetValue } from './value.ts'

const HASH_ENTRIES_MAX = 512
const SORTED_SET_ENTRIES_MAX = 128
const LISTPACK_VALUE_BYTES_MAX = 64
const INTSET_ENTRIES_MAX = 512

/** Whether Redis would hold the value as one block of memory. */
export function isCompact(value: HashValue | SetValue | SortedSetValue): boolean {
  switch (value.type) {
    case 'hash':
      return isCompactHash(value)
    case 'zset':
      return isCompactSortedSet(value)
    case 'set':
      return value.members.size <= INTSET_ENTRIES_MAX && areIntegers(value.members)
  }
}

/** The members in the order in which Redis lists them: integers ascending in an intset, else as they were added. */
export function membersInOrder({ members }: SetValue): string[] {
  const list = [...members]
  if (members.size <= INTSET_ENTRIES_MAX && areIntegers(members)) list.sort(compareIntegers)
  return list
}

function isCompactHash({ fields }: HashValue): boolean {
  if (fields.size > HASH_ENTRIES_MAX) return false
  for (const [field, text] of fields) {
    if (field.length > LISTPACK_VALUE_BYTES_MAX || text.length > LISTPACK_VALUE_BYTES_MAX) return false
  }
  return true
}

function isCompactSortedSet({ order }: SortedSetValue): boolean {
  return (
    order.length <= SORTED_SET_ENTRIES_MAX && order.every(({ member }) => member.length <= LISTPACK_VALUE_BYTES_MAX)
  )
}

function areIntegers(members: ReadonlySet<string>): boolean {
  for (const member of members) if (parseInteger(member) === null) return false
  return true
}

/** Integers of one sign and length compare like their texts; doubles are exact enough below 16 digits. */
function compareIntegers(a: string, b: string): number {
  if (a.length < 16 && b.length < 16) return Number(a) - Number(b)
  const difference = (parseInteger64(a) ?? 0n) - (parseInteger64(b) ?? 0n)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
