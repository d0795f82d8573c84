/** A function that takes a callback: what gives the lock back, and what is refused as nothing does. */
import { describe, expect, it } from 'vitest'
import { endsOf } from '../../src/lock/around.ts'
import { aroundCallback, promised } from '../../src/lock/callback.ts'
import type { LockContext } from '../../src/lock/lock.ts'

const context = {} as LockContext
type Run = Parameters<typeof aroundCallback>[0]

async function story(run: Run): Promise<string> {
  const ends = endsOf(aroundCallback(run))
  try {
    const lease = await ends.acquire(context)
    if (lease === null) return 'not had'
    return `had, ${await ends.release(context, lease).then(
      (isReleased) => (isReleased ? 'released' : 'kept'),
      (error: Error) => error.message,
    )}`
  } catch (error) {
    return `failed: ${(error as Error).message}`
  }
}

describe('a callback', () => {
  it.each<[string, string, Run]>([
    ['whose promise is waited for', 'had, released', async (_, work) => void (await work())],
    ['with done', 'had, released', (_, work) => void setTimeout(() => work(() => {}), 1)],
    ['with done that calls back', 'had, released', (_, work) => void work((end: () => void) => setTimeout(end, 1))],
    [
      'with done that fails',
      'had, gone',
      (_, work) => void work((end: (error: Error) => void) => end(new Error('gone'))),
    ],
    ['with an object that releases', 'had, released', (_, work) => void work(null, { unlock: async () => {} })],
    ['with an error', 'failed: down', (_, work) => void work(new Error('down'))],
    ['with a refusal', 'not had', (_, work) => void work(null, false)],
    ['that is never called', 'not had', async () => undefined],
    [
      'that is not waited for',
      'had, it does not wait for its callback: nothing gives the lock back',
      async (_, work) => void work(),
    ],
  ])('%s', async (_, told, run) => {
    expect(await story(run)).toBe(told)
  })
})

describe('what a function comes to', () => {
  it('is told by its promise, its callback or both', async () => {
    expect(await promised(() => Promise.resolve(1))).toBe(1)
    expect(await promised((callback) => void callback(null, 2))).toBe(2)
    expect(await promised((callback) => void callback(null))).toBe(true)
    expect(await promised((callback) => void callback(5))).toBe(5)
    expect(await promised((callback) => void callback(null, undefined))).toBeUndefined()
    await expect(promised((callback) => void callback(new Error('down')))).rejects.toThrow('down')
    expect(
      await promised((callback) => {
        callback(null, 3)
        return Promise.resolve(3)
      }),
    ).toBe(3)
  })

  // As node-redis-warlock's `lock` returns the key it was given, long before Redis has answered.
  it('is not told by what it returned at once beside its callback, unless that is a refusal', async () => {
    const later = (callback: (...given: readonly unknown[]) => void) => void setTimeout(callback, 1, null, 4)
    for (const returned of ['key', {}, true, undefined]) {
      expect(
        await promised((callback) => {
          later(callback)
          return returned
        }),
      ).toBe(4)
    }
    expect(await promised(() => false)).toBe(false)
  })
})
