/**
 * simple-redis-mutex 3.0.0: what is known to be wrong with it shows, what is right passes. It keeps its subscriber in a
 * module variable: that it works at all with several clients in one process is the proof that each has its own copy.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { simpleRedisMutex } from '../../../catalogue/libraries/simple-redis-mutex.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, sentences, story, work } from './on-both.ts'

// It prints every error of its subscriber.
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterAll(closeServers)

const impatient = simpleRedisMutex('simple-redis-mutex', { failAfter: 300 })

describe('simple-redis-mutex', () => {
  it('excludes when nothing happens, and its waiters hear of each release', async () => {
    const shown = await onBoth(simpleRedisMutex(), story(5, { clients: 3, workload: work(5, 3) }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('contended')
    // It polls every 10 s: who waits less was told by the client's own subscriber.
    expect(shown.history.endUs).toBeLessThan(1_000_000)
  })

  it('hands out fencing tokens that the resource can check: a pause does no harm', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    const shown = await onBoth(
      simpleRedisMutex('simple-redis-mutex', { pollingInterval: 50 }),
      story(20, { faults: [pause] }),
    )
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('refused')
  })

  // P14: the time limit strikes while the SET is under way; nobody takes back what it did.
  it('leaves its key behind when it gives up before the reply', async () => {
    const late = fault('delay-reply', { process: 'A', for: '600ms' }, 'A before reply 3')
    const shown = await onBoth(impatient, story(20, { ttlMs: 5000, faults: [late] }))
    expect(shown.kinds).toEqual(['orphaned-lock: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^A was told nothing but an error, but its own token kept .* for 4\.\d+ s$/),
    ])
  })

  // P78: SET and INCR are two commands; another grant fits between them.
  it('draws the fencing token after the lock: a later grant can get a lower one', async () => {
    const slow = fault('delay-request', { process: 'A', for: '800ms' }, 'A before send 4')
    const shown = await onBoth(
      simpleRedisMutex('simple-redis-mutex', { pollingInterval: 50 }),
      story(300, { ttlMs: 500, faults: [slow] }),
    )
    expect(shown.kinds).toContain('fence-order: bug')
    expect(sentences(shown)).toContain('B was granted the lock after A but got fencing token 1, not above 2')
  })

  // A  |--SET--|--INCR.......reply 1.08 s late.......|   lease 1 s; token 1, and another SET of A's that took the lock after B
  // B                      |--SET--|--INCR--|write|      token 2
  it('is not blamed for a low token when the caller gets the lease that came before the other client', async () => {
    const late = fault('delay-reply', { process: 'A', for: '1080ms' }, 'A before reply 4')
    const shown = await onBoth(
      simpleRedisMutex('simple-redis-mutex', { pollingInterval: 50 }),
      story(20, { faults: [late] }),
    )
    const [b, a] = shown.history.holds
    expect([b, a].map((hold) => [hold?.client, hold?.fence])).toEqual([
      ['B', 2],
      ['A', 1],
    ])
    // The last is the probe's, when all is over.
    expect(shown.history.grants.map(({ owner }) => owner)).toEqual(['A', 'B', 'A', 'A'])
    expect(shown.kinds).not.toContain('fence-order: bug')
    expect(shown.sometimes).toContain('refused')
  })

  // Not in the catalogue: `lock` calls `tryLock(…).then(…)` and nobody catches; node-redis rejects what was in flight (P16).
  it('ends the process when the connection is lost during an attempt', async () => {
    const lost = fault('lose-reply', { process: 'A' }, 'A before reply 3')
    const shown = await onBoth(simpleRedisMutex(), story(20, { ttlMs: 5000, settleUs: 12_000_000, faults: [lost] }))
    expect(shown.kinds).toEqual(['crash: bug'])
    expect(sentences(shown)).toEqual(["A's process ended: read ECONNRESET"])
  })

  it('finds a lock whose holder crashed by polling, every ten seconds', async () => {
    const crash = fault('crash', { process: 'A' }, 'A after acquire')
    const shown = await onBoth(simpleRedisMutex(), story(20, { settleUs: 12_000_000, faults: [crash] }))
    expect(shown.status).toBe('valid')
    expect(call(shown, 'B', 'acquire').ms).toBeGreaterThan(9900)
  })

  it("deletes nobody else's key (OWN)", async () => {
    const slow = fault('delay-request', { process: 'A', for: '2s' }, 'A before release')
    const lock = simpleRedisMutex('simple-redis-mutex', { pollingInterval: 50 })
    const shown = await onBoth(lock, story(600, { faults: [slow] }))
    expect(shown.kinds).not.toContain('foreign-release: bug')
    expect(shown.history.holds.filter(({ client }) => client === 'B')).not.toEqual([])
  })

  it('loads its script again when the server has forgotten it', async () => {
    const restart = fault('restart', { process: 'redis-1', after: '30ms', 'keep-data': false }, '300ms')
    const shown = await onBoth(
      simpleRedisMutex('simple-redis-mutex', { pollingInterval: 50 }),
      story(100, { clients: 1, workload: work(100, 6), settleUs: 12_000_000, faults: [restart] }),
    )
    // A SET that is cut ends the process (above); here the cut falls into the work.
    const releases = shown.history.operations.filter(({ op }) => op === 'release')
    expect(releases.length).toBeGreaterThanOrEqual(6)
    expect(releases.every(({ outcome }) => outcome === 'ok')).toBe(true)
    // P79: with the data the counter of fencing tokens is gone as well, and begins anew.
    expect(shown.kinds).toEqual(['fence-order: bug'])
  })
})
