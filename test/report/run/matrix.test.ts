/** The cells as tables, worst first. */
import { describe, expect, it } from 'vitest'
import { matrices, worstFirst } from '../../../src/report/run/matrix.ts'
import { shownStory } from '../../../src/report/run/shown-story.ts'
import { cell, naiveInterleaving, report, smallMaterial } from '../stories.ts'

describe('the matrix', () => {
  it('puts surprises first, then bugs, then what needs fencing, and what is well last', () => {
    const order = worstFirst(smallMaterial().report.cells).map(({ scenario, lock }) => `${scenario}/${lock}`)
    expect(order).toEqual([
      'partition/set-nx-lua',
      'gc-pause/naive',
      'partition/fenced',
      'contention/naive',
      'contention/<script>alert(1)</script>',
      'session-concurrent-requests/overwrite',
      'gc-pause/set-nx-lua',
      'gc-pause/../../etc/passwd',
      'contention/set-nx-lua',
      'contention/fenced',
      'gc-pause/fenced',
      'session-concurrent-requests/optimistic',
    ])
  })

  it('is a table for the locks and one for the session stores', () => {
    const tables = matrices(smallMaterial().report)
    expect(tables.map(({ scenarios, locks }) => [scenarios, locks])).toEqual([
      [
        ['partition', 'gc-pause', 'contention'],
        ['set-nx-lua', 'naive', 'fenced', '<script>alert(1)</script>', '../../etc/passwd'],
      ],
      [['session-concurrent-requests'], ['overwrite', 'optimistic']],
    ])
  })

  it('joins tables that a later cell connects, and holds every cell once', () => {
    const pairs = [
      ['s1', 'a'],
      ['s2', 'b'],
      ['s3', 'c'],
      ['s1', 'b'],
      ['s4', 'd'],
    ] as const
    const cells = pairs.map(([scenario, lock]) => cell({ scenario, lock }))
    const tables = matrices(report(cells))
    expect(tables.map(({ scenarios }) => scenarios)).toEqual([['s1', 's2'], ['s3'], ['s4']])
    const held = tables.flatMap(({ scenarios, locks, cell: at }) =>
      scenarios.flatMap((scenario) => locks.flatMap((lock) => at(scenario, lock) ?? [])),
    )
    expect(new Set(held)).toEqual(new Set(cells))
  })

  it('does not confuse names that run together', () => {
    const cells = [cell({ scenario: 'a', lock: 'b/c' }), cell({ scenario: 'a/b', lock: 'c' })]
    expect(matrices(report(cells)).map(({ scenarios, locks }) => [scenarios, locks])).toEqual([
      [['a'], ['b/c']],
      [['a/b'], ['c']],
    ])
  })
})

describe('the story of a violation', () => {
  const { story, violations } = naiveInterleaving('L1.drawn')
  const [first] = violations
  const one = cell({ scenario: 's', lock: 'a', violations })
  const material = (kept: typeof story) => ({
    report: report([one]),
    scenarios: new Map(),
    subjects: new Map(),
    histories: new Map([['s/a', kept]]),
  })

  it('is the one that is kept, if that is the world it happened in', () => {
    expect(shownStory(material(story), one, first!)).toBe(story)
    expect(shownStory(material({ ...story, token: 'L1.another' }), one, first!)).toBeNull()
  })

  it('is taken for that of the first violation when it does not say which world it is', () => {
    const { token: _, ...nameless } = story
    expect(shownStory(material(nameless), one, first!)).toBe(nameless)
    expect(shownStory(material(nameless), one, { ...first!, token: 'L1.another' })).toBeNull()
  })
})
