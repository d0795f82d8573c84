/**
 * Frontiers: what the storms of a point are, what "safe from" means, and that measured numbers are those that arithmetic
 * gives.
 */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { type Crew, soloCrew } from '../../src/explore/crew.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { type FrontierGrid, findUncured, measureFrontier } from '../../src/explore/frontier.ts'
import { pointPlan, pointStorms } from '../../src/explore/frontier-point.ts'
import { watchWorld } from '../../src/explore/site.ts'
import { emptyTally } from '../../src/explore/tally.ts'
import type { Unit } from '../../src/explore/unit.ts'
import { fenced } from '../../src/lock/fenced.ts'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { naive } from '../../src/lock/naive.ts'
import { nxPlainDel } from '../../src/lock/nx-plain-del.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { setnxExpire } from '../../src/lock/setnx-expire.ts'
import { frontierReport } from '../../src/report/frontier/frontier-report.ts'
import { uncuredTexts } from '../../src/report/frontier/sentences.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const FAST = { minUs: 200, maxUs: 900 }
const NEVER = new Promise<void>(() => {})

const baseOf = (lock: LockDefinition): Plan =>
  basePlans(lockSubject(lock), { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2 })[0] as Plan

function crewOf(lock: LockDefinition): Crew {
  const subject = lockSubject(lock)
  return soloCrew(new Explorer({ subject, environment, bases: [baseOf(lock)], isLossy: false }), inMacrotask)
}

const grid = (changes: Partial<FrontierGrid> = {}): FrontierGrid => ({
  ttlsMs: [100, 200, 500],
  pausesUs: [0],
  skewsUs: [0],
  latencies: [FAST],
  ...changes,
})

const measure = (lock: LockDefinition, changes: Partial<FrontierGrid>) =>
  measureFrontier({ grid: grid(changes), crew: crewOf(lock), interrupted: NEVER })

describe('the storms of a point', () => {
  const base = baseOf(setNxLua)
  const point = { ttlMs: 500, pauseUs: 300_000, skewUs: 0, latency: FAST }
  const watch = (plan: Plan) => watchWorld(plan, lockSubject(setNxLua), environment)
  const stormsOf = (changes: Partial<typeof point>) =>
    inMacrotask(() => pointStorms(base, { ...point, ...changes }, (plan) => watch(plan).sites))

  it('are worlds of other latencies when nothing happens', async () => {
    const storms = await stormsOf({ pauseUs: 0 })
    expect(storms.map(({ faults }) => faults.length)).toEqual(Array.from({ length: 20 }, () => 0))
    expect(new Set(storms.map(({ seed }) => seed)).size).toBe(20)
  })

  it('pause each client at each of its messages', async () => {
    const { sites } = await inMacrotask(() => watch(pointPlan(base, point)))
    const storms = await stormsOf({})
    expect(sites.length).toBeGreaterThan(20)
    expect(new Set(sites.map(({ process }) => process))).toEqual(new Set(['A', 'B']))
    expect(new Set(sites.map(({ site }) => site))).toEqual(new Set(['send', 'reply']))
    expect(storms.map(({ faults }) => faults)).toEqual(
      sites.map(({ process, site, count }) => [
        { kind: 'pause', settings: { process, for: 300_000 }, at: { kind: 'site', process, site, count } },
      ]),
    )
  })

  it('with a skew have one wrong clock, of the paused client or of Redis, from the start or at the pause', async () => {
    const storms = await stormsOf({ skewUs: -1_000_000 })
    for (const { faults } of storms) {
      const [step, pause] = [
        faults.find(({ kind }) => kind === 'clock-step')!,
        faults.find(({ kind }) => kind === 'pause')!,
      ]
      expect(faults).toHaveLength(2)
      expect(step.settings.by).toBe(-1_000_000)
      expect([pause.settings.process, 'redis-1']).toContain(step.settings.process)
      expect(step.at.kind === 'time' ? step.at.atUs === 0 : step.at).toEqual(step.at.kind === 'time' ? true : pause.at)
    }
    const kinds = storms.map(
      ({ faults }) => `${faults[0]!.kind} ${faults.find(({ kind }) => kind === 'clock-step')!.settings.process}`,
    )
    expect(new Set(kinds)).toEqual(
      new Set(['clock-step A', 'clock-step B', 'clock-step redis-1', 'pause A', 'pause B', 'pause redis-1']),
    )
  })

  it('are all struck by all their faults', async () => {
    for (const skewUs of [0, 1_000_000]) {
      const storms = await stormsOf({ skewUs })
      const struck = await inMacrotask(() => storms.map((plan) => watch(plan).struck))
      expect(struck).toEqual(storms.map(({ faults }) => faults.length))
    }
  })

  it('can be found again by their place in the unit, for the storm that ends a worker', async () => {
    const explorer = new Explorer({ subject: lockSubject(setNxLua), environment, bases: [base], isLossy: false })
    const storms = await stormsOf({})
    const unit: Unit = { kind: 'point', base: 0, point }
    const run = (...ordinals: number[]) =>
      inMacrotask(() =>
        explorer.run(unit, { losses: ordinals.map((ordinal) => ({ ordinal, reason: 'spins' as const })) }),
      )
    // Ordinals count from 1: the run without faults, which the storms are made from, is 0.
    expect(await run(4)).toMatchObject({
      kind: 'point',
      tally: { tried: storms.length - 1 },
      lost: [{ plan: storms[3], reason: 'spins' }],
    })
    const plansOf = (indexes: readonly number[]) => indexes.map((index) => ({ plan: storms[index], reason: 'spins' }))
    expect(await run(4, 5)).toEqual({ kind: 'given-up', lost: plansOf([3, 4]) })
    expect(await run(0)).toEqual({ kind: 'given-up', lost: [{ plan: base, reason: 'spins' }] })
    expect(await run(1, storms.length + 1)).toEqual({ kind: 'given-up', lost: plansOf([0]) })
  })
})

describe('a measured frontier', () => {
  it('needs a lease longer than the pause, and longer by the step of the server clock', async () => {
    // Held for some 25 ms. A pause of 300 ms ends a lease of 200 ms and not one of 500 ms; a server clock that steps forward
    // by 1 s takes one second of every lease: 500 ms and 1 s end, 2 s do not.
    const { combinations } = await measure(setNxLua, {
      ttlsMs: [200, 500, 1_000, 2_000],
      pausesUs: [0, 300_000],
      skewsUs: [0, 1_000_000],
    })
    expect(combinations.map(({ pauseUs, skewUs, safeTtlMs }) => [pauseUs, skewUs, safeTtlMs])).toEqual([
      [0, 0, 200],
      [300_000, 0, 500],
      [0, 1_000_000, 2_000],
      [300_000, 1_000_000, 2_000],
    ])
  })

  it('counts what needs fencing apart from bugs', async () => {
    const [paused] = (await measure(setNxLua, { ttlsMs: [200], pausesUs: [300_000] })).combinations
    const { point, storms, bugs, limits } = paused!.points[0]!
    const subject = lockSubject(setNxLua)
    const kinds = await inMacrotask(() =>
      pointStorms(baseOf(setNxLua), point, (plan) => watchWorld(plan, subject, environment).sites).map((plan) => {
        const { verdict } = judgeWorld(plan, subject, environment).judgement
        if (verdict.status !== 'violated') return verdict.status
        return verdict.violations.some(({ kind }) => kind === 'bug') ? 'bug' : 'limit'
      }),
    )
    expect([storms, bugs, limits]).toEqual([
      kinds.length,
      kinds.filter((kind) => kind === 'bug').length,
      kinds.filter((kind) => kind === 'limit').length,
    ])
    expect(limits).toBeGreaterThan(0)
    const calm = (await measure(naive, {})).combinations[0]!
    expect(calm.safeTtlMs).toBeNull()
    for (const one of calm.points) expect([one!.bugs > 0, one!.limits]).toEqual([true, 0])
  })

  it('shows an example that breaks the lock again', async () => {
    const [paused] = (await measure(setNxLua, { ttlsMs: [200], pausesUs: [300_000] })).combinations
    const { plan, violation } = paused!.points[0]!.example!
    const { judgement } = await inMacrotask(() => judgeWorld(plan, lockSubject(setNxLua), environment))
    expect(judgement.verdict).toMatchObject({ status: 'violated', violations: expect.arrayContaining([violation]) })
  })
})

/** A crew that measures nothing: what comes of a TTL is given; the first units take longest. */
function toldCrew(
  statuses: Readonly<Record<number, Partial<Record<'valid' | 'violated' | 'unknown' | 'vacuous', number>>>>,
  lost = 0,
): Crew {
  let waiting = 10
  return {
    size: 2,
    async run(unit) {
      if (unit.kind !== 'point') throw new Error(`not a point: ${unit.kind}`)
      waiting -= 1
      for (let turn = 0; turn < waiting; turn += 1) await null
      const counts = Object.entries(statuses[unit.point.ttlMs] ?? { valid: 1 })
      const tally = emptyTally()
      for (const [status, count] of counts) tally.byStatus.set(status as 'valid', count as number)
      tally.tried = counts.reduce((sum, [, count]) => sum + (count as number), 0)
      const plan = pointPlan(baseOf(setNxLua), unit.point)
      return {
        kind: 'point',
        tally,
        lost: Array.from({ length: lost }, () => ({ plan, reason: 'spins' as const })),
      } as never
    },
    replay: async () => [],
    tell: async () => null,
    firstStorm: async () => null,
    abandon: async () => {},
  }
}

const TTLS = [100, 200, 500, 1_000]
const safeOf = async (crew: Crew, interrupted = NEVER) =>
  (await measureFrontier({ grid: grid({ ttlsMs: TTLS }), crew, interrupted })).combinations[0]!

describe('safe from a TTL on', () => {
  it('is the smallest from which on all are safe: a longer one that is not moves it', async () => {
    expect((await safeOf(toldCrew({}))).safeTtlMs).toBe(100)
    expect((await safeOf(toldCrew({ 100: { valid: 5, violated: 1 } }))).safeTtlMs).toBe(200)
    expect((await safeOf(toldCrew({ 100: { violated: 1 }, 500: { valid: 9, violated: 1 } }))).safeTtlMs).toBe(1_000)
    expect((await safeOf(toldCrew({ 1000: { violated: 1 } }))).safeTtlMs).toBeNull()
  })

  it('is not said of what has no answer, of what exercised nothing, or of what nobody survived', async () => {
    expect((await safeOf(toldCrew({ 200: { valid: 5, unknown: 1 } }))).safeTtlMs).toBe(500)
    expect((await safeOf(toldCrew({ 200: { vacuous: 5 } }))).safeTtlMs).toBe(500)
    expect((await safeOf(toldCrew({ 200: { vacuous: 5, valid: 1 } }))).safeTtlMs).toBe(100)
    const lost = await safeOf(toldCrew({}, 1))
    expect([lost.safeTtlMs, lost.points[0]!.bugs, lost.points[0]!.storms]).toEqual([null, 1, 2])
  })

  it('takes points in their order, whoever finished first', async () => {
    const { points } = await safeOf(
      toldCrew({ 100: { valid: 1 }, 200: { valid: 2 }, 500: { valid: 3 }, 1000: { valid: 4 } }),
    )
    expect(points.map((point) => [point!.point.ttlMs, point!.storms])).toEqual(
      TTLS.map((ttlMs, index) => [ttlMs, index + 1]),
    )
  })

  it('is not known when the sweep was interrupted before; what was measured is told', async () => {
    let interrupt = (): void => {}
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve
    })
    const crew = toldCrew({})
    let runs = 0
    const stopping: Crew = {
      ...crew,
      size: 1,
      async run(unit) {
        runs += 1
        if (runs === 2) interrupt()
        return runs === 1 ? crew.run(unit) : new Promise((resolve) => setTimeout(() => resolve(crew.run(unit)), 5))
      },
    }
    const outcome = await measureFrontier({ grid: grid({ ttlsMs: TTLS }), crew: stopping, interrupted })
    expect(outcome.isInterrupted).toBe(true)
    expect(outcome.combinations[0]!.safeTtlMs).toBeNull()
    expect(outcome.combinations[0]!.points.at(-1)).toBeNull()
  })
})

describe('a bug that no lease cures', () => {
  const swept = { ttlsMs: [200, 2_000], pausesUs: [0, 300_000] }
  const uncuredIn = async (lock: LockDefinition) =>
    findUncured(baseOf(lock), { grid: grid(swept), crew: crewOf(lock), interrupted: NEVER })
  const kinds = async (lock: LockDefinition) =>
    (await uncuredIn(lock)).map(({ violation, plan }) => [violation.property, plan.faults.map(({ kind }) => kind)])

  it('is found though no pause shows it, and is not one that a longer lease outlasts', async () => {
    expect(await kinds(setnxExpire)).toContainEqual(['dead-lock', ['crash']])
    // That it deletes a key that is no longer its own takes a pause, which a lease of 2 s outlasts.
    expect(await kinds(nxPlainDel)).not.toContainEqual(['mutual-exclusion', ['pause']])
    expect(await kinds(fenced)).toEqual([])
  })

  it('makes no point safe, and is named', async () => {
    const options = { grid: grid(swept), crew: crewOf(setnxExpire), interrupted: NEVER }
    const without = await measureFrontier(options)
    const uncured = await uncuredIn(setnxExpire)
    const outcome = await measureFrontier({ ...options, uncured })
    expect(without.combinations.some(({ safeTtlMs }) => safeTtlMs !== null)).toBe(true)
    expect(outcome.combinations.map(({ safeTtlMs }) => safeTtlMs)).toEqual([null, null])
    const context = { client: 'direct', redis: '', redisKind: 'memory', isDeterministic: true, seed: '1' } as const
    const told = frontierReport(
      outcome,
      { grid: grid(swept), uncured },
      { ...context, subject: 'it', bases: [baseOf(setnxExpire)] },
    )
    expect(told.statement).toMatch(/^safe from .* in 0 of 2 combinations .*; \d+ bugs that no lease cures$/)
    expect(uncuredTexts(told)[0]).toMatch(/^no lease cures: dead-lock: .* \(the reply to A is lost, .*\)$/)
    // What blocks until a lease ends makes none unsafe.
    const orphans = await uncuredIn(setNxLua)
    expect(orphans.map(({ violation }) => violation.property)).toEqual(['orphaned-lock'])
    const others = await measureFrontier({
      grid: grid(swept),
      crew: crewOf(setNxLua),
      interrupted: NEVER,
      uncured: orphans,
    })
    expect(others.combinations.map(({ safeTtlMs }) => safeTtlMs)).toEqual([200, 2_000])
  })
})

describe('the report of a frontier', () => {
  it('has a word and counts for each point, sums, and a token for each example', async () => {
    const outcome = await measure(setNxLua, { ttlsMs: [200, 500], pausesUs: [300_000] })
    const told = frontierReport(
      outcome,
      { grid: grid({ ttlsMs: [200, 500], pausesUs: [300_000] }) },
      {
        subject: 'set-nx-lua',
        client: 'direct',
        redis: 'in-memory Redis',
        redisKind: 'memory',
        isDeterministic: true,
        seed: '1',
        bases: [baseOf(setNxLua)],
      },
    )
    const [row] = told.combinations
    expect(row!.points.map(({ status }) => status)).toEqual(['violated', 'safe'])
    expect(row!.points[0]!.example!.token).toMatch(/^L1\.[\w-]+$/)
    expect(told.storms.tried).toBe(row!.points[0]!.storms + row!.points[1]!.storms)
    expect(told.storms.limits).toBe(row!.points[0]!.limits)
    expect(told.storms.bugs).toBe(row!.points[0]!.bugs)
    expect(told.statement).toBe('safe from some TTL of the sweep on in 1 of 1 combination of pause, skew and latency')
  })
})
