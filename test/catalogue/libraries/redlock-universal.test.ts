/**
 * redlock-universal 0.8.5: what is known to be wrong with it shows, what is right passes. It asks for Node 22 and runs on 20.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { over } from '../../../catalogue/libraries/any-lock.ts'
import { universal, universalRedlock } from '../../../catalogue/libraries/redlock-universal.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, sentences, story, work } from './on-both.ts'

afterAll(closeServers)

const WIDE = { minUs: 200, maxUs: 9000 }

describe('redlock-universal on one node', () => {
  it('excludes when nothing happens', async () => {
    const shown = await onBoth(universal(), story(5, { clients: 3, workload: work(5, 3) }))
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('contended')
  })

  // P10: the caller gets an error, the key stays. Its first command is a PING.
  it('leaves its key behind when the reply was lost', async () => {
    const lost = fault('lose-reply', { process: 'A' }, 'A before reply 2')
    const shown = await onBoth(universal(), story(20, { ttlMs: 10_000, faults: [lost] }))
    expect(shown.kinds).toEqual(['orphaned-lock: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^A was told nothing but an error, but its own token kept .* for 9\.\d+ s$/),
    ])
  })

  // P25b, P24: `acquiredAt` is the time of the reply.
  it('counts the lease from the reply', async () => {
    const late = fault('delay-reply', { process: 'A', for: '700ms' }, 'A before reply 2')
    const shown = await onBoth(universal(), story(300, { faults: [late] }))
    expect(shown.kinds).toEqual(['overstated-lease: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(
        /^A's lease claimed to last 70\d ms longer than the key in redis-1: A's handle.acquiredAt\+ttl said 1\.70\d s, and its key ended at 1\.00\d s$/,
      ),
    ])
  })

  // P23
  it('acquires a lock that has ended', async () => {
    const late = fault('delay-reply', { process: 'A', for: '1300ms' }, 'A before reply 2')
    const shown = await onBoth(universal(), story(300, { headStartUs: 900_000, faults: [late] }))
    expect(shown.kinds).toEqual([
      'linearizability: bug',
      'mutual-exclusion: bug',
      'overstated-lease: bug',
      'stale-write: bug',
    ])
    expect(sentences(shown)[0]).toMatch(
      /^B and A both held the lock for \d+\.\d+ ms: A's handle.acquiredAt\+ttl said 2\.30\d s, and its key ended at 1\.00\d s$/,
    )
  })
})

describe('redlock-universal on several nodes', () => {
  it('excludes on three when answers are quick', async () => {
    const plan = story(5, { nodes: 3, clients: 3, workload: work(5, 2), latency: { minUs: 100, maxUs: 400 } })
    expect((await onBoth(over(3, universalRedlock()), plan)).status).toBe('valid')
  })

  // P25b: the time that the vote took, and the drift, are not taken off.
  it('counts the lease from the last reply', async () => {
    const plan = story(5, { nodes: 3, clients: 3, headStartUs: 0, workload: work(5, 2), latency: WIDE, seed: 's/0' })
    const shown = await onBoth(over(3, universalRedlock()), plan)
    expect(shown.kinds).toEqual(['overstated-lease: bug'])
  })

  // P43: any quorum from 1 up is accepted.
  it('lets two clients hold one lock when it is told that one node of three is enough', async () => {
    const plan = story(50, { nodes: 3, headStartUs: 0, workload: work(50, 2), latency: WIDE, seed: 's/1' })
    const shown = await onBoth(over(3, universalRedlock('quorum-of-1', { quorum: 1 })), plan)
    expect(shown.kinds).toContain('mutual-exclusion: bug')
  })

  // P44: not without end, as other libraries: five seconds a command, which is not smaller than most leases.
  it('waits five seconds for one silent node of three', async () => {
    const silent = fault('partition', { groups: [['A'], ['redis-3']], for: '8s' }, 'A before acquire')
    const shown = await onBoth(over(3, universalRedlock()), story(5, { nodes: 3, ttlMs: 20_000, faults: [silent] }))
    expect(call(shown, 'A', 'acquire')).toMatchObject({ outcome: 'ok', ms: 5000 })
  })

  // P46: only nodes that are known to have voted are released.
  it('leaves votes behind whose replies were lost', async () => {
    const faults = ['A before reply 1', 'A before reply 2'].map((at) => fault('lose-reply', { process: 'A' }, at))
    const shown = await onBoth(over(3, universalRedlock()), story(5, { nodes: 3, ttlMs: 5000, faults }))
    expect(shown.kinds).toEqual(['orphaned-lock: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^votes of A that no client uses kept 2 of 3 nodes for 4\.\d+ s: no majority was left$/),
    ])
  })
})
