/** The one stream of storms: what is run and what is named are the same storms, and a lost one is left out and told. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { isLed, StormSource } from '../../src/explore/storms.ts'
import type { StormUnit } from '../../src/explore/unit.ts'
import { naive } from '../../src/lock/naive.ts'
import type { TroubleName } from '../../src/server/trouble.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { type Topology, USUAL_CLUSTER } from '../../src/world/topology.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const subject = lockSubject(naive)
const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2 })
const ground = { subject, environment, bases, isLossy: false }
const point = { ttlMs: 200, pauseUs: 100_000, skewUs: 1_000_000, latency: { minUs: 200, maxUs: 900 } }

const UNITS: readonly StormUnit[] = [
  { kind: 'seeds', base: 0, from: 3, until: 9 },
  { kind: 'orders', base: 0, deviations: 2, limit: 40 },
  { kind: 'singles', base: 0, from: 5, until: 15 },
  { kind: 'magnitudes', base: 0, from: 8, until: 9 },
  { kind: 'longer', base: 0, path: [7], isLast: true },
  { kind: 'longer', base: 0, path: [7, 3], isLast: false },
  { kind: 'random', base: 0, seed: 50, count: 10 },
  { kind: 'guided', base: 0, seed: 50, count: 40 },
  { kind: 'point', base: 0, point },
  { kind: 'given', plans: bases },
]

/** The storms of a unit, each run before the next one is asked for, but for a lost one. */
function stormsOf(unit: StormUnit, lost = 0): readonly Plan[] {
  const plans: Plan[] = []
  const storms = new StormSource(ground).of(unit)
  for (let step = storms.next(null); step.done !== true; ) {
    plans.push(step.value)
    step = storms.next(plans.length === lost ? null : judgeWorld(step.value, subject, environment))
  }
  return plans
}

describe.each(UNITS)('a unit of $kind', (unit) => {
  it('runs its storms in their order, and goes on without one that cost a worker, which it names', () =>
    inMacrotask(() => {
      const plans = stormsOf(unit)
      const ordinals: number[] = []
      const explorer = new Explorer({ ...ground, onStorm: (ordinal) => ordinals.push(ordinal) })
      const whole = explorer.run(unit)
      expect(ordinals).toEqual([0, ...plans.map((_, index) => index + 1)])
      expect(whole).toMatchObject({ kind: unit.kind, tally: { tried: plans.length }, lost: [] })

      const lost = Math.ceil(plans.length / 2)
      ordinals.length = 0
      const result = explorer.run(unit, { losses: [{ ordinal: lost, reason: 'spins' }] })
      expect(result.lost).toEqual([{ plan: plans[lost - 1], reason: 'spins' }])
      expect(ordinals).not.toContain(lost)
      // Orders that follow from the lost one are not known, nor whether it led to the course of another size.
      if (unit.kind !== 'orders' && unit.kind !== 'magnitudes') expect(ordinals).toHaveLength(plans.length)
    }))

  it('is given up at the second loss: its storms are named, and none is run but what the last one depends on', () =>
    inMacrotask(() => {
      // That of a unit of one storm is lost twice.
      const lost = unit.kind === 'given' ? 1 : 2
      const plans = stormsOf(unit, lost)
      const last = plans.length
      const ordinals: number[] = []
      const explorer = new Explorer({ ...ground, onStorm: (ordinal) => ordinals.push(ordinal) })
      const losses = [lost, last].map((ordinal) => ({ ordinal, reason: 'memory' as const }))
      expect(explorer.run(unit, { losses })).toEqual({
        kind: 'given-up',
        lost: losses.map(({ ordinal, reason }) => ({ plan: plans[ordinal - 1], reason })),
      })
      // What came before the first loss, and before the second one, but for the lost one.
      const before = Array.from({ length: last - 1 }, (_, index) => index + 1).filter((ordinal) => ordinal !== lost)
      expect(ordinals).toEqual(isLed(unit) ? [1, ...before] : [])
    }))
})

it('a finding whose smaller storms cost a worker is explained without them', () =>
  inMacrotask(() => {
    const explorer = new Explorer(ground)
    const found = explorer.run({ kind: 'random', base: 0, seed: 0, count: 50 })
    if (found.kind !== 'random') expect.unreachable('it is not given up')
    const finding = [...found.tally.findings.values()].find(({ plan }) => plan.faults.length > 1)!
    const explain = (losses: { ordinal: number; reason: 'spins' }[]) =>
      explorer.run({ kind: 'explain', finding: { ...finding, consequences: [] }, shrinks: true }, { losses })
    const [whole, without] = [explain([]), explain([{ ordinal: 2, reason: 'spins' }])]
    expect(whole).toMatchObject({ kind: 'explain', lost: [] })
    // The second storm that is run is the first attempt to make it smaller.
    expect(without).toMatchObject({
      kind: 'explain',
      counterexample: { key: finding.key },
      lost: [{ reason: 'spins' }],
    })
    expect(explain([{ ordinal: 1, reason: 'spins' }])).toMatchObject({
      counterexample: null,
      lost: [{ plan: finding.plan }],
    })
  }))

it('a finding is explained by the same storms whatever was explained before it, so that a lost one is the same one', () =>
  inMacrotask(() => {
    const ordinals: number[] = []
    const explorer = new Explorer({ ...ground, onStorm: (ordinal) => ordinals.push(ordinal) })
    const found = explorer.run({ kind: 'random', base: 0, seed: 0, count: 50 })
    if (found.kind !== 'random') expect.unreachable('it is not given up')
    const finding = { ...[...found.tally.findings.values()][0]!, consequences: [] }
    // What a lone client does with each repair is known the second time.
    const [first, second] = ['first', 'second'].map(() => {
      ordinals.length = 0
      return { result: explorer.run({ kind: 'explain', finding, shrinks: true }), ordinals: [...ordinals] }
    })
    expect(first?.result).toMatchObject({ counterexample: { cures: expect.arrayContaining([expect.anything()]) } })
    expect(second).toEqual(first)
  }))

it('leaves out what no node of a Cluster can have, where one is hunted', () =>
  inMacrotask(() => {
    const kinds = (topology: Topology, lacksInCluster: readonly TroubleName[]): readonly string[] => {
      const provider = { ...environment.provider, lacksInCluster }
      const [base] = bases.map((plan) => ({ ...plan, topology }))
      const source = new StormSource({ ...ground, environment: { ...environment, provider }, bases: [base as Plan] })
      return source.root(0).sized.map(({ kind }) => kind)
    }
    expect(kinds({ kind: 'single' }, ['read-only'])).toContain('read-only')
    expect(kinds(USUAL_CLUSTER, [])).toContain('read-only')
    expect(kinds(USUAL_CLUSTER, ['read-only'])).not.toContain('read-only')
  }))
