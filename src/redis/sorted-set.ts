/**
 * The sorted set: members ordered by score, then by the bytes of the member.
 *
 * Models          ranks, score ranges, and lexicographic ranges as Redis walks them. In a set whose scores differ a
 *                 lexicographic range has no defined meaning; Redis walks from one end to the first member in range and
 *                 stops at the first one out of it, and so does this. A large set it counts by the ranks of both ends.
 * Does not model  the skip list: `order` is a sorted array, so a change costs O(n), which is a memmove. In a large set of
 *                 mixed scores Redis's walk jumps at random; here it goes step by step.
 *
 * Invariants
 * - `order` and `scores` hold the same members with the same scores.
 * - `order` is strictly ascending by (score, member); no score is NaN.
 * - A small set holds no -0: Redis keeps integers in its compact encoding as integers, which have no sign of zero.
 *
 * Source: https://redis.io/docs/latest/develop/data-types/sorted-sets/
 */
import { type CompactLimits, fitsSortedSet } from './compact.ts'
import type { SortedSetValue } from './value.ts'

/** A member with its score. */
export type Scored = SortedSetValue['order'][number]

/** Half open range of ranks: `from` is in it, `to` is not; empty when `from >= to`. */
export interface RankRange {
  readonly from: number
  readonly to: number
}

/** A range of scores; the ends belong to it unless they are exclusive. */
export interface ScoreRange {
  readonly min: number
  readonly max: number
  readonly isMinExclusive: boolean
  readonly isMaxExclusive: boolean
}

/** One end of a lexicographic range; `'-'` lies before every member and `'+'` after. */
export type LexBound = '-' | '+' | { readonly member: string; readonly isExclusive: boolean }

/** How a range is walked: from which end, how many are skipped, how many are wanted (negative: all). */
export interface Walk {
  readonly isReverse: boolean
  readonly offset: number
  readonly count: number
}

/** A lexicographic range. */
export interface LexRange {
  readonly min: LexBound
  readonly max: LexBound
}

/** An empty sorted set that is made for this first member. */
export const emptySortedSet = (member: string, limits: CompactLimits): SortedSetValue => ({
  type: 'zset',
  scores: new Map(),
  order: [],
  isCompact: fitsSortedSet(1, member.length, limits),
})

/** A sorted set of these scores, as ZUNIONSTORE and its relatives make it: compact if it fits. */
export function sortedSetOf(scores: Map<string, number>, limits: CompactLimits): SortedSetValue {
  const order = Array.from(scores, ([member, score]) => ({ score, member })).sort(compare)
  let bytesMax = 0
  for (const { member } of order) if (member.length > bytesMax) bytesMax = member.length
  const zset: SortedSetValue = { type: 'zset', scores, order, isCompact: fitsSortedSet(order.length, bytesMax, limits) }
  for (const item of order) if (Object.is(item.score, -0)) forgetSignOfZero(zset, item)
  return zset
}

/** By score, then by the bytes of the member. */
export function compare(a: Scored, b: Scored): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return a.member < b.member ? -1 : a.member > b.member ? 1 : 0
}

/** Adds a member or moves it to its new place; `score` is not NaN. */
export function setScore(zset: SortedSetValue, member: string, score: number, limits: CompactLimits): void {
  const { scores, order } = zset
  const old = scores.get(member)
  if (old === score) return
  const item = old === undefined ? { score, member } : order.splice(indexOf(order, old, member), 1)[0]!
  item.score = score
  scores.set(member, score)
  if (old === undefined && zset.isCompact) zset.isCompact = fitsSortedSet(scores.size, member.length, limits)
  const last = order[order.length - 1]
  // Semaphores and queues add with growing scores: the end is tried before the search.
  if (last === undefined || last.score < score) order.push(item)
  else order.splice(indexOf(order, score, member), 0, item)
  if (score === 0 && Object.is(score, -0)) forgetSignOfZero(zset, item)
}

/** Removes a member; false when it was not there. */
export function removeMember({ scores, order }: SortedSetValue, member: string): boolean {
  const score = scores.get(member)
  if (score === undefined) return false
  scores.delete(member)
  order.splice(indexOf(order, score, member), 1)
  return true
}

/** Removes the members of a range of ranks and tells how many they were. */
export function removeRange({ scores, order }: SortedSetValue, { from, to }: RankRange): number {
  if (from >= to) return 0
  for (const { member } of order.splice(from, to - from)) scores.delete(member)
  return to - from
}

/** The rank of a member from the lowest score, or null. */
export function rankOf({ scores, order }: SortedSetValue, member: string): number | null {
  const score = scores.get(member)
  return score === undefined ? null : indexOf(order, score, member)
}

/** The ranks whose scores lie in the range. */
export function rangeByScore({ order }: SortedSetValue, range: ScoreRange): RankRange {
  const from = firstScore(order, range.min, range.isMinExclusive)
  return { from, to: Math.max(from, firstScore(order, range.max, !range.isMaxExclusive)) }
}

/** ZLEXCOUNT: the members in the range; a large set is counted by the ranks of its first and its last member in range. */
export function countByLex(zset: SortedSetValue, range: LexRange): number {
  const { from, to } = rangeByLex(zset, range)
  const { order, isCompact } = zset
  if (isCompact || isOutside(order, range)) return to - from
  if (!isBelow(order[from]!.member, range.max)) return 0
  const firstAbove = order.findIndex(({ member }) => !isBelow(member, range.max))
  const last = (firstAbove === -1 ? order.length : firstAbove) - 1
  return isAbove(order[last]!.member, range.min) ? last - from + 1 : order.length - from
}

/** The ranks whose members lie in the range, walked from the front. */
export function rangeByLex({ order, isCompact }: SortedSetValue, range: LexRange): RankRange {
  // ZREMRANGEBYLEX does not look at the ends of a large set; in a set of equal scores that makes no difference.
  if (isCompact && isOutside(order, range)) return EMPTY
  const from = order.findIndex(({ member }) => isAbove(member, range.min))
  if (from === -1) return EMPTY
  let to = from
  while (to < order.length && isBelow(order[to]!.member, range.max)) to++
  return { from, to }
}

/** The members of a range in the order of the walk. */
export function itemsByLex({ order }: SortedSetValue, range: LexRange, walk: Walk): Scored[] {
  const items: Scored[] = []
  if (isOutside(order, range) || walk.offset < 0) return items
  const { min, max } = range
  const step = walk.isReverse ? -1 : 1
  let index = walk.isReverse
    ? order.findLastIndex(({ member }) => isBelow(member, max))
    : order.findIndex(({ member }) => isAbove(member, min))
  const first = order[index]
  if (first === undefined || !isBelow(first.member, max) || !isAbove(first.member, min)) return items
  // What LIMIT skips is not looked at: in a set of mixed scores the walk may land on a member in range again.
  for (index += step * walk.offset; items.length !== walk.count; index += step) {
    const item = order[index]
    if (item === undefined || !(walk.isReverse ? isAbove(item.member, min) : isBelow(item.member, max))) break
    items.push(item)
  }
  return items
}

const EMPTY: RankRange = { from: 0, to: 0 }

/** Where (score, member) is, or where it belongs. */
function indexOf(order: readonly Scored[], score: number, member: string): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = order[middle]!
    if (item.score < score || (item.score === score && item.member < member)) low = middle + 1
    else high = middle
  }
  return low
}

/** The first rank whose score is at least `bound`, or past it. */
function firstScore(order: readonly Scored[], bound: number, mustBePast: boolean): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const { score } = order[middle]!
    if (score > bound || (score === bound && !mustBePast)) high = middle
    else low = middle + 1
  }
  return low
}

function isAbove(member: string, min: LexBound): boolean {
  if (min === '-') return true
  if (min === '+') return false
  return min.isExclusive ? member > min.member : member >= min.member
}

function isBelow(member: string, max: LexBound): boolean {
  if (max === '+') return true
  if (max === '-') return false
  return max.isExclusive ? member < max.member : member <= max.member
}

/** Whether the ends of the set show that no member is in range. */
function isOutside(order: readonly Scored[], { min, max }: LexRange): boolean {
  const last = order[order.length - 1]
  return last === undefined || isEmptyRange(min, max) || !isAbove(last.member, min) || !isBelow(order[0]!.member, max)
}

/** Ranges that are empty whatever the set holds. */
function isEmptyRange(min: LexBound, max: LexBound): boolean {
  if (min === '+' || max === '-') return true
  if (min === '-' || max === '+') return false
  return min.member > max.member || (min.member === max.member && (min.isExclusive || max.isExclusive))
}

function forgetSignOfZero(zset: SortedSetValue, item: Scored): void {
  if (!zset.isCompact) return
  item.score = 0
  zset.scores.set(item.member, 0)
}
