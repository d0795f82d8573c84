/**
 * A point of a frontier, and its storms: one TTL, one pause, one skew of a clock, one range of latencies.
 *
 *   no pause, no skew   the fault-free run, with a few other seeds
 *   a pause             at every message that a client of the fault-free run sends or gets
 *   a skew              the clock of the paused client, or of a Redis node: wrong from the start, or stepping at that message
 *
 * Models          one pause of one client, one wrong wall clock.
 * Does not model  several of them in one world; that is what hunts are for.
 *
 * Invariants
 * - The storms and their order depend on the base plan, the point and the subject alone.
 */
import { clockStep } from '../fault/clock-step.ts'
import { type PlannedFault, planFault } from '../fault/fault.ts'
import { pause } from '../fault/pause.ts'
import type { Latency } from '../net/link.ts'
import { castOf, namesOf } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { SETTLE_LEASES } from './base-plan.ts'
import { anchorAt, type SeenSite } from './site.ts'

export interface FrontierPoint {
  readonly ttlMs: number
  /** 0: no client is paused. */
  readonly pauseUs: number
  /** How far a wall clock is ahead, or behind; 0: no clock is wrong. */
  readonly skewUs: number
  readonly latency: Latency
  /** Further storms that are run at it: those of findings that no lease cures. */
  readonly also?: readonly Plan[]
}

/** Worlds of a point at which nothing happens: only their latencies tell them apart. */
const CALM_WORLDS = 20

/** The fault-free plan of a point. A clock that steps back makes a lease last longer, so there is more to settle. */
export const pointPlan = (
  base: Plan,
  { ttlMs, latency, skewUs }: Pick<FrontierPoint, 'ttlMs' | 'latency' | 'skewUs'>,
): Plan => ({
  ...base,
  ttlMs,
  latency,
  settleUs: SETTLE_LEASES * ttlMs * 1_000 + Math.abs(skewUs),
})

/**
 * The storms of a point.
 * @param sitesOf runs a plan and lists where its clients send and get messages
 */
export function pointStorms(
  base: Plan,
  point: FrontierPoint,
  sitesOf: (plan: Plan) => readonly SeenSite[],
): readonly Plan[] {
  const also = point.also?.map((plan) => pointPlan(plan, point)) ?? []
  return [...ownStorms(base, point, sitesOf), ...also]
}

function ownStorms(base: Plan, point: FrontierPoint, sitesOf: (plan: Plan) => readonly SeenSite[]): readonly Plan[] {
  const plan = pointPlan(base, point)
  const { pauseUs, skewUs } = point
  if (pauseUs === 0 && skewUs === 0) return calmPlans(plan)
  const sites = sitesOf(plan)
  const paused = (site: SeenSite): readonly PlannedFault[] =>
    pauseUs === 0 ? [] : [planFault(pause, { process: site.process, for: pauseUs }, anchorAt(site))]
  if (skewUs === 0) return sites.map((site) => withFaults(plan, paused(site)))
  const step = (process: string, at: PlannedFault['at']): PlannedFault =>
    planFault(clockStep, { process, by: skewUs }, at)
  const cast = castOf(plan)
  const nodes = namesOf(cast, 'redis')
  const clients = namesOf(cast, 'client')
  const fromStart = [...clients, ...nodes].flatMap((process) => {
    const wrong = withFaults(plan, [step(process, { kind: 'time', atUs: 0 })])
    if (pauseUs === 0) return [wrong]
    // Whose clock is wrong is who is paused; a server's clock decides for all.
    const own = sitesOf(wrong).filter((site) => nodes.includes(process) || site.process === process)
    return own.map((site) => withFaults(plan, [...wrong.faults, ...paused(site)]))
  })
  const atSites = sites.flatMap((site) =>
    [site.process, ...nodes].map((process) => withFaults(plan, [...paused(site), step(process, anchorAt(site))])),
  )
  return [...fromStart, ...atSites]
}

/** The plan itself, then all clients at once with other latencies. */
const calmPlans = (plan: Plan): readonly Plan[] =>
  Array.from({ length: CALM_WORLDS }, (_, index) =>
    index === 0 ? plan : { ...plan, seed: `${plan.seed}/${index}`, headStartUs: 0 },
  )

const withFaults = (plan: Plan, faults: readonly PlannedFault[]): Plan => ({ ...plan, faults })
