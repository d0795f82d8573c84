/**
 * Running a suite: scenarios against subjects, from words and settings to a result. `lockstorm run` and the `run` of the
 * package call it.
 */
import path from 'node:path'
import type { WrittenReport } from '../report/folder.ts'
import type { ReportMeta } from '../report/json.ts'
import { outcomeOf, outcomeOfAll } from '../report/run/outcome.ts'
import { writeReport } from '../report/run/write.ts'
import type { CellResult } from '../scenario/cell.ts'
import { isGlob } from '../scenario/node/glob.ts'
import type { Cell, Report } from '../scenario/report.ts'
import { conductSuite, type SuiteConduct, type SuiteResult, withLimitMax } from '../scenario/suite.ts'
import { inMacrotask } from '../sim/node/drain.ts'
import { runSteps } from '../sim/steps.ts'
import type { Subject } from '../subject/subject.ts'
import { AHEAD } from '../worker/in-order.ts'
import { changesSince } from './changes.ts'
import { limitsOf, startCrew } from './crew.ts'
import { type SuiteOpening, suiteJob } from './job.ts'
import type { Outcome } from './outcome.ts'
import type { Settings } from './settings.ts'
import { withBundled } from './subjects.ts'
import type { Watch } from './watch.ts'

/** What every run comes to. */
export interface Ran {
  readonly kind: 'run'
  /** What it is worth with these settings: `--unknown-ok`. */
  readonly outcome: Outcome
  /** What `run --json` prints. */
  readonly report: Report
  /** The report with what is needed to tell it. */
  readonly material: SuiteResult
  /** The files of the report; null: none were written. */
  readonly written: WrittenReport | null
}

/** By its status, what came of a run; `cells` are those that make it so. */
export type RunResult = Ran &
  (
    | { readonly status: 'as-expected' }
    | { readonly status: 'not-as-expected' | 'inconclusive' | 'not-deterministic'; readonly cells: readonly Cell[] }
    /** The Redis was lost in the middle: what it said. */
    | { readonly status: 'unavailable'; readonly reason: string }
  )

export interface RunWatch extends Watch, Pick<SuiteConduct, 'onCell'> {
  /** Asked after each cell: true ends the run with what there is. */
  readonly shouldStop?: () => boolean
}

/** Scenarios (names, files, folders; none: all that come with lockstorm) and the user's own subjects: files, or objects. */
export interface RunTarget {
  readonly words: readonly string[]
  readonly lockFiles: readonly string[]
  readonly objects: readonly Subject[]
}

/**
 * Runs; writes nothing.
 * @throws UsageError when target or settings are wrong; UnavailableError when there is no such Redis
 */
export async function runSuite(target: RunTarget, settings: Settings, watch: RunWatch = {}): Promise<RunResult> {
  const { opening, atOnce, runCell, stop, close } = await openCells(target, settings, watch)
  const isAborted = (): boolean => watch.signal?.aborted === true
  let failureCount = 0
  try {
    watch.onReady?.()
    watch.onFiles?.(opening.graph.files)
    for (const notice of opening.notices) watch.onWarning?.(notice)
    watch.signal?.addEventListener('abort', stop, { once: true })
    const material = await conductSuite(opening.outline, {
      runCell,
      atOnce,
      onCell(cell, doneCount, totalCount) {
        if (outcomeOf(cell) !== 'fine') failureCount += 1
        watch.onCell?.(cell, doneCount, totalCount)
      },
      shouldStop() {
        const { maxFailures } = settings
        const isEnough =
          isAborted() || watch.shouldStop?.() === true || (maxFailures !== null && failureCount >= maxFailures)
        if (isEnough) stop()
        return isEnough
      },
    })
    return resultOf(material, settings)
  } finally {
    watch.signal?.removeEventListener('abort', stop)
    await close()
  }
}

/**
 * Writes the files of a run's report, unless nothing was run: then the last report stays.
 * @throws UsageError when the folder cannot be written
 */
export async function saveRun(
  result: RunResult,
  words: readonly string[],
  { output }: Settings,
  meta: ReportMeta,
): Promise<RunResult> {
  if (result.report.cells.length === 0) return result
  const folder = output ?? path.join('reports', suiteName(words, result.material))
  return { ...result, written: await writeReport(folder, result.material, meta) }
}

interface Cells {
  readonly opening: SuiteOpening
  /** How many are begun before the first of them has ended. */
  readonly atOnce: number
  runCell(index: number): Promise<CellResult>
  /** Ends the cells that are under way after the world they are at. */
  stop(): void
  close(): Promise<void>
}

/** In workers, or in this process for objects of the caller's. */
async function openCells(
  { words, lockFiles, objects }: RunTarget,
  settings: Settings,
  watch: RunWatch,
): Promise<Cells> {
  const job = suiteJob(words, lockFiles, settings, settings.changed === null ? null : changesSince(settings.changed))
  if (objects.length === 0) {
    const crew = await startCrew(job, limitsOf(settings, watch))
    return {
      opening: crew.opening,
      atOnce: crew.size * AHEAD,
      runCell: (index) => crew.runCell(index),
      stop: () => crew.stop(),
      close() {
        watch.onPrinted?.(crew.printed)
        return crew.close()
      },
    }
  }
  // Commands run in workers: what runs worlds is not loaded twice.
  const { openOn, openSuite } = await import('./open.ts')
  const all = withBundled(objects.map((subject) => ({ subject, from: 'lock' })))
  let isStopped = false
  const suite = await openOn(job.choice, (started) => openSuite(all, started, job, { shouldStop: () => isStopped }))
  return {
    opening: suite.opening,
    atOnce: 1,
    runCell: (index) => runSteps(suite.runCell(index), inMacrotask),
    stop: () => {
      isStopped = true
    },
    close: () => suite.close(),
  }
}

function resultOf(conducted: SuiteResult, { unknownOk, maxLimit }: Settings): RunResult {
  const material = maxLimit === null ? conducted : withLimitMax(conducted, maxLimit)
  const { report, failure, unrepeatable } = material
  const ran = { kind: 'run', report, material, written: null } as const
  if (failure !== null) return { ...ran, outcome: 'unavailable', status: 'unavailable', reason: failure }
  if (unrepeatable.length > 0) {
    return { ...ran, outcome: 'not-deterministic', status: 'not-deterministic', cells: unrepeatable }
  }
  const outcome = outcomeOfAll(report.cells, unknownOk)
  if (outcome === 'fine') return { ...ran, outcome, status: 'as-expected' }
  const cells = report.cells.filter((cell) => outcomeOf(cell) !== 'fine')
  return { ...ran, outcome, status: outcome === 'inconclusive' ? 'inconclusive' : 'not-as-expected', cells }
}

/** The folder below `reports/`: the one scenario (or folder of scenarios) that was asked for, else `suite`. */
function suiteName(words: readonly string[], { scenarios }: SuiteResult): string {
  const [only] = scenarios.keys()
  if (words.length !== 1 || only === undefined) return 'suite'
  if (scenarios.size > 1 && isGlob(words[0] as string)) return 'suite'
  return scenarios.size === 1 ? only : path.basename(path.resolve(words[0] as string))
}
