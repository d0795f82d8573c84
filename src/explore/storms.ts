/**
 * Which storms a unit holds, in their order: the one place that enumerates them, for running and for naming one that a worker
 * did not survive.
 *
 *   seeds    the fault-free plan with other latencies
 *   orders   the fault-free plan, messages that arrive together in another order
 *   singles  one fault, at a site of the fault-free run
 *   magnitudes  one fault with a size, at such a site, in all sizes that lead to a course of their own
 *   longer   a storm, and one fault more at a site that passes after its last one has struck
 *   random   drawn · point: of a frontier · given
 *   guided   drawn, then mutants of those that led somewhere new
 *
 * Invariants
 * - The storms of a unit depend on the unit, the subject and the base plans alone.
 */

import type { PlannedFault } from '../fault/fault.ts'
import { assertNever } from '../sim/assert.ts'
import { RandomStream } from '../sim/random.ts'
import { isBlocking, type Subject } from '../subject/subject.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Environment } from '../world/run-world.ts'
import { nodeCount } from '../world/topology.ts'
import { unasked } from './base-plan.ts'
import { weightOf } from './cost.ts'
import { courseOf } from './course.ts'
import { pointStorms } from './frontier-point.ts'
import { magnitudes, sizedFaults } from './magnitudes.ts'
import { faultsAt, faultsAtStart, type MenuOptions } from './menu.ts'
import { drawn, mutate } from './mutate-storm.ts'
import { ordersIn } from './order.ts'
import { drawStorms, stormArbitrary } from './random-storm.ts'
import { type SeenSite, type WatchedWorld, watchWorld } from './site.ts'
import type { StormUnit, Unit } from './unit.ts'

/** What storms are made from. */
export interface Ground {
  readonly subject: Subject
  readonly environment: Environment
  /** The fault-free plans. */
  readonly bases: readonly Plan[]
  /** Whether Redis may forget what it acknowledged. */
  readonly isLossy: boolean
}

/** Units of which a storm depends on what came of those before it; the storms of others are known before any is run. */
export type LedUnit = Extract<StormUnit, { readonly kind: 'orders' | 'guided' | 'magnitudes' }>

export const isLed = (unit: Unit): unit is LedUnit => LED.has(unit.kind)

const LED: ReadonlySet<Unit['kind']> = new Set(['orders', 'guided', 'magnitudes'])

/** What comes of the fault-free run of a base. */
export interface Root {
  readonly calm: WatchedWorld
  /** All storms of one fault, with the sizes of the menu, in the order of the sites. */
  readonly singles: readonly Plan[]
  /** Of those that differ in the size of their fault alone one. */
  readonly sized: readonly PlannedFault[]
  readonly course: string
  /** What a world of the base costs, beside a common one (`cost.ts`). */
  readonly weight: number
}

/** A stream of storms. Who runs them passes back what came of each; null: it was not run. At its end: whether it was cut short. */
export type Storms = Generator<Plan, boolean, JudgedWorld | null>

export class StormSource {
  readonly #ground: Ground
  readonly #roots = new Map<number, Root>()

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** The storms of a unit. The run that they are made from happens in here, where worlds can run. */
  *of(unit: StormUnit): Storms {
    if (isLed(unit)) return yield* this.#led(unit)
    yield* this.#listed(unit)
    return false
  }

  #led(unit: LedUnit): Storms {
    const base = this.#base(unit.base)
    switch (unit.kind) {
      case 'orders':
        return orders(base, unit.deviations, unit.limit, waitsForVotes(base, this.#ground.subject))
      case 'guided':
        return guided(base, unit.seed, unit.count, this.#ground.isLossy)
      case 'magnitudes':
        return allMagnitudes(base, this.root(unit.base), unit.from, unit.until)
      default:
        return assertNever(unit)
    }
  }

  #listed(unit: Exclude<StormUnit, LedUnit>): Iterable<Plan> {
    switch (unit.kind) {
      case 'seeds':
        return seeds(this.#base(unit.base), unit)
      case 'singles':
        return this.root(unit.base).singles.slice(unit.from, unit.until)
      case 'longer': {
        const plan = this.#along(unit)
        return this.longer(this.watch(plan), plan)
      }
      case 'random':
        return drawStorms(this.#base(unit.base), unit.seed, unit.count, this.#ground.isLossy)
      case 'point':
        return pointStorms(this.#base(unit.base), unit.point, (plan) => this.watch(plan).sites)
      case 'given':
        return unit.plans
      default:
        return assertNever(unit)
    }
  }

  /** The run that the storms of a unit are made from; null: they are made from none. */
  originOf(unit: Unit): Plan | null {
    switch (unit.kind) {
      case 'count':
      case 'singles':
      case 'magnitudes':
      case 'point':
        return this.#base(unit.base)
      case 'longer':
        return this.#along(unit)
      case 'explain':
        return unit.finding.plan
      case 'seeds':
      case 'orders':
      case 'random':
      case 'guided':
      case 'given':
        return null
      default:
        return assertNever(unit)
    }
  }

  #options(isSecond: boolean): MenuOptions {
    const { isLossy, environment, bases } = this.#ground
    const { lacks = [], lacksInCluster = [] } = environment.provider
    return { isSecond, isLossy, lacks: bases[0]?.topology.kind === 'cluster' ? [...lacks, ...lacksInCluster] : lacks }
  }

  /** The fault-free run of a base, and the storms of one fault that are made from it. */
  root(base: number): Root {
    let root = this.#roots.get(base)
    if (root === undefined) {
      const plan = this.#base(base)
      const options = this.#options(false)
      const calm = this.watch(plan)
      const faults = [...faultsAtStart(plan, options), ...faultsAt(calm.sites, plan, options)]
      const singles = faults.map((fault) => ({ ...plan, faults: [fault] }))
      root = { calm, singles, sized: sizedFaults(faults), course: courseOf(calm), weight: weightOf(calm.run) }
      this.#roots.set(base, root)
    }
    return root
  }

  /** The storms that begin with this one, and have one fault more, at a site that passes after the last one has struck. */
  longer({ sites, struck }: WatchedWorld, plan: Plan): readonly Plan[] {
    if (struck < plan.faults.length) return []
    // What acts on a message strikes when it is sent, before it passes as a site: two such faults would be at one place.
    const last = plan.faults.at(-1)
    const isSame = ({ process, site, count }: SeenSite): boolean =>
      last?.at.kind === 'site' && last.at.process === process && last.at.site === site && last.at.count === count
    const others = sites.filter((site) => !isSame(site))
    return faultsAt(others, plan, this.#options(true)).map((fault) => ({ ...plan, faults: [...plan.faults, fault] }))
  }

  /** The storm that a path leads to. */
  #along({ base, path: [first = 0, ...others] }: Extract<StormUnit, { readonly kind: 'longer' }>): Plan {
    let plan = this.root(base).singles[first] as Plan
    for (const index of others) plan = this.longer(this.watch(plan), plan)[index] as Plan
    return plan
  }

  #base(index: number): Plan {
    return this.#ground.bases[index] as Plan
  }

  /** Runs it, with its sites. */
  watch(plan: Plan): WatchedWorld {
    return watchWorld(plan, this.#ground.subject, this.#ground.environment)
  }
}

/** The fault-free plan with other latencies, all clients at once. */
const seeds = (
  plan: Plan,
  { from, until, isUnasked = false }: Extract<StormUnit, { readonly kind: 'seeds' }>,
): readonly Plan[] =>
  Array.from({ length: until - from }, (_, index) => ({
    ...plan,
    seed: `${plan.seed}/${from + index}`,
    headStartUs: 0,
    workload: isUnasked ? unasked(plan.workload) : plan.workload,
  }))

/** Breadth first: by the number of deviations from the order of sending. A storm that was not run leads to no other. */
function* orders(plan: Plan, deviations: number, limit: number, isSpread: boolean): Storms {
  if (isSpread) yield spread(plan)
  let level: readonly (readonly number[])[] = [[]]
  let count = 0
  for (let depth = 0; depth <= deviations; depth += 1) {
    const next: (readonly number[])[] = []
    for (const order of level) {
      if (count === limit) return true
      count += 1
      const world = yield orderedPlan(plan, order)
      if (world !== null && depth < deviations) next.push(...deviationsOf(order, world.run.choices, plan.clients))
    }
    level = next
  }
  return false
}

/** Only of a lock that asks again by itself is the rhythm its own. */
const waitsForVotes = ({ topology }: Plan, subject: Subject): boolean => nodeCount(topology) > 1 && isBlocking(subject)

/** Each client nearest to another node, and all at once: who is first at one node is last at the others. */
const spread = (plan: Plan): Plan => ({ ...plan, headStartUs: 0, placement: 'beside', order: [] })

/** Each of these faults in all its magnitudes. */
function* allMagnitudes(base: Plan, { sized, calm }: Root, from: number, until: number): Storms {
  for (const fault of sized.slice(from, until)) yield* magnitudes(base, fault, calm)
  return false
}

/**
 * The first half of a unit is drawn, the second half are mutants. A storm that shows an order of events which none before it has
 * shown is kept, and mutated later. To mutate from the beginning finds less: the first orders are those of any storm.
 */
function* guided(base: Plan, unitSeed: number, count: number, isLossy: boolean): Storms {
  const random = new RandomStream(`guided/${base.seed}/${unitSeed}`)
  const storms = stormArbitrary(base, isLossy)
  const kept: Plan[] = []
  const known = new Set<string>()
  const oneKept = (): Plan | undefined => kept[random.below(kept.length)]
  for (let index = 0; index < count; index += 1) {
    const seed = `${base.seed}/${unitSeed}/${index}`
    const parent = index < count / 2 ? undefined : oneKept()
    const plan =
      parent === undefined
        ? { ...drawn(storms, random), seed }
        : mutate(parent, { random, other: oneKept() as Plan, storms, seed, isLossy })
    const world = yield plan
    const orders = world === null ? [] : [...ordersIn(world.run.records)]
    if (orders.some((order) => !known.has(order))) kept.push(plan)
    for (const order of orders) known.add(order)
  }
  return false
}

/** The plan with every message equally long under way, and this order of arrivals. */
function orderedPlan(plan: Plan, order: readonly number[]): Plan {
  const { minUs, maxUs } = plan.latency
  const middle = Math.floor((minUs + maxUs) / 2)
  return { ...plan, headStartUs: 0, latency: { minUs: middle, maxUs: middle }, order }
}

/**
 * The orders with one more deviation, later than the last one. The first arrivals are those of clients that nothing
 * tells apart yet: another order of theirs is the same world with other names.
 */
function deviationsOf(order: readonly number[], widths: readonly number[], clients: number): (readonly number[])[] {
  const found: (readonly number[])[] = []
  for (let at = Math.max(order.length, clients - 1); at < widths.length; at += 1) {
    const zeros = Array.from({ length: at - order.length }, () => 0)
    for (let choice = 1; choice < (widths[at] as number); choice += 1) found.push([...order, ...zeros, choice])
  }
  return found
}
