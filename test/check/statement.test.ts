/**
 * What a lease says of itself is held against it: the mutant that says it without looking at a clock, beside the right lock
 * that looks, in the same storm.
 */
import { describe, expect, it } from 'vitest'
import { couldLook, falseStatement } from '../../src/check/statement.ts'
import type { History } from '../../src/history/history.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { believes, historyOf, type Line } from './by-hand.ts'
import { counterPlan, fault, show } from './worlds.ts'

/** Says that it is held until it is released. */
const boasting = lockSubject(
  defineLock({
    ...setNxLua,
    name: 'boasting',
    statements: { isHeld: 'lock.held' },
    async acquire(context) {
      const lease = await setNxLua.acquire(context)
      return lease === null ? null : { ...lease, isHeld: () => true }
    },
  }),
)
/** Says it as long as the time that it asked for, counted from before it asked. */
const measuring = lockSubject(
  defineLock({
    ...setNxLua,
    name: 'measuring',
    statements: { isHeld: 'lock.held' },
    async acquire(context) {
      const untilMs = performance.now() + context.ttlMs - 10
      const lease = await setNxLua.acquire(context)
      if (lease === null || performance.now() >= untilMs) return null
      return { ...lease, isHeld: () => performance.now() < untilMs }
    },
  }),
)
const plan = (workMs: number, ...faults: ReturnType<typeof fault>[]) =>
  counterPlan({
    headStartUs: 20_000,
    workload: { kind: 'counter', rounds: 1, workUs: workMs * 1000, retryUs: 20_000, checkFence: true },
    faults,
  })

describe('a lease that says whether it is held', () => {
  it('is wrong when it goes on saying so while its client runs: bug, with what it said and when', async () => {
    const shown = await show(boasting, plan(1500))
    expect(shown.kinds).toContain('mutual-exclusion: bug')
    expect(shown.violations[0]).toMatchObject({
      sentence: expect.stringMatching(
        /^A and B both held the lock for \d+\.?\d* ms: A's lock\.held was still true at 1\.0\d+ s, \d+\.\d+ ms after its key had ended$/,
      ),
      why: "A's lease of 1 s ended before A was done; A was running, and did not compare the lease with the clock.",
    })
  })

  it('is asked although its client has nothing to do: one that compares the clock is right', async () => {
    const shown = await show(measuring, plan(1500))
    expect(shown.kinds).toEqual([])
    expect(shown.sometimes).toContain('gaveUp')
    const [hold] = shown.history.holds
    // At the latest just after the key has ended, not when its client has done its work.
    expect(hold?.endedBy).toBe('not held')
    expect(hold?.untilUs).toBeLessThan(1_010_000)
  })

  it('is not blamed for a write that left in time and was long under way', async () => {
    const slow = fault('delay-request', { process: 'A', for: '3s' }, 'A before write')
    const shown = await show(measuring, plan(20, slow))
    expect(shown.kinds).toEqual(['linearizability: limit', 'stale-write: limit'])
  })

  it('is not wrong when its client was stopped and could not look', async () => {
    const pause = fault('pause', { process: 'A', for: '3s' }, 'A before write')
    for (const subject of [boasting, measuring]) {
      const shown = await show(subject, plan(20, pause))
      expect(shown.kinds, subject.name).toContain('stale-write: limit')
      expect(shown.kinds.filter((kind) => kind.startsWith('mutual-exclusion') && kind.endsWith('bug'))).toEqual([])
    }
  })
})

describe('an acquire whose reply comes after its key has ended', () => {
  const late = plan(300, fault('delay-reply', { process: 'A', for: '1300ms' }, 'A before acquire'))

  it('must not succeed', async () => {
    const shown = await show(lockSubject(setNxLua), late)
    expect(shown.kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    expect(shown.violations[0]?.why).toMatch(
      /^A was told that it has the lock 30\d\.\d+ ms after its lease had ended: the lock did not check how long the reply had taken\.$/,
    )
  })

  it.each([measuring, lockSubject(fenced)])('and does not, when the time is measured: $name', async (subject) => {
    const shown = await show(subject, late)
    expect(shown.kinds).toEqual([])
    expect(shown.sometimes).toContain('contended')
  })
})

describe('an attempt that is blocked by its own lost reply', () => {
  /** Tries five times with one token, and takes nothing back in between. */
  const stubborn = (isIdempotent: boolean) =>
    lockSubject(
      defineLock({
        ...setNxLua,
        name: isIdempotent ? 'idempotent' : 'stubborn',
        async acquire(context) {
          const { redis, key, token } = context
          for (let attempt = 0; attempt < 20; attempt += 1) {
            const lease = await setNxLua.acquire(context).catch(() => null)
            if (lease !== null || (isIdempotent && (await redis.get(key)) === token)) return { token }
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
          await setNxLua.release(context, { token })
          throw new Error('gave up')
        },
      }),
    )
  const lost = {
    ...plan(20, fault('lose-reply', { process: 'A' }, 'A before acquire')),
    ttlMs: 10_000,
    settleUs: 20_000_000,
  }

  it('is reported with how long that took', async () => {
    const shown = await show(stubborn(false), lost)
    expect(shown.violations.map(({ property, kind, sentence }) => [property, kind, sentence])).toEqual([
      [
        'orphaned-lock',
        'bug',
        expect.stringMatching(
          /^A's acquire failed after 2\.0\d* s: its own token, of which it had lost the reply, kept the lock from all clients for 2\.0?\d* s$/,
        ),
      ],
    ])
  })

  it('and is not, when it recognises its own token', async () => {
    expect((await show(stubborn(true), lost)).kinds).toEqual([])
  })
})

describe('whether a client could look at its clock', () => {
  const paused = (...spans: [number, number][]): History =>
    ({
      faultEffects: spans.map(([fromUs, forUs]) => ({
        effect: { kind: 'stops', process: 'A', forUs },
        fromUs,
        untilUs: fromUs + forUs,
      })),
    }) as unknown as History

  it('counts the time outside of its pauses, and pauses that overlap once', () => {
    expect(couldLook(paused(), 'A', 0, 2_000)).toBe(false)
    expect(couldLook(paused(), 'A', 0, 2_001)).toBe(true)
    expect(couldLook(paused([0, 10_000]), 'A', 0, 12_000)).toBe(false)
    expect(couldLook(paused([0, 10_000]), 'A', 0, 12_001)).toBe(true)
    expect(couldLook(paused([0, 6_000], [5_000, 5_000]), 'A', 0, 12_001)).toBe(true)
    expect(couldLook(paused([0, 6_000], [5_000, 5_000]), 'A', 0, 12_000)).toBe(false)
    expect(couldLook(paused([0, 10_000]), 'B', 0, 10_000)).toBe(true)
  })
})

describe('what a lease said when it was no longer true', () => {
  const said = (what: string, ...then: readonly Line[]) =>
    historyOf([
      [0, 'A', 'invoke', 'acquire', 'A-1'],
      [600, 'A', 'ok', 'acquire', ['A-1', null, null, null, what]],
      ...then,
    ]).holds[0] as (typeof History.prototype.holds)[number]

  it('is since when, if Redis ever had its key', () => {
    expect(falseStatement(said('isHeld=lock.held'), 500, 2_000)).toMatchObject({ kind: 'is held', sinceUs: 1_500 })
    expect(falseStatement(said('isHeld=lock.held'), null, 2_000)).toMatchObject({ kind: 'is held', sinceUs: null })
  })

  it('is when its signal came, by a signal or a promise, if it came', () => {
    const signalled = (why: string) =>
      falseStatement(said('signal=signal', [3_000, 'A', 'belief', 'ended', ['A-1', why]]), 500, 2_000)
    for (const why of ['signalled', 'lost']) expect(signalled(why)).toMatchObject({ signalledUs: 3_000 })
    expect(signalled('released')).toMatchObject({ kind: 'no signal', signalledUs: null })
  })

  it('is nothing where leases say nothing', () => {
    const [hold] = historyOf(believes(600)).holds
    expect(hold === undefined ? undefined : falseStatement(hold, 500, 2_000)).toBeNull()
  })
})
