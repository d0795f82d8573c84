/** Who waits for too long: for a minority of nodes, for a signal, behind others, or for ever: told by hand. */
import { describe, expect, it } from 'vitest'
import { deadLock } from '../../src/check/dead-lock.ts'
import { hang } from '../../src/check/hang.ts'
import { lateSignal } from '../../src/check/late-signal.ts'
import { starvation } from '../../src/check/starvation.ts'
import { believes, END_US, gone, granted, historyOf, type Line, strikes, TTL_US, votersOf } from './by-hand.ts'

describe('a call of a quorum lock that waits for one silent node', () => {
  const CALLED_US = 1_000_000
  const RETURNED_US = 2_500_000
  /** It took half a second longer than a lease. */
  const waits = (...lines: readonly Line[]) =>
    hang
      .run(
        historyOf(
          [[CALLED_US, 'A', 'invoke', 'acquire', 'A-1'], [RETURNED_US, 'A', 'fail', 'acquire', 'A-1'], ...lines],
          { voters: votersOf(3) },
        ),
      )
      .map(({ told }) => (told.kind === 'waited-for-minority' ? told.silent : told.kind))
  const silent = (node: string, atUs: number, ms: number) => strikes(atUs, 'pause', { process: node, for: `${ms}ms` })

  it('is a bug where the silence lasts for as long as it is late', () => {
    expect(waits(silent('redis-3', CALLED_US, 500))).toEqual([['redis-3']])
    expect(waits(silent('redis-3', CALLED_US, 499))).toEqual([])
    expect(waits()).toEqual([])
    expect(waits(silent('redis-3', CALLED_US, 500), silent('redis-2', CALLED_US, 500))).toEqual([])
  })

  it('is none of a silence before it or after it', () => {
    const both = [silent('redis-3', CALLED_US, 500), silent('redis-2', 500_000, 500)]
    expect(waits(...both)).toEqual([['redis-3']])
    expect(waits(silent('redis-3', CALLED_US, 500), silent('redis-2', RETURNED_US, 500))).toEqual([['redis-3']])
  })

  it('is excused where a message of its was held up meanwhile, or its client was stopped', () => {
    const held = (atUs: number, ms: number) =>
      waits(silent('redis-3', CALLED_US, 500), strikes(atUs, 'delay-reply', { process: 'A', for: `${ms}ms` }))
    expect(held(1_200_000, 10)).toEqual([])
    expect(held(900_000, 100)).toEqual([['redis-3']])
    expect(held(RETURNED_US, 100)).toEqual([['redis-3']])
    expect(waits(silent('redis-3', CALLED_US, 500), silent('A', 1_200_000, 10))).toEqual([])
  })
})

describe('a loss that is signalled', () => {
  const LOST_US = 1_000_100
  const signalled = (atUs: number): Line => [atUs, 'A', 'belief', 'ended', ['A-1', 'signalled']]
  const late = (lines: readonly Line[], voters = 1) =>
    lateSignal.run(historyOf(lines, { voters: votersOf(voters) })).map(({ atUs, untilUs }) => [atUs, untilUs])
  const lost = [granted(100, 'redis-1'), ...believes(600), gone(LOST_US, 'redis-1', 'expired', 'time')]

  it('is late after more than a lease in which its client could have known', () => {
    expect(late([...lost, signalled(LOST_US + TTL_US + 1)])).toEqual([[LOST_US, LOST_US + TTL_US + 1]])
    expect(late([...lost, signalled(LOST_US + TTL_US)])).toEqual([])
  })

  it('is excused by what befell its client or a server, until it came, and not by what befell others', () => {
    const after = (atUs: number, process: string) =>
      late([...lost, signalled(2_500_000), strikes(atUs, 'pause', { process, for: '500ms' })])
    expect(after(1_200_000, 'A')).toEqual([])
    expect(after(1_200_000, 'redis-1')).toEqual([])
    expect(after(1_200_000, 'B')).toEqual([[LOST_US, 2_500_000]])
    expect(after(2_500_001, 'A')).toEqual([[LOST_US, 2_500_000]])
  })

  it('is none where a late vote made the majority whole again', () => {
    const votes = [
      granted(100, 'redis-1', 4_000_000),
      granted(200, 'redis-2', 4_000_000),
      ...believes(600),
      gone(700, 'redis-2', 'deleted', 'restart'),
      granted(900, 'redis-3', 4_000_000),
    ]
    expect(late([...votes, signalled(2_500_000)], 3)).toEqual([])
    expect(late([...votes.slice(0, -1), signalled(2_500_000)], 3)).toEqual([[700, 2_500_000]])
  })
})

describe('a waiter that is overtaken', () => {
  const holds = (client: string, askedUs: number, fromUs: number, number = 1): Line[] => [
    [askedUs, client, 'invoke', 'acquire', `${client}-${number}`],
    [fromUs, client, 'ok', 'acquire', [`${client}-${number}`]],
    [fromUs + 50, client, 'belief', 'ended', [`${client}-${number}`, 'released']],
  ]
  const overtaken = (...lines: readonly Line[]) =>
    starvation
      .run(historyOf(lines, { rules: { bypassesMax: 1 } }))
      .map(({ told, processes }) => [told.kind === 'overtaken' ? told.times : 0, ...processes])
  const others = [...holds('B', 200, 300), ...holds('C', 400, 500)]

  it('is so by those that asked later and got it before, more often than is allowed', () => {
    expect(overtaken(...holds('A', 100, 700), ...others)).toEqual([[2, 'A', 'C']])
    expect(overtaken(...holds('A', 100, 450), ...others)).toEqual([])
    expect(overtaken(...holds('A', 250, 700), ...others)).toEqual([])
    // One hold of its own, before and after.
    expect(overtaken(...holds('A', 10, 50), ...holds('A', 100, 450, 2), ...holds('A', 460, 480, 3), ...others)).toEqual(
      [],
    )
  })

  it('waits until its process ends, and in another life anew', () => {
    const ends = (atUs: number): Line => [atUs, 'A', 'note', 'ended', 'crash']
    const asks: Line = [100, 'A', 'invoke', 'acquire', 'A-1']
    expect(overtaken(asks, ...others)).toEqual([[2, 'A', 'C']])
    expect(overtaken(asks, ...others, ends(450))).toEqual([])
    expect(overtaken(ends(50), asks, ...others)).toEqual([[2, 'A', 'C']])
  })
})

describe('what has not returned when all is calm', () => {
  const pending = (op: string) =>
    hang
      .run(
        historyOf(
          [
            [100, 'A', 'invoke', op, ['A-1', 1]],
            [4_000_000, 'world', 'note', 'settled', null],
          ],
          { healedUs: 1_000_000 },
        ),
      )
      .map(({ cause }) => cause.kind)

  it('is a call of what is under test, and not what is run or led, which may go on', () => {
    expect(pending('release')).toEqual(['never-settled'])
    expect(['run', 'lead', 'probe'].flatMap(pending)).toEqual([])
  })
})

describe('a semaphore whose permits are lost', () => {
  it('is told with how many of them the last try held when it ended', () => {
    const took = (client: string, fromUs: number, untilUs: number | null, number: number): Line[] => [
      [fromUs - 10, client, 'invoke', 'acquire', `${client}-${number}`],
      [fromUs, client, 'ok', 'acquire', [`${client}-${number}`]],
      ...(untilUs === null ? [] : [[untilUs, client, 'belief', 'ended', [`${client}-${number}`, 'lost']] as const]),
    ]
    const probe: Line[] = [
      [4_000_000, 'P', 'invoke', 'probe', null],
      [4_900_000, 'P', 'fail', 'probe', null],
    ]
    const lines = [
      ...took('P', 3_000_000, null, 1),
      ...took('A', 4_100_000, null, 1),
      ...took('P', 4_100_000, 4_200_000, 2),
      ...took('P', 4_300_000, null, 3),
      ...probe,
    ]
    const [found] = deadLock.run(historyOf(lines, { rules: { limit: 3 }, endUs: END_US }))
    expect(found?.told).toEqual({ kind: 'permits-lost', had: 1, limit: 3, forUs: 900_000 })
  })
})
