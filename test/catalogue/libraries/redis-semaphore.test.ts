/**
 * redis-semaphore 5.8.0: what is known to be wrong with it shows, what is right passes.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { over } from '../../../catalogue/libraries/any-lock.ts'
import { mutex, QUIET, redlockMutex, semaphore } from '../../../catalogue/libraries/redis-semaphore.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, sentences, story, work } from './on-both.ts'

afterAll(closeServers)

const LATE = [
  ['Mutex', mutex(), 'A before reply 1'],
  ['Semaphore', semaphore(), 'A before reply 2'],
] as const

describe('redis-semaphore on one node', () => {
  it.each([mutex(), semaphore(), redlockMutex()])('$name excludes when nothing happens', async (lock) => {
    const shown = await onBoth(lock, story(5, { clients: 3, workload: work(5, 3) }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('contended')
  })

  it.each([mutex(), semaphore()])('$name is refreshed while its holder works', async (lock) => {
    const shown = await onBoth(lock, story(2500))
    expect(shown.status).toBe('valid')
    expect(call(shown, 'B', 'acquire').ms).toBeGreaterThan(2400)
  })

  // P14, P10 and P11: ioredis sends SET NX again, it meets its own identifier, and `release` does nothing.
  it('Mutex leaves its key behind when the reply was lost', async () => {
    const lost = fault('lose-reply', { process: 'A' }, 'A before acquire')
    const shown = await onBoth(mutex('mutex', { acquireTimeout: 3000 }), story(20, { ttlMs: 5000, faults: [lost] }))
    expect(shown.kinds).toEqual(['orphaned-lock: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^A was told that another client holds the lock, but its own token kept .* for 1\.\d+ s$/),
    ])
  })

  // P23: `isAcquired` becomes true when the reply comes, however late that is.
  it.each(LATE)('%s says that it is acquired although its key has ended', async (_name, lock, at) => {
    const late = fault('delay-reply', { process: 'A', for: '1300ms' }, at)
    const shown = await onBoth(lock, story(300, { faults: [late] }))
    expect(shown.kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    expect(sentences(shown)[0]).toMatch(
      /^B and A both held the lock for \d+\.\d+ ms: A's isAcquired was still true at 1\.30\d s, 300\.\d+ ms after its key had ended$/,
    )
  })

  // P31: the refresh hangs, and nothing compares the clock with the end of the lease.
  it('Mutex says that it is acquired while its refresh hangs', async () => {
    const cut = fault('partition', { groups: [['A'], ['redis-1']], for: '5s' }, 'A after acquire')
    const shown = await onBoth(mutex('mutex', QUIET), story(2500, { faults: [cut] }))
    expect(shown.kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    expect(sentences(shown)[0]).toMatch(
      /^A and B both held the lock for 1\.\d+ s: A's isAcquired was still true at 1\.\d+ s, \d+\.\d+ ms after its key had ended$/,
    )
  })

  // V#25: the default of `onLockLost` throws, from a timer that nobody awaits.
  it('Mutex ends the process when its lock is lost', async () => {
    const cut = fault('partition', { groups: [['A'], ['redis-1']], for: '5s' }, 'A after acquire')
    const shown = await onBoth(mutex(), story(6000, { faults: [cut] }))
    expect(shown.kinds).toContain('crash: bug')
    expect(sentences(shown)).toContain("A's process ended: Lost mutex for key mutex:orders/42")
  })

  // P32: with a handler too, when the refresh itself fails.
  it('Mutex ends the process when a refresh fails', async () => {
    const faults = [
      fault('refuse', { process: 'redis-1', for: '12s' }, 'A after acquire'),
      fault('reset', { process: 'A' }, 'A after acquire'),
    ]
    const shown = await onBoth(mutex('mutex', QUIET), story(14_000, { faults }))
    expect(shown.kinds).toEqual(['crash: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^A's process ended: Reached the max retries per request limit/),
    ])
  })

  // P22: no lock can.
  it('Mutex cannot prevent a pause from outliving the lease', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    const shown = await onBoth(mutex('mutex', QUIET), story(20, { faults: [pause] }))
    expect(shown.kinds).toEqual(['linearizability: limit', 'mutual-exclusion: limit', 'stale-write: limit'])
  })

  // P74: members are scored by the client's own clock; a clock that is ahead throws live holders out.
  it('Semaphore lets a client whose clock is ahead throw out the holder', async () => {
    const ahead = fault('clock-offset', { process: 'B', by: '+5s' }, '0s')
    const shown = await onBoth(semaphore(), story(500, { faults: [ahead] }))
    expect(shown.kinds).toEqual([
      'foreign-release: bug',
      'linearizability: bug',
      'mutual-exclusion: bug',
      'stale-write: bug',
    ])
    expect(sentences(shown)[0]).toMatch(
      /^A and B both held the lock for 48\d\.\d+ ms: A's isAcquired was still true at/,
    )
  })

  it('Mutex ignores a clock that is ahead', async () => {
    const ahead = fault('clock-offset', { process: 'B', by: '+5s' }, '0s')
    expect((await onBoth(mutex(), story(500, { faults: [ahead] }))).status).toBe('valid')
  })

  it("Mutex deletes nobody else's key (OWN)", async () => {
    const slow = fault('delay-request', { process: 'A', for: '2s' }, 'A before release')
    const shown = await onBoth(mutex(), story(600, { faults: [slow] }))
    expect(shown.kinds).not.toContain('foreign-release: bug')
    expect(shown.sometimes).toContain('contended')
  })
})

describe('RedlockMutex on several nodes', () => {
  it('settles when clients share the votes', async () => {
    const split = { headStartUs: 0, latency: { minUs: 200, maxUs: 9000 }, seed: 's/0' }
    expect((await onBoth(over(2, redlockMutex()), story(5, { ...split, nodes: 2, workload: work(5, 3) }))).status).toBe(
      'valid',
    )
    const three = story(5, { ...split, nodes: 3, clients: 3, workload: work(5, 2) })
    expect((await onBoth(over(3, redlockMutex()), three)).status).toBe('valid')
  })

  it('recovers from a lost reply', async () => {
    const lost = fault('lose-reply', { process: 'A' }, 'A before acquire')
    const shown = await onBoth(over(3, redlockMutex()), story(20, { nodes: 3, ttlMs: 10_000, faults: [lost] }))
    expect(call(shown, 'A', 'acquire')).toMatchObject({ outcome: 'ok' })
    expect(call(shown, 'A', 'acquire').ms).toBeLessThan(1000)
  })

  // P24: the votes are counted, the time is not.
  it('says that it is acquired after a vote that took longer than the lease', async () => {
    const slow = fault('partition', { groups: [['A'], ['redis-3']], for: '1300ms' }, 'A before acquire')
    const shown = await onBoth(over(3, redlockMutex()), story(400, { nodes: 3, headStartUs: 900_000, faults: [slow] }))
    expect(shown.kinds).toContain('mutual-exclusion: bug')
    expect(sentences(shown)[0]).toMatch(
      /^B and A both held the lock for \d+\.\d+ ms: A's isAcquired was still true at 1\.30\d s, \d+\.\d+ ms after its majority had ended$/,
    )
  })

  // P44
  it('waits for one silent node of three as long as that is silent', async () => {
    const silent = fault('partition', { groups: [['A'], ['redis-3']], for: '8s' }, 'A before acquire')
    const shown = await onBoth(over(3, redlockMutex()), story(5, { nodes: 3, ttlMs: 20_000, faults: [silent] }))
    expect(call(shown, 'A', 'acquire').ms).toBeGreaterThanOrEqual(8000)
  })
})
