/** Why a hold was no longer backed, and what that makes of two that held: told by hand. */
import { describe, expect, it } from 'vitest'
import { leaseEnd } from '../../src/check/lease-end.ts'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { overstatedLease } from '../../src/check/overstated-lease.ts'
import { believes, gone, granted, historyOf, KEY, type Line, type Run, strikes, TTL_US, votersOf } from './by-hand.ts'

const LATE_US = 2_000_000
const three: Run = { voters: votersOf(3) }

/** Why A's hold was over at a moment. */
function why(lines: readonly Line[], run: Run = {}, atUs = LATE_US) {
  const history = historyOf(lines, run)
  const hold = history.holds[0]
  return hold === undefined ? null : leaseEnd(history, hold, atUs)
}
const causeOf = (...told: Parameters<typeof why>) => {
  const end = why(...told)
  return end === null ? null : `${end.kind}: ${end.cause.kind}`
}

/** What a node has after a failover: an older deadline. */
const broughtBack = (atUs: number, node: string, deadlineUs: number): Line => [
  atUs,
  node,
  'truth',
  'extended',
  [KEY, 'failover', 'A', 'A-1', deadlineUs, deadlineUs - atUs],
]
const expired = (node: string, atUs: number): Line => gone(atUs, node, 'expired', 'time')

describe('what a lease ended by', () => {
  it('is a failover that brought back an older deadline', () => {
    const lines = [granted(100, 'redis-1'), ...believes(600), broughtBack(500_000, 'redis-1', 800_000)]
    expect(why([...lines, expired('redis-1', 800_000)])).toMatchObject({
      kind: 'limit',
      cause: { kind: 'redis-lost-it', ends: [{ node: 'redis-1', how: 'failover' }] },
    })
    // It ended when it should have.
    expect(causeOf([...lines.slice(0, -1), expired('redis-1', 1_000_100)])).toBe('bug: work-outlives-lease')
  })

  it('is not what a client took away, nor what a node lost, where neither alone left too few', () => {
    const restarts = strikes(700, 'restart', { process: 'redis-3', after: '5ms', 'keep-data': false })
    const votes = [...votersOf(3).map((node) => granted(100, node)), ...believes(600), restarts]
    const mixed = (...first: readonly Line[]) =>
      causeOf([...votes, ...first, gone(700, 'redis-3', 'deleted', 'restart'), expired('redis-2', 1_000_100)], three)
    expect(mixed(gone(650, 'redis-1', 'deleted', 'B'))).toBe('limit: lease-ended')
    expect(mixed(broughtBack(640, 'redis-1', 800_000), gone(650, 'redis-1', 'deleted', 'B'))).toBe('limit: lease-ended')
    expect(mixed(gone(650, 'redis-1', 'deleted', 'restart'))).toBe('limit: redis-lost-it')
  })

  it('never began where too few had voted when its client was told', () => {
    const votes = [granted(100, 'redis-1'), ...believes(600), granted(900, 'redis-2')]
    expect(why(votes, three)?.cause).toEqual({ kind: 'never-granted', client: 'A', votes: { had: 1, of: 3 } })
  })

  it('is over by the clock of Redis where that runs slow, and so is told in time', () => {
    const slow = [granted(100, 'redis-1', 1_500_100), ...believes(1_200_000), expired('redis-1', 1_500_100)]
    expect(causeOf(slow)).toBe('bug: work-outlives-lease')
    const right = [granted(100, 'redis-1'), ...believes(1_200_000), expired('redis-1', 1_000_100)]
    expect(causeOf(right)).toBe('bug: granted-too-late')
  })

  it('is what its client made of it: a sum that is wrong, or a clock that was moved', () => {
    const stated = (statedUs: number | null) =>
      causeOf([granted(100, 'redis-1'), ...believes(600, statedUs), expired('redis-1', 1_000_100)])
    expect(stated(1_500_000)).toBe('bug: lease-overstated')
    expect(stated(1_000_100)).toBe('bug: client-clock-moved')
    expect(stated(null)).toBe('bug: work-outlives-lease')
  })

  it('is a limit where a fault was in force while it lasted', () => {
    const lines = [granted(100, 'redis-1'), ...believes(600), expired('redis-1', 1_000_100)]
    const paused = (atUs: number) => strikes(atUs, 'pause', { process: 'A', for: '50us' })
    expect(why([...lines, paused(500_000)])?.cause).toMatchObject({
      kind: 'lease-ended',
      during: { when: 'after', circumstance: 'paused' },
    })
    expect(causeOf([...lines, paused(1_000_101)])).toBe('bug: work-outlives-lease')
    expect(causeOf([...lines, paused(49)])).toBe('bug: work-outlives-lease')
    // What was over before the lease began held nobody up.
    const other = strikes(500_000, 'crash', { process: 'B' })
    expect(why([...lines, paused(49), other])?.cause).toMatchObject({
      kind: 'lease-ended',
      during: { when: 'before', circumstance: null },
    })
  })
})

/** B is told that it has the lock, which it got in time, at 1.2 s, and gives it back. */
const bHolds = (fence: number | null): Line[] => [
  [1_100_000, 'B', 'invoke', 'acquire', 'B-1'],
  granted(1_190_000, 'redis-1', 2_190_000, 'B'),
  [1_200_000, 'B', 'ok', 'acquire', ['B-1', fence, null, null]],
  [1_300_000, 'B', 'belief', 'ended', ['B-1', 'released']],
  gone(1_300_000, 'redis-1', 'deleted', 'B', 'B'),
]

describe('mutual exclusion', () => {
  const both = (a: number | null, b: number | null, checkFence = true, client = 'B') =>
    mutualExclusion
      .run(
        historyOf(
          [
            granted(100, 'redis-1'),
            [0, 'A', 'invoke', 'acquire', 'A-1'],
            [600, 'A', 'ok', 'acquire', ['A-1', a, null, null]],
            expired('redis-1', 1_000_100),
            ...bHolds(b).map(([atUs, process, ...rest]): Line => [atUs, process === 'B' ? client : process, ...rest]),
          ],
          { rules: { checkFence } },
        ),
      )
      .map(({ cause }) => cause.kind)

  it('is nothing that a resource which checks fences leaves open when a lease has run out, where both have one', () => {
    expect(both(1, 2)).toEqual([])
    expect(both(1, 2, false)).toEqual(['work-outlives-lease'])
    expect(both(null, 2)).toEqual(['work-outlives-lease'])
    expect(both(1, null)).toEqual(['work-outlives-lease'])
  })

  it('is broken by a lease that says it is held, since its key had ended, or without ever having had one', () => {
    const told = (...key: readonly Line[]) => {
      const history = historyOf([
        ...key,
        [0, 'A', 'invoke', 'acquire', 'A-1'],
        [600, 'A', 'ok', 'acquire', ['A-1', null, null, null, 'isHeld=lock.held']],
        ...bHolds(null),
      ])
      return mutualExclusion.run(history).map(({ cause, told }) => [cause.kind, told])
    }
    const statement = { kind: 'is held', client: 'A', atUs: 1_200_000 }
    expect(told()).toEqual([
      [
        'never-granted',
        expect.objectContaining({ statement: expect.objectContaining({ ...statement, sinceUs: null }) }),
      ],
    ])
    expect(told(granted(100, 'redis-1'), expired('redis-1', 1_000_100))).toEqual([
      [
        'loss-not-noticed',
        expect.objectContaining({ statement: expect.objectContaining({ ...statement, sinceUs: 199_900 }) }),
      ],
    ])
  })

  it('is not broken by a client that holds twice', () => {
    expect(both(null, null, false, 'A')).toEqual([])
  })
})

describe('an overstated lease', () => {
  const stated = (statedUs: number, deadlineUs: number, { fence = null as number | null, endedUs = statedUs } = {}) =>
    overstatedLease
      .run(
        historyOf(
          [
            [100, 'redis-1', 'truth', 'granted', [KEY, 'A', 'A', 'A-1', deadlineUs, TTL_US]],
            [0, 'A', 'invoke', 'acquire', 'A-1'],
            [600, 'A', 'ok', 'acquire', ['A-1', fence, statedUs, 'monotonic']],
            [endedUs, 'A', 'belief', 'ended', ['A-1', 'stated end']],
          ],
          { rules: { checkFence: true } },
        ),
      )
      .map(({ kind, cause }) => `${kind}: ${cause.kind}`)

  it('is harmless behind a fence where the clock of Redis ran ahead, and not where its client was wrong', () => {
    expect(stated(1_000_000, 500_000)).toEqual(['limit: redis-lost-it'])
    expect(stated(1_000_000, 500_000, { fence: 1 })).toEqual([])
    expect(stated(1_500_000, 1_000_100, { fence: 1 })).toEqual(['bug: counted-on-wrong-clock'])
    expect(stated(1_000_000, 1_000_100, { endedUs: 1_500_000 })).toEqual(['bug: counted-on-wrong-clock'])
  })

  it('of several nodes leaves too little for their drift, where its sum would have been right with clocks that run alike', () => {
    const votes = (statedUs: number) =>
      overstatedLease
        .run(
          historyOf(
            [
              ...votersOf(3).map((node) => granted(100, node, 992_100)),
              ...believes(600, statedUs),
              [statedUs, 'A', 'belief', 'ended', ['A-1', 'stated end']],
            ],
            three,
          ),
        )
        .map(({ cause }) => cause.kind)
    expect(votes(1_000_100)).toEqual(['no-drift-margin'])
    expect(votes(1_000_101)).toEqual(['counted-on-wrong-clock'])
  })
})
