/**
 * Hunting one subject: from a target and settings to a result. `lockstorm hunt` and the `hunt` of the package call it.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { type FindingName, nameOf } from '../check/rank.ts'
import { acceptanceOf, foundBy, type Terms } from '../explore/accepted.ts'
import { describeBase } from '../explore/base-plan.ts'
import type { Baseline } from '../explore/baseline.ts'
import type { Counterexample } from '../explore/counterexample.ts'
import { type Explored, explainFound, explore, type HuntOptions, type HuntOutcome } from '../explore/hunt.ts'
import { isShown, type ReplayFile, readReplay } from '../explore/replay-file.ts'
import { type FaultCount, searchesOf } from '../explore/search.ts'
import {
  type HuntReport,
  type HuntViolation,
  huntReport,
  type KeptStorm,
  reportedEarly,
} from '../report/hunt/hunt-report.ts'
import { type ReplayMaterial, writeHunt } from '../report/hunt/write.ts'
import type { ReportMeta } from '../report/json.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { onVersion } from '../scenario/scenario.ts'
import { assertNever } from '../sim/assert.ts'
import { realUs } from '../sim/real-clock.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { InLanguages } from '../text/language.ts'
import { sentenceOf } from '../words/sentence.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { baselineFile, loadBaseline, saveBaseline } from './baseline-file.ts'
import { changesSince, isTouched } from './changes.ts'
import { contextOf, type HuntGround, openGround, type Target } from './hunt-ground.ts'
import type { HuntOpening } from './job.ts'
import { isKept, type KeptReplay, keep, keptReplays } from './kept-replays.ts'
import type { Outcome } from './outcome.ts'
import type { Settings } from './settings.ts'
import { sourceDigest } from './source-digest.ts'
import { isLockFile } from './subjects.ts'
import { abortOf, tellReady, type Watch } from './watch.ts'

/** Storms of two faults, of common worlds, that are run when not all of them are asked for. */
const PAIR_BUDGET = 8_000
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
  /** Beside each of them, what a repair that cures it makes of the same storm; null: none does. */
  readonly cured: readonly (Story | null)[]
  /** The code of the subject, line by line; null: it is not known, for it is the user's. */
  readonly code: readonly string[] | null
  /** How the storms of the violations were made small, in their order: step by step, in each language. */
  readonly steps: readonly (readonly InLanguages[])[]
  /** What was exercised before any fault, in each language. */
  readonly exercised: readonly InLanguages[]
  /** What the replay files of the violations are made of, in their order. */
  readonly replays: readonly ReplayMaterial[]
  /** Those of bugs that no replay of the project shows. */
  readonly toKeep: readonly ReplayMaterial[]
  /**
   * Everything that was found, for a baseline; `isWhole`: the hunt came to its end. `tooManyLimits`: how many limits there are that
   * the baseline does not know, if these are more than may be, else 0.
   */
  readonly found: {
    readonly subject: string
    readonly names: readonly FindingName[]
    readonly isWhole: boolean
    readonly tooManyLimits: number
  }
  /** The page of the report; null: no report was written. */
  readonly page: string | null
  /** Replays that were written for people to keep. */
  readonly kept: readonly string[]
  /** The baseline that was written; null: none was. */
  readonly baseline: string | null
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

export interface HuntWatch extends Watch, Pick<HuntOptions, 'onFinding' | 'onProgress'> {
  /** Called with the first finding when it is explained, while the search goes on; again with each that is worse. */
  readonly onExplained?: (violation: HuntViolation, story: Story | null) => void
}

/** The folder of a hunt's report. */
export const huntFolder = ({ output }: Settings): string => output ?? path.join('reports', 'hunt')

/**
 * Hunts; writes nothing.
 * @throws UsageError when target or settings are wrong; UnavailableError when there is no such Redis
 */
export function huntSubject(target: Target, settings: Settings, watch: HuntWatch = {}): Promise<HuntResult> {
  return onGround(target, settings, watch, async (ground) =>
    concluded(ground, await explore(await searchOptions(ground, settings, watch)), settings),
  )
}

/**
 * The same, if something has changed since the commit of `--changed` that the subject loads, or that the project keeps of it.
 * @returns null: nothing has
 */
export function huntChanged(
  target: Target,
  since: string,
  settings: Settings,
  watch: HuntWatch,
): Promise<HuntResult | null> {
  const changes = changesSince(since)
  return onGround(target, settings, watch, async (ground) => {
    const own = [...ground.kept.map(({ place }) => place), ...[baselineFile(settings)].filter((file) => file !== null)]
    const isKeptChanged = own.some((file) => existsSync(file) && changes.files.includes(realpathSync(file)))
    if (!isTouched(ground.opening.graph, changes) && !isKeptChanged) return null
    return concluded(ground, await explore(await searchOptions(ground, settings, watch)), settings)
  })
}

/** What a hunt stands on. */
export interface Ground extends HuntGround {
  readonly target: Target
  readonly kept: readonly KeptReplay[]
  readonly baseline: Baseline | null
  /** Settles when the caller wants it to end. */
  readonly interrupted: Promise<void>
}

/** Opens what a hunt stands on, has something done there, and closes it. */
export async function onGround<What>(
  target: Target,
  settings: Settings,
  watch: HuntWatch,
  task: (ground: Ground) => Promise<What>,
): Promise<What> {
  const ground = await openGround(target, settings, watch)
  const over = new AbortController()
  try {
    const { opening } = ground
    tellReady(watch, opening, 'what is found may not be found again')
    const kept =
      settings.replays === null || settings.lastFailed
        ? []
        : keptReplays(settings.replays, opening.subject.name, settings.client, (text) => watch.onWarning?.(text)).map(
            (replay) => ({ ...replay, plan: onVersion(replay.plan, settings.redisVersion ?? undefined) }),
          )
    const interrupted = abortOf(watch.signal, over.signal)
    return await task({ ...ground, target, kept, baseline: loadBaseline(settings), interrupted })
  } finally {
    over.abort()
    await ground.close()
  }
}

/** The searches of a hunt, and what they are run with. */
export async function searchOptions(
  { opening, crew, target, kept, interrupted }: Ground,
  settings: Settings,
  watch: HuntWatch,
): Promise<HuntOptions> {
  const startUs = realUs()
  const { faults, allMagnitudes, runs, time, guided, maxFailures, lastFailed } = settings
  if (guided && runs === null && time === null) {
    throw new UsageError('--guided', 'it is about random storms: expected --runs or --time beside it', 'add --time 60s')
  }
  if (allMagnitudes && faults === 0) {
    throw new UsageError(
      '--all-magnitudes',
      'it is about storms of one fault, and --faults 0 has none',
      'leave out one of them',
    )
  }
  const { onExplained } = watch
  const tellEarly = (counterexample: Counterexample): void => {
    const violation = reportedEarly(counterexample, contextOf(opening, settings, target))
    // Where no story can be told, the hunt itself says why.
    crew.tell(counterexample.plan).then(
      (story) => onExplained?.(violation, story),
      () => {},
    )
  }
  return {
    crew,
    searches: searchesOf({
      bases: opening.bases,
      faults: faults as FaultCount | null,
      pairBudget: PAIR_BUDGET,
      isEveryMagnitude: allMagnitudes,
      given: lastFailed ? failedBefore(huntFolder(settings), opening) : null,
      kept: kept.map(({ plan }) => plan),
      runs,
      isGuided: guided,
      ...(time === null ? {} : { isTimeUp: () => realUs() - startUs >= time * 1_000 }),
    }),
    maxFailures,
    shrinks: settings.shrink,
    interrupted,
    ...(onExplained === undefined ? {} : { onExplained: tellEarly }),
    ...(watch.onFinding === undefined ? {} : { onFinding: watch.onFinding }),
    ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
  }
}

/** What was found, explained and told. */
export async function concluded(ground: Ground, explored: Explored, settings: Settings): Promise<HuntResult> {
  const { opening, crew, target, kept } = ground
  const outcome = await explainFound(explored, { crew, shrinks: settings.shrink })
  const subject = opening.subject.name
  const shown = shownBy(outcome, kept)
  const terms = termsOf(ground, settings)
  const report = huntReport(outcome, {
    ...contextOf(opening, settings, target),
    replays: kept.map(({ place, file }, index) => ({
      file: place,
      finding: findingOf(file),
      status: shown[index] as KeptStorm['status'],
    })),
    ...terms,
  })
  const drawn = outcome.counterexamples.slice(0, DRAWN_MAX)
  const stories = await Promise.all(drawn.map(({ plan }) => crew.tell(plan)))
  const cured = await Promise.all(
    drawn.map(async ({ cured: by }) => (by === null ? null : crew.tell(by.plan, by.repair))),
  )
  const files = filesOf(target)
  const replays = replaysOf(outcome, opening, files)
  const diverged = opening.isDeterministic ? outcome.diverged.map(({ violation }) => sentenceOf(violation)) : []
  const isThere = shown.map((status) => status === 'there')
  const toKeep = replays.filter(
    (replay, index) =>
      files.length > 0 &&
      replay.told.historyHash !== '' &&
      replay.told.violation.kind === 'bug' &&
      report.violations[index]?.accepted === null &&
      !isKept(replay, kept, isThere),
  )
  const isWhole = outcome.stoppedBy === null && !settings.lastFailed
  const names = foundBy(outcome)
  const { limitCount } = acceptanceOf(outcome, terms)
  const tooManyLimits = limitCount > terms.limitMax ? limitCount : 0
  const found = { subject, names, isWhole, tooManyLimits }
  const written = { page: null, kept: [], baseline: null }
  const code = opening.subject.code ?? null
  const steps = outcome.counterexamples.map(({ shrinking }) => shrinking.steps)
  const exercised = opening.bases.map(describeBase)
  return resultOf(
    { kind: 'hunt', report, stories, cured, steps, exercised, code, replays, toKeep, found, ...written },
    diverged,
    settings,
  )
}

/** What the project accepts: `--baseline`, and at most so many limits. */
export const termsOf = ({ baseline, opening }: Ground, { allow, maxLimit }: Settings): Terms => ({
  limitMax: maxLimit ?? (allow === 'limit' ? Number.POSITIVE_INFINITY : 0),
  ...(baseline === null ? {} : { known: baseline.get(opening.subject.name) ?? [] }),
})

/** The files of code that are under test. */
export const filesOf = (target: Target): readonly string[] =>
  typeof target === 'string' && isLockFile(target) ? [target] : []

/**
 * Writes the files of a hunt's report, unless it was about the storms that failed before: those stay where they are, and are
 * asked for again until they pass.
 * @throws UsageError when the folder cannot be written
 */
export async function saveHunt(result: HuntResult, settings: Settings, meta: ReportMeta): Promise<HuntResult> {
  if (settings.lastFailed) return result
  const { replays, toKeep, found } = result
  const { html } = await writeHunt(huntFolder(settings), result, replays, meta)
  const kept = settings.replays === null || settings.updateBaseline ? [] : await keep(settings.replays, toKeep)
  const baseline = settings.updateBaseline
    ? await saveBaseline(settings, found.subject, found.names, found.isWhole)
    : null
  return { ...result, page: html, kept, baseline }
}

/** What became of each replay of the project. */
function shownBy({ searched }: HuntOutcome, kept: readonly KeptReplay[]): readonly KeptStorm['status'][] {
  const claims = searched.map(({ claim }) => claim)
  const claim = claims.find((each) => each.kind === 'given' && each.why === 'kept')
  const shown = claim?.kind === 'given' ? claim.shown : []
  return kept.map(({ file }, index) => {
    const keys = shown[index]
    if (keys === undefined) return 'not-run'
    if (keys === null) return 'lost'
    return isShown(file, keys) ? 'there' : 'gone'
  })
}

const findingOf = ({ violation: { property, kind, cause } }: ReplayFile): FindingName => ({ property, kind, cause })

/**
 * The storms that the last hunt of this subject found, from its folder.
 * @throws UsageError when there are none
 */
function failedBefore(folder: string, { subject: { name } }: HuntOpening): readonly Plan[] {
  const directory = path.join(folder, 'replays')
  const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.replay.json')) : []
  const replays = files.sort().map((file) => {
    const place = path.join(directory, file)
    return readReplay(readNamed(place), place)
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
      violation: { ...nameOf(violation), sentence: sentenceOf(violation) },
      historyHash,
      source: sourceDigest(file === undefined ? [] : [file]),
      file: file ?? '',
    },
  }))

function resultOf(
  hunted: Omit<Hunted, 'outcome'>,
  diverged: readonly string[],
  { unknownOk, updateBaseline }: Settings,
): HuntResult {
  const { verdict, violations: findings, unknown: limits } = hunted.report
  if (diverged.length > 0) {
    return { ...hunted, outcome: 'not-deterministic', status: 'not-deterministic', findings, diverged }
  }
  switch (verdict) {
    case 'violated': {
      const isAccepted = hunted.report.failing === 0 || updateBaseline
      return { ...hunted, outcome: isAccepted ? 'fine' : 'failed', status: 'violated', findings }
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
