/** The nearest word to a misspelt one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, nearest, nearHint } from '../../src/scenario/nearest.ts'

describe('the distance of two words', () => {
  it.each([
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['pause', 'puase', 1],
    ['pause', 'pause', 0],
    ['particion', 'partition', 1],
  ])('%j to %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
  })

  it('is the same there and back, and never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })
})

describe('a hint', () => {
  const words = ['pause', 'partition', 'crash']

  it('is given for a slip, whatever the case, and not for a guess', () => {
    expect(nearest('PUASE', words)).toBe('pause')
    expect(nearest('explode', words)).toBeNull()
    expect(nearest('x'.repeat(1_000_000), words)).toBeNull()
  })

  it('is the word, or the choice', () => {
    expect(didYouMean('particion', words)).toBe(' (did you mean "partition"?)')
    expect(didYouMean('explode', words)).toBe(' (there is pause, partition, crash)')
    const many = Array.from({ length: 100 }, (_, index) => `word-${index}`)
    expect(didYouMean('explode', many)).toMatch(/^ \(there is word-0, .*word-23 and 76 more\)$/)
    expect(didYouMean('explode', [])).toBe('')
    expect(nearHint(7, words)).toBe('')
  })
})
