/** From cells to an exit code. */
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import { outcomeOf, outcomeOfAll } from '../../src/report/run/outcome.ts'
import { isAsExpected } from '../../src/scenario/expectation.ts'
import type { Cell, ReportedViolation } from '../../src/scenario/report.ts'

const violation = (kind: ReportedViolation['kind']): ReportedViolation => ({
  property: 'mutual-exclusion',
  kind,
  weight: 'harm',
  cause: { kind: 'not-takeable' },
  told: { kind: 'not-takeable', forUs: 1_000 },
  needs: null,
  sentence: 'A and B both held the lock',
  why: '',
  atUs: 0,
  untilUs: 1,
  processes: ['A', 'B'],
  token: 'L1.x',
})

const cell = (more: Partial<Cell>): Cell => ({
  scenario: 's',
  lock: 'l',
  client: 'ioredis',
  workload: 'counter',
  verdict: 'valid',
  detail: '',
  expected: 'valid',
  asExpected: true,
  worlds: 1,
  violatedWorlds: 0,
  historyHash: '',
  violations: [],
  history: '',
  sometimes: [],
  ...more,
})

/** A cell that the scenario says nothing about, as `runCell` makes it. */
const own = (verdict: Cell['verdict'], violations: readonly ReportedViolation[] = []): Cell =>
  cell({ verdict, violations, expected: null, asExpected: isAsExpected(null, verdict, violations) })

const fine = cell({})
const failed = cell({ verdict: 'violated', asExpected: false, violations: [violation('bug')] })
const vacuous = cell({ verdict: 'vacuous', asExpected: false })

describe('a cell', () => {
  it.each<[string, Cell, string]>([
    ['as expected', fine, 'fine'],
    ['violated as expected', cell({ ...failed, expected: { 'mutual-exclusion': 'bug' }, asExpected: true }), 'fine'],
    ['violated where it should be valid', failed, 'failed'],
    [
      'valid where it should be violated',
      cell({ expected: { 'mutual-exclusion': 'bug' }, asExpected: false }),
      'failed',
    ],
    ['vacuous where it should be valid', vacuous, 'inconclusive'],
    [
      'unknown where it should be violated',
      cell({ verdict: 'unknown', expected: {}, asExpected: false }),
      'inconclusive',
    ],
    ['vacuous as expected', cell({ verdict: 'vacuous', expected: 'vacuous' }), 'fine'],
    ['of a lock that no scenario speaks of, with a bug', own('violated', [violation('bug')]), 'failed'],
    ['of a lock that no scenario speaks of, with a limit', own('violated', [violation('limit')]), 'fine'],
    ['of a lock that no scenario speaks of, valid', own('valid'), 'fine'],
    ['of a lock that no scenario speaks of, vacuous', own('vacuous'), 'inconclusive'],
  ])('%s', (_, given, outcome) => {
    expect(outcomeOf(given)).toBe(outcome)
  })
})

describe('a run', () => {
  it.each<[string, readonly Cell[], boolean, number]>([
    ['all as expected', [fine, fine], false, 0],
    ['one that is not', [fine, failed, vacuous], false, 1],
    ['one that tested nothing', [fine, vacuous], false, 2],
    ['one that tested nothing, which is allowed', [fine, vacuous], true, 0],
  ])('%s', (_, cells, isUnknownOk, code) => {
    expect(exitCodeOf(outcomeOfAll(cells, isUnknownOk))).toBe(code)
  })

  it('that a signal ended has its code, unless what came of it is worth nothing', () => {
    expect(exitCodeOf('failed', 130)).toBe(130)
    expect(exitCodeOf('fine', 143)).toBe(143)
    expect(exitCodeOf('not-deterministic', 130)).toBe(3)
    expect(exitCodeOf('unavailable', 130)).toBe(69)
  })
})
