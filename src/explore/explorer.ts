/**
 * Runs units of work: the part of a hunt that happens inside one worker (or inside the calling process).
 *
 * Invariants
 * - A unit's storms and their order depend on the unit, the subject and the base plans alone.
 * - `onStorm` is told before each storm, so that somebody outside can see which one never ends.
 */

import type { Subject } from '../subject/subject.ts'
import { type JudgedWorld, judgeWorld, tellWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Environment } from '../world/run-world.ts'
import type { Story } from '../world/story-data.ts'
import { explain } from './counterexample.ts'
import { type FrontierPoint, pointStorms } from './frontier-point.ts'
import { faultsAt, faultsAtStart } from './menu.ts'
import { drawStorms } from './random-storm.ts'
import { type SeenSite, type WatchedWorld, watchWorld } from './site.ts'
import { addStorm, emptyTally, type Tally } from './tally.ts'
import type { Unit, UnitResult } from './unit.ts'

export interface ExplorerOptions {
  readonly subject: Subject
  readonly environment: Environment
  readonly bases: readonly Plan[]
  /** Whether Redis may forget what it acknowledged. */
  readonly isLossy: boolean
  /** Called before each storm with its place in its unit; what it throws ends the unit. */
  readonly onStorm?: (ordinal: number) => void
}

const NOTHING: ReadonlySet<never> = new Set()

export class Explorer {
  readonly #subject: Subject
  readonly #environment: Environment
  readonly #bases: readonly Plan[]
  readonly #isLossy: boolean
  readonly #onStorm: (ordinal: number) => void
  readonly #singles = new Map<number, readonly Plan[]>()

  constructor({ subject, environment, bases, isLossy, onStorm = () => {} }: ExplorerOptions) {
    this.#isLossy = isLossy
    this.#subject = subject
    this.#environment = environment
    this.#bases = bases
    this.#onStorm = onStorm
  }

  /** How many storms of one fault there are on a base plan. */
  singleCount(base: number): number {
    return this.#singlesOf(base).length
  }

  /**
   * Runs a unit, only where worlds can run.
   * @param skipped ordinals of storms to leave out
   */
  run(unit: Unit, skipped: ReadonlySet<number> = NOTHING): UnitResult {
    const result = {
      tally: emptyTally(),
      isCut: false,
      singleCount: 0,
      pairCounts: [],
      bugCount: 0,
      hashes: [],
      counterexample: null,
    }
    switch (unit.kind) {
      case 'orders':
        return { ...result, isCut: this.#orders(unit.base, unit.deviations, unit.limit, result.tally) }
      case 'singles': {
        const plans = this.#singlesOf(unit.base).slice(unit.from, unit.until)
        const pairCounts = plans.map((plan, ordinal) => {
          const world = skipped.has(ordinal) ? null : this.#watch(plan, ordinal, result.tally)
          return world === null ? 0 : this.#secondsOf(world, plan).length
        })
        return { ...result, singleCount: this.singleCount(unit.base), pairCounts }
      }
      case 'seeds': {
        for (const [ordinal, plan] of this.#seedsOf(unit.base, unit.from, unit.until).entries()) {
          if (!skipped.has(ordinal)) this.#judge(plan, ordinal, result.tally)
        }
        return result
      }
      case 'pairs': {
        const seconds = this.#pairsOf(unit.base, unit.first)
        for (const [ordinal, plan] of seconds.entries()) {
          if (!skipped.has(ordinal + 1)) this.#judge(plan, ordinal + 1, result.tally)
        }
        return result
      }
      case 'random': {
        const plans = drawStorms(this.#bases[unit.base] as Plan, unit.seed, unit.count, this.#isLossy)
        for (const [ordinal, plan] of plans.entries()) {
          if (!skipped.has(ordinal)) this.#judge(plan, ordinal, result.tally)
        }
        return result
      }
      case 'point': {
        let bugCount = 0
        for (const [ordinal, plan] of this.#pointStorms(unit.base, unit.point).entries()) {
          if (skipped.has(ordinal)) continue
          const { verdict } = this.#judge(plan, ordinal, result.tally).judgement
          if (verdict.status === 'violated' && verdict.violations.some(({ kind }) => kind === 'bug')) bugCount += 1
        }
        return { ...result, bugCount }
      }
      case 'given': {
        const hashes = unit.plans.map((plan, ordinal) =>
          skipped.has(ordinal) ? '' : this.#judge(plan, ordinal, result.tally).run.historyHash,
        )
        return { ...result, hashes }
      }
      case 'explain': {
        let ordinal = 0
        const judge = (plan: Plan, subject = this.#subject): JudgedWorld => {
          this.#onStorm(ordinal++)
          return judgeWorld(plan, subject, this.#environment)
        }
        return { ...result, counterexample: explain(unit.finding, this.#subject, judge, unit.shrinks) }
      }
    }
  }

  /** The story of one storm, for a picture. Only where worlds can run. */
  tell(plan: Plan): Story {
    this.#onStorm(0)
    return tellWorld(plan, this.#subject, this.#environment)
  }

  /** The plan of one storm of a unit, without running it. */
  planAt(unit: Unit, ordinal: number): Plan | null {
    switch (unit.kind) {
      case 'singles':
        return this.#singlesOf(unit.base)[unit.from + ordinal] ?? null
      case 'seeds':
        return this.#seedsOf(unit.base, unit.from, unit.until)[ordinal] ?? null
      case 'pairs':
        return ordinal === 0
          ? (this.#singlesOf(unit.base)[unit.first] ?? null)
          : (this.#pairsOf(unit.base, unit.first)[ordinal - 1] ?? null)
      case 'random':
        return drawStorms(this.#bases[unit.base] as Plan, unit.seed, unit.count, this.#isLossy)[ordinal] ?? null
      case 'point':
        return this.#pointStorms(unit.base, unit.point)[ordinal] ?? null
      case 'given':
        return unit.plans[ordinal] ?? null
      case 'orders':
        return ordinal === 0 ? orderedPlan(this.#bases[unit.base] as Plan, []) : null
      case 'explain':
        return unit.finding.plan
    }
  }

  #judge(plan: Plan, ordinal: number, tally: Tally): JudgedWorld {
    this.#onStorm(ordinal)
    const world = judgeWorld(plan, this.#subject, this.#environment)
    addStorm(tally, plan, world.judgement, world.run.endUs)
    return world
  }

  #watch(plan: Plan, ordinal: number, tally: Tally | null): WatchedWorld {
    this.#onStorm(ordinal)
    const world = watchWorld(plan, this.#subject, this.#environment)
    if (tally !== null) addStorm(tally, plan, world.judgement, world.run.endUs)
    return world
  }

  /** All storms of one fault, in the order of the sites of the fault-free run. */
  #singlesOf(base: number): readonly Plan[] {
    let singles = this.#singles.get(base)
    if (singles === undefined) {
      const plan = this.#bases[base] as Plan
      const { sites } = watchWorld(plan, this.#subject, this.#environment)
      const options = { isSecond: false, isLossy: this.#isLossy }
      const faults = [...faultsAtStart(plan, options), ...faultsAt(sites, plan, options)]
      singles = faults.map((fault) => ({ ...plan, faults: [fault] }))
      this.#singles.set(base, singles)
    }
    return singles
  }

  /** The fault-free plan with other latencies, all clients at once. */
  #seedsOf(base: number, from: number, until: number): readonly Plan[] {
    const plan = this.#bases[base] as Plan
    return Array.from({ length: until - from }, (_, index) => ({
      ...plan,
      seed: `${plan.seed}/${from + index}`,
      headStartUs: 0,
    }))
  }

  #pointStorms(base: number, point: FrontierPoint): readonly Plan[] {
    const sitesOf = (plan: Plan): readonly SeenSite[] => watchWorld(plan, this.#subject, this.#environment).sites
    return pointStorms(this.#bases[base] as Plan, point, sitesOf)
  }

  #pairsOf(base: number, first: number): readonly Plan[] {
    const plan = this.#singlesOf(base)[first] as Plan
    return this.#secondsOf(this.#watch(plan, 0, null), plan)
  }

  /** The storms of two faults that begin with this one: the second strikes at a site that passes after the first. */
  #secondsOf({ sites, struck }: WatchedWorld, plan: Plan): readonly Plan[] {
    if (struck === 0) return []
    const options = { isSecond: true, isLossy: this.#isLossy }
    // What acts on a message strikes when it is sent, before it passes as a site: two such faults would be at one place.
    const [first] = plan.faults
    const isSame = ({ process, site, count }: SeenSite): boolean =>
      first?.at.kind === 'site' && first.at.process === process && first.at.site === site && first.at.count === count
    const others = sites.filter((site) => !isSame(site))
    return faultsAt(others, plan, options).map((fault) => ({ ...plan, faults: [...plan.faults, fault] }))
  }

  /** Breadth first: by the number of deviations from the order of sending. True: the limit was reached. */
  #orders(base: number, deviations: number, limit: number, tally: Tally): boolean {
    const plan = this.#bases[base] as Plan
    let level: readonly (readonly number[])[] = [[]]
    for (let depth = 0; depth <= deviations; depth += 1) {
      const next: (readonly number[])[] = []
      for (const order of level) {
        if (tally.tried >= limit) return true
        const { run } = this.#judge(orderedPlan(plan, order), tally.tried, tally)
        if (depth < deviations) next.push(...deviationsOf(order, run.choices, plan.clients))
      }
      level = next
    }
    return false
  }
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
