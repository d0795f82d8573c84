/** Hunts: every broken lock is found by the fewest faults, what is found is small and explained, a right lock is let alone. */
import { beforeAll, describe, expect, it } from 'vitest'
import { rankOf } from '../../src/check/rank.ts'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { soloCrew } from '../../src/explore/crew.ts'
import { repairedBy, sickWith } from '../../src/explore/cure.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { compareSizes, sizeOf } from '../../src/explore/finding.ts'
import { type HuntOptions, type HuntOutcome, hunt, isGivenUp } from '../../src/explore/hunt.ts'
import { CONTROL, REPAIRS } from '../../src/explore/repair.ts'
import { type SearchOptions, searchesOf } from '../../src/explore/search.ts'
import { seeWorld } from '../../src/explore/site.ts'
import { isRefusal, leaseOf } from '../../src/lock/lease.ts'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { huntReport } from '../../src/report/hunt/hunt-report.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { type LockSubject, lockSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import type { Pace } from '../../src/workload/workload.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'

const environment = nodeEnvironment('direct', memoryProvider())

async function huntFor(
  subject: Subject,
  options: Partial<HuntOptions & SearchOptions> & { readonly pace?: Partial<Pace> } = {},
): Promise<HuntOutcome> {
  const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct', ...options.pace })
  const explorer = new Explorer({ subject, environment, bases, isLossy: false })
  return hunt({
    crew: soloCrew(explorer, inMacrotask),
    searches: searchesOf({ bases, faults: 1, pairBudget: 0, given: null, runs: null, ...options }),
    ...options,
  })
}

function named(name: string): Subject {
  const lock = LOCKS.find((each) => each.name === name)
  if (lock !== undefined) return lockSubject(lock)
  const store = SESSION_STORES.find((each) => each.name === name)
  if (store === undefined) throw new Error(`there is no ${name}`)
  return sessionSubject(store)
}

/** Repairs that send other messages than the lock. */
const movers = new Set(REPAIRS.filter(({ movesMessages }) => movesMessages).map(({ name }) => name))

const found = new Map<string, HuntOutcome>()
const outcomeOf = async (name: string): Promise<HuntOutcome> => {
  const outcome = found.get(name) ?? (await huntFor(named(name)))
  found.set(name, outcome)
  return outcome
}

it('is given up when the code under test costs a worker in one storm of thirty, or eight of them', () => {
  expect(isGivenUp(1, 1)).toBe(false)
  expect(isGivenUp(2, 60)).toBe(true)
  expect(isGivenUp(2, 163)).toBe(false)
  expect(isGivenUp(8, 100_000)).toBe(true)
})

describe('a broken lock is found by the fewest faults', () => {
  it('naive: by none, an interleaving is enough', async () => {
    const { counterexamples } = await outcomeOf('naive')
    expect(
      counterexamples.some(
        ({ plan, violation }) => plan.faults.length === 0 && violation.property === 'mutual-exclusion',
      ),
    ).toBe(true)
  })

  it.each([
    ['setnx-expire', 'dead-lock', 'bug', ['crash']],
    ['nx-plain-del', 'mutual-exclusion', 'bug', ['pause', 'slow-work', 'delay-request', 'delay-reply']],
    ['set-nx-lua', 'mutual-exclusion', 'limit', ['pause']],
  ] as const)('%s: %s, %s, by one fault', async (name, property, kind, faults) => {
    const { counterexamples, tally } = await outcomeOf(name)
    // Without faults there is nothing to be found.
    expect(counterexamples.every(({ plan }) => plan.faults.length === 1)).toBe(true)
    expect(tally.byFaultCount[0]).toBeGreaterThan(50)
    const shown = counterexamples
      .filter(({ violation }) => violation.property === property && violation.kind === kind)
      .flatMap(({ plan }) => plan.faults.map((fault) => fault.kind))
    expect(shown.some((fault) => (faults as readonly string[]).includes(fault))).toBe(true)
  })
})

describe('work that is longer than the lease', () => {
  const pace = { workUs: 300_000 }
  const reportOf = (outcome: HuntOutcome) => {
    const context = { client: 'direct', redis: '', redisKind: 'memory', isDeterministic: true, seed: '1' } as const
    return huntReport(outcome, {
      ...context,
      subject: 'it',
      bases: basePlans(named('fenced'), { ...DEFAULT_PARAMETERS, client: 'direct' }),
    })
  }

  it('is a bug without any fault, for which no fencing is needed', async () => {
    const { counterexamples, tally } = await huntFor(named('set-nx-lua'), { faults: 0, pace })
    expect(counterexamples.map(({ violation }) => [violation.kind, violation.cause.kind])).toEqual([
      ['bug', 'work-outlives-lease'],
    ])
    expect(tally.sometimes.has('gaveUp')).toBe(false)
  })

  it('whose lease states its end is tried once more, by clients that do not ask', async () => {
    const told: LockDefinition = {
      ...setNxLua,
      name: 'told',
      acquire: async (context) => {
        const untilMs = Date.now() + context.ttlMs
        const lease = await setNxLua.acquire(context)
        return isRefusal(lease) ? null : { ...leaseOf(lease), expiresAt: untilMs }
      },
    }
    const outcome = await huntFor(lockSubject(told), { faults: 0, pace })
    const { tally, counterexamples } = outcome
    expect(
      counterexamples.map(({ plan, violation }) => [violation.property, violation.cause.kind, plan.workload]),
    ).toEqual([['stale-write', 'work-outlives-lease', expect.objectContaining({ checkLease: false })]])
    expect([tally.sometimes.get('done'), tally.byStatus.get('violated')]).toEqual([50, 50])
    expect(reportOf(outcome).statement).toMatch(
      /^1 finding in all \d+ storms without faults \(50 by clients that do not ask their lease\) over counter, /,
    )
  })

  it('is vacuous where no client ever got it done', async () => {
    const plans = basePlans(named('fenced'), { ...DEFAULT_PARAMETERS, client: 'direct', ...pace })
    const outcome = await huntFor(named('fenced'), { given: plans })
    const { verdict, statement, sometimes } = reportOf(outcome)
    expect([verdict, sometimes.done, sometimes.gaveUp]).toEqual(['vacuous', 0, 1])
    expect(statement).toMatch(/^nothing was done in /)
  })

  it('costs nothing where no holder gave up', async () => {
    const { searched } = await huntFor(named('watchdog'), { faults: 0, pace })
    expect(searched.map(({ claim }) => claim)).toEqual([
      {
        kind: 'levels',
        upTo: 0,
        singleCount: null,
        pairCount: null,
        tripleCount: null,
        mergedCount: 0,
        isOrderCut: false,
        isEveryMagnitude: false,
        unaskedCount: 0,
      },
    ])
  })
})

describe('a right lock', () => {
  it('is let alone, and the answer says what was tried', async () => {
    const outcome = await outcomeOf('fenced')
    expect(outcome.counterexamples).toEqual([])
    const bases = basePlans(named('fenced'), { ...DEFAULT_PARAMETERS, client: 'direct' })
    const report = huntReport(outcome, {
      subject: 'fenced',
      client: 'direct',
      redis: 'in memory',
      redisKind: 'memory',
      isDeterministic: true,
      seed: '1',
      bases,
    })
    expect(report).toMatchObject({ verdict: 'valid', violations: [], storms: { exhaustiveUpTo: 1 } })
    expect(report.statement).toMatch(
      /^no violation in all [\d,]+ storms of up to 1 fault over counter, 3 clients × 2 rounds$/,
    )
    expect(report.storms.tried).toBe(outcome.tally.byFaultCount.reduce((sum, count) => sum + count, 0))
  })
})

describe('a counterexample', () => {
  const examples = () =>
    ['naive', 'nx-plain-del', 'set-nx-lua', 'setnx-expire'].flatMap((name) => found.get(name)?.counterexamples ?? [])

  beforeAll(async () => {
    for (const name of ['naive', 'nx-plain-del', 'set-nx-lua', 'setnx-expire']) await outcomeOf(name)
  })

  it('was replayed with the same history', () => {
    for (const outcome of found.values()) expect(outcome.diverged).toEqual([])
    for (const { historyHash } of examples()) expect(historyHash).toMatch(/^[0-9a-f]{16}$/)
  })

  it('needs each of its faults: what is not needed was taken away', () => {
    for (const { necessary } of examples()) expect(necessary.every((isNeeded) => isNeeded)).toBe(true)
  })

  it('is listed once for each cause', () => {
    for (const { counterexamples } of found.values()) {
      const keys = counterexamples.map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  /** What the repairs made of the finding with this key: `renewal: cured`. */
  const curesIn = ({ counterexamples }: HuntOutcome, key: string): Readonly<Record<string, string>> => {
    const found = counterexamples.find((counterexample) => counterexample.key === key)
    expect(found, key).toBeDefined()
    return Object.fromEntries(found!.cures.map(({ repair, outcome }) => [repair, outcome]))
  }

  it('names what cures it, by running: fencing a pause, compare-and-delete the release of a stranger', async () => {
    // A pause that grows with the lease outlasts a longer one as well.
    expect(curesIn(await outcomeOf('set-nx-lua'), 'mutual-exclusion · limit · lease-ended')).toEqual({
      'compare-and-delete': 'still',
      renewal: 'still',
      'monotonic-clock': 'still',
      'longer-ttl': 'still',
      fencing: 'cured',
      'reference-lock': 'cured',
    })
    const wall = await outcomeOf('wall-deadline')
    expect(curesIn(wall, 'foreign-release · bug · token-not-compared deleted')).toMatchObject({
      'compare-and-delete': 'cured',
      fencing: 'still',
      'longer-ttl': 'still',
      'monotonic-clock': 'still',
    })
    expect(curesIn(wall, 'overstated-lease · bug · counted-on-wrong-clock')).toMatchObject({
      'monotonic-clock': 'cured',
      'compare-and-delete': 'still',
    })
    const long = await huntFor(named('set-nx-lua'), { faults: 0, pace: { workUs: 300_000 } })
    expect(curesIn(long, 'mutual-exclusion · bug · work-outlives-lease')).toMatchObject({
      renewal: 'cured',
      'longer-ttl': 'cured',
      'compare-and-delete': 'still',
    })
  })

  it('is not said to be cured by what sending more messages does, too', async () => {
    // With one message more between the release and the next round the waiter of this storm is gone.
    const cures = curesIn(await outcomeOf('setnx-expire'), 'mutual-exclusion · limit · lease-ended')
    expect(Object.values(cures)).not.toContain('cured')
    expect(Object.keys(cures)).not.toContain('renewal')
  })

  it('is not tried with a repair that breaks this lock for a client alone', async () => {
    // The script of the other release reads a string. This lock keeps a hash, and renews it until its own release says stop.
    const renewing = new Map<string, NodeJS.Timeout>()
    const kept: LockDefinition = {
      ...setNxLua,
      name: 'kept-hash',
      async acquire({ redis, key, token, ttlMs }) {
        if ((await redis.exists(key)) === 1) return null
        await redis.eval("return redis.call('hset', KEYS[1], 'holder', ARGV[1])", 1, key, token)
        await redis.pexpire(key, ttlMs)
        renewing.set(
          token,
          setInterval(() => redis.pexpire(key, ttlMs), ttlMs / 3),
        )
        return { token }
      },
      async release({ redis, key, token }) {
        clearInterval(renewing.get(token))
        return (await redis.del(key)) === 1
      },
    }
    const { counterexamples } = await huntFor(lockSubject(kept))
    expect(counterexamples.length).toBeGreaterThan(0)
    for (const { key, cures } of counterexamples) {
      const tried = cures.map(({ repair }) => repair)
      expect(tried, key).toContain('longer-ttl')
      expect(tried, key).not.toContain('compare-and-delete')
    }
  })

  it.each(['naive', 'plain-set', 'setnx-expire', 'nx-plain-del', 'wall-deadline', 'set-nx-lua', 'evalsha'])(
    '%s: a repair that repairs nothing cures nothing that another is said to cure',
    async (name) => {
      const subject = named(name) as LockSubject
      const { counterexamples } = await outcomeOf(name)
      await inMacrotask(() => {
        const judge = (plan: Plan, other: Subject = subject) => seeWorld(plan, other, environment)
        for (const { plan, violation, cures, key } of counterexamples) {
          const moved = cures.filter(({ repair, outcome }) => outcome !== 'still' && movers.has(repair))
          if (moved.length === 0) continue
          const sick = sickWith({ plan, violation, world: judge(plan) }, judge)
          expect(repairedBy(CONTROL, sick, subject, judge)?.outcome, key).toBe('still')
        }
      })
    },
  )

  it('is never larger than what was found', async () => {
    const whole = await huntFor(named('set-nx-lua'), { shrinks: false })
    const small = await outcomeOf('set-nx-lua')
    for (const { key, plan } of small.counterexamples) {
      const before = whole.counterexamples.find((example) => example.key === key)
      expect(before).toBeDefined()
      if (before !== undefined) expect(compareSizes(sizeOf(plan), sizeOf(before.plan))).toBeLessThanOrEqual(0)
    }
  })
})

describe('a random hunt', () => {
  const randomOf = ({ searched }: HuntOutcome) => searched.find(({ claim }) => claim.kind === 'random')!.tally

  it('draws the same storms from the same seed, and shrinks what it finds', async () => {
    const options = { faults: 0, runs: 400 } as const
    const [one, other] = [await huntFor(named('nx-plain-del'), options), await huntFor(named('nx-plain-del'), options)]
    expect(randomOf(one).tried).toBe(400)
    expect(one.counterexamples.length).toBeGreaterThan(0)
    expect(one.counterexamples).toEqual(other.counterexamples)
    for (const { plan, foundWithFaults } of one.counterexamples) {
      expect(plan.faults.length).toBeLessThanOrEqual(foundWithFaults)
    }
  })

  it('says how often a violation is to be expected', async () => {
    const outcome = await huntFor(named('nx-plain-del'), { faults: 0, runs: 200 })
    expect([...randomOf(outcome).keys.values()].some((count) => count > 0)).toBe(true)
  })
})

describe('a hunt that is ended early', () => {
  it('stops at so many findings', async () => {
    const outcome = await huntFor(named('naive'), { maxFailures: 1 })
    expect(outcome.stoppedBy).toBe('failures')
    expect(outcome.searched.map(({ claim }) => claim)).toEqual([
      {
        kind: 'levels',
        upTo: null,
        singleCount: expect.any(Number),
        pairCount: null,
        tripleCount: null,
        mergedCount: 0,
        isOrderCut: false,
        isEveryMagnitude: false,
        unaskedCount: 0,
      },
    ])
    expect(outcome.counterexamples.length).toBeGreaterThan(0)
  })

  it('reports what was found when somebody wants it to end', async () => {
    let stop = (): void => {}
    const interrupted = new Promise<void>((resolve) => {
      stop = resolve
    })
    const outcome = await huntFor(named('naive'), { interrupted, onFinding: () => stop() })
    expect(outcome.stoppedBy).toBe('interrupt')
    expect(outcome.counterexamples.length).toBeGreaterThan(0)
  })
})

describe('the first finding', () => {
  it('is explained while the search goes on, and again only for a worse one; the answer is the same', async () => {
    const told: { readonly rank: number; readonly faults: number; readonly tried: number }[] = []
    let tried = 0
    const outcome = await huntFor(named('nx-plain-del'), {
      onProgress: (tally) => {
        tried = tally.tried
      },
      onExplained: ({ violation, plan }) => told.push({ rank: rankOf(violation), faults: plan.faults.length, tried }),
    })
    expect(told[0]?.tried).toBeLessThan(outcome.tally.tried / 2)
    const ranks = told.map(({ rank }) => rank)
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => b - a))
    expect(ranks.at(-1)).toBe(Math.min(...outcome.counterexamples.map(({ violation }) => rankOf(violation))))
    // It is as small as it gets.
    expect(told.every(({ faults }) => faults === 1)).toBe(true)
    expect(outcome.counterexamples).toEqual((await outcomeOf('nx-plain-del')).counterexamples)
  })
})

describe('a session store', () => {
  it('is hunted with and without a logout', async () => {
    const { counterexamples } = await outcomeOf('overwrite')
    const properties = counterexamples.map(({ violation }) => violation.property)
    expect(properties).toContain('session-lost-update')
    expect(properties).toContain('session-resurrected')
  })
})
