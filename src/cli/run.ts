/**
 * `lockstorm run`: scenarios against locks and session stores, and a report of what came out.
 *
 * stdout is the matrix, the stories of what is not as expected, and the totals (or one JSON document); what happens on
 * the way goes to stderr.
 */
import path from 'node:path'
import { visible, visibleLines } from '../report/escape.ts'
import type { Cell, ReportMaterial } from '../report/report.ts'
import type { WrittenReport } from '../report/write-report.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { HostError } from '../sim/host-error.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../world/subject.ts'
import { printAnswer } from './answer.ts'
import { cellLine } from './cell-lines.ts'
import { loadConfigFile } from './config-file.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import { exitCodeOf, outcomeOf } from './outcome.ts'
import type { Invocation } from './program.ts'
import { Progress } from './progress.ts'
import { checkChoice, startProvider } from './provider.ts'
import { runMeta } from './run-meta.ts'
import { withoutPasswords } from './secrets.ts'
import { describeOrigins, resolveSettings, type Settings } from './settings.ts'
import { decideColor, paletteFor, type Terminal } from './terminal.ts'

/** Runs the verb. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { words, flags, environment, terminal } = invocation
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const maxFailures = flags.maxFailures ?? (flags.firstFailure === true ? '1' : undefined)
  const { settings, origins } = resolveSettings({ flags: { ...flags, maxFailures }, environment, config })
  if (flags.printConfig === true) {
    terminal.print(settings.json ? withoutPasswords(JSON.stringify(origins, null, 2)) : describeOrigins(origins))
    return 0
  }
  checkChoice(settings.redis, flags)
  const startedAt = new Date()
  const { scenarios, subjects } = await choose(words, settings)
  const { material, signalled, failure } = await runAll(scenarios, subjects, settings, terminal)
  const palette = await paletteFor(decideColor(settings.color, environment, terminal.isAnswerTerminal))
  const folder = settings.output ?? path.join('reports', suiteName(words, scenarios))
  let written: WrittenReport | null = null
  try {
    written = await write(folder, material, startedAt, invocation)
  } finally {
    // What was found is said also when it cannot be written.
    await printAnswer(material, written, settings, palette, terminal)
  }
  if (failure !== null) {
    // Last, for it is why the report ends where it ends.
    terminal.tell(visibleLines(failure.message))
    terminal.tell(`the run ends here: ${written === null ? 'nothing' : `what there was so far`} is in the report`)
    return EXIT.unavailable
  }
  return signalled ?? exitCodeOf(material.report.cells, settings.unknownOk)
}

/** The scenarios and subjects that are asked for; there is at least one cell. */
async function choose(
  words: readonly string[],
  settings: Settings,
): Promise<{ scenarios: readonly Scenario[]; subjects: readonly Subject[] }> {
  // Before any code of the user's: virtual time and sockets are installed when this is loaded.
  await import('../world/node/environment.ts')
  const [{ allSubjects, onlySubjects, vocabularyOf }, { loadScenarios }, { subjectsFor }] = await Promise.all([
    import('./subjects.ts'),
    import('../scenario/node/find-scenarios.ts'),
    import('../scenario/suite.ts'),
  ])
  const all = await allSubjects(settings.lock)
  const subjects = onlySubjects(all, settings.only)
  const scenarios = loadScenarios(words, vocabularyOf(all))
  if (!scenarios.some((scenario) => subjectsFor(scenario, subjects).length > 0)) {
    throw new UsageError(
      '--only',
      'no scenario has anything to run: session stores go with carts, locks with everything else',
      'lockstorm list scenarios',
    )
  }
  return { scenarios, subjects }
}

/** Runs all cells, until the end, the first signal, or enough failures. */
async function runAll(
  scenarios: readonly Scenario[],
  subjects: readonly Subject[],
  settings: Settings,
  terminal: Terminal,
): Promise<{
  readonly material: ReportMaterial
  readonly signalled: ExitCode | null
  readonly failure: HostError | null
}> {
  const [{ nodeEnvironment }, { runSuite }, { inMacrotask }] = await Promise.all([
    import('../world/node/environment.ts'),
    import('../scenario/suite.ts'),
    import('../sim/node/drain.ts'),
  ])
  const provider = await startProvider(settings, terminal)
  const progress = new Progress(terminal)
  const interrupt = new Interrupt(() => {
    progress.clear()
    terminal.tell('stopping after this cell; once more ends at once, without a report')
  })
  const palette = await paletteFor(false)
  let worldCount = 0
  let failureCount = 0
  let isFirstTold = settings.quiet
  const onCell = (cell: Cell, doneCount: number, totalCount: number): void => {
    worldCount += cell.worlds
    const [violation] = cell.violations
    if (violation !== undefined && !isFirstTold && outcomeOf(cell) === 'fine') {
      // Nobody should wait for the end of the suite to see the first story.
      isFirstTold = true
      progress.clear()
      terminal.tell(`✗ ${visible(cell.lock)} in ${visible(cell.scenario)}: ${violation.sentence}`)
    }
    if (outcomeOf(cell) !== 'fine') {
      failureCount += 1
      progress.clear()
      terminal.tell(`${cell.scenario}: ${cellLine(cell, palette)}`)
    }
    if (!settings.quiet) progress.update({ doneCount, totalCount, worldCount, failureCount })
  }
  const shouldStop = (): boolean =>
    interrupt.exitCode !== null || terminal.isCut || failureCount >= (settings.maxFailures ?? Number.POSITIVE_INFINITY)
  try {
    const { failure, ...material } = await runSuite({
      scenarios,
      subjects,
      seed: settings.seed,
      client: settings.client,
      environment: nodeEnvironment(settings.client, provider),
      ...(settings.runs === null ? {} : { runs: settings.runs }),
      inMacrotask,
      onCell,
      shouldStop,
    })
    return { material, signalled: interrupt.exitCode, failure }
  } finally {
    progress.clear()
    interrupt.stop()
    await provider.close()
  }
}

/** Writes the files of the report; null when nothing was run: then the last report stays. */
async function write(
  folder: string,
  material: ReportMaterial,
  startedAt: Date,
  invocation: Invocation,
): Promise<WrittenReport | null> {
  if (material.report.cells.length === 0) return null
  const { writeReport } = await import('../report/write-report.ts')
  return writeReport(folder, material, runMeta(startedAt, invocation))
}

/** The folder below `reports/`: the one scenario (or folder of scenarios) that was asked for, else `suite`. */
function suiteName(words: readonly string[], scenarios: readonly Scenario[]): string {
  const [only] = scenarios
  if (words.length !== 1 || only === undefined) return 'suite'
  return scenarios.length === 1 ? only.name : path.basename(path.resolve(words[0] as string))
}
