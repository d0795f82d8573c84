/**
 * A frontier: over TTL × pause × skew × latency, the smallest TTL at which a lock is safe, by trying. It is a measurement,
 * not a verdict: "safe" is "no violation in the storms that were tried".
 *
 * What pauses and skews do not show, and no lease cures, is looked for first: all storms of up to one fault. A bug whose storm
 * breaks the lock at the longest TTL, too, is named, and run at every point if it does harm or blocks for ever.
 *
 * Invariants
 * - The answer depends on the base plan, the grid and the subject alone, not on the number of workers; a signal excepted.
 */
import { weightOf } from '../check/rank.ts'
import type { Violation, Weight } from '../check/verdict.ts'
import { sizeUs } from '../fault/planned-fault.ts'
import type { Latency } from '../net/link.ts'
import type { Plan } from '../world/plan.ts'
import type { Counterexample } from './counterexample.ts'
import type { Crew } from './crew.ts'
import { worstFirst } from './finding.ts'
import { type FrontierPoint, pointPlan } from './frontier-point.ts'
import { hunt, resultsOf } from './hunt.ts'
import { levels } from './search.ts'
import { emptyTally } from './tally.ts'
import type { ResultOf } from './unit.ts'

/** What is swept; each list without doubles. */
export interface FrontierGrid {
  /** Ascending. */
  readonly ttlsMs: readonly number[]
  readonly pausesUs: readonly number[]
  readonly skewsUs: readonly number[]
  readonly latencies: readonly Latency[]
}

export interface FrontierOptions {
  readonly grid: FrontierGrid
  readonly crew: Crew
  /** Bugs that no lease cures. */
  readonly uncured?: readonly Counterexample[]
  /** When it resolves, the sweep ends; what was measured by then is the answer. */
  readonly interrupted: Promise<void>
  /** Called after each point. */
  readonly onProgress?: (progress: FrontierProgress) => void
}

export interface FrontierProgress {
  readonly pointsDone: number
  readonly pointCount: number
  readonly stormCount: number
}

/** What came of one point. */
export interface MeasuredPoint {
  readonly point: FrontierPoint
  readonly storms: number
  /** Storms with a violation that a correct lock would not have had; also those that no worker survived. */
  readonly bugs: number
  /** Storms in which only what needs fencing was violated. */
  readonly limits: number
  /** Storms that reached a limit. */
  readonly unknown: number
  /** Storms in which nothing was exercised. */
  readonly vacuous: number
  /** The worst that was seen; null: nothing was, or no worker survived it. */
  readonly example: { readonly violation: Violation; readonly plan: Plan } | null
}

/** One pause, skew and latency. */
export interface Combination {
  readonly pauseUs: number
  readonly skewUs: number
  readonly latency: Latency
  /** In the order of the TTLs; null: the sweep was interrupted before. */
  readonly points: readonly (MeasuredPoint | null)[]
  /** At it and at every longer TTL no storm was violated; null: not even at the longest, or that is not known. */
  readonly safeTtlMs: number | null
}

export interface FrontierOutcome {
  readonly combinations: readonly Combination[]
  readonly isInterrupted: boolean
  readonly virtualUs: number
}

/** Measures every point of the grid. */
export async function measureFrontier(options: FrontierOptions): Promise<FrontierOutcome> {
  const { grid, crew, interrupted, onProgress } = options
  const { uncured = [] } = options
  const also = uncured.filter(({ violation }) => isUnsafe(violation)).map(({ plan }) => plan)
  const rows = combinationsOf(grid)
  const points = rows.flatMap((row) =>
    grid.ttlsMs.map((ttlMs): FrontierPoint => ({ ttlMs, ...row, ...(also.length === 0 ? {} : { also }) })),
  )
  const units = points.map((point) => ({ kind: 'point', base: 0, point }) as const)
  const measured: MeasuredPoint[] = []
  let virtualUs = 0
  let stormCount = 0
  for await (const result of resultsOf({ units }, { crew, interrupted })) {
    const done = measuredPoint(points[measured.length] as FrontierPoint, result)
    measured.push(done)
    if ('tally' in result) virtualUs += result.tally.virtualUs
    stormCount += done.storms
    onProgress?.({ pointsDone: measured.length, pointCount: points.length, stormCount })
  }
  const width = grid.ttlsMs.length
  const combinations = rows.map((row, index): Combination => {
    const own = Array.from({ length: width }, (_, column) => measured[index * width + column] ?? null)
    return { ...row, points: own, safeTtlMs: safeTtlMs(own) }
  })
  return { combinations, isInterrupted: measured.length < points.length, virtualUs }
}

/** What blocks until a lease ends, or is slow, makes no lease unsafe: the longer it is, the longer that lasts. */
const UNSAFE: readonly Weight[] = ['harm', 'blocked-for-ever']
const isUnsafe = (violation: Violation): boolean => UNSAFE.includes(weightOf(violation))

/** Bugs that show in a storm of up to one fault, and in the same storm at the longest TTL; the worst first. */
export async function findUncured(
  base: Plan,
  { grid, crew, interrupted }: FrontierOptions,
): Promise<readonly Counterexample[]> {
  const ttlMs = grid.ttlsMs.at(-1) as number
  const { counterexamples } = await hunt({
    crew,
    searches: [levels({ bases: [base], faults: 1, pairBudget: 0 })],
    interrupted,
  })
  const uncured: Counterexample[] = []
  for (const found of counterexamples) {
    const { key, violation, plan } = found
    // A fault that is longer than the longest lease says nothing of a lease that is longer still.
    if (violation.kind === 'limit' || plan.faults.some((fault) => sizeUs(fault) >= ttlMs * 1_000)) continue
    const longest = pointPlan(plan, { ttlMs, latency: plan.latency, skewUs: 0 })
    const again = await crew.run({ kind: 'given', plans: [longest] })
    if (again.kind === 'given' && again.tally.findings.has(key)) uncured.push(found)
  }
  return uncured
}

/** Latency by latency, in each skew by skew, in each pause by pause. */
const combinationsOf = ({ pausesUs, skewsUs, latencies }: FrontierGrid): readonly Omit<FrontierPoint, 'ttlMs'>[] =>
  latencies.flatMap((latency) => skewsUs.flatMap((skewUs) => pausesUs.map((pauseUs) => ({ pauseUs, skewUs, latency }))))

function measuredPoint(point: FrontierPoint, result: ResultOf<'point'>): MeasuredPoint {
  const tally = result.kind === 'point' ? result.tally : emptyTally()
  const lostCount = result.lost.length
  const [worst] = worstFirst(tally.findings.values(), tally)
  return {
    point,
    storms: tally.tried + lostCount,
    bugs: tally.bugs + lostCount,
    limits: (tally.byStatus.get('violated') ?? 0) - tally.bugs,
    unknown: tally.byStatus.get('unknown') ?? 0,
    vacuous: tally.byStatus.get('vacuous') ?? 0,
    example: worst === undefined ? null : { violation: worst.violation, plan: worst.plan },
  }
}

/** Whether a point may be called safe: something was exercised, everything has an answer, and nothing was violated. */
export const isSafe = ({ storms, bugs, limits, unknown, vacuous }: Omit<MeasuredPoint, 'point' | 'example'>) =>
  bugs + limits + unknown === 0 && vacuous < storms

/** The smallest TTL from which on all are safe; `points` are in ascending order. */
function safeTtlMs(points: readonly (MeasuredPoint | null)[]): number | null {
  const unsafe = points.findLastIndex((point) => point === null || !isSafe(point))
  return points[unsafe + 1]?.point.ttlMs ?? null
}
