/** Leader elections: what each kind of fault does to a right one and to wrong ones, and why, each by the smallest world. */
import { describe, expect, it } from 'vitest'
import { defineLeader, type LeaderDefinition } from '../../src/leader/leader.ts'
import { plainRenewal } from '../../src/leader/plain-renewal.ts'
import { ELECTIONS } from '../../src/leader/registry.ts'
import { termLease } from '../../src/leader/term-lease.ts'
import { leaderSubject } from '../../src/subject/subject.ts'
import { type Changes, counterPlan, fault, type Shown, show } from '../check/worlds.ts'

interface Pace {
  readonly terms: number
  readonly workUs: number
}

const right = leaderSubject(termLease as LeaderDefinition)
const plan = ({ terms = 1, workUs = 500_000, ...changes }: Omit<Changes, 'workload'> & Partial<Pace> = {}) =>
  counterPlan({
    clients: 3,
    ttlMs: 200,
    headStartUs: 5_000,
    workload: { kind: 'leader', terms, workUs },
    settleUs: 2_000_000,
    ...changes,
  })

const causes = ({ violations }: Shown): readonly string[] =>
  [...new Set(violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`))].sort()

/** SET NX and nothing more: elected once, for ever or for one lease. */
const once = (name: string, more: (leaseMs: number) => readonly (string | number)[], term?: number) =>
  leaderSubject(
    defineLeader({
      name,
      async campaign({ redis, key, token, leaseMs }, { onElected }) {
        let isOver = false
        const ask = async (): Promise<void> => {
          if (isOver) return
          if ((await redis.set(key, token, ...more(leaseMs), 'NX')) === 'OK') onElected(term)
          else setTimeout(() => ask().catch(() => {}), 20)
        }
        await ask()
        return () => {
          isOver = true
        }
      },
      async resign({ redis, key, token }, end) {
        ;(end as () => void)()
        await redis.eval(
          "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end",
          1,
          key,
          token,
        )
      },
    }),
  )

describe('without any fault', () => {
  it.each(ELECTIONS)('$name elects one after the other', async (election) => {
    const shown = await show(leaderSubject(election), plan({ terms: 2, workUs: 100_000 }))
    expect([shown.status, causes(shown)]).toEqual(['valid', []])
    expect(shown.sometimes).toEqual(expect.arrayContaining(['done', 'contended']))
    expect(
      shown.history.operations.filter(({ op, outcome }) => op === 'lead' && outcome === 'ok').length,
    ).toBeGreaterThan(5)
  })

  it('a lease that is not renewed is no match for a lead that is longer', async () => {
    const shown = await show(
      once('unrenewed', (leaseMs) => ['PX', leaseMs]),
      plan(),
    )
    expect(causes(shown)).toEqual(['mutual-exclusion bug lead-not-kept'])
    expect(shown.violations[0]?.sentence).toMatch(/^\w and \w both led for/)
  })

  it('a term that is not drawn anew is had by several', async () => {
    const shown = await show(
      once('one-term', (leaseMs) => ['PX', leaseMs], 7),
      plan({ workUs: 50_000 }),
    )
    expect(causes(shown)).toEqual(['term-given-twice bug term-not-drawn'])
    expect(shown.violations[0]?.sentence).toMatch(/^\w was elected for term 7, which was \w's$/)
  })
})

describe('a leader that ends', () => {
  const storm = plan({ faults: [fault('crash', { process: 'A' }, 'A before lead')] })

  it('is followed by another one, where its key expires', async () => {
    const shown = await show(right, storm)
    expect([shown.status, causes(shown)]).toEqual(['valid', []])
    expect(shown.history.operations.some(({ op, process }) => op === 'lead' && process !== 'A')).toBe(true)
  })

  it('leads for ever where it does not', async () => {
    const shown = await show(
      once('no-expiry', () => []),
      storm,
    )
    expect(causes(shown)).toEqual(['no-leader bug none-elected'])
    expect(shown.violations[0]?.sentence).toMatch(
      /campaigned alone for .* after everything had healed, and was not elected$/,
    )
  })
})

describe('a candidate that is answered with an error', () => {
  const storm = plan({ faults: [fault('read-only', { process: 'redis-1', for: '50ms' }, 'B before send 2')] })

  it('asks again', async () => {
    expect(causes(await show(right, storm))).toEqual([])
  })

  it('or is never elected, although nobody leads and a new one would be', async () => {
    const shown = await show(
      once('gives-up', (leaseMs) => ['PX', leaseMs]),
      storm,
    )
    expect(causes(shown)).toEqual(['no-leader bug campaign-given-up'])
    expect(shown.violations.map(({ sentence }) => sentence)).toContain(
      'no client led for 2 s after everything had healed, although B was campaigning',
    )
  })
})

describe('a leader that is stopped for longer than its lease', () => {
  const storm = plan({ faults: [fault('pause', { process: 'A', for: '400ms' }, 'A before lead')] })

  it('cannot step down until it goes on: a limit', async () => {
    const shown = await show(right, storm)
    expect(causes(shown)).toEqual(['mutual-exclusion limit lease-ended'])
  })

  it('and leads on then, which is a bug', async () => {
    expect(causes(await show(leaderSubject(plainRenewal), plan({ workUs: 800_000, faults: storm.faults })))).toContain(
      'mutual-exclusion bug deposed-unnoticed',
    )
  })
})

it('a leader that is cut off steps down by its own clock, or has no excuse', async () => {
  const faults = [fault('partition', { groups: [['A'], ['redis-1']], for: '600ms' }, 'A before lead')]
  expect(causes(await show(right, plan({ workUs: 800_000, faults })))).toEqual([])
  expect(causes(await show(leaderSubject(plainRenewal), plan({ workUs: 800_000, faults })))).toContain(
    'mutual-exclusion bug deposed-unnoticed',
  )
})

it('what Redis forgot, or its clock ended, is a limit, and an answer that comes too late elects nobody', async () => {
  const of = async (faults: ReturnType<typeof fault>[]) => causes(await show(right, plan({ faults })))
  expect(await of([fault('clock-step', { process: 'redis-1', by: '400ms' }, 'C before campaign')])).toEqual([
    'mutual-exclusion limit lead-forgotten',
  ])
  const flushed = await of([fault('flush', { process: 'redis-1' }, 'B before campaign')])
  expect(flushed.filter((each) => each.includes(' bug '))).toEqual([])
  const late = [fault('delay-reply', { process: 'A', for: '400ms' }, 'A before campaign')]
  expect(await of(late)).toEqual([])
  expect(causes(await show(leaderSubject(plainRenewal), plan({ faults: late })))).toContain(
    'mutual-exclusion bug elected-too-late',
  )
})

describe('a contract that is not kept', () => {
  it.each([
    [null, 'expected an object with name, campaign and resign'],
    [{ name: ' ', campaign() {}, resign() {} }, 'expected an object with name, campaign and resign'],
    [{ name: 'x', campaign() {} }, 'expected resign to be a function, got undefined'],
    [{ name: 'x', campaign() {}, resign() {}, client: 'redis' }, 'expected client to be one of ioredis'],
  ])('%o is told: %s', (definition, message) => {
    expect(() => defineLeader(definition as never)).toThrow(message)
  })
})
