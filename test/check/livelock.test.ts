/** Votes that are split again and again: whose fault that is. */
import { describe, expect, it } from 'vitest'
import { defineLock, type LockDefinition } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { lockSubject } from '../../src/subject/subject.ts'
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
