/** Old values out of a cache, and values that are made twice: told by hand. */
import { describe, expect, it } from 'vitest'
import { staleCache } from '../../src/check/stale-cache.ts'
import { stampede } from '../../src/check/stampede.ts'
import { historyOf, type Line, type Run } from './by-hand.ts'

const gets = (from: 'cache' | 'database', value = 1): Line[] => [
  [700, 'R', 'invoke', 'get', 'R-9'],
  [750, 'R', 'ok', 'get', ['R-9', value, from]],
]
/** Changes the value to 2, and takes it out of the cache from 450 on. */
const updates = (client = 'W', value = 2): Line[] => [
  [400, client, 'invoke', 'update', [`${client}-1`, value]],
  [450, client, 'invoke', 'invalidate', [`${client}-s`, value]],
  [500, client, 'ok', 'invalidate', [`${client}-s`, value]],
  [600, client, 'ok', 'update', [`${client}-1`, value, `${client}-s`]],
]
const fills = (fromUs: number, untilUs: number, outcome: 'ok' | 'fail' = 'ok'): Line[] => [
  [fromUs, 'F', 'invoke', 'fill', ['F-1', 1]],
  [untilUs, 'F', outcome, 'fill', ['F-1', 1]],
]

describe('an older value that is served', () => {
  const stale = (lines: readonly Line[], run: Run = {}) =>
    staleCache.run(historyOf(lines, run)).map(({ kind, cause, processes }) => [`${kind}: ${cause.kind}`, ...processes])

  it('comes out of the cache', () => {
    expect(stale([...updates(), ...fills(300, 650), ...gets('cache')])).toEqual([
      ['limit: writer-without-lock', 'W', 'F'],
    ])
    expect(stale([...updates(), ...fills(300, 650), ...gets('database')])).toEqual([])
    expect(stale([...updates(), ...fills(300, 650), ...gets('cache', 2)])).toEqual([])
  })

  it('was filled in by who was still at it when the change took it out, and before it was served', () => {
    const byNobody = [['bug: filled-by-nobody', 'W']]
    expect(stale([...updates(), ...gets('cache')])).toEqual(byNobody)
    expect(stale([...updates(), ...fills(300, 450), ...gets('cache')])).toEqual(byNobody)
    expect(stale([...updates(), ...fills(750, 800), ...gets('cache')])).toEqual(byNobody)
    expect(stale([...updates(), ...fills(300, 650, 'fail'), ...gets('cache')])).toEqual(byNobody)
    // Who changed it to the older value filled in nothing.
    expect(stale([...updates('V', 1), ...updates(), ...gets('cache')])).toEqual(byNobody)
  })

  it('is the lock’s doing where the writer takes it, too, as far as that is on record', () => {
    const locked: Run = { rules: { isWriterLocked: true } }
    const lines = [...updates(), ...fills(300, 650), ...gets('cache')]
    const holds = (token: string): Line[] => [
      [200, token, 'invoke', 'acquire', token],
      [250, token, 'ok', 'acquire', [token]],
    ]
    expect(stale(lines, locked)).toEqual([['bug: filled-while-both-held', 'W', 'F']])
    expect(stale([...holds('F-1'), ...lines], locked)).toEqual([['bug: never-granted', 'W', 'F']])
    expect(stale([...holds('W-s'), ...lines], locked)).toEqual([['bug: never-granted', 'W', 'F']])
  })
})

describe('a value that is made twice', () => {
  const makes = (client: string, fromUs: number, untilUs: number | null, number = 1): Line[] => [
    [fromUs, client, 'invoke', 'rebuild', `${client}-${number}`],
    ...(untilUs === null ? [] : [[untilUs, client, 'ok', 'rebuild', [`${client}-${number}`, 1]] as const]),
  ]
  const twice = (...lines: readonly Line[]) =>
    stampede.run(historyOf(lines)).map(({ cause, untilUs }) => [cause.kind, untilUs])

  it('is made by two at a time, not by one, nor after the first has ended', () => {
    expect(twice(...makes('A', 100, 500), ...makes('B', 300, 700))).toEqual([['granted-while-held', 500]])
    expect(twice(...makes('A', 100, 500), ...makes('A', 300, 700, 2))).toEqual([])
    const ends = (atUs: number): Line => [atUs, 'A', 'note', 'ended', 'crash']
    expect(twice(...makes('A', 100, null), ends(200), ...makes('B', 300, 700))).toEqual([])
    expect(twice(...makes('A', 100, null), ends(400), ...makes('B', 300, 700))).toEqual([['granted-while-held', 400]])
    expect(twice(ends(50), ...makes('A', 100, 500), ...makes('B', 300, 700))).toEqual([['granted-while-held', 500]])
  })
})
