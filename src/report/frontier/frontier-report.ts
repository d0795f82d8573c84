/**
 * The report of a frontier: what `frontier --json` prints and `report.json` holds.
 *
 * Invariants
 * - The same sweep gives the same bytes, whatever the number of workers; an interrupted one excepted.
 */
import type { PropertyName, ViolationKind } from '../../check/verdict.ts'
import { describeBase } from '../../explore/base-plan.ts'
import {
  type FrontierGrid,
  type FrontierOptions,
  type FrontierOutcome,
  isSafe,
  type MeasuredPoint,
} from '../../explore/frontier.ts'
import type { Latency } from '../../net/link.ts'
import { type WrittenPlan, writePlan } from '../../scenario/plan-file.ts'
import { counted } from '../../text/time.ts'
import { sentenceOf } from '../../words/sentence.ts'
import { type HuntContext, type HuntHead, huntHead, stormStory, tokenOf } from '../hunt/hunt-report.ts'

export const FRONTIER_SCHEMA = 'lockstorm/frontier@1'

export interface FrontierReport extends HuntHead {
  readonly schema: typeof FRONTIER_SCHEMA
  /** One sentence: what was measured. */
  readonly statement: string
  /** What was exercised; the TTL and the latency are those of each point. */
  readonly base: { readonly words: string; readonly plan: WrittenPlan }
  readonly grid: FrontierGrid
  /** Bugs that the longest TTL of the sweep does not cure either, the worst first. */
  readonly uncured: readonly UncuredBug[]
  readonly storms: {
    readonly tried: number
    readonly bugs: number
    readonly limits: number
    readonly unknown: number
    readonly vacuous: number
    readonly virtualSeconds: number
  }
  readonly combinations: readonly FrontierRow[]
  readonly stoppedBy: 'interrupt' | null
}

export interface UncuredBug {
  readonly property: PropertyName
  readonly sentence: string
  /** Its storm, in words; empty: no fault. */
  readonly story: readonly string[]
  readonly token: string
}

export interface FrontierRow {
  readonly pauseUs: number
  readonly skewUs: number
  readonly latency: Latency
  /** At it and at every longer TTL of the sweep no storm was violated; null: there is none, or it is not known. */
  readonly safeTtlMs: number | null
  /** In the order of the TTLs. */
  readonly points: readonly FrontierCell[]
}

export interface FrontierCell {
  readonly ttlMs: number
  /** `not-run`: the sweep was interrupted before. */
  readonly status: 'safe' | 'violated' | 'unknown' | 'vacuous' | 'not-run'
  readonly storms: number
  readonly bugs: number
  readonly limits: number
  readonly unknown: number
  readonly vacuous: number
  /** The worst that was seen, in one storm. */
  readonly example: {
    readonly property: PropertyName
    readonly kind: ViolationKind
    readonly sentence: string
    readonly token: string
  } | null
}

/** The report. */
export function frontierReport(
  outcome: FrontierOutcome,
  { grid, uncured = [] }: Pick<FrontierOptions, 'grid' | 'uncured'>,
  context: HuntContext,
): FrontierReport {
  const combinations = outcome.combinations.map(
    ({ pauseUs, skewUs, latency, safeTtlMs, points }): FrontierRow => ({
      pauseUs,
      skewUs,
      latency,
      safeTtlMs,
      points: points.map((point, index) => cellOf(point, grid.ttlsMs[index] as number, context)),
    }),
  )
  const cells = combinations.flatMap(({ points }) => points)
  const sum = (count: (cell: FrontierCell) => number): number => cells.reduce((total, cell) => total + count(cell), 0)
  const [base] = context.bases
  if (base === undefined) throw new RangeError('a frontier has a base plan')
  return {
    schema: FRONTIER_SCHEMA,
    ...huntHead(context),
    statement: statementOf(combinations, uncured.length, outcome.isInterrupted),
    base: { words: describeBase(base).en, plan: writePlan(base) },
    grid,
    uncured: uncured.map(({ violation, plan }) => ({
      property: violation.property,
      sentence: sentenceOf(violation),
      story: stormStory(plan),
      token: tokenOf(plan, context),
    })),
    storms: {
      tried: sum(({ storms }) => storms),
      bugs: sum(({ bugs }) => bugs),
      limits: sum(({ limits }) => limits),
      unknown: sum(({ unknown }) => unknown),
      vacuous: sum(({ vacuous }) => vacuous),
      virtualSeconds: Math.round(outcome.virtualUs / 1_000_000),
    },
    combinations,
    stoppedBy: outcome.isInterrupted ? 'interrupt' : null,
  }
}

function cellOf(measured: MeasuredPoint | null, ttlMs: number, context: HuntContext): FrontierCell {
  if (measured === null) {
    return { ttlMs, status: 'not-run', storms: 0, bugs: 0, limits: 0, unknown: 0, vacuous: 0, example: null }
  }
  const { storms, bugs, limits, unknown, vacuous, example } = measured
  return {
    ttlMs,
    status: statusOf(measured),
    storms,
    bugs,
    limits,
    unknown,
    vacuous,
    example:
      example === null
        ? null
        : {
            property: example.violation.property,
            kind: example.violation.kind,
            sentence: sentenceOf(example.violation),
            token: tokenOf(example.plan, context),
          },
  }
}

function statusOf(measured: MeasuredPoint): FrontierCell['status'] {
  if (measured.bugs + measured.limits > 0) return 'violated'
  // No storm at all: no worker survived the run without faults that its storms are made of.
  if (measured.unknown > 0 || measured.storms === 0) return 'unknown'
  return isSafe(measured) ? 'safe' : 'vacuous'
}

/** `safe from some TTL of the sweep on in 20 of 24 combinations of pause, skew and latency, at no TTL in 4` */
function statementOf(rows: readonly FrontierRow[], uncuredCount: number, isInterrupted: boolean): string {
  const safe = rows.filter(({ safeTtlMs }) => safeTtlMs !== null).length
  const combinations = rows.length === 1 ? 'combination' : 'combinations'
  const bugs = uncuredCount === 0 ? '' : `; ${counted(uncuredCount, 'bug')} that no lease cures`
  const found = `safe from some TTL of the sweep on in ${safe} of ${rows.length} ${combinations} of pause, skew and latency${bugs}`
  return isInterrupted ? `${found}; the sweep was interrupted` : found
}
