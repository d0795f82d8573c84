/**
 * When a majority of nodes had a client's token, and what took it: told in microseconds by hand.
 */
import { describe, expect, it } from 'vitest'
import { deadLock } from '../../src/check/dead-lock.ts'
import { leaseEnd } from '../../src/check/lease-end.ts'
import { overstatedLease } from '../../src/check/overstated-lease.ts'
import { majorityOf } from '../../src/history/backing.ts'
import type { History } from '../../src/history/history.ts'
import { whyOf } from '../../src/words/sentence.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { believes, END_US, gone, granted, historyOf, KEY, type Line, TTL_US, votersOf } from '../check/by-hand.ts'

const history = (voters: number, lines: readonly Line[], orphanUs = 100): History =>
  historyOf(lines, { voters: votersOf(voters), rules: { orphanUs } })

const hold = (told: History) => told.holds[0] as (typeof told.holds)[number]
const backing = (told: History) => hold(told).backing
const why = (told: History, atUs: number) => {
  const end = leaseEnd(told, hold(told), atUs)
  return end === null ? null : `${end.kind}: ${whyOf(end)}`
}

describe('a majority', () => {
  it('is more than half', () => {
    expect([1, 2, 3, 4, 5].map(majorityOf)).toEqual([1, 2, 2, 3, 3])
  })

  it('begins with the vote that makes it, and ends with the vote that leaves too few', () => {
    const told = history(3, [
      granted(100, 'redis-1'),
      granted(300, 'redis-2'),
      granted(500, 'redis-3'),
      ...believes(600),
      gone(1_000_100, 'redis-1', 'expired', 'time'),
      gone(1_000_300, 'redis-2', 'expired', 'time'),
      gone(1_000_500, 'redis-3', 'expired', 'time'),
    ])
    expect(backing(told)).toMatchObject({ quorum: 2, fromUs: 300, untilUs: 1_000_300, deadlineUs: 1_000_300 })
    expect(why(told, 1_000_200)).toBeNull()
    expect(why(told, 1_000_300)).toBe(
      "bug: A's work outlives its lease of 1 s, and nothing renews it. No fault held A up.",
    )
  })

  it('is not what one node of three says', () => {
    const told = history(3, [granted(100, 'redis-1'), ...believes(600)])
    expect(backing(told)).toBeNull()
    expect(why(told, 700)).toBe(
      "bug: 1 of 3 nodes had A's token, and 2 are a majority: its acquire did not take the lock.",
    )
  })

  it('of a lock that uses one node is that node, however many there are', () => {
    const told = history(1, [granted(100, 'redis-1'), ...believes(600)])
    expect(backing(told)).toMatchObject({ quorum: 1, fromUs: 100, untilUs: END_US })
    expect(why(told, END_US)).toBeNull()
  })

  it('is kept when a minority restarts without its keys', () => {
    const told = history(3, [
      granted(100, 'redis-1'),
      granted(300, 'redis-2'),
      granted(500, 'redis-3'),
      ...believes(600),
      gone(700, 'redis-2', 'deleted', 'restart'),
    ])
    expect(why(told, 800)).toBeNull()
    // The votes that are left decide until when.
    expect(backing(told)).toMatchObject({ untilUs: END_US })
  })

  it('counts a vote that arrives while its client already believes', () => {
    const told = history(3, [
      granted(100, 'redis-1'),
      granted(300, 'redis-2'),
      ...believes(600),
      granted(900, 'redis-3'),
      gone(950, 'redis-1', 'deleted', 'restart'),
    ])
    expect(why(told, 1_000)).toBeNull()
  })
})

describe('what took the majority', () => {
  const two = [granted(100, 'redis-1'), granted(300, 'redis-2'), ...believes(600)]

  it('is a limit when a node forgot, or its clock jumped', () => {
    expect(why(history(3, [...two, gone(700, 'redis-2', 'deleted', 'restart')]), 800)).toBe(
      "limit: redis-2 restarted and had forgotten A's key. Only 1 of 3 nodes still had its token.",
    )
    expect(why(history(3, [...two, gone(50_300, 'redis-2', 'expired', 'time')]), 60_000)).toBe(
      "limit: redis-2's clock ran ahead: the key lived 50 ms of its 1 s, and A could not know. Only 1 of 3 nodes still had its token.",
    )
  })

  it('is a bug when somebody deleted a vote without which a restart would have done no harm', () => {
    const three = [...two, granted(500, 'redis-3')]
    const told = history(3, [
      ...three,
      gone(700, 'redis-3', 'deleted', 'B'),
      gone(800, 'redis-2', 'deleted', 'restart'),
    ])
    expect(why(told, 900)).toBe("bug: B deleted A's key while it was live. Only 1 of 3 nodes still had its token.")
    // Two restarts would have sufficed by themselves.
    const anyway = history(3, [
      ...three,
      gone(700, 'redis-3', 'deleted', 'restart'),
      gone(800, 'redis-2', 'deleted', 'restart'),
    ])
    expect(why(anyway, 900)).toBe(
      "limit: redis-3 restarted and had forgotten A's key; redis-2 restarted and had forgotten A's key. Only 1 of 3 nodes still had its token.",
    )
  })

  it('is a bug when it had gone before acquire returned', () => {
    const late = history(3, [
      granted(100, 'redis-1'),
      granted(300, 'redis-2'),
      gone(1_000_100, 'redis-1', 'expired', 'time'),
      gone(1_000_300, 'redis-2', 'expired', 'time'),
      ...believes(1_400_100),
    ])
    expect(why(late, 1_400_100)).toBe(
      'bug: A was told that it has the lock 400 ms after its lease had ended: the lock did not check how long the votes had taken.',
    )
  })
})

describe('overstated-lease', () => {
  const judged = (statedUs: number, deadlines: readonly number[]) =>
    overstatedLease
      .run(
        history(3, [
          ...deadlines.map((deadlineUs, index) => granted(100 + index, `redis-${index + 1}`, deadlineUs)),
          ...believes(600, statedUs),
          [statedUs, 'A', 'belief', 'ended', ['A-1', 'stated end']],
        ]),
      )
      .map(tellViolation)
      .map(({ kind, sentence, why: reason }) => `${kind}: ${sentence} | ${reason}`)

  it('is measured against the moment at which the majority ends, not the first or the last node', () => {
    expect(judged(1_000_000, [900_000, 1_000_000, 1_000_000])).toEqual([])
    expect(judged(1_100_000, [1_000_100, 1_000_101, 1_200_000])).toEqual([
      "bug: A's lease claimed to last 99.899 ms longer than the key in a majority of the 3 nodes: A's validUntil said 1.1 s, and its majority ended at 1 s | It was counted on A's monotonic clock, and that clock was moved, or it began to count after the server did.",
    ])
  })

  it('must allow for the drift of clocks, and cannot for a jump', () => {
    // 0.8 % of a second: within 1 % and 2 ms.
    expect(judged(1_000_000, [992_000, 992_000, 1_000_102])).toEqual([
      expect.stringMatching(/^bug: .*8 ms longer.*leaves no margin for it\.$/),
    ])
    expect(judged(988_000, [992_000, 992_000, 1_000_102])).toEqual([])
    expect(judged(988_000, [50_000, 50_000, 1_000_102])).toEqual([
      expect.stringMatching(/^limit: .*redis-1's clock ran ahead: the key lived 49.9 ms of its 1 s; redis-2's/),
    ])
  })
})

describe('dead-lock of votes that others prolong', () => {
  const prolonged = (node: string): Line[] => [
    granted(100, node),
    [900_000, node, 'truth', 'extended', [KEY, 'B', 'A', 'A-1', 1_900_000, TTL_US]],
    gone(1_900_000, node, 'expired', 'time'),
  ]
  const judged = (nodes: readonly string[]) =>
    deadLock
      .run(history(3, [...believes(200), [500, 'A', 'note', 'ended', null], ...nodes.flatMap(prolonged)], 100_000))
      .map(tellViolation)
      .map(({ sentence, why }) => `${sentence} | ${why}`)

  it('takes so many that no majority is left', () => {
    expect(judged(['redis-1', 'redis-2'])).toEqual([
      'votes of A that no client uses kept 2 of 3 nodes for 899.9 ms: no majority was left | B prolonged it while waiting for it.',
    ])
    expect(judged(['redis-1'])).toEqual([])
  })
})
