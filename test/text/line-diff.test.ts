/** The difference of two texts, line by line. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lineDiff } from '../../src/text/line-diff.ts'

const text = (before: string, after: string): string =>
  lineDiff(before, after)
    .map(({ sign, line }) => `${sign}${line}`)
    .join('\n')

it('keeps what both have, and tells what goes before what comes', () => {
  expect(text('a\nb\nc\n', 'a\nx\nc\nd\n')).toBe(' a\n-b\n+x\n c\n+d')
  expect(text('a\n', 'a\n')).toBe(' a')
})

it('leads from the one to the other, and keeps no fewer lines than any order of both could', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = lineDiff(before.join('\n'), after.join('\n'))
      expect(diff.filter(({ sign }) => sign !== '+').map(({ line }) => line)).toEqual(before)
      expect(diff.filter(({ sign }) => sign !== '-').map(({ line }) => line)).toEqual(after)
      expect(diff.filter(({ sign }) => sign === ' ')).toHaveLength(longestCommon(before, after))
    }),
  )
})

/** By its definition. */
const longestCommon = ([a, ...restA]: readonly string[], [b, ...restB]: readonly string[]): number => {
  if (a === undefined || b === undefined) return 0
  if (a === b) return 1 + longestCommon(restA, restB)
  return Math.max(longestCommon(restA, [b, ...restB]), longestCommon([a, ...restA], restB))
}
