/** Two that lead at a time, and elections that nobody wins: told by hand. */
import { describe, expect, it } from 'vitest'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { noLeader } from '../../src/check/no-leader.ts'
import { historyOf, type Line, type Run, strikes } from './by-hand.ts'

const LEASE_US = 1_000_000
const leads = (client: string, fromUs: number, untilUs: number, number = 1): Line[] => [
  [fromUs, client, 'invoke', 'lead', [`${client}-${number}`, null]],
  [untilUs, client, 'fail', 'lead', `${client}-${number}`],
]
const election = (lines: readonly Line[], run: Run = {}) =>
  historyOf(lines, { subject: 'leader-election', rules: { ttlMs: LEASE_US / 1_000 }, ...run })

describe('two that lead', () => {
  const why = (...lines: readonly Line[]) =>
    mutualExclusion.run(election(lines)).map(({ kind, cause }) => `${kind}: ${cause.kind}`)

  it('are no two when one is elected twice, or was deposed in the moment in which it was told', () => {
    const first = leads('A', 2_000_000, 3_000_000)
    expect(why(...first, ...leads('B', 2_500_000, 2_800_000))).toEqual(['bug: lead-not-kept'])
    expect(why(...first, ...leads('A', 2_500_000, 2_800_000, 2))).toEqual([])
    expect(why(...first, ...leads('B', 2_500_000, 2_500_000))).toEqual([])
  })

  it('are a bug of one that was stopped while the other led, and ran beside it before that', () => {
    const both = [...leads('A', 2_000_000, 3_000_000), ...leads('B', 2_500_000, 2_900_000)]
    expect(why(...both, strikes(2_600_000, 'pause', { process: 'A', for: '100ms' }))).toEqual([
      'bug: deposed-unnoticed',
    ])
    expect(why(...both, strikes(2_501_000, 'pause', { process: 'A', for: '399ms' }))).toEqual(['limit: lease-ended'])
    // It was stopped for half a lease before, and ran for longer than one.
    const longer = [...leads('A', 2_000_000, 4_000_000), ...leads('B', 2_900_000, 3_990_000)]
    expect(why(...longer, strikes(2_300_000, 'pause', { process: 'A', for: '500ms' }))).toEqual([
      'bug: deposed-unnoticed',
    ])
  })
})

describe('no leader', () => {
  const CALM_US = 4_000_000
  const settled: Line = [CALM_US, 'world', 'note', 'settled', null]
  const campaigns = (client: string, atUs = 100, outcome: 'ok' | 'info' = 'ok'): Line[] => [
    [atUs, client, 'invoke', 'campaign', `${client}-1`],
    [atUs + 50, client, outcome, 'campaign', outcome === 'ok' ? `${client}-1` : [`${client}-1`, 'timeout']],
  ]
  const probes = (outcome: 'ok' | 'fail'): Line[] => [
    [4_100_000, 'P', 'invoke', 'probe', null],
    [4_200_000, 'P', outcome, 'probe', null],
  ]
  const judged = (...lines: readonly Line[]) =>
    noLeader
      .run(election(lines, { healedUs: 500_000 }))
      .map(({ cause, atUs, processes }) => [cause.kind, atUs, processes])

  it('is what a newcomer finds when all is calm, if it lives to say so', () => {
    expect(judged(...probes('fail'))).toEqual([['none-elected', 4_100_000, ['P']]])
    expect(judged(...probes('fail'), [4_150_000, 'P', 'note', 'ended', 'crash'])).toEqual([])
    expect(judged(...probes('fail'), [4_050_000, 'P', 'note', 'ended', 'crash'])).toHaveLength(1)
  })

  it('is a campaign from before all healed that is not elected in two leases without a leader', () => {
    const givenUp = [['campaign-given-up', 500_000, ['A']]]
    expect(judged(...campaigns('A'), settled, ...probes('ok'))).toEqual(givenUp)
    // What the world notes before that is not the end of the calm.
    expect(judged(...campaigns('A'), [600_000, 'B', 'note', 'ended', 'crash'], settled, ...probes('ok'))).toEqual(
      givenUp,
    )
    expect(judged(...campaigns('A'), ...probes('ok'))).toEqual([])
    expect(judged(...campaigns('A', 500_000), settled, ...probes('ok'))).toEqual([])
    expect(judged(...campaigns('A', 100, 'info'), settled, ...probes('ok'))).toEqual([])
  })

  it('is none while somebody leads, or within two leases of that', () => {
    const led = (untilUs: number) =>
      judged(...campaigns('A'), ...leads('B', 600_000, untilUs), settled, ...probes('ok'))
    expect(led(1_999_999)).toEqual([['campaign-given-up', 1_999_999, ['A']]])
    expect(led(2_000_000)).toEqual([])
    // What else a client does is no term.
    const other: Line[] = [
      [3_000_000, 'B', 'invoke', 'resign', 'B-1'],
      [3_500_000, 'B', 'ok', 'resign', 'B-1'],
    ]
    expect(judged(...campaigns('A'), ...other, settled, ...probes('ok'))).toEqual([
      ['campaign-given-up', 500_000, ['A']],
    ])
  })

  it('is none of a client that resigned, or whose life with that campaign is over', () => {
    const resigns: Line[] = [
      [200, 'A', 'invoke', 'resign', 'A-1'],
      [300, 'A', 'ok', 'resign', 'A-1'],
    ]
    expect(judged(...campaigns('A'), ...resigns, settled, ...probes('ok'))).toEqual([])
    expect(judged(...campaigns('A'), [400, 'A', 'note', 'ended', 'crash'], settled, ...probes('ok'))).toEqual([])
  })
})
