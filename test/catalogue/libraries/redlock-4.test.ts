/**
 * redlock 4.2.0: what is known to be wrong with it shows, what is right passes.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { over } from '../../../catalogue/libraries/any-lock.ts'
import { redlock4 } from '../../../catalogue/libraries/redlock-4.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, story, work } from './on-both.ts'

afterAll(closeServers)

describe('redlock 4 on one node', () => {
  it('excludes when nothing happens', async () => {
    const shown = await onBoth(redlock4(), story(5, { clients: 3, workload: work(5, 3) }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('contended')
  })

  // The counter-example to P10: it gives everything back between two attempts.
  it('recovers from a lost reply', async () => {
    const lost = fault('lose-reply', { process: 'A' }, 'A before reply 2')
    const shown = await onBoth(redlock4(), story(20, { ttlMs: 10_000, faults: [lost] }))
    expect(shown.status).toBe('valid')
    expect(call(shown, 'A', 'acquire')).toMatchObject({ outcome: 'ok' })
    expect(call(shown, 'A', 'acquire').ms).toBeLessThan(1000)
  })

  // The counter-example to P23: it looks at its clock before it says that it has the lock.
  it('refuses a lock that came too late, and tries again', async () => {
    const late = fault('delay-reply', { process: 'A', for: '1300ms' }, 'A before reply 2')
    const shown = await onBoth(redlock4(), story(300, { faults: [late] }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('expired')
    const [hold] = shown.history.holds.filter(({ client }) => client === 'A')
    expect((hold?.statedUs ?? 0) - (hold?.fromUs ?? 0)).toBeGreaterThan(900_000)
  })

  // P22: no lock can.
  it('cannot prevent a pause from outliving the lease', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    const shown = await onBoth(redlock4(), story(20, { faults: [pause] }))
    expect(shown.kinds).toEqual(['linearizability: limit', 'stale-write: limit'])
  })

  // P40: `options.retryCount || self.retryCount`. What is given to the constructor counts, what is given to a call does not.
  it('ignores retryCount 0 when it is given to a call', async () => {
    const plan = story(5000, { ttlMs: 30_000 })
    const constructed = await onBoth(redlock4('redlock-4', { retryCount: 0 }), plan)
    expect(call(constructed, 'B', 'acquire')).toMatchObject({
      outcome: 'info',
      answer: 'Exceeded 0 attempts to lock the resource "orders/42".',
    })
    expect(call(constructed, 'B', 'acquire').ms).toBeLessThan(10)
    const called = await onBoth(redlock4('redlock-4', {}, { retryCount: 0 }), plan)
    expect(call(called, 'B', 'acquire')).toMatchObject({
      outcome: 'info',
      answer: 'Exceeded 10 attempts to lock the resource "orders/42".',
    })
    expect(call(called, 'B', 'acquire').ms).toBeGreaterThan(1500)
  })
})

describe('redlock 4 on several nodes', () => {
  it('settles when two clients get one of two nodes each', async () => {
    const tie = story(5, {
      nodes: 2,
      headStartUs: 0,
      latency: { minUs: 200, maxUs: 9000 },
      workload: work(5, 3),
      seed: 's/0',
    })
    expect((await onBoth(over(2, redlock4()), tie)).status).toBe('valid')
  })

  it('refuses a majority that took longer than the lease', async () => {
    const slow = fault('partition', { groups: [['A'], ['redis-3']], for: '1300ms' }, 'A before acquire')
    const shown = await onBoth(over(3, redlock4()), story(400, { nodes: 3, headStartUs: 900_000, faults: [slow] }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('expired')
  })

  // P44: it waits for every node, without a limit. Two of three had answered after 2 ms.
  it('waits for one silent node of three as long as that is silent', async () => {
    const silent = fault('partition', { groups: [['A'], ['redis-3']], for: '8s' }, 'A before acquire')
    const shown = await onBoth(over(3, redlock4()), story(5, { nodes: 3, ttlMs: 20_000, faults: [silent] }))
    expect(call(shown, 'A', 'acquire').outcome).toBe('ok')
    expect(call(shown, 'A', 'acquire').ms).toBeGreaterThanOrEqual(8000)
  })
})
