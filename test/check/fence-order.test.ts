/** Fencing tokens that do not grow, and writes of holders that were superseded: told by hand. */
import { describe, expect, it } from 'vitest'
import { fenceOrder } from '../../src/check/fence-order.ts'
import { staleWrite } from '../../src/check/stale-write.ts'
import { gone, granted, historyOf, type Line, votersOf } from './by-hand.ts'

/** A client is told that it has the lock, and believes it until the end (or for no moment). */
const told = (
  client: string,
  fromUs: number,
  fence: number | null,
  { askedUs = fromUs - 50, statedUs = null as number | null } = {},
): Line[] => [
  [askedUs, client, 'invoke', 'acquire', `${client}-1`],
  [fromUs, client, 'ok', 'acquire', [`${client}-1`, fence, statedUs, statedUs === null ? null : 'monotonic']],
]

describe('the order of fencing tokens', () => {
  const order = (voters: number, ...lines: readonly Line[]) =>
    fenceOrder
      .run(historyOf(lines, { voters: votersOf(voters) }))
      .map(({ cause, processes }) => [cause.kind, ...processes])
  const [first] = [granted(100, 'redis-1', 200)]
  const wrong = [['fence-not-drawn-with-grant', 'B', 'A']]

  it('is not broken by an attempt that took the lock before another one and after it, with the token of the first time', () => {
    const again = [
      gone(200, 'redis-1', 'expired', 'time'),
      granted(300, 'redis-1', 400, 'B'),
      gone(400, 'redis-1', 'expired', 'time', 'B'),
      granted(500, 'redis-1'),
      ...told('B', 350, 2),
      ...told('A', 600, 1, { askedUs: 50 }),
    ]
    expect(order(1, first, ...again)).toEqual([])
    expect(order(1, ...again.slice(1))).toEqual(wrong)
    // What it gave back itself it does not mean.
    expect(order(1, first, gone(200, 'redis-1', 'deleted', 'A'), ...again.slice(1))).toEqual(wrong)
  })

  it('of a quorum lock is that of the majorities: one vote of an attempt is no lock', () => {
    const votes = (client: string, atUs: number) =>
      ['redis-2', 'redis-3'].flatMap((node) => [
        granted(atUs, node, atUs + 100, client),
        gone(atUs + 100, node, 'expired', 'time', client),
      ])
    const lines = [...votes('B', 300), ...votes('A', 500), ...told('B', 350, 2), ...told('A', 550, 1, { askedUs: 50 })]
    expect(order(3, first, ...lines)).toEqual(wrong)
  })
})

describe('a write of a holder that was superseded', () => {
  const wrote = (atUs: number, client: string, fence: number | null): Line => [
    atUs,
    'store',
    'effect',
    'write',
    [client, `${client}-1`, 1, fence],
  ]
  const stale = (...lines: readonly Line[]) =>
    staleWrite.run(historyOf(lines, { rules: { checkFence: true } })).map(({ processes }) => processes)
  const bHas = [gone(400, 'redis-1', 'expired', 'time'), granted(500, 'redis-1', 2_000_000, 'B')]
  const aHas = (fence: number | null) => [granted(100, 'redis-1', 400), ...told('A', 200, fence)]

  it('is of one whose lock another client has since, and had for a while', () => {
    expect(stale(...aHas(null), ...bHas, ...told('B', 600, null), wrote(700, 'A', null))).toEqual([['A', 'B']])
    expect(stale(...aHas(null), ...bHas, ...told('B', 600, null, { statedUs: 600 }), wrote(700, 'A', null))).toEqual([])
    expect(stale(...aHas(null), wrote(700, 'A', null))).toEqual([])
    // It has it again itself.
    const again: Line[] = [
      gone(400, 'redis-1', 'expired', 'time'),
      [500, 'redis-1', 'truth', 'granted', ['orders/42', 'A', 'A', 'A-2', 2_000_000, 1_000_000]],
      [450, 'A', 'invoke', 'acquire', 'A-2'],
      [600, 'A', 'ok', 'acquire', ['A-2']],
    ]
    expect(stale(...aHas(null), ...again, wrote(700, 'A', null))).toEqual([])
  })

  it('with a fence is stale once the resource has seen the newer one, or where that has none', () => {
    const both = (fence: number | null) => [...aHas(1), ...bHas, ...told('B', 600, fence)]
    expect(stale(...both(2), wrote(700, 'A', 1))).toEqual([])
    expect(stale(...both(2), wrote(650, 'B', 2), wrote(700, 'A', 1))).toEqual([['A', 'B']])
    expect(stale(...both(null), wrote(700, 'A', 1))).toEqual([['A', 'B']])
    expect(stale(...aHas(null), ...bHas, ...told('B', 600, 2), wrote(700, 'A', null))).toEqual([['A', 'B']])
  })
})
