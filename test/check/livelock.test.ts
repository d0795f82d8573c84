/** Votes that are split again and again: whose fault that is. */
import { describe, expect, it } from 'vitest'
import { livelock } from '../../src/check/livelock.ts'
import { defineLock, type LockDefinition } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { END_US, gone, granted, historyOf, type Line, strikes, votersOf } from './by-hand.ts'
import { type Changes, counterPlan, fault, type Shown, show } from './worlds.ts'

/** Redlock that asks again by itself, after so many milliseconds, at most so many times. */
const askingAgain = (name: string, waitMs: () => number, times = 40): LockDefinition =>
  defineLock({
    ...redlockByTheBook,
    name,
    blocking: true,
    async acquire(context) {
      for (let time = 0; time < times; time += 1) {
        const lease = await redlockByTheBook.acquire(context)
        if (lease !== null) return lease
        await new Promise((resolve) => setTimeout(resolve, waitMs()))
      }
      return null
    },
  })

const inStep = askingAgain('in-step', () => 50)

const threeWantThree = (lock: LockDefinition, changes: Changes = {}): Promise<Shown> =>
  show(
    lockSubject(lock),
    counterPlan({ clients: 3, nodes: 3, placement: 'beside', order: [], settleUs: 10_000_000, ...changes }),
  )

describe('a livelock', () => {
  it('is a bug of a quorum lock that asks again after a fixed time', async () => {
    const { kinds, violations } = await threeWantThree(inStep)
    expect(kinds).toContain('livelock: bug')
    const [found] = violations.filter(({ property }) => property === 'livelock')
    expect(found?.sentence).toMatch(
      /^A, B and C split the votes of 3 nodes \d+ times in a row, and none got the lock for /,
    )
    expect(found?.why).toContain('A random wait before the next round ends that.')
  })

  it('is none when the wait is random', async () => {
    const random = askingAgain('random', () => Math.random() * 100)
    for (let seed = 0; seed < 20; seed += 1) {
      expect((await threeWantThree(random, { seed: `random/${seed}` })).kinds).toEqual([])
    }
  })

  it('is none of a lock that gives up soon: then the workload asks again', async () => {
    expect((await threeWantThree(askingAgain('soon', () => 50, 4))).kinds).toEqual([])
    expect((await threeWantThree(redlockByTheBook)).kinds).toEqual([])
  })

  it('is none while a fault lasts', async () => {
    const lasting = fault('partition', { groups: [['A'], ['redis-2']], for: '1h' }, '1us')
    expect((await threeWantThree(inStep, { faults: [lasting] })).kinds).not.toContain('livelock: bug')
  })
})

describe('the rounds of a livelock', () => {
  const ROUND_US = 100_000
  /** In round after round each client has one vote and gives it back. */
  const rounds = (fromUs: number, count: number, clients = ['A', 'B']): Line[] =>
    Array.from({ length: count }, (_, round) => fromUs + round * ROUND_US).flatMap((atUs) =>
      clients.flatMap((client, index) => {
        const node = `redis-${index + 1}`
        return [granted(atUs, node, undefined, client), gone(atUs + 50_000, node, 'deleted', client, client)]
      }),
    )
  const counted = (...lines: readonly Line[]) =>
    livelock
      .run(historyOf(lines, { voters: votersOf(3), isBlocking: true }))
      .map(({ told, atUs, untilUs }) => [told.kind === 'votes-split' ? told.rounds : 0, atUs, untilUs])

  it('are six or more of two clients in a row', () => {
    expect(counted(...rounds(0, 6))).toEqual([[6, 0, END_US]])
    expect(counted(...rounds(0, 5))).toEqual([])
    expect(counted(...rounds(0, 6, ['A']))).toEqual([])
  })

  it('begin anew when somebody has the lock', () => {
    const had = [
      granted(340_000, 'redis-1', undefined, 'C'),
      granted(341_000, 'redis-2', undefined, 'C'),
      gone(345_000, 'redis-1', 'deleted', 'C', 'C'),
      gone(346_000, 'redis-2', 'deleted', 'C', 'C'),
    ]
    expect(counted(...rounds(0, 4), ...had, ...rounds(400_000, 4))).toEqual([])
    expect(counted(...rounds(0, 8))).toEqual([[8, 0, END_US]])
  })

  it('of a client end with its call, and not those of the others, nor with anything else it does', () => {
    const three = rounds(0, 4, ['A', 'B', 'C'])
    const ends = (client: string, op: string): Line[] => [
      [0, client, 'invoke', op, `${client}-0`],
      [390_000, client, 'fail', op, op === 'acquire' ? `${client}-0` : [`${client}-0`, 1]],
    ]
    expect(counted(...three, ...rounds(400_000, 4))).toEqual([[8, 0, END_US]])
    expect(counted(...three, ...ends('C', 'acquire'), ...rounds(400_000, 4))).toEqual([[8, 0, END_US]])
    expect(counted(...three, ...ends('A', 'acquire'), ...rounds(400_000, 4))).toEqual([])
    expect(counted(...three, ...ends('A', 'write'), ...rounds(400_000, 4))).toEqual([[8, 0, END_US]])
  })

  it('are counted while no fault lasts: until one begins, and from when it is over', () => {
    const pause = (atUs: number, ms: number) => strikes(atUs, 'pause', { process: 'C', for: `${ms}ms` })
    expect(counted(...rounds(0, 12), pause(650_000, 1))).toEqual([[7, 0, 650_000]])
    expect(counted(...rounds(0, 12), pause(250_000, 100))).toEqual([[8, 400_000, END_US]])
    expect(counted(...rounds(0, 12), pause(250_000, 800))).toEqual([])
    expect(counted(...rounds(400_000, 7), pause(100_000, 100))).toEqual([[7, 400_000, END_US]])
  })
})
