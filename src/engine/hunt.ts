/**
 * Hunting one subject: from a target and settings to a result. `lockstorm hunt` and the `hunt` of the package call it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type HuntOptions, type HuntOutcome, hunt } from '../explore/hunt.ts'
import { readReplay } from '../explore/replay-file.ts'
import { searchesOf } from '../explore/search.ts'
import { type HuntReport, type HuntViolation, huntReport } from '../report/hunt/hunt-report.ts'
import { type ReplayMaterial, writeHunt } from '../report/hunt/write.ts'
import type { ReportMeta } from '../report/json.ts'
import { assertNever } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { sentenceOf } from '../words/sentence.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { contextOf, openGround, type Target } from './hunt-ground.ts'
import type { HuntOpening } from './job.ts'
import type { Outcome } from './outcome.ts'
import type { Settings } from './settings.ts'
import { sourceDigest } from './source-digest.ts'
import { isLockFile } from './subjects.ts'
import { abortOf, tellReady, type Watch } from './watch.ts'

/** Storms of two faults that are run when not all of them are asked for. */
const PAIR_BUDGET = 20_000
/** At most this many findings are drawn. */
const DRAWN_MAX = 12

/** What every hunt comes to. */
export interface Hunted {
  readonly kind: 'hunt'
  /** What it is worth with these settings: `--allow`, `--unknown-ok`. */
  readonly outcome: Outcome
  /** What `hunt --json` prints. */
  readonly report: HuntReport
  /** The pictures of the first violations, in their order; null: no worker survives the storm. */
  readonly stories: readonly (Story | null)[]
  /** What the replay files of the violations are made of, in their order. */
  readonly replays: readonly ReplayMaterial[]
  /** The page of the report; null: no report was written. */
  readonly page: string | null
}

/** By its status, what came of a hunt. */
export type HuntResult = Hunted &
  (
    | { readonly status: 'valid' }
    | { readonly status: 'violated'; readonly findings: readonly HuntViolation[] }
    /** The limits that storms reached, and in how many. */
    | { readonly status: 'unknown'; readonly limits: Readonly<Record<string, number>> }
    | { readonly status: 'vacuous' }
    /** Replayed, these findings had another history. */
    | {
        readonly status: 'not-deterministic'
        readonly findings: readonly HuntViolation[]
        readonly diverged: readonly string[]
      }
  )

export interface HuntWatch extends Watch, Pick<HuntOptions, 'onFinding' | 'onProgress'> {}

/** The folder of a hunt's report. */
const huntFolder = ({ output }: Settings): string => output ?? path.join('reports', 'hunt')

/**
 * Hunts; writes nothing.
 * @throws UsageError when target or settings are wrong; UnavailableError when there is no such Redis
 */
export async function huntSubject(target: Target, settings: Settings, watch: HuntWatch = {}): Promise<HuntResult> {
  const { opening, crew, close } = await openGround(target, settings, watch)
  const startMs = performance.now()
  const over = new AbortController()
  try {
    const { isDeterministic, bases } = opening
    tellReady(watch, opening, 'what is found may not be found again')
    const { faults, runs, time, maxFailures, shrink, lastFailed } = settings
    const outcome = await hunt({
      crew,
      searches: searchesOf({
        bases,
        faults: faults as 0 | 1 | 2 | null,
        pairBudget: PAIR_BUDGET,
        given: lastFailed ? failedBefore(huntFolder(settings), opening) : null,
        runs,
        ...(time === null ? {} : { isTimeUp: () => performance.now() - startMs >= time }),
      }),
      maxFailures,
      shrinks: shrink,
      interrupted: abortOf(watch.signal, over.signal),
      ...(watch.onFinding === undefined ? {} : { onFinding: watch.onFinding }),
      ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
    })
    const report = huntReport(outcome, contextOf(opening, settings, target))
    const drawn = outcome.counterexamples.slice(0, DRAWN_MAX)
    const stories = await Promise.all(drawn.map(({ plan }) => crew.tell(plan)))
    const files = typeof target === 'string' && isLockFile(target) ? [target] : []
    const replays = replaysOf(outcome, opening, files)
    const diverged = isDeterministic ? outcome.diverged.map(({ violation }) => sentenceOf(violation)) : []
    return resultOf({ kind: 'hunt', report, stories, replays, page: null }, diverged, settings)
  } finally {
    over.abort()
    await close()
  }
}

/**
 * Writes the files of a hunt's report, unless it was about the storms that failed before: those stay where they are, and are
 * asked for again until they pass.
 * @throws UsageError when the folder cannot be written
 */
export async function saveHunt(result: HuntResult, settings: Settings, meta: ReportMeta): Promise<HuntResult> {
  if (settings.lastFailed) return result
  const { report, stories, replays } = result
  const options = { isLimitAllowed: settings.allow === 'limit' }
  const { html } = await writeHunt(huntFolder(settings), report, stories, replays, meta, options)
  return { ...result, page: html }
}

/**
 * The storms that the last hunt of this subject found, from its folder.
 * @throws UsageError when there are none
 */
function failedBefore(folder: string, { subject: { name } }: HuntOpening): readonly Plan[] {
  const directory = path.join(folder, 'replays')
  const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.replay.json')) : []
  const replays = files.sort().map((file) => {
    const place = path.join(directory, file)
    return readReplay(readFileSync(place, 'utf8'), place)
  })
  const own = replays.filter(({ file }) => file.subject === name)
  if (own.length > 0) return own.map(({ plan }) => plan)
  throw new UsageError(
    '--last-failed',
    `${directory} has no storm that broke ${name}`,
    'hunt without it first, or name the folder of that hunt with --output',
  )
}

const replaysOf = (outcome: HuntOutcome, opening: HuntOpening, [file]: readonly string[]): readonly ReplayMaterial[] =>
  outcome.counterexamples.map(({ plan, violation, historyHash }) => ({
    plan,
    told: {
      subject: opening.subject.name,
      redis: opening.redisKind,
      violation: { property: violation.property, kind: violation.kind, sentence: sentenceOf(violation) },
      historyHash,
      source: sourceDigest(file === undefined ? [] : [file]),
      file: file ?? '',
    },
  }))

function resultOf(
  hunted: Omit<Hunted, 'outcome'>,
  diverged: readonly string[],
  { allow, unknownOk }: Settings,
): HuntResult {
  const { verdict, violations: findings, unknown: limits } = hunted.report
  if (diverged.length > 0) {
    return { ...hunted, outcome: 'not-deterministic', status: 'not-deterministic', findings, diverged }
  }
  switch (verdict) {
    case 'violated': {
      const isAllowed = allow === 'limit' && findings.every(({ kind }) => kind === 'limit')
      return { ...hunted, outcome: isAllowed ? 'fine' : 'failed', status: 'violated', findings }
    }
    case 'unknown':
      return { ...hunted, outcome: unknownOk ? 'fine' : 'inconclusive', status: 'unknown', limits }
    case 'vacuous':
      return { ...hunted, outcome: unknownOk ? 'fine' : 'inconclusive', status: 'vacuous' }
    case 'valid':
      return { ...hunted, outcome: 'fine', status: 'valid' }
    default:
      return assertNever(verdict)
  }
}
