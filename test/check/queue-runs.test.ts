/** Jobs that a second worker was given, that were done once more, or that are gone, and whose fault that is: told by hand. */
import { describe, expect, it } from 'vitest'
import { jobLost } from '../../src/check/job-lost.ts'
import { jobRunByTwo } from '../../src/check/job-run-by-two.ts'
import { jobRunTwice } from '../../src/check/job-run-twice.ts'
import type { History } from '../../src/history/history.ts'
import { END_US, historyOf, type Line, strikes } from './by-hand.ts'

const LEASE_US = 200_000
const JOB = 7

const queue = (...lines: readonly Line[]): History =>
  historyOf(lines, { subject: 'job-queue', rules: { ttlMs: LEASE_US / 1_000, runs: 'task' } })

/** A worker runs the job; it has a number of its own. */
const run = (client: string, fromUs: number, untilUs: number | null, number = 1): Line[] => [
  [fromUs, client, 'invoke', 'run', [`${client}-${number}`, JOB]],
  ...(untilUs === null ? [] : [[untilUs, client, 'ok', 'run', [`${client}-${number}`, JOB]] as const]),
]
const ended = (atUs: number, client: string): Line => [atUs, client, 'note', 'ended', 'crash']

describe('a job that two workers run at a time', () => {
  const FIRST_US = 1_000_000
  const SECOND_US = 1_300_000
  /** B is given it 300 ms after A, which is at it for a second. */
  const both = (...lines: readonly Line[]) =>
    why(...run('A', FIRST_US, 2_000_000), ...run('B', SECOND_US, 1_500_000), ...lines)
  const why = (...lines: readonly Line[]) =>
    jobRunByTwo.run(queue(...lines)).map(({ kind, cause }) => `${kind}: ${cause.kind}`)
  const KEPT_NOT = ['bug: claim-not-kept']
  const KEPT_FROM = ['limit: claim-ended']

  it('is a bug when nothing kept the first one', () => {
    expect(both()).toEqual(KEPT_NOT)
  })

  it('is a limit when Redis forgot whose it is, within the lease before the first one began, or its clock jumped by half a lease', () => {
    const flush = (atUs: number) => both(strikes(atUs, 'flush', { process: 'redis-1' }))
    expect([FIRST_US - LEASE_US, SECOND_US].map(flush)).toEqual([
      ['limit: claim-forgotten'],
      ['limit: claim-forgotten'],
    ])
    expect([FIRST_US - LEASE_US - 1, SECOND_US + 1].map(flush)).toEqual([KEPT_NOT, KEPT_NOT])
    const jump = (by: string) => both(strikes(1_100_000, 'clock-step', { process: 'redis-1', by }))
    expect(jump('100ms')).toEqual(['limit: claim-forgotten'])
    expect(jump('99ms')).toEqual(KEPT_NOT)
  })

  it('is a limit when the first one was kept for half a lease, to which what a clock jumped ahead adds', () => {
    const paused = (ms: number) => strikes(1_100_000, 'pause', { process: 'A', for: `${ms}ms` })
    expect(both(paused(100))).toEqual(KEPT_FROM)
    expect(both(paused(99))).toEqual(KEPT_NOT)
    expect(both(paused(60), strikes(1_250_000, 'clock-step', { process: 'redis-1', by: '40ms' }))).toEqual(KEPT_FROM)
    expect(both(strikes(1_100_000, 'pause', { process: 'B', for: '50ms' }))).toEqual(KEPT_NOT)
  })

  it('is a limit when two messages of the first one were lost within a lease, each with its connection', () => {
    const lost = (...losses: readonly (readonly [number, string, string])[]) =>
      both(...losses.map(([atUs, kind, process]) => strikes(atUs, kind, { process })))
    expect(lost([1_050_000, 'lose-reply', 'A'], [1_250_000, 'lose-reply', 'A'])).toEqual(KEPT_FROM)
    expect(lost([1_050_000, 'reset', 'A'], [1_250_000, 'lose-reply', 'A'])).toEqual(KEPT_FROM)
    expect(lost([1_050_000, 'lose-reply', 'A'])).toEqual(KEPT_NOT)
    expect(lost([1_050_000, 'lose-reply', 'A'], [1_250_001, 'lose-reply', 'A'])).toEqual(KEPT_NOT)
    expect(lost([1_050_000, 'lose-reply', 'A'], [1_150_000, 'lose-reply', 'C'])).toEqual(KEPT_NOT)
    // One of the two before the lease that led to the run, or after the other had the job.
    expect(lost([FIRST_US - LEASE_US - 1, 'lose-reply', 'A'], [850_000, 'lose-reply', 'A'])).toEqual(KEPT_NOT)
    expect(lost([1_250_000, 'lose-reply', 'A'], [SECOND_US + 1, 'lose-reply', 'A'])).toEqual(KEPT_NOT)
  })

  it('is a limit when one message of the first one was lost, and it was kept for a third of a lease', () => {
    const lostAnd = (ms: number, lostAtUs = 1_150_000, client = 'A') =>
      both(
        strikes(lostAtUs, 'reset', { process: client }),
        strikes(1_200_000, 'pause', { process: 'A', for: `${ms}ms` }),
      )
    expect([66, 67].map((ms) => lostAnd(ms))).toEqual([KEPT_NOT, KEPT_FROM])
    expect([SECOND_US - 2 * LEASE_US, SECOND_US].map((us) => lostAnd(67, us))).toEqual([KEPT_FROM, KEPT_FROM])
    expect([SECOND_US - 2 * LEASE_US - 1, SECOND_US + 1].map((us) => lostAnd(67, us))).toEqual([KEPT_NOT, KEPT_NOT])
    expect(lostAnd(67, 1_150_000, 'B')).toEqual(KEPT_NOT)
  })

  it('is a bug of the later claim when that was heard of so late that it had ended', () => {
    const late = (ms: number) => both(strikes(1_000_000, 'delay-reply', { process: 'B', for: `${ms}ms` }))
    expect(late(100)).toEqual(['bug: claim-too-late'])
    expect(late(99)).toEqual(KEPT_NOT)
    // One worker that runs it twice at a time has no other one that was late.
    const twice = [...run('A', 1_000_000, 2_000_000), ...run('A', 1_100_000, 1_200_000, 2)]
    expect(why(...twice, strikes(710_000, 'pause', { process: 'A', for: '110ms' }))).toEqual(KEPT_NOT)
  })

  it('is over when its worker ends, and what else is noted of that one ends nothing', () => {
    const lines = [...run('A', FIRST_US, null), ...run('B', SECOND_US, 1_500_000)]
    expect(why(...lines, ended(1_200_000, 'A'))).toEqual([])
    expect(why(...lines, [1_200_000, 'A', 'note', 'answered', 'A-1'])).toEqual(KEPT_NOT)
    expect(why(...lines, ended(1_200_000, 'C'), ended(900_000, 'A'))).toEqual(KEPT_NOT)
  })

  it('is told of whoever is at it for longest', () => {
    const of = (...lines: readonly Line[]) => jobRunByTwo.run(queue(...lines)).map(({ processes }) => processes)
    const third = run('C', 1_600_000, 1_700_000)
    expect(of(...run('A', 1_000_000, 2_000_000), ...run('B', 1_300_000, 1_500_000), ...third)).toEqual([
      ['A', 'B'],
      ['A', 'C'],
    ])
    expect(of(...run('A', 1_000_000, 1_200_000), ...run('B', 1_300_000, 2_000_000), ...third)).toEqual([['B', 'C']])
  })
})

describe('a job that was done', () => {
  it('and is run again is told from the first time on; a limit where a fault was before', () => {
    const twice = [...run('A', 1_000_000, 1_100_000), ...run('B', 1_200_000, 1_300_000)]
    const told = (...lines: readonly Line[]) =>
      jobRunTwice.run(queue(...lines)).map(({ kind, cause, processes }) => [kind, cause.kind, processes])
    expect(told(...twice, ...run('C', 1_400_000, 1_500_000))).toEqual([
      ['bug', 'done-not-kept', ['A', 'B']],
      ['bug', 'done-not-kept', ['A', 'C']],
    ])
    const paused = (atUs: number) => told(...twice, strikes(atUs, 'pause', { process: 'A', for: '1ms' }))
    expect(paused(1_200_000)).toEqual([['limit', 'run-not-recorded', ['A', 'B']]])
    expect(paused(1_200_001)).toEqual([['bug', 'done-not-kept', ['A', 'B']]])
  })

  it('or is still run when all is over, is not lost', () => {
    const put: Line[] = [
      [100, 'A', 'invoke', 'put', ['A-0', JOB]],
      [200, 'A', 'ok', 'put', ['A-0', JOB]],
    ]
    const lost = (...lines: readonly Line[]) => jobLost.run(queue(...put, ...lines)).map(({ cause }) => cause)
    expect(lost(...run('B', END_US - 100, null))).toEqual([])
    expect(lost(...run('B', END_US - 100, null), ended(END_US - 50, 'B'))).toEqual([{ kind: 'job-gone', worker: 'B' }])
    expect(lost()).toEqual([{ kind: 'job-gone', worker: null }])
  })
})
