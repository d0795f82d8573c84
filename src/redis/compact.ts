/**
 * Which collections Redis keeps in a compact encoding (listpack, intset), because a few replies depend on it: OBJECT
 * ENCODING, the order of SMEMBERS, what SCAN hands out at once, -0 and large integers as scores.
 *
 * A collection begins compact and leaves that encoding for ever when it grows too large or gets an element that is too long
 * (or, in a set, no integer). Only writes look at the limits, so a new limit changes no collection until something is
 * written to it.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/memory-optimization/
 */
import { parseInteger, parseInteger64 } from './arguments.ts'
import type { HashValue, SetValue } from './value.ts'

/** Parameters of the server. */
export interface CompactLimits {
  readonly hashEntries: number
  readonly hashValueBytes: number
  readonly sortedSetEntries: number
  readonly sortedSetValueBytes: number
  readonly intsetEntries: number
  /** 0: the listpack's own limit. */
  readonly streamNodeBytes: number
  /** 0: none. */
  readonly streamNodeEntries: number
  /** Of HyperLogLogs. */
  readonly sparseLogBytes: number
}

export const DEFAULT_COMPACT_LIMITS: CompactLimits = {
  hashEntries: 512,
  hashValueBytes: 64,
  sortedSetEntries: 128,
  sortedSetValueBytes: 64,
  intsetEntries: 512,
  streamNodeBytes: 4096,
  streamNodeEntries: 100,
  sparseLogBytes: 3000,
}

/** Whether a string fits into a compact hash; `length` in bytes. */
export const fitsHash = (text: string, limits: CompactLimits): boolean => text.length <= limits.hashValueBytes

/** Adds or replaces a field. */
export function setField(hash: HashValue, field: string, text: string, limits: CompactLimits): void {
  hash.fields.set(field, text)
  if (!hash.isCompact) return
  hash.isCompact = hash.fields.size <= limits.hashEntries && fitsHash(field, limits) && fitsHash(text, limits)
}

/** A set of these members, as SADD makes it by adding one after the other. */
export function setOf(members: Set<string>, limits: CompactLimits): SetValue {
  return { type: 'set', members, isCompact: members.size <= limits.intsetEntries && areIntegers(members) }
}

/** Adds a member; false when it was there. */
export function addMember(set: SetValue, member: string, limits: CompactLimits): boolean {
  const { members } = set
  const sizeBefore = members.size
  members.add(member)
  if (members.size === sizeBefore) return false
  if (set.isCompact) set.isCompact = members.size <= limits.intsetEntries && parseInteger(member) !== null
  return true
}

/** Whether a sorted set with `count` members, the longest of which has `bytes`, may be compact. */
export const fitsSortedSet = (count: number, bytes: number, limits: CompactLimits): boolean =>
  count <= limits.sortedSetEntries && bytes <= limits.sortedSetValueBytes

/** The members in the order in which Redis lists them: integers ascending in an intset, else as they were added. */
export function membersInOrder({ members, isCompact }: SetValue): string[] {
  const list = [...members]
  if (isCompact) list.sort(compareIntegers)
  return list
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
