/**
 * The algorithm of redis.io step by step, on nodes made by hand.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LockContext } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'

/** What a node does: what it says to SET and to EVAL, or `silent`, or `broken`. */
type Answer = 'OK' | null | 0 | 1 | 'silent' | 'broken'

function node(set: Answer, released: Answer, delayMs = 0) {
  const sent: string[] = []
  const say = (answer: Answer) => {
    if (answer === 'silent') return new Promise(() => {})
    if (answer === 'broken') return Promise.reject(new Error('connection lost'))
    return new Promise((resolve) => {
      setTimeout(() => resolve(answer), delayMs)
    })
  }
  return {
    sent,
    set: (...args: unknown[]) => {
      sent.push(`set ${args.join(' ')}`)
      return say(set)
    },
    eval: (_script: string, ...args: unknown[]) => {
      sent.push(`eval ${args.join(' ')}`)
      return say(released)
    },
  }
}

const context = (nodes: readonly ReturnType<typeof node>[]): LockContext =>
  ({ nodes, redis: nodes[0], key: 'k', token: 't', ttlMs: 1000 }) as unknown as LockContext

/** Lets the fake clock run until a promise has settled; how long that took. */
async function timed<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const startMs = performance.now()
  let ms = -1
  const value = promise.finally(() => {
    ms = performance.now() - startMs
  })
  value.catch(() => 'the caller sees it')
  await vi.runAllTimersAsync()
  return { value: await value, ms }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('acquire', () => {
  it('asks all nodes at once and has the lock with two of three', async () => {
    const nodes = [node('OK', 1), node(null, 0), node('OK', 1)]
    const startMs = performance.now()
    const { value } = await timed(redlockByTheBook.acquire(context(nodes)))
    // 1 s less 1 % and 2 ms.
    expect(value).toEqual({ token: 't', validUntil: startMs + 988 })
    for (const { sent } of nodes) expect(sent).toEqual(['set k t PX 1000 NX'])
  })

  it.each(['silent', 'broken'] as const)('does not wait for a node that is %s', async (how) => {
    const { value, ms } = await timed(redlockByTheBook.acquire(context([node('OK', 1), node(how, how), node('OK', 1)])))
    expect(value).not.toBeNull()
    expect(ms).toBeLessThanOrEqual(50)
  })

  it('takes back every vote, also those that it did not hear of, when they are no majority', async () => {
    const nodes = [node('OK', 1), node('silent', 'silent'), node(null, 0)]
    const { value, ms } = await timed(redlockByTheBook.acquire(context(nodes)))
    expect(value).toBeNull()
    for (const { sent } of nodes) expect(sent).toEqual(['set k t PX 1000 NX', 'eval 1 k t'])
    expect(ms).toBeLessThanOrEqual(100)
  })

  it('does not believe in a majority that took longer than the lease lasts', async () => {
    // The timers of a stopped process wait with it: the answers are there before the timeouts are.
    const nodes = [node('OK', 1), node('OK', 1), node('OK', 1)]
    const attempt = redlockByTheBook.acquire(context(nodes))
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 988)
    await vi.runAllTimersAsync()
    expect(await attempt).toBeNull()
    for (const { sent } of nodes) expect(sent).toHaveLength(2)
  })
})

describe('release', () => {
  const release = (...answers: readonly Answer[]) =>
    redlockByTheBook.release(context(answers.map((answer) => node(null, answer))), { token: 't' })

  it('is true when a majority had the token, false when so many had not that no majority can have', async () => {
    expect((await timed(release(1, 1, 'silent'))).value).toBe(true)
    expect((await timed(release(1, 0, 0))).value).toBe(false)
  })

  it('says that nobody knows, when too few answer', async () => {
    const unknown = release(1, 'silent', 'broken')
    await Promise.all([expect(unknown).rejects.toThrow('nobody knows'), vi.runAllTimersAsync()])
  })
})
