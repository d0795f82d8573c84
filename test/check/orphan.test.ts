/** Keys whose owner is alive and does nothing about them, or has ended while others prolong them: told by hand. */
import { describe, expect, it } from 'vitest'
import { deadLock } from '../../src/check/dead-lock.ts'
import { orphanedLock } from '../../src/check/orphaned-lock.ts'
import type { Atom } from '../../src/sim/trace.ts'
import { END_US, gone, granted, historyOf, KEY, type Line, strikes, TTL_US, votersOf } from './by-hand.ts'

const ASKED_US = 100_000
/** A asks, gets the key on a node, and is told this. */
const asks = (outcome: 'ok' | 'fail' | 'info', node = 'redis-1', deadlineUs?: number | null): Line[] => [
  [ASKED_US, 'A', 'invoke', 'acquire', 'A-1'],
  granted(ASKED_US + 500, node, deadlineUs),
  [ASKED_US + 1_000, 'A', outcome, 'acquire', outcome === 'info' ? ['A-1', 'timeout'] : ['A-1']],
]
const expires = (node = 'redis-1', atUs = ASKED_US + 500 + TTL_US): Line => gone(atUs, node, 'expired', 'time')
const ends = (atUs: number, process = 'A'): Line => [atUs, process, 'note', 'ended', 'crash']
/** What the key of A is given, and by whom. */
const set = (atUs: number, op: string, by: string, text: Atom, ttlUs: number | null, node = 'redis-1'): Line => [
  atUs,
  node,
  'truth',
  op,
  [KEY, by, 'A', text, ttlUs === null ? null : atUs + ttlUs, ttlUs],
]

const orphans = (lines: readonly Line[]) =>
  orphanedLock.run(historyOf(lines)).map(({ cause, atUs, untilUs }) => [cause.kind, atUs, untilUs])
const deadLocks = (lines: readonly Line[], voters = 1) =>
  deadLock.run(historyOf(lines, { voters: votersOf(voters), rules: { orphanUs: 100_000 } }))

describe('a key of an owner that was told that it does not have it', () => {
  it('is left behind, and not where its owner has ended since', () => {
    const left = [['attempt-misread', ASKED_US + 1_000, ASKED_US + 500 + TTL_US]]
    expect(orphans([...asks('fail'), expires()])).toEqual(left)
    expect(orphans([...asks('fail'), ends(500_000), expires()])).toEqual([])
    // It began another life before it asked.
    expect(orphans([ends(50_000), ...asks('fail'), expires()])).toEqual(left)
    expect(orphans([...asks('fail'), expires(), ends(2_000_000)])).toEqual(left)
  })
})

describe('votes of an attempt that failed', () => {
  const TOLD_US = ASKED_US + 1_000
  const kept = (...lines: readonly Line[]) =>
    orphanedLock
      .run(
        historyOf(
          [...asks('fail'), granted(ASKED_US + 600, 'redis-2'), ...lines, expires(), expires('redis-2', 1_100_600)],
          { voters: votersOf(3), rules: { orphanUs: 100_000 } },
        ),
      )
      .map(({ atUs, untilUs }) => [atUs, untilUs])
  const loses = (atUs: number, kind: string, process = 'A') => kept(strikes(atUs, kind, { process }))
  const untilEnd = (fromUs: number) => [[fromUs, ASKED_US + 500 + TTL_US]]

  it('have to be taken back', () => {
    expect(kept()).toEqual(untilEnd(TOLD_US))
    expect(kept(gone(500_000, 'redis-2', 'deleted', 'A'))).toEqual([[TOLD_US, 500_000]])
  })

  it('are excused where the command that does may be lost with its connection, not where the vote itself was', () => {
    const reconnectedUs = ASKED_US + 700 + 50_000
    expect(loses(ASKED_US + 700, 'lose-reply')).toEqual(untilEnd(reconnectedUs))
    expect(loses(TOLD_US, 'lose-reply')).toEqual([])
    expect(loses(TOLD_US, 'lose-reply', 'B')).toEqual(untilEnd(TOLD_US))
    expect(loses(ASKED_US + 700, 'reset')).toEqual([])
    expect(loses(ASKED_US, 'reset')).toEqual(untilEnd(ASKED_US + 50_000))
  })
})

describe('a key that its release keeps', () => {
  const releases = (...meanwhile: readonly Line[]): Line[] => [
    ...asks('ok'),
    [200_000, 'A', 'invoke', 'release', 'A-1'],
    ...meanwhile,
    [210_000, 'A', 'ok', 'release', ['A-1', true]],
    expires(),
  ]
  const left = [['release-without-effect', 210_000, ASKED_US + 500 + TTL_US]]

  it('has another time to live since, given by its owner during the release', () => {
    expect(orphans(releases())).toEqual(left)
    expect(orphans(releases(set(205_000, 'extended', 'A', 'A-1', 800_000)))).toEqual([])
    // A renewal, whole milliseconds of whose time are over.
    expect(orphans(releases(set(205_000, 'extended', 'A', 'A-1', TTL_US - 1_999)))).toEqual(left)
    expect(orphans(releases(set(205_000, 'extended', 'B', 'A-1', 800_000)))).toEqual(left)
    expect(orphans(releases(set(195_000, 'extended', 'A', 'A-1', 800_000)))).toEqual(left)
    expect(orphans(releases(set(215_000, 'extended', 'A', 'A-1', 800_000)))).toEqual(left)
  })

  it('for ever is kept on purpose where that is new, and else is a dead-lock', () => {
    const keeps = (deadlineUs: number | null, op: string): Line[] => [
      ...asks('ok', 'redis-1', deadlineUs),
      [200_000, 'A', 'invoke', 'release', 'A-1'],
      set(205_000, op, 'A', 'A-1', null),
      [210_000, 'A', 'ok', 'release', ['A-1', true]],
    ]
    expect(deadLocks(keeps(TTL_US, 'extended'))).toEqual([])
    expect(deadLocks(keeps(null, 'overwritten'))).toEqual([])
    expect(deadLocks(keeps(null, 'extended')).map(({ cause }) => cause.kind)).toEqual(['no-expiry'])
  })
})

describe('a key without an expiry', () => {
  it('is a dead-lock from when its owner last believed in it, though nobody asked for it as a lock', () => {
    const held: Line[] = [
      ...asks('ok', 'redis-1', null),
      [300_000, 'A', 'belief', 'ended', ['A-1', 'lost']],
      // Another one believes for longer, in something else.
      [400_000, 'B', 'invoke', 'acquire', 'B-1'],
      [400_100, 'B', 'ok', 'acquire', ['B-1']],
      [900_000, 'B', 'belief', 'ended', ['B-1', 'released']],
    ]
    expect(deadLocks(held).map(({ cause, atUs, untilUs }) => [cause.kind, atUs, untilUs])).toEqual([
      ['no-expiry', 300_000, END_US],
    ])
    expect(deadLocks([granted(500, 'redis-1', null)]).map(({ atUs }) => atUs)).toEqual([500])
  })

  it('is none where it is deleted, of several nodes, too', () => {
    const votes = (...then: readonly Line[]): Line[] => [
      ...asks('ok', 'redis-1', null),
      granted(ASKED_US + 600, 'redis-2', null),
      [300_000, 'A', 'belief', 'ended', ['A-1', 'lost']],
      ...then,
    ]
    const kept = (lines: Line[]) => deadLocks(lines, 3).map(({ atUs, untilUs }) => [atUs, untilUs])
    expect(kept(votes())).toEqual([[300_000, END_US]])
    expect(orphanedLock.run(historyOf(votes(), { voters: votersOf(3) }))).toEqual([])
    expect(kept(votes(gone(4_000_000, 'redis-2', 'deleted', 'A')))).toEqual([])
  })
})

describe('a key whose owner has ended', () => {
  const ENDED_US = 600_000
  const lasts = (...meanwhile: readonly Line[]): Line[] => [...asks('ok'), ends(ENDED_US), ...meanwhile]
  const longer = (lines: readonly Line[], voters = 1) =>
    deadLocks(lines, voters).map(({ cause, atUs, untilUs, processes }) => [cause.kind, atUs, untilUs, processes])
  const byB = set(1_000_000, 'extended', 'B', 'A-1', TTL_US)

  it('is a dead-lock when others prolong it, from its deadline on', () => {
    expect(longer(lasts(byB, expires('redis-1', 2_000_000)))).toEqual([
      ['prolonged-by-waiters', ASKED_US + 500 + TTL_US, 2_000_000, ['A', 'B']],
    ])
  })

  it('is none when its own last command comes late, or what prolongs it is lost', () => {
    expect(longer(lasts(set(1_000_000, 'extended', 'A', 'A-1', TTL_US), expires('redis-1', 2_000_000)))).toEqual([])
    const disowned: Line = [1_000_000, 'redis-1', 'truth', 'disowned', [KEY, 'B', 'A', 'A-1', 2_000_000, TTL_US]]
    expect(longer(lasts(disowned, expires('redis-1', 1_900_000)))).toEqual([])
  })

  it('is none when what others prolong is another key, another owner’s, or one of a later life', () => {
    const other: Line = [1_000_000, 'redis-1', 'truth', 'extended', ['other', 'B', 'C', 'C-1', 3_000_000, TTL_US]]
    expect(longer(lasts(other, expires('redis-1', 1_900_000)))).toEqual([])
    // A is over, C has it, and B prolongs that.
    const later: Line[] = [
      granted(1_800_000, 'redis-1', 2_800_000, 'C'),
      [1_900_000, 'redis-1', 'truth', 'extended', [KEY, 'B', 'C', 'C-1', 2_900_000, TTL_US]],
      gone(2_900_000, 'redis-1', 'expired', 'time', 'C'),
    ]
    expect(longer(lasts(expires(), ...later))).toEqual([])
    const late = set(700_000, 'extended', 'A', 'A-1', TTL_US)
    expect(longer(lasts(late, expires('redis-1', 1_700_000), ...later))).toEqual([])
    expect(longer([ends(50_000), ...asks('ok'), byB, expires('redis-1', 2_000_000)])).toEqual([])
    // Its first life had the key when it ended.
    const twice: Line[] = [granted(1_000, 'redis-1', 80_000), expires('redis-1', 80_000)]
    expect(longer([...twice, ends(50_000), ...asks('ok'), byB, expires('redis-1', 2_000_000)])).toEqual([])
    expect(longer([...asks('ok'), byB, expires('redis-1', 2_000_000), ends(3_000_000)])).toEqual([])
  })

  it('is one vote of several: what others prolong on another node is no matter of this one', () => {
    const votes = (...prolonged: readonly string[]): Line[] => [
      ...lasts(),
      granted(ASKED_US + 600, 'redis-2'),
      ...prolonged.flatMap((node) => [set(1_000_000, 'extended', 'B', 'A-1', TTL_US, node), expires(node, 2_000_000)]),
    ]
    expect(longer(votes('redis-1', 'redis-2'), 3)).toEqual([['votes-kept', ASKED_US + 600 + TTL_US, 2_000_000, ['A']]])
    expect(longer([...votes('redis-1'), expires('redis-2', ASKED_US + 600 + TTL_US)], 3)).toEqual([])
    // One whose own deadline is later.
    const own = [granted(ASKED_US, 'redis-2', 1_600_000), expires('redis-2', 1_600_000)]
    expect(longer([...own, ...lasts(byB, expires('redis-1', 2_000_000))], 3)).toEqual([])
  })
})

describe('a key that keeps its own owner out', () => {
  /** A's reply is lost with its connection, it asks again, and is told at 900 ms that it does not have it. */
  const blocked = (outcome: 'fail' | 'info', ...lines: readonly Line[]) =>
    orphanedLock
      .run(
        historyOf(
          [
            [100, 'A', 'invoke', 'acquire', 'A-1'],
            granted(500, 'redis-1'),
            gone(500 + TTL_US, 'redis-1', 'expired', 'time'),
            ...(lines.length === 0 ? [strikes(600, 'lose-reply', { process: 'A' })] : lines),
            [900_000, 'A', outcome, 'acquire', outcome === 'info' ? ['A-1', 'timeout'] : 'A-1'],
          ],
          { rules: { orphanUs: 200_000 } },
        ),
      )
      .map(({ cause, atUs, untilUs }) => [cause.kind, atUs, untilUs])
  const itself = [['own-token-blocks', 500, 900_000]]
  const reset = strikes(600, 'reset', { process: 'A' })

  it('is one whose reply may have been lost, until the attempt fails or is given up', () => {
    expect(blocked('fail')).toEqual(itself)
    expect(blocked('info')).toEqual(itself)
    expect(blocked('fail', reset)).toEqual(itself)
    expect(blocked('fail', strikes(600, 'reset', { process: 'B' }))).toEqual([])
    expect(blocked('fail', strikes(900_001, 'reset', { process: 'A' }))).toEqual([])
  })

  it('is excused where something else kept its owner from Redis during the attempt', () => {
    const pause = (atUs: number, us: number) => strikes(atUs, 'pause', { process: 'A', for: `${us}us` })
    expect(blocked('fail', reset, pause(50, 50))).toEqual([])
    expect(blocked('fail', reset, pause(50, 49))).toEqual(itself)
    expect(blocked('fail', reset, pause(900_000, 50))).toEqual([])
    expect(blocked('fail', reset, pause(900_001, 50))).toEqual(itself)
  })

  it('is none when the attempt soon fails, its owner having ended since, nor where nobody asked for it', () => {
    const soon = historyOf(
      [
        [100, 'A', 'invoke', 'acquire', 'A-1'],
        granted(500, 'redis-1'),
        reset,
        [300_000, 'A', 'fail', 'acquire', 'A-1'],
        ends(310_000),
        gone(500 + TTL_US, 'redis-1', 'expired', 'time'),
      ],
      { rules: { orphanUs: 200_000 } },
    )
    expect(orphanedLock.run(soon)).toEqual([])
    expect(orphans([granted(500, 'redis-1'), gone(500 + TTL_US, 'redis-1', 'expired', 'time'), reset])).toEqual([])
  })
})
