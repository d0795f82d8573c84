/** Searches: what they propose, given what came of it; no world is run. */
import { describe, expect, it } from 'vitest'
import { defaultPlan } from '../../src/explore/base-plan.ts'
import { levels, random, type Search, type Step, searchesOf } from '../../src/explore/search.ts'
import { emptyTally } from '../../src/explore/tally.ts'
import type { Unit, UnitResult } from '../../src/explore/unit.ts'
import { counter } from '../../src/workload/counter/counter.ts'

const base = defaultPlan(counter)
const tried = { tally: emptyTally(), lost: [] }

/** What comes of a unit: there are `count` storms of one fault, and each begins two storms of two. */
function told(unit: Unit, count: number): UnitResult {
  switch (unit.kind) {
    case 'count':
      return { kind: 'count', count, lost: [] }
    case 'orders':
      return { kind: 'orders', ...tried, isCut: false }
    case 'singles': {
      const held = Math.min(unit.until, count) - unit.from
      return { kind: 'singles', ...tried, pairCounts: Array.from({ length: held }, () => 2) }
    }
    case 'explain':
      return { kind: 'explain', counterexample: null, lost: [] }
    case 'given':
      return { kind: 'given', ...tried, hashes: ['0'], shown: [['key']] }
    default:
      return { kind: unit.kind, ...tried }
  }
}

/** Runs a search to its end, or until it is stopped in its nth step. */
function conduct(search: Search, count: number, stopAt = Number.POSITIVE_INFINITY) {
  const steps: Step[] = []
  const units: Unit[][] = []
  let next = search.next()
  while (next.done !== true) {
    steps.push(next.value)
    units.push([...next.value.units])
    const results = units.at(-1)!.map((unit) => told(unit, count))
    next = search.next({ results, isStopped: steps.length === stopAt })
  }
  return { claim: next.value, units, stormCounts: steps.map(({ stormCount }) => stormCount) }
}

describe('the search by levels', () => {
  it('tries storms without faults, then those of one fault, then those of two', () => {
    const { claim, units, stormCounts } = conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30)
    expect(units.map((step) => [...new Set(step.map(({ kind }) => kind))])).toEqual([
      ['seeds', 'orders', 'count'],
      ['singles'],
      ['pairs'],
    ])
    expect(units[1]).toEqual([
      { kind: 'singles', base: 0, from: 0, until: 25 },
      { kind: 'singles', base: 0, from: 25, until: 50 },
    ])
    expect(units[2]).toEqual(Array.from({ length: 30 }, (_, first) => ({ kind: 'pairs', base: 0, first })))
    expect(stormCounts).toEqual([null, 30, 60])
    expect(claim).toEqual({ kind: 'levels', upTo: 2, pairCount: 60, isOrderCut: false, unaskedCount: 0 })
  })

  it('takes every nth pair when there are more than the budget allows, and does not claim to have run all', () => {
    const { claim, units } = conduct(levels({ bases: [base], faults: null, pairBudget: 20 }), 30)
    expect(units[2]!.map((unit) => (unit as { first: number }).first)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
    expect(claim).toMatchObject({ upTo: 1, pairCount: 60 })
  })

  it('begins each base before it goes on with the first', () => {
    const { units } = conduct(levels({ bases: [base, base], faults: 1, pairBudget: 0 }), 30)
    expect(units[1]!.map((unit) => [(unit as { base: number }).base, (unit as { from: number }).from])).toEqual([
      [0, 0],
      [1, 0],
      [0, 25],
      [1, 25],
    ])
  })

  it.each([
    [1, null],
    [2, 0],
    [3, 1],
  ] as const)('that is stopped in its step %i claims storms of at most %s faults', (stopAt, upTo) => {
    expect(conduct(levels({ bases: [base], faults: 2, pairBudget: 0 }), 30, stopAt).claim).toMatchObject({ upTo })
  })

  it('goes no further when no worker survives the run without faults', () => {
    const search = levels({ bases: [base], faults: 2, pairBudget: 0 })
    const [...units] = (search.next().value as Step).units
    const results = units.map((unit) =>
      unit.kind === 'count' ? ({ kind: 'given-up', lost: [] } as const) : told(unit, 0),
    )
    expect(search.next({ results, isStopped: false })).toMatchObject({ done: true, value: { upTo: 0 } })
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

it('a hunt of given storms searches nothing else', () => {
  const [search, ...others] = searchesOf({ bases: [base], faults: 1, pairBudget: 0, given: [base], runs: 100 })
  expect(others).toEqual([])
  expect(conduct(search!, 0).units).toEqual([[{ kind: 'given', plans: [base] }]])
})
