/** Laws of the sorted set, against a plain list that is sorted anew after every change. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_COMPACT_LIMITS } from '../../src/redis/compact.ts'
import {
  compare,
  emptySortedSet,
  itemsByLex,
  type LexBound,
  rangeByLex,
  rangeByScore,
  rankOf,
  removeMember,
  removeRange,
  setScore,
  sortedSetOf,
} from '../../src/redis/sorted-set.ts'
import type { SortedSetValue } from '../../src/redis/value.ts'

const member = fc.constantFrom('', 'a', 'aa', 'ab', 'b', 'B', '\xff', '1', '10', '2')
const score = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, Infinity, -Infinity),
  fc.double({ noNaN: true }).map((x) => x + 0),
)
const change = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), member, score }),
  fc.record({ kind: fc.constant('remove' as const), member }),
  fc.record({ kind: fc.constant('removeRange' as const), from: fc.nat(4), size: fc.nat(3) }),
)
const changes = fc.array(change, { maxLength: 40 })

/** The set after the changes, and its items according to the plainest possible code. */
function build(steps: readonly (typeof change extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const zset = emptySortedSet('', DEFAULT_COMPACT_LIMITS)
  let model: { member: string; score: number }[] = []
  for (const step of steps) {
    if (step.kind === 'set') {
      setScore(zset, step.member, step.score, DEFAULT_COMPACT_LIMITS)
      model = [...model.filter((item) => item.member !== step.member), { member: step.member, score: step.score }]
      model.sort(compare)
    } else if (step.kind === 'remove') {
      expect(removeMember(zset, step.member)).toBe(model.some((item) => item.member === step.member))
      model = model.filter((item) => item.member !== step.member)
    } else {
      const from = Math.min(step.from, model.length)
      const to = Math.min(from + step.size, model.length)
      expect(removeRange(zset, { from, to })).toBe(to - from)
      model.splice(from, to - from)
    }
  }
  return { zset, model }
}

const noSignOfZero = (items: readonly { readonly member: string; readonly score: number }[]) =>
  items.map(({ member: name, score: value }) => [name, value === 0 ? 0 : value])

function expectSound({ order, scores }: SortedSetValue): void {
  expect(scores.size).toBe(order.length)
  for (const item of order) expect(scores.get(item.member)).toBe(item.score)
  for (let index = 1; index < order.length; index++) expect(compare(order[index - 1]!, order[index]!)).toBe(-1)
}

test('it holds what was put in, in order, and both halves agree', () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const { zset, model } = build(steps)
      expectSound(zset)
      expect(noSignOfZero(zset.order)).toEqual(noSignOfZero(model))
      for (const [rank, item] of model.entries()) expect(rankOf(zset, item.member)).toBe(rank)
      expectSound(sortedSetOf(new Map(zset.scores), DEFAULT_COMPACT_LIMITS))
    }),
  )
})

test('a range of scores holds exactly the members whose scores lie in it', () => {
  fc.assert(
    fc.property(
      changes,
      score,
      score,
      fc.boolean(),
      fc.boolean(),
      (steps, min, max, isMinExclusive, isMaxExclusive) => {
        const { zset, model } = build(steps)
        const { from, to } = rangeByScore(zset, { min, max, isMinExclusive, isMaxExclusive })
        const inRange = model.filter(
          (item) =>
            (isMinExclusive ? item.score > min : item.score >= min) &&
            (isMaxExclusive ? item.score < max : item.score <= max),
        )
        expect(zset.order.slice(from, to).map((item) => item.member)).toEqual(inRange.map((item) => item.member))
      },
    ),
  )
})

const lexBound: fc.Arbitrary<LexBound> = fc.oneof(
  fc.constantFrom('-' as const, '+' as const),
  fc.record({ member, isExclusive: fc.boolean() }),
)

test('among equal scores a lexicographic range holds exactly the members in it, walked from either end', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(member),
      lexBound,
      lexBound,
      fc.nat(3),
      fc.integer({ min: -1, max: 4 }),
      (names, min, max, offset, count) => {
        const zset = sortedSetOf(new Map(names.map((name) => [name, 7])), DEFAULT_COMPACT_LIMITS)
        const isAbove = (name: string) =>
          min === '-' || (min !== '+' && (min.isExclusive ? name > min.member : name >= min.member))
        const isBelow = (name: string) =>
          max === '+' || (max !== '-' && (max.isExclusive ? name < max.member : name <= max.member))
        const inRange = names.toSorted((a, b) => (a < b ? -1 : 1)).filter((name) => isAbove(name) && isBelow(name))
        const { from, to } = rangeByLex(zset, { min, max })
        expect(zset.order.slice(from, to).map((item) => item.member)).toEqual(inRange)
        for (const isReverse of [false, true]) {
          const walked = isReverse ? inRange.toReversed() : inRange
          const wanted = walked.slice(offset, count < 0 ? walked.length : offset + count)
          const items = itemsByLex(zset, { min, max }, { isReverse, offset, count })
          expect(items.map((item) => item.member)).toEqual(wanted)
        }
      },
    ),
  )
})
