/** Semaphores with one too many, and read-write locks whose writer is not alone: told by hand. */
import { describe, expect, it } from 'vitest'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { tornRead } from '../../src/check/torn-read.ts'
import { historyOf, type Line, type Run, strikes } from './by-hand.ts'

/** A client holds, which it asked for before; `number`: for the how manieth time. */
const holds = (client: string, invokedUs: number, fromUs: number, untilUs: number, number = 1): Line[] => [
  [invokedUs, client, 'invoke', 'acquire', `${client}-${number}`],
  [fromUs, client, 'ok', 'acquire', [`${client}-${number}`]],
  [untilUs, client, 'belief', 'ended', [`${client}-${number}`, 'released']],
]
const pause = (atUs: number, process: string, ms: number): Line => strikes(atUs, 'pause', { process, for: `${ms}ms` })

describe('a semaphore of two that three hold', () => {
  const judged = (lines: readonly Line[], run: Run = {}) =>
    mutualExclusion.run(historyOf(lines, { rules: { limit: 2 }, ...run })).map(({ kind, cause }) => [kind, cause])
  const found = (...told: Parameters<typeof judged>) =>
    judged(...told).map(([kind, cause]) => `${kind}: ${(cause as { kind: string }).kind}`)
  const two = [...holds('A', 500_000, 501_000, 4_000_000), ...holds('B', 600_000, 601_000, 4_000_000)]
  const TOO_MANY = ['bug: one-too-many-let-in']

  it('is a bug when no lease can have ended, and nothing when the third did not have it for a moment', () => {
    expect(found([...two, ...holds('C', 900_000, 901_000, 1_000_000)])).toEqual(TOO_MANY)
    expect(found([...two, ...holds('C', 900_000, 901_000, 901_000)])).toEqual([])
  })

  it('is a limit when the clock of Redis jumped past the end of a lease, and not when it fell short of it', () => {
    const jumped = (by: string) =>
      found([
        ...two,
        ...holds('C', 900_000, 901_000, 1_000_000),
        strikes(700_000, 'clock-step', { process: 'redis-1', by }),
      ])
    expect(jumped('599ms')).toEqual(['limit: redis-lost-it'])
    expect(jumped('598ms')).toEqual(TOO_MANY)
  })

  it('is a bug of who was told of its lease after that was over, where something kept it for half of one', () => {
    const late = (fromUs: number, ms: number, run: Run = {}) =>
      found([...two, ...holds('C', 700_000, fromUs, 3_000_000), pause(750_000, 'C', ms)], run)
    expect(late(1_800_000, 1_000)).toEqual(['bug: granted-too-late'])
    // Kept for long, and told in time: it is one of the others' leases that may be over.
    expect(late(1_400_000, 600)).toEqual(TOO_MANY)
    // Kept for less than that.
    expect(late(1_800_000, 499)).toEqual(['bug: lease-ended'])
    // A call that waits for its turn was let in when it was told.
    expect(late(1_800_000, 1_000, { isBlocking: true })).toEqual(['bug: lease-ended'])
  })

  it('is told with what its holder was kept by until then, and by nothing that came later', () => {
    const third = holds('C', 1_900_000, 1_901_000, 2_000_000)
    const during = (...lines: readonly Line[]) =>
      judged([...two, ...third, ...lines]).map(([kind, cause]) => [kind, (cause as { during: unknown }).during])
    expect(during(pause(1_000_000, 'A', 100))).toEqual([['limit', { when: 'after', circumstance: 'paused' }]])
    expect(during(pause(1_901_001, 'A', 100))).toEqual([['bug', { when: 'before', circumstance: null }]])
    expect(during()).toEqual([['bug', { when: 'before', circumstance: null }]])
  })
})

const mayWrite = (atUs: number, token: string): Line => [atUs, 'W', 'note', 'may write', token]

describe('a writer that is not alone', () => {
  const beside = (...lines: readonly Line[]) =>
    mutualExclusion
      .run(historyOf([mayWrite(100, 'W-1'), ...lines], { subject: 'read-write-lock' }))
      .map(({ cause, processes }) => [cause.kind, processes])
  const writer = holds('W', 500_000, 501_000, 900_000)

  it('has another one beside it, not itself, and not one that was let in for no moment', () => {
    expect(beside(...writer, ...holds('R', 600_000, 601_000, 700_000))).toEqual([['let-in-beside', ['W', 'R']]])
    expect(beside(...writer, ...holds('W', 600_000, 601_000, 700_000, 2))).toEqual([])
    expect(beside(...writer, ...holds('R', 600_000, 601_000, 601_000))).toEqual([])
  })
})

describe('a read that is torn', () => {
  const reads = (atUs: number, value: number, token = 'R-1'): Line[] => [
    [atUs, 'R', 'invoke', 'read', token],
    [atUs + 100, 'R', 'ok', 'read', [token, value]],
  ]
  const wrote = (atUs: number, value: number, token = 'W-1'): Line => [
    atUs,
    'store',
    'effect',
    'write',
    ['W', token, value, null],
  ]
  const torn = (...lines: readonly Line[]) =>
    tornRead
      .run(historyOf([mayWrite(100, 'W-1'), ...lines], { subject: 'read-write-lock' }))
      .map(({ cause, atUs }) => [cause, atUs])
  const writer = (fromUs: number) => holds('W', fromUs - 1_000, fromUs, 900_000)
  const reader = (fromUs: number) => holds('R', fromUs - 1_000, fromUs, 900_000)
  const story = [...reads(700_000, 1), wrote(750_000, 2), ...reads(800_000, 2)]

  it('is told with who was let in beside whom', () => {
    expect(torn(...writer(600_000), ...reader(610_000), ...story)).toEqual([
      [{ kind: 'let-in-beside', holder: 'W', later: 'R' }, 750_000],
    ])
    expect(torn(...reader(600_000), ...writer(610_000), ...story)).toEqual([
      [{ kind: 'let-in-beside', holder: 'R', later: 'W' }, 750_000],
    ])
  })

  it('is nothing where what was written, or who held it, is not on record', () => {
    const both = [...writer(600_000), ...reader(610_000)]
    expect(torn(...both, ...reads(700_000, 1), ...reads(800_000, 2))).toEqual([])
    expect(torn(...reader(610_000), ...story)).toEqual([])
    expect(torn(...writer(610_000), ...story)).toEqual([])
  })
})
