/** What a scenario expects of a subject, and what shows it. */
import { describe, expect, it } from 'vitest'
import type { PropertyName, ViolationKind } from '../../src/check/verdict.ts'
import { expectationText } from '../../src/report/run/cell-words.ts'
import { type Expectation, isAsExpected } from '../../src/scenario/expectation.ts'
import type { Status } from '../../src/scenario/report.ts'

type Found = readonly (readonly [PropertyName, ViolationKind])[]

const shows = (expected: Expectation | null, status: Status, found: Found = [], isStopped = false): boolean =>
  isAsExpected(
    expected,
    status,
    found.map(([property, kind]) => ({ property, kind })),
    isStopped,
  )

const OVERLAP = ['mutual-exclusion', 'bug'] as const
const OVERLAP_BY_CONTRACT = ['mutual-exclusion', 'limit'] as const
const STALE = ['stale-write', 'bug'] as const

describe('a word', () => {
  it.each(['valid', 'vacuous', 'unknown'] as const)('%s is shown by that verdict alone', (word) => {
    const shown = (['valid', 'vacuous', 'unknown', 'violated'] as const).filter((status) => shows(word, status))
    expect(shown).toEqual([word])
  })
})

describe('violations', () => {
  it('are exactly these, with these kinds', () => {
    const expected = { 'mutual-exclusion': 'bug' } as const
    expect(shows(expected, 'violated', [OVERLAP])).toBe(true)
    expect(shows(expected, 'violated', [OVERLAP_BY_CONTRACT])).toBe(false)
    expect(shows(expected, 'violated', [OVERLAP, STALE])).toBe(false)
    expect(shows(expected, 'violated', [STALE])).toBe(false)
    expect(shows(expected, 'valid')).toBe(false)
    expect(shows(expected, 'unknown')).toBe(false)
  })

  it('may come besides those that are certain, and nothing else may', () => {
    const expected = { 'foreign-release': 'bug', may: { 'stale-write': 'bug' } } as const
    const release = ['foreign-release', 'bug'] as const
    expect(shows(expected, 'violated', [release])).toBe(true)
    expect(shows(expected, 'violated', [release, STALE])).toBe(true)
    expect(shows(expected, 'violated', [STALE])).toBe(false)
    expect(shows(expected, 'violated', [release, OVERLAP])).toBe(false)
    expect(shows(expected, 'violated', [release, ['stale-write', 'limit']])).toBe(false)
    expect(shows(expected, 'valid')).toBe(false)
  })

  it('may come or not where none is certain', () => {
    const expected = { may: { 'stale-write': 'bug' } } as const
    expect(shows(expected, 'valid')).toBe(true)
    expect(shows(expected, 'violated', [STALE])).toBe(true)
    expect(shows(expected, 'violated', [OVERLAP])).toBe(false)
    expect(shows(expected, 'vacuous')).toBe(false)
  })

  it('may be of either kind where a certain property stands in both', () => {
    const expected = { 'mutual-exclusion': 'limit', may: { 'mutual-exclusion': 'bug' } } as const
    expect(shows(expected, 'violated', [OVERLAP])).toBe(true)
    expect(shows(expected, 'violated', [OVERLAP_BY_CONTRACT])).toBe(true)
    expect(shows(expected, 'valid')).toBe(false)
  })

  it('may be missing from a cell that was stopped, as long as there is one', () => {
    const expected = { 'mutual-exclusion': 'bug', 'stale-write': 'bug' } as const
    expect(shows(expected, 'violated', [STALE], true)).toBe(true)
    expect(shows(expected, 'violated', [STALE])).toBe(false)
    expect(shows(expected, 'unknown', [], true)).toBe(false)
  })
})

describe("a lock of the user's, which no scenario speaks of", () => {
  it('shall have no bug: what only fencing can prevent is none', () => {
    expect(shows(null, 'valid')).toBe(true)
    expect(shows(null, 'violated', [OVERLAP_BY_CONTRACT])).toBe(true)
    expect(shows(null, 'violated', [OVERLAP_BY_CONTRACT, STALE])).toBe(false)
    expect(shows(null, 'vacuous')).toBe(false)
    expect(shows(null, 'unknown')).toBe(false)
  })
})

describe('an expectation in words', () => {
  it.each<[string, Expectation | null]>([
    ['valid', 'valid'],
    ['no bug', null],
    ['mutual-exclusion (limit), stale-write (bug)', { 'stale-write': 'bug', 'mutual-exclusion': 'limit' }],
    [
      'foreign-release (bug), perhaps mutual-exclusion (bug), perhaps stale-write (bug)',
      { 'foreign-release': 'bug', may: { 'stale-write': 'bug', 'mutual-exclusion': 'bug' } },
    ],
    ['valid, perhaps hang (bug)', { may: { hang: 'bug' } }],
  ])('%s', (words, expected) => {
    expect(expectationText(expected)).toBe(words)
  })
})
