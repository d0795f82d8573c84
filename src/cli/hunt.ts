/**
 * `lockstorm hunt`: looks for the smallest storm that breaks a lock, or says what was tried.
 *
 * Storms run in workers, so signals and the progress line are served at once, and code under test that spins costs a
 * worker. stdout is the answer; what happens on the way goes to stderr.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { HuntCrew } from '../engine/crew.ts'
import { sourceDigest } from '../engine/source-digest.ts'
import { isLockFile } from '../engine/subjects.ts'
import type { Finding } from '../explore/finding.ts'
import type { HuntOutcome } from '../explore/hunt.ts'
import type { Tally } from '../explore/tally.ts'
import type { HuntReport } from '../report/hunt/hunt-report.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visible } from '../text/escape.ts'
import { countText } from '../text/time.ts'
import { heading } from '../text/words.ts'
import { sentenceOf } from '../words/sentence.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Invocation } from './invocation.ts'
import { invokedSettings } from './invoked-settings.ts'
import { contextOf, huntJob, limitsOf } from './jobs.ts'
import { etaText, Progress, rateText } from './progress.ts'
import { runMeta } from './run-meta.ts'
import type { Settings } from './settings.ts'
import { decideColor, paletteFor, type Terminal } from './terminal.ts'

/** Storms of two faults that are run when nobody asked for all of them. */
const PAIR_BUDGET = 20_000
/** So many findings are drawn in the report. */
const DRAWN_MAX = 12

/** Runs the verb. */
export async function hunt(invocation: Invocation): Promise<ExitCode> {
  const { words, terminal } = invocation
  const settings = await invokedSettings(invocation)
  if (settings === null) return EXIT.ok
  const [lock = ''] = words
  const startedAt = new Date()
  const { startCrew } = await import('../engine/crew.ts')
  const crew = await startCrew(huntJob(lock, settings), limitsOf(settings))
  const interrupt = new Interrupt(() => terminal.tell('stopping; once more ends at once, without a report'))
  try {
    const { warning, isDeterministic } = crew.opening
    if (warning !== null) terminal.tell(warning)
    if (!isDeterministic)
      terminal.tell('warning: this Redis is not deterministic: what is found may not be found again')
    const folder = settings.output ?? path.join('reports', 'hunt')
    const given = settings.lastFailed ? await lastFailed(folder, crew) : null
    const outcome = await run(crew, given, settings, terminal, interrupt)
    const { huntReport } = await import('../report/hunt/hunt-report.ts')
    const report = huntReport(outcome, contextOf(crew, settings))
    const stories = await storiesOf(crew, outcome)
    // The storms that failed before stay where they are: they are asked for again until they pass.
    let where: string | null = null
    try {
      if (given === null) where = await write(folder, report, stories, outcome, crew, startedAt, invocation, settings)
    } finally {
      // What was found is said also when it cannot be written.
      await print(report, stories, where, settings, invocation)
    }
    if (isDeterministic && outcome.diverged.length > 0) {
      const places = outcome.diverged.map(({ violation }) => sentenceOf(violation)).join('\n  ')
      terminal.tell(`not deterministic: run again, these gave another history\n  ${places}`)
      return EXIT.nonDeterministic
    }
    return interrupt.exitCode ?? exitCodeOf(report, settings)
  } finally {
    interrupt.stop()
    await crew.close()
  }
}

/** The storms that the last hunt of this subject found, from its folder. */
async function lastFailed(folder: string, { opening }: HuntCrew): Promise<readonly Plan[]> {
  const { readReplay } = await import('../explore/replay-file.ts')
  const directory = path.join(folder, 'replays')
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.replay.json')) : []
  const replays = names.sort().map((name) => {
    const file = path.join(directory, name)
    return readReplay(readFileSync(file, 'utf8'), file)
  })
  const own = replays.filter(({ file }) => file.subject === opening.subject.name)
  if (own.length > 0) return own.map(({ plan }) => plan)
  throw new UsageError(
    '--last-failed',
    `${directory} has no storm that broke ${opening.subject.name}`,
    'hunt without it first, or name the folder of that hunt with --output',
  )
}

async function run(
  crew: HuntCrew,
  given: readonly Plan[] | null,
  settings: Settings,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<HuntOutcome> {
  const [{ hunt: runHunt }, { searchesOf }] = await Promise.all([
    import('../explore/hunt.ts'),
    import('../explore/search.ts'),
  ])
  const progress = new Progress(terminal)
  const startMs = performance.now()
  const { time } = settings
  const isRandom = settings.runs !== null || settings.time !== null
  const onFinding = ({ violation, plan }: Finding): void => {
    if (settings.quiet) return
    progress.clear()
    const { property, kind } = violation
    const faults = plan.faults.length === 1 ? '1 fault' : `${plan.faults.length} faults`
    const limit = kind === 'limit' ? ', a limit' : ''
    terminal.tell(`✗ ${heading(property)}: ${visible(sentenceOf(violation))} (${faults}${limit})`)
  }
  const onProgress = (tally: Tally, plannedCount: number | null): void => {
    if (settings.quiet) return
    progress.show((elapsedMs) => progressText(tally, plannedCount, elapsedMs))
  }
  try {
    return await runHunt({
      crew,
      searches: searchesOf({
        bases: crew.opening.bases,
        faults: (settings.faults ?? (isRandom ? 1 : null)) as 0 | 1 | 2 | null,
        pairBudget: PAIR_BUDGET,
        given,
        runs: settings.runs,
        ...(time === null ? {} : { isTimeUp: () => performance.now() - startMs >= time }),
      }),
      maxFailures: settings.maxFailures,
      shrinks: settings.shrink,
      interrupted: interrupt.whenFirst,
      onFinding,
      onProgress,
    })
  } finally {
    progress.clear()
  }
}

/** `▸ 12,400/100,000 storms · 1,240/s · 0 findings · 38 s of virtual time a storm · ETA 1m10s` */
function progressText(tally: Tally, plannedCount: number | null, elapsedMs: number): string {
  const { tried, virtualUs, findings } = tally
  const of = plannedCount === null ? '' : `/${countText(plannedCount)}`
  const virtualS = Math.round(virtualUs / Math.max(tried, 1) / 100_000) / 10
  const parts = [
    `${countText(tried)}${of} storms`,
    rateText(tried, elapsedMs),
    `${countText(findings.size)} findings`,
    `${virtualS} s of virtual time a storm`,
  ]
  if (plannedCount !== null && tried > 0) parts.push(etaText(tried, plannedCount, elapsedMs))
  return `▸ ${parts.join(' · ')}`
}

/** Writes the files of the report; the path of its page. */
async function write(
  folder: string,
  report: HuntReport,
  stories: readonly (Story | null)[],
  outcome: HuntOutcome,
  crew: HuntCrew,
  startedAt: Date,
  invocation: Invocation,
  { allow }: Settings,
): Promise<string> {
  const { writeHunt } = await import('../report/hunt/write.ts')
  const replays = replaysOf(outcome, crew, invocation.words.filter(isLockFile))
  const meta = runMeta(startedAt, invocation)
  const { html } = await writeHunt(folder, report, stories, replays, meta, { isLimitAllowed: allow === 'limit' })
  return html
}

/** The pictures of the first findings. */
const storiesOf = (crew: HuntCrew, { counterexamples }: HuntOutcome): Promise<readonly (Story | null)[]> =>
  Promise.all(counterexamples.slice(0, DRAWN_MAX).map(({ plan }) => crew.tell(plan)))

/** The texts of the replay files, in the order of the violations. */
function replaysOf(outcome: HuntOutcome, crew: HuntCrew, files: readonly string[]) {
  const source = sourceDigest(files)
  const { subject, redisKind } = crew.opening
  return outcome.counterexamples.map(({ plan, violation, historyHash }) => ({
    plan,
    told: {
      subject: subject.name,
      redis: redisKind,
      violation: { property: violation.property, kind: violation.kind, sentence: sentenceOf(violation) },
      historyHash,
      source,
    },
  }))
}

async function print(
  report: HuntReport,
  stories: readonly (Story | null)[],
  where: string | null,
  settings: Settings,
  { environment, terminal }: Invocation,
): Promise<void> {
  if (settings.json) {
    const { plainJson } = await import('../report/plain-json.ts')
    terminal.print(plainJson(report).trimEnd())
    return
  }
  const { huntText } = await import('../report/hunt/terminal.ts')
  const palette = await paletteFor(decideColor(settings.color, environment, terminal.isAnswerTerminal))
  const width = Math.min(terminal.width, 100)
  const toldCount = settings.verbose ? DRAWN_MAX : 1
  terminal.print(
    huntText(report, stories, {
      palette,
      width,
      toldCount,
      isQuiet: settings.quiet,
      ...(where === null ? {} : { where }),
    }),
  )
}

function exitCodeOf(report: HuntReport, { unknownOk, allow }: Settings): ExitCode {
  const { verdict, violations } = report
  if (verdict === 'violated') {
    return allow === 'limit' && violations.every(({ kind }) => kind === 'limit') ? EXIT.ok : EXIT.violated
  }
  return verdict === 'valid' || unknownOk ? EXIT.ok : EXIT.inconclusive
}
