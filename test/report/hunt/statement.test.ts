/** The statement of a hunt says how much was tried, and of what: no more than that. */
import { expect, it } from 'vitest'
import type { Searched } from '../../../src/explore/hunt.ts'
import type { Claim } from '../../../src/explore/search.ts'
import { emptyTally } from '../../../src/explore/tally.ts'
import type { LostStorm } from '../../../src/explore/unit.ts'
import { huntReport } from '../../../src/report/hunt/hunt-report.ts'
import { coverText } from '../../../src/report/hunt/sentences.ts'
import { counterPlan } from '../../check/worlds.ts'

const levels: Extract<Claim, { readonly kind: 'levels' }> = {
  kind: 'levels',
  upTo: 1,
  singleCount: 900,
  pairCount: 4_000,
  tripleCount: null,
  mergedCount: 0,
  isOrderCut: false,
  isEveryMagnitude: false,
  unaskedCount: 0,
}

function reportOf(
  searched: readonly { readonly claim: Claim; readonly byFaultCount: number[] }[],
  lost: readonly LostStorm[] = [],
) {
  const told: readonly Searched[] = searched.map(({ claim, byFaultCount }) => {
    const tried = byFaultCount.reduce((sum, count) => sum + count, 0)
    return { claim, tally: { ...emptyTally(), tried, byFaultCount, byStatus: new Map([['valid', tried]]) } }
  })
  const tried = told.reduce((sum, { tally }) => sum + tally.tried, 0)
  return huntReport(
    {
      tally: { ...emptyTally(), tried, byStatus: new Map([['valid', tried]]) },
      searched: told,
      lost,
      stoppedBy: null,
      counterexamples: [],
      moreFindings: 0,
      diverged: [],
    },
    {
      subject: 'mine',
      client: 'direct',
      redis: 'in memory',
      redisKind: 'memory',
      isDeterministic: true,
      seed: '1',
      bases: [counterPlan({ clients: 2 })],
    },
  )
}

const statementOf = (claim: Claim, ...byFaultCount: number[]): string => reportOf([{ claim, byFaultCount }]).statement

it('names all magnitudes only where they were run, and says which sizes stand for others', () => {
  expect(statementOf(levels, 50, 900)).toMatch(/^no violation in all 950 storms of up to 1 fault over /)
  const every = { ...levels, isEveryMagnitude: true }
  expect(statementOf(every, 50, 9_000)).toMatch(
    /^no violation in all 9,050 storms of up to 1 fault, all magnitudes, over /,
  )
  expect(statementOf({ ...every, upTo: 2 }, 50, 9_000, 4_000)).toMatch(
    /^no violation in all 13,050 storms of up to 2 faults, one alone of all magnitudes, over /,
  )
  const sentence = /between two that led to one course, the same steps in one order, none was run/
  expect(coverText(reportOf([{ claim: every, byFaultCount: [50, 9_000] }])).join(' ')).toMatch(sentence)
  expect(coverText(reportOf([{ claim: levels, byFaultCount: [50, 900] }])).join(' ')).not.toMatch(sentence)
})

it('tells guided storms from those that were drawn each by itself', () => {
  const report = reportOf([
    { claim: levels, byFaultCount: [50, 900] },
    { claim: { kind: 'guided' }, byFaultCount: [0, 300, 700] },
  ])
  expect(report.statement).toMatch(/^no violation in all 950 storms of up to 1 fault, 1,000 guided random storms over /)
  expect(report.storms.random).toBe(1_000)
})

it('tells of storms that no worker survives the first of each reason, and how many there were', () => {
  const plan = counterPlan({ clients: 2 })
  const lost = (['spins', 'spins', 'memory', 'spins'] as const).map((reason, at) => ({
    plan: { ...plan, seed: `${at}` },
    reason,
  }))
  const { violations, storms } = reportOf([{ claim: levels, byFaultCount: [50, 900] }], lost)
  expect(storms.tried).toBe(954)
  expect(violations.map(({ property, seen }) => [property, seen])).toEqual([
    ['hang', 3],
    ['crash', 1],
  ])
})

it('says of how many storms of one fault only a part was run', () => {
  const sampled = { ...levels, upTo: 0, pairCount: null } as const
  expect(statementOf(sampled, 50, 300)).toMatch(
    /^no violation in all 50 storms without faults, 300 of the 900 of 1 fault over /,
  )
  const { storms } = reportOf([{ claim: sampled, byFaultCount: [50, 300] }])
  expect(storms).toMatchObject({ exhaustiveUpTo: 0, singles: 900, pairs: null })
})
