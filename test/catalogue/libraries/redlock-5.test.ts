/**
 * redlock 5.0.0-beta.2: what is known to be wrong with it shows, what is right passes.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { over } from '../../../catalogue/libraries/any-lock.ts'
import { redlock5, redlock5Using } from '../../../catalogue/libraries/redlock-5.ts'
import { fault } from '../../check/worlds.ts'
import { call, closeServers, onBoth, sentences, story, work } from './on-both.ts'

afterAll(closeServers)

const LOST_REPLY = fault('lose-reply', { process: 'A' }, 'A before reply 2')
const LATE_REPLY = fault('delay-reply', { process: 'A', for: '1300ms' }, 'A before reply 2')
const CUT_OFF = fault('partition', { groups: [['A'], ['redis-1']], for: '5s' }, 'A after acquire')

describe('redlock 5 on one node', () => {
  it.each([redlock5(), redlock5Using()])('$name excludes when nothing happens', async (lock) => {
    const shown = await onBoth(lock, story(5, { clients: 3, workload: work(5, 3) }))
    expect([shown.status, shown.kinds]).toEqual(['valid', []])
    expect(shown.sometimes).toContain('contended')
  })

  // P10: the first attempt was applied and its reply lost; nothing is released between attempts.
  it.each([redlock5(), redlock5Using()])(
    '$name blocks itself with its own token for its whole retry window',
    async (lock) => {
      const shown = await onBoth(lock, story(20, { ttlMs: 10_000, faults: [LOST_REPLY] }))
      expect(shown.kinds).toEqual(['orphaned-lock: bug'])
      expect(sentences(shown)).toEqual([
        expect.stringMatching(
          /^A's acquire failed after [12]\.\d+ s: its own token, of which it had lost the reply, kept/,
        ),
      ])
    },
  )

  // P23: `using` hands the lock to the routine although its key has ended; it notices when its timer runs.
  it('using begins its routine with a lock that has ended', async () => {
    const shown = await onBoth(redlock5Using(), story(800, { headStartUs: 900_000, faults: [LATE_REPLY] }))
    expect(shown.kinds).toEqual(['mutual-exclusion: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(
        /: A's signal had told of no loss at 1\.\d+ s, 300\.\d+ ms after its key had ended; it told at/,
      ),
    ])
  })

  // P23: acquire succeeds too, but `expiration` tells who looks at it. Nobody is misled by what the lock says.
  it('acquire returns a lock whose own expiration is past', async () => {
    const shown = await onBoth(redlock5(), story(300, { faults: [LATE_REPLY] }))
    expect(shown.status).toBe('valid')
    const [hold] = shown.history.holds.filter(({ client }) => client === 'A')
    expect(hold?.endedBy).toBe('stated end')
    expect((hold?.statedUs ?? 0) - (hold?.fromUs ?? 0)).toBeLessThan(-300_000)
  })

  // P33: nothing is signalled before the extension has failed, and without a command timeout it never does.
  it('using does not signal that the lease has ended', async () => {
    const shown = await onBoth(redlock5Using(), story(6000, { headStartUs: 900_000, faults: [CUT_OFF] }))
    expect(shown.kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    expect(sentences(shown)[0]).toMatch(
      /^A and B both held the lock for 4\.\d+ s: A's signal had told of no loss at 1\.\d+ s, \d+\.\d+ ms after its key had ended$/,
    )
  })

  // P22, V#24: no lock can tell the first statement after a pause.
  it('using cannot prevent a pause from outliving the lease', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    const shown = await onBoth(redlock5Using(), story(20, { headStartUs: 900_000, faults: [pause] }))
    expect(shown.kinds).toEqual(['linearizability: limit', 'mutual-exclusion: limit', 'stale-write: limit'])
  })

  // P25a: the lease is counted from the first attempt, the key from the last.
  it('counts the lease from the first attempt: after a long wait it is over when it begins', async () => {
    const crash = fault('crash', { process: 'A' }, 'A after acquire')
    const plain = await onBoth(redlock5(), story(1100, { faults: [crash] }))
    const [hold] = plain.history.holds.filter(({ client }) => client === 'B')
    const backing = hold?.backing ?? null
    expect(call(plain, 'B', 'acquire').outcome).toBe('ok')
    expect(hold?.statedUs).toBeLessThan(hold?.fromUs ?? 0)
    // Redis keeps the key for the whole second.
    expect((backing?.untilUs ?? 0) - (hold?.fromUs ?? 0)).toBeGreaterThan(990_000)
    const using = await onBoth(redlock5Using(), story(1100, { faults: [crash] }))
    const [signalled] = using.history.holds.filter(({ client }) => client === 'B')
    expect(signalled?.endedBy).toBe('signalled')
    expect((signalled?.untilUs ?? 0) - (signalled?.fromUs ?? 0)).toBeLessThanOrEqual(1000)
  })

  // P38: the routine was done after 20 ms; the caller gets an error, 3 s later.
  it('using turns a finished routine into an error when the release cannot be confirmed', async () => {
    const cut = fault('partition', { groups: [['A'], ['redis-1']], for: '1500ms' }, 'A after work')
    const shown = await onBoth(redlock5Using(), story(20, { clients: 1, faults: [cut] }))
    expect(call(shown, 'A', 'write').outcome).toBe('ok')
    const release = call(shown, 'A', 'release')
    expect(release).toMatchObject({ outcome: 'info', answer: expect.stringContaining('unable to achieve a quorum') })
    expect(release.ms).toBeGreaterThan(3000)
  })

  it("deletes nobody else's key (OWN)", async () => {
    const slow = fault('delay-request', { process: 'A', for: '2s' }, 'A before release')
    const shown = await onBoth(redlock5(), story(600, { faults: [slow] }))
    expect(shown.kinds).not.toContain('foreign-release: bug')
    expect(shown.sometimes).toContain('contended')
  })
})

describe('redlock 5 on several nodes', () => {
  it('excludes on three', async () => {
    const shown = await onBoth(over(3, redlock5()), story(5, { nodes: 3, clients: 3, workload: work(5, 2) }))
    expect(shown.status).toBe('valid')
  })

  // P41: one vote each of two is neither a quorum for nor a quorum against.
  it('never returns when two clients get one of two nodes each', async () => {
    const tie = story(5, {
      nodes: 2,
      headStartUs: 0,
      latency: { minUs: 200, maxUs: 9000 },
      workload: work(5, 3),
      seed: 's/1',
    })
    const shown = await onBoth(over(2, redlock5()), tie)
    expect(shown.kinds).toEqual(['hang: bug'])
    expect(sentences(shown)).toEqual([
      expect.stringMatching(/^A's acquire never returned: it waited 8\.\d+ s/),
      expect.stringMatching(/^B's acquire never returned: it waited 8\.\d+ s/),
    ])
  })

  it('takes the lock although one node of three is silent', async () => {
    const silent = fault('partition', { groups: [['A'], ['redis-3']], for: '8s' }, 'A before acquire')
    const shown = await onBoth(over(3, redlock5()), story(5, { nodes: 3, ttlMs: 20_000, faults: [silent] }))
    expect(call(shown, 'A', 'acquire')).toMatchObject({ outcome: 'ok' })
    expect(call(shown, 'A', 'acquire').ms).toBeLessThan(10)
  })
})
