/**
 * Nothing of one client reaches another, and nothing of one world the next: not through a library's module variables, not
 * through a driver's, not through what an adapter keeps.
 */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AnyLock } from '../../../catalogue/libraries/any-lock.ts'
import { redisMutex } from '../../../catalogue/libraries/redis-mutex.ts'
import { mutex, semaphore } from '../../../catalogue/libraries/redis-semaphore.ts'
import { redlock4 } from '../../../catalogue/libraries/redlock-4.ts'
import { redlock5, redlock5Using } from '../../../catalogue/libraries/redlock-5.ts'
import { universal } from '../../../catalogue/libraries/redlock-universal.ts'
import { simpleRedisMutex } from '../../../catalogue/libraries/simple-redis-mutex.ts'
import { lockSubject } from '../../../src/subject/subject.ts'
import { fault, show } from '../../check/worlds.ts'
import { story, work } from './on-both.ts'

const LOCKS: readonly AnyLock[] = [
  redlock4(),
  redlock5(),
  redlock5Using(),
  mutex(),
  semaphore(),
  redisMutex(),
  universal(),
  simpleRedisMutex(),
]

/** The mutant: one instance of the library for all clients of all worlds, as a plain import gives. */
const shared = createRequire(import.meta.url)
const sharedMutex: AnyLock = {
  ...simpleRedisMutex('shared'),
  acquire: (context) =>
    simpleRedisMutex().acquire({ ...context, load: ((name: string) => shared(name)) as typeof context.load }),
}

const calm = story(5, { clients: 3, headStartUs: 0, workload: work(5, 2) })
const storms = ['3ms', '9ms', '31ms'].map((at) =>
  story(5, {
    clients: 3,
    headStartUs: 0,
    workload: work(5, 2),
    faults: [
      fault('pause', { process: 'B', for: '1s' }, at),
      fault('crash', { process: 'A' }, at),
      fault('lose-reply', { process: 'C' }, at),
    ],
  }),
)
const hashOf = async (lock: AnyLock, plan = calm): Promise<string> =>
  (await show(lockSubject(lock), plan, plan.client)).hash

beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterAll(() => {
  vi.restoreAllMocks()
})

describe('a world tells the same story whatever ran before it', () => {
  it.each(LOCKS)('$name', async (lock) => {
    const before = await hashOf(lock)
    const stormy = await Promise.all(storms.map((storm) => hashOf(lock, storm)))
    expect(await hashOf(lock)).toBe(before)
    // The storms themselves, in another order.
    for (const index of [2, 0, 1]) expect(await hashOf(lock, storms[index])).toBe(stormy[index])
  })

  it('but not when a library that keeps a subscriber in a module variable is shared', async () => {
    const before = await hashOf(sharedMutex)
    await hashOf(sharedMutex, storms[0])
    expect(await hashOf(sharedMutex)).not.toBe(before)
  })
})
