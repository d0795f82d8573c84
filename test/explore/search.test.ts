/** Searches: what they propose, given what came of it; no world is run. */
import { describe, expect, it } from 'vitest'
import { defaultPlan } from '../../src/explore/base-plan.ts'
import { levels, random, type Search, type Step, searchesOf } from '../../src/explore/search.ts'
import { emptyTally } from '../../src/explore/tally.ts'
import type { Next, Unit, UnitResult } from '../../src/explore/unit.ts'
import { counter } from '../../src/workload/counter/counter.ts'

const base = defaultPlan(counter)
const tried = { tally: emptyTally(), lost: [] }

/** What follows a storm of one fault, or of two. */
const next = (path: readonly number[]): Next => ({ count: path.length === 1 ? 2 : 5, course: path.join(' then ') })

/** What comes of a unit: there are `count` storms of one fault, each begins two storms of two, and each of these five of three. */
function told(unit: Unit, count: number, nextOf = next): UnitResult {
  switch (unit.kind) {
    case 'count':
      return { kind: 'count', count, sizedCount: 5, course: 'no fault', weight: 1, lost: [] }
    case 'orders':
      return { kind: 'orders', ...tried, isCut: false }
    case 'singles': {
      const held = Math.min(unit.until, count) - unit.from
      return { kind: 'singles', ...tried, nexts: Array.from({ length: held }, (_, at) => nextOf([unit.from + at])) }
    }
    case 'longer':
      return { kind: 'longer', ...tried, nexts: unit.isLast ? [] : [0, 1].map((at) => nextOf([...unit.path, at])) }
    case 'explain':
      return { kind: 'explain', counterexample: null, lost: [] }
    case 'given':
      return { kind: 'given', ...tried, hashes: ['0'], shown: [['key']] }
    default:
      return { kind: unit.kind, ...tried }
  }
}

const pathOf = (unit: Unit): readonly number[] => (unit.kind === 'longer' ? unit.path : [])

/** Runs a search to its end, or until it is stopped in its nth step. */
function conduct(
  search: Search,
  count: number,
  {
    stopAt = Number.POSITIVE_INFINITY,
    nextOf = next,
    isLost = () => false,
    toldOf = () => null,
  }: {
    readonly stopAt?: number
    readonly nextOf?: (path: readonly number[]) => Next
    /** The units that were given up. */
    readonly isLost?: (unit: Unit) => boolean
    /** What came of some units. */
    readonly toldOf?: (unit: Unit) => UnitResult | null
  } = {},
) {
  const steps: Step[] = []
  const units: Unit[][] = []
  let next = search.next()
  while (next.done !== true) {
    steps.push(next.value)
    units.push([...next.value.units])
    const results = units
      .at(-1)!
      .map(
        (unit): UnitResult =>
          isLost(unit) ? { kind: 'given-up', lost: [] } : (toldOf(unit) ?? told(unit, count, nextOf)),
      )
    next = search.next({ results, isStopped: steps.length === stopAt })
  }
  return { claim: next.value, units, stormCounts: steps.map(({ stormCount }) => stormCount) }
}

describe('the search by levels', () => {
  it('tries storms without faults, then those of one fault, then those of two', () => {
    const { claim, units, stormCounts } = conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30)
    expect(units.map((step) => [...new Set(step.map(({ kind }) => kind))])).toEqual([
      ['count'],
      ['seeds'],
      ['singles'],
      ['orders'],
      ['longer'],
    ])
    expect(units[2]).toEqual([
      { kind: 'singles', base: 0, from: 0, until: 25 },
      { kind: 'singles', base: 0, from: 25, until: 30 },
    ])
    expect(units[4]).toEqual(
      Array.from({ length: 30 }, (_, first) => ({ kind: 'longer', base: 0, path: [first], isLast: true })),
    )
    expect(stormCounts).toEqual([null, 80, 30, null, 60])
    expect(claim).toEqual({
      kind: 'levels',
      upTo: 2,
      singleCount: 30,
      pairCount: 60,
      tripleCount: null,
      mergedCount: 0,
      isOrderCut: false,
      isEveryMagnitude: false,
      unaskedCount: 0,
    })
  })

  it('goes on to storms of three faults, whose number it knows when those of two are done', () => {
    const { claim, units, stormCounts } = conduct(levels({ bases: [base], faults: 3, pairBudget: 0 }), 3)
    expect(units[4]).toContainEqual({ kind: 'longer', base: 0, path: [2], isLast: false })
    expect(units[5]).toEqual(
      [0, 1, 2].flatMap((first) =>
        [0, 1].map((second) => ({ kind: 'longer', base: 0, path: [first, second], isLast: true })),
      ),
    )
    expect(stormCounts).toEqual([null, 53, 3, null, 6, 30])
    expect(claim).toMatchObject({ upTo: 3, pairCount: 6, tripleCount: 30, mergedCount: 0 })
  })

  it('goes on once from storms of one course, and not at all from those that are as if a fault were not there', () => {
    const courses = new Map([
      ['0', 'no fault'],
      ['2', 'refused'],
      ['3', 'refused'],
      ['1 0', '1'],
      ['1 1', 'late'],
      ['2 0', 'late'],
    ])
    const nextOf = (path: readonly number[]): Next => ({
      ...next(path),
      course: courses.get(path.join(' ')) ?? path.join(' '),
    })
    const options = { bases: [base], faults: 3, pairBudget: 0 } as const
    const { claim, units } = conduct(levels(options), 4, { nextOf })
    expect([units[4], units[5]].map((step) => step?.map((unit) => pathOf(unit)))).toEqual([
      [[1], [2]],
      [
        [1, 1],
        [2, 1],
      ],
    ])
    expect(claim).toMatchObject({ upTo: 3, pairCount: 4, tripleCount: 10, mergedCount: 4 + 10 })
    const whole = conduct(levels({ ...options, isPruned: false }), 4, { nextOf })
    expect(whole.claim).toMatchObject({ pairCount: 8, tripleCount: 40, mergedCount: 0 })
  })

  it('knows which storm is gone on with when a unit before it was given up', () => {
    const isLost = (unit: Unit): boolean => unit.kind === 'singles' && unit.from === 0
    const { units } = conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30, { isLost })
    expect(units[4]?.[0]).toMatchObject({ path: [25] })
  })

  it('takes every nth pair when there are more than the budget allows, and does not claim to have run all', () => {
    const { claim, units } = conduct(levels({ bases: [base], faults: null, pairBudget: 20 }), 30)
    expect(units[4]!.map((unit) => pathOf(unit)[0])).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
    expect(claim).toMatchObject({ upTo: 1, pairCount: 60 })
  })

  it('takes fewer pairs of worlds that cost more', () => {
    const toldOf = (unit: Unit): UnitResult | null => {
      const result = told(unit, 30)
      return result.kind === 'count' ? { ...result, weight: 5 } : null
    }
    const { claim, units } = conduct(levels({ bases: [base], faults: null, pairBudget: 20 }), 30, { toldOf })
    expect(units[4]!.map((unit) => pathOf(unit)[0])).toEqual([0, 15])
    expect(claim).toMatchObject({ upTo: 1, pairCount: 60 })
  })

  it('takes a part of the storms of one fault where all of them cost very much, and claims none of them', () => {
    const dear = (weight: number, count: number) => (unit: Unit) => {
      const result = told(unit, count)
      return result.kind === 'count' ? { ...result, weight } : null
    }
    const default_ = { bases: [base, base], faults: null, pairBudget: 8_000 } as const
    const whole = conduct(levels(default_), 1_000, { toldOf: dear(24, 1_000) })
    expect(whole.claim).toMatchObject({ upTo: 1, singleCount: 2_000 })
    const part = conduct(levels(default_), 1_000, { toldOf: dear(25, 1_000) })
    expect(part.claim).toMatchObject({ upTo: 0, singleCount: 2_000, pairCount: null })
    const units = part.units.flat().filter(({ kind }) => kind === 'singles') as {
      base: number
      from: number
      until: number
    }[]
    // Worth about 10,000 common worlds, spread over each base: no two neighbours, and nowhere a gap of many.
    expect(units.map(({ base: of }) => of)).toEqual([...Array(200).fill(0), ...Array(200).fill(1)])
    const gaps = units.slice(1, 200).map(({ from }, index) => from - (units[index]?.from ?? 0))
    expect([...new Set(gaps)].sort()).toEqual([3, 5, 8])
    expect(units.every(({ from, until }) => until === from + 1)).toBe(true)
    expect(part.stormCounts).toEqual([null, 500, 450, 250, 200, null])
    // Asked for, all are run; and in all magnitudes.
    for (const options of [{ faults: 1 } as const, { isEveryMagnitude: true }]) {
      const asked = conduct(levels({ ...default_, ...options }), 1_000, { toldOf: dear(25, 1_000) })
      expect(asked.claim).toMatchObject({ upTo: 1 })
    }
  })

  it('tries each fault that has a size in all magnitudes, right after the sizes of the menu', () => {
    const options = { bases: [base], faults: 1, pairBudget: 0, isEveryMagnitude: true } as const
    const { claim, units, stormCounts } = conduct(levels(options), 30)
    expect(units.map((step) => step[0]?.kind)).toEqual(['count', 'seeds', 'singles', 'magnitudes', 'orders'])
    expect(units[3]).toEqual([
      { kind: 'magnitudes', base: 0, from: 0, until: 2 },
      { kind: 'magnitudes', base: 0, from: 2, until: 4 },
      { kind: 'magnitudes', base: 0, from: 4, until: 5 },
    ])
    expect(stormCounts).toEqual([null, 80, 30, null, null])
    expect(claim).toMatchObject({ upTo: 1, isEveryMagnitude: true })
    // Stopped in their midst it claims nothing of them.
    expect(conduct(levels(options), 30, { stopAt: 4 }).claim).toMatchObject({ upTo: null, isEveryMagnitude: false })
  })

  it('goes through the first use of a subject before the next one, and before the orders of arrivals', () => {
    const { units, stormCounts } = conduct(levels({ bases: [base, base], faults: 1, pairBudget: 0 }), 30)
    expect(units.map((step) => step.map(({ kind }) => kind)[0])).toEqual([
      'count',
      'seeds',
      'singles',
      'seeds',
      'singles',
      'orders',
    ])
    expect(units.map((step) => step.map((unit) => ('base' in unit ? unit.base : -1)))).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 1],
    ])
    expect(stormCounts).toEqual([null, 160, 110, 80, 30, null])
  })

  it.each([
    [1, null],
    [2, null],
    [3, null],
    [4, null],
    [5, 1],
    [6, 2],
  ] as const)('that is stopped in its step %i claims storms of at most %s faults', (stopAt, upTo) => {
    expect(conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30, { stopAt }).claim).toMatchObject({ upTo })
  })

  it('repeats with clients that do not ask where a holder gave up, before it claims the storms without faults', () => {
    const gaveUp = { ...tried, tally: { ...emptyTally(), sometimes: new Map([['gaveUp', 1]]) } as never }
    for (const kind of ['seeds', 'orders'] as const) {
      const { claim, units } = conduct(levels({ bases: [base, base], faults: 0, pairBudget: 0 }), 30, {
        toldOf: (unit) =>
          unit.kind === kind && unit.base === 1 ? ({ ...told(unit, 30), ...gaveUp } as UnitResult) : null,
      })
      expect(units.at(-1)).toEqual([{ kind: 'seeds', base: 1, from: 0, until: 50, isUnasked: true }])
      expect(claim).toMatchObject({ upTo: 0, unaskedCount: 50 })
    }
  })

  it('goes no further than without faults when no worker survives that', () => {
    const { claim, units } = conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30, {
      isLost: ({ kind }) => kind === 'count',
    })
    expect(units.map((step) => step[0]?.kind)).toEqual(['count', 'seeds', 'orders'])
    expect(claim).toMatchObject({ upTo: 0 })
  })
})

describe('the random search', () => {
  it('draws as many storms as it is asked for, from each base in its turn', () => {
    const { units } = conduct(random({ bases: [base, base], runs: 120 }), 0)
    expect(units).toEqual([
      [
        { kind: 'random', base: 0, seed: 0, count: 50 },
        { kind: 'random', base: 1, seed: 50, count: 50 },
        { kind: 'random', base: 0, seed: 100, count: 20 },
      ],
    ])
  })
})

describe('the guided search', () => {
  it('has units that learn from their own storms alone, so that parts and workers run the same ones', () => {
    const { claim, units } = conduct(random({ bases: [base, base], runs: 2_200, isGuided: true }), 0)
    expect(units).toEqual([
      [
        { kind: 'guided', base: 0, seed: 0, count: 1_000 },
        { kind: 'guided', base: 1, seed: 1_000, count: 1_000 },
        { kind: 'guided', base: 0, seed: 2_000, count: 200 },
      ],
    ])
    expect(claim).toEqual({ kind: 'guided' })
  })

  it('has smaller units where a time ends it, which those that have begun hold up', () => {
    const step = random({ bases: [base], runs: null, isTimeUp: () => false, isGuided: true }).next().value as Step
    const [first, second] = step.units
    expect([first, second]).toMatchObject([{ count: 250 }, { seed: 250 }])
  })
})

it('a hunt of given storms searches nothing else', () => {
  const [search, ...others] = searchesOf({ bases: [base], faults: 1, pairBudget: 0, given: [base], runs: 100 })
  expect(others).toEqual([])
  expect(conduct(search!, 0).units).toEqual([[{ kind: 'given', plans: [base] }]])
})
