/** Which violation is the worst, and what a process and a session are told by. */
import { describe, expect, it } from 'vitest'
import { crash } from '../../src/check/crash.ts'
import { rankOf, weightOf } from '../../src/check/rank.ts'
import { sessionCrossed } from '../../src/check/session-crossed.ts'
import type { Violation } from '../../src/check/verdict.ts'
import { historyOf, type Line } from './by-hand.ts'

const violation = (property: Violation['property'], kind: Violation['kind']): Violation => ({
  property,
  kind,
  told: { kind: 'increment-lost' },
  cause: { kind: 'not-takeable' },
  atUs: 0,
  untilUs: 0,
  processes: [],
})

it('of several a bug is worse than any limit, and then what does more harm', () => {
  const worstFirst = [
    violation('mutual-exclusion', 'bug'),
    violation('dead-lock', 'bug'),
    violation('starvation', 'bug'),
    violation('mutual-exclusion', 'limit'),
    violation('dead-lock', 'limit'),
  ]
  expect([...worstFirst].reverse().sort((a, b) => rankOf(a) - rankOf(b))).toEqual(worstFirst)
})

it('weighs what its property does, but for a late write that was let in and a call that returns in the end', () => {
  const times = { client: 'A', fence: 1, highest: 'B', highestFence: 2 } as const
  const waited = { client: 'A', op: 'acquire', waitedUs: 1, silent: [], of: 3 } as const
  const { told } = violation('hang', 'bug')
  expect(weightOf({ property: 'hang', told })).toBe('blocked-for-ever')
  expect(weightOf({ property: 'hang', told: { kind: 'waited-for-minority', ...waited } })).toBe('blocked-until-expiry')
  expect(weightOf({ property: 'fence-order', told })).toBe('untrue')
  expect(weightOf({ property: 'fence-order', told: { kind: 'lower-fence-accepted', ...times } })).toBe('harm')
})

it('a process that the subject ended is told with whether it asked for that', () => {
  const ended = (origin: string): Line => [100, 'A', 'note', 'uncaught', ['gone', origin]]
  expect(crash.run(historyOf([ended('exit'), ended('timer')])).map(({ cause }) => cause)).toEqual([
    { kind: 'exit-called' },
    { kind: 'uncaught', origin: 'timer' },
  ])
})

describe('a session of another user', () => {
  const served = (atUs: number, asker: string, taken: string | null): Line => [
    atUs,
    'A',
    'note',
    'served',
    [`A-${atUs}`, asker, taken],
  ]
  const crossed = (...lines: readonly Line[]) =>
    sessionCrossed.run(historyOf(lines)).map(({ atUs, cause }) => [atUs, cause])

  it('is told once of each two, with whether a stranger had planted its id', () => {
    expect(crossed(served(100, 'ann', 'ann'), served(200, 'ann', null))).toEqual([])
    expect(crossed(served(100, 'ann', 'bob'), served(200, 'ann', 'bob'), served(300, 'bob', 'ann'))).toEqual([
      [100, { kind: 'session-shared' }],
      [300, { kind: 'session-shared' }],
    ])
    expect(crossed(served(100, 'stranger', 'ann'))).toEqual([[100, { kind: 'session-id-kept', user: 'ann' }]])
  })
})
