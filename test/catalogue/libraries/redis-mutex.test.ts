/**
 * redis-mutex 2.0.1: what is known to be wrong with it shows, what is right passes.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { redisMutex } from '../../../catalogue/libraries/redis-mutex.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, sentences, story, work } from './on-both.ts'

afterAll(closeServers)

describe('redis-mutex', () => {
  it('excludes when nothing happens, and renews while its holder works', async () => {
    const shown = await onBoth(redisMutex(), story(5, { clients: 3, workload: work(5, 3) }))
    expect(shown.status).toBe('valid')
    const slow = await onBoth(redisMutex(), story(2500))
    expect(slow.status).toBe('valid')
    expect(call(slow, 'B', 'acquire').ms).toBeGreaterThan(2400)
  })

  // P04: DEL without a look at whose key it is; and it says "released" before the DEL has left.
  it("deletes another client's key when its own DEL is late", async () => {
    const slow = fault('delay-request', { process: 'A', for: '900ms' }, 'A before release')
    const shown = await onBoth(redisMutex(), story(600, { faults: [slow] }))
    expect(shown.kinds).toEqual(['foreign-release: bug', 'orphaned-lock: bug'])
    expect(sentences(shown)).toContain('A deleted "orders/42" while it was B\'s')
  })

  // P07: everybody writes "mutex", and the renewal is SET XX: it prolongs whatever lock there is.
  it("renews another client's key with its own late renewal", async () => {
    const pause = fault('pause', { process: 'A', for: '1500ms' }, 'A after acquire')
    const shown = await onBoth(redisMutex(), story(1500, { faults: [pause] }))
    expect(shown.kinds).toContain('foreign-release: bug')
    expect(sentences(shown)).toContain('A changed the expiry of "orders/42" while it was B\'s')
  })

  it('ends the process when the key is gone at its renewal, even after it was released', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    // In this world the answer to the release overtakes that to the renewal.
    const shown = await onBoth(redisMutex(), story(20, { faults: [pause], seed: 's/0' }))
    expect(shown.kinds).toContain('crash: bug')
    expect(sentences(shown)).toContain("A's process ended: process.exit(1)")
    expect(call(shown, 'A', 'release')).toMatchObject({ outcome: 'ok' })
  })
})
