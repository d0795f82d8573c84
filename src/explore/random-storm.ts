/**
 * Random storms, drawn by fast-check: swarm style, each storm first draws which kinds of faults exist in it at all, so that
 * some storms are full of one kind and others mix many. The workload's parameters are drawn too.
 *
 * Source: Groce et al., "Swarm testing", ISSTA 2012.
 */
import fc from 'fast-check'
import type { Draws } from '../fault/draws.ts'
import { type Anchor, type PlannedFault, planFault } from '../fault/fault.ts'
import { FAULTS } from '../fault/registry.ts'
import type { Latency } from '../net/link.ts'
import { type WorkloadPlan, workloadOf } from '../workload/registry.ts'
import { type Cast, castOf, namesOf, promotionsIn } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { meets, voterCount } from '../world/topology.ts'
import { withRounds } from './base-plan.ts'

export const FAULTS_MAX = 6
const CLIENTS_MAX = 5
const ROUNDS_MAX = 3
/** Sites later than this are rarely reached. */
const SITES_MAX = 24

const DRAWN = FAULTS.filter(({ random }) => random !== undefined)

/** `count` storms over a base plan. The same seed draws the same storms. */
export function drawStorms(base: Plan, seed: number, count: number, isLossy: boolean): readonly Plan[] {
  return fc.sample(stormArbitrary(base, isLossy), { seed, numRuns: count }).map((plan, index) => ({
    ...plan,
    seed: `${base.seed}/${seed}/${index}`,
  }))
}

/** Storms over a base plan. */
export function stormArbitrary(base: Plan, isLossy: boolean): fc.Arbitrary<Plan> {
  return fc
    .record({
      clients: fc.integer({ min: 2, max: CLIENTS_MAX }),
      rounds: fc.integer({ min: 1, max: ROUNDS_MAX }),
      // A lease of the base's length more often than not: that is what the user asked about.
      ttlMs: fc.constantFrom(1, 1, 1, 2, 5).map((times) => base.ttlMs * times),
      workPercent: fc.constantFrom(1, 5, 10, 10, 10, 40, 90),
      headStartUs: fc.constantFrom(0, 0, base.headStartUs),
      latency: fc.constantFrom(
        base.latency,
        base.latency,
        { minUs: 50, maxUs: 5_000 },
        { minUs: 1_000, maxUs: 30_000 },
      ),
    })
    .chain((drawn) => {
      const plan: Plan = {
        ...base,
        clients: drawn.clients,
        ttlMs: drawn.ttlMs,
        latency: bearable(drawn.latency, base, drawn.ttlMs),
        headStartUs: drawn.headStartUs,
        settleUs: base.settleUs * Math.ceil(drawn.ttlMs / base.ttlMs),
        workload: withWork(base.workload, drawn.rounds, drawn.ttlMs * 10 * bearablePercent(drawn.workPercent, base)),
      }
      return faultsArbitrary(plan, isLossy).map((faults) => ({ ...plan, faults }))
    })
}

/**
 * Of several nodes each is given a time to answer that is small beside the lease: a network on which no answer comes in
 * time is not the lock's fault. So much of a lease a message may take.
 */
const MESSAGES_A_LEASE = 40

function bearable({ minUs, maxUs }: Latency, { topology, workload }: Plan, ttlMs: number): Latency {
  const messages = voterCount(topology) === 1 ? workloadOf(workload).hunts?.messagesALease : MESSAGES_A_LEASE
  if (messages === undefined) return { minUs, maxUs }
  const mostUs = Math.floor((ttlMs * 1_000) / messages)
  return { minUs: Math.min(minUs, mostUs), maxUs: Math.min(maxUs, mostUs) }
}

/** Five messages come before, between and after the work of one hold: they and it are to end within the lease of several nodes. */
const bearablePercent = (workPercent: number, { topology }: Plan): number =>
  voterCount(topology) === 1 ? workPercent : Math.min(workPercent, WORK_OF_QUORUM_PERCENT)

const WORK_OF_QUORUM_PERCENT = 80

const withWork = (workload: WorkloadPlan, rounds: number, workUs: number): WorkloadPlan => ({
  ...withRounds(workload, rounds),
  workUs,
})

export function faultsArbitrary(plan: Plan, isLossy: boolean): fc.Arbitrary<readonly PlannedFault[]> {
  const cast = castOf(plan)
  const clients = namesOf(cast, 'client')
  const draws = drawsOf(plan, cast, isLossy)
  return fc
    .subarray(
      DRAWN.filter(({ needs }) => meets(needs, plan.topology)),
      { minLength: 1 },
    )
    .chain((chosen) => {
      const drawn = chosen.flatMap((kind) => {
        const settings = kind.random?.(draws)
        return settings === undefined ? [] : [fc.record({ kind: fc.constant(kind), settings })]
      })
      const anchored = fc
        .record({ fault: fc.oneof(...drawn), at: anchorArbitrary(plan, clients) })
        .map(({ fault: { kind, settings }, at }) => planFault(kind, settings, at))
      return fc.array(anchored, { minLength: 1, maxLength: FAULTS_MAX })
    })
}

function anchorArbitrary(plan: Plan, clients: readonly string[]): fc.Arbitrary<Anchor> {
  const process = fc.constantFrom(...clients)
  return fc.oneof(
    fc.record({
      kind: fc.constant('site' as const),
      process,
      site: fc.constantFrom('send' as const, 'reply' as const),
      count: fc.integer({ min: 1, max: SITES_MAX }),
    }),
    fc.record({
      kind: fc.constant('event' as const),
      process,
      when: fc.constantFrom('before' as const, 'after' as const),
      op: fc.constantFrom(...workloadOf(plan.workload).anchors),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    fc.integer({ min: 0, max: 4 * plan.ttlMs }).map((ms) => ({ kind: 'time' as const, atUs: ms * 1_000 })),
  )
}

/** What faults draw their settings from, around the lease of the plan. */
function drawsOf(plan: Plan, cast: Cast, isLossy: boolean): Draws {
  const clients = namesOf(cast, 'client')
  const nodes = namesOf(cast, 'redis')
  // From a hundredth of the lease to three times as long, in tenths of it around its length.
  const lastingUs = fc
    .oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 80, max: 130 }), fc.integer({ min: 100, max: 300 }))
    .map((percent) => plan.ttlMs * 10 * percent)
  return {
    client: fc.constantFrom(...clients),
    node: fc.constantFrom(...nodes),
    machine: fc.constantFrom(...clients, ...nodes),
    someClients: fc.subarray([...clients], { minLength: 1 }),
    nodes,
    promotions: promotionsIn(plan.topology),
    sentinels: namesOf(cast, 'sentinel'),
    lastingUs,
    movedUs: fc.record({ us: lastingUs, isBack: fc.boolean() }).map(({ us, isBack }) => (isBack ? -us : us)),
    // Two clocks differ by a hundredth at most: that is what Redlock allows for; what is worse is broken hardware.
    ppm: fc.constantFrom(-5_000, -500, 500, 5_000),
    keepsData: plan.persistence !== undefined ? fc.constant(undefined) : isLossy ? fc.boolean() : fc.constant(true),
    record: fc.record,
    oneOf: fc.oneof,
    constant: fc.constant,
    among: (values) => fc.constantFrom(...values),
  }
}
