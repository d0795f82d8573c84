/**
 * `lockstorm run`: scenarios against locks and session stores, and a report of what came out.
 *
 * stdout is the matrix, the stories of what is not as expected, and the totals (or one JSON document); what happens on
 * the way goes to stderr.
 */
import path from 'node:path'
import type { WrittenReport } from '../report/run/write.ts'
import type { Cell, ReportMaterial } from '../scenario/report.ts'
import type { SuiteResult } from '../scenario/suite.ts'
import { visible, visibleLines } from '../text/escape.ts'
import { AHEAD } from '../worker/in-order.ts'
import { printAnswer } from './answer.ts'
import { cellLine } from './cell-lines.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Invocation } from './invocation.ts'
import { invokedSettings } from './invoked-settings.ts'
import { limitsOf, suiteJob } from './jobs.ts'
import { exitCodeOf, outcomeOf } from './outcome.ts'
import { Progress } from './progress.ts'
import { runMeta } from './run-meta.ts'
import type { Settings } from './settings.ts'
import { decideColor, paletteFor, type Terminal } from './terminal.ts'

/** Runs the verb. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { words, environment, terminal } = invocation
  const settings = await invokedSettings(invocation)
  if (settings === null) return EXIT.ok
  const startedAt = new Date()
  const { material, signalled } = await runAll(words, settings, terminal)
  const palette = await paletteFor(decideColor(settings.color, environment, terminal.isAnswerTerminal))
  const folder = settings.output ?? path.join('reports', suiteName(words, material))
  let written: WrittenReport | null = null
  try {
    written = await write(folder, material, startedAt, invocation)
  } finally {
    // What was found is said also when it cannot be written.
    await printAnswer(material, written, settings, palette, terminal)
  }
  const { failure, unrepeatable } = material
  if (failure !== null) {
    // Last, for it is why the report ends where it ends.
    terminal.tell(visibleLines(failure))
    terminal.tell(`the run ends here: ${written === null ? 'nothing' : 'what there was so far'} is in the report`)
    return EXIT.unavailable
  }
  if (unrepeatable.length > 0) {
    const places = unrepeatable.map(({ scenario, lock }) => `${visible(lock)} in ${visible(scenario)}`)
    terminal.tell(`not deterministic: run again, these gave another history\n  ${places.join('\n  ')}`)
    return EXIT.nonDeterministic
  }
  return signalled ?? exitCodeOf(material.report.cells, settings.unknownOk)
}

/** Runs all cells, until the end, the first signal, or enough failures. */
async function runAll(
  words: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<{ readonly material: SuiteResult; readonly signalled: ExitCode | null }> {
  const [{ startCrew }, { conductSuite }] = await Promise.all([
    import('../engine/crew.ts'),
    import('../scenario/suite.ts'),
  ])
  const progress = new Progress(terminal)
  const crew = await startCrew(suiteJob(words, settings), {
    ...limitsOf(settings),
    onOutput(text) {
      progress.clear()
      terminal.tell(text.trimEnd())
    },
  })
  const { outline, warning } = crew.opening
  if (warning !== null) terminal.tell(warning)
  const interrupt = new Interrupt(() => {
    progress.clear()
    terminal.tell('stopping after this world; once more ends at once, without a report')
    crew.stop()
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
  const hasEnough = (): boolean =>
    interrupt.exitCode !== null || terminal.isCut || failureCount >= (settings.maxFailures ?? Number.POSITIVE_INFINITY)
  try {
    const material = await conductSuite(outline, {
      runCell: (index) => crew.runCell(index),
      atOnce: crew.size * AHEAD,
      onCell,
      shouldStop() {
        if (hasEnough()) crew.stop()
        return hasEnough()
      },
    })
    return { material, signalled: interrupt.exitCode }
  } finally {
    progress.clear()
    interrupt.stop()
    await crew.close()
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
  const { writeReport } = await import('../report/run/write.ts')
  return writeReport(folder, material, runMeta(startedAt, invocation))
}

/** The folder below `reports/`: the one scenario (or folder of scenarios) that was asked for, else `suite`. */
function suiteName(words: readonly string[], { scenarios }: SuiteResult): string {
  const [only] = scenarios.keys()
  if (words.length !== 1 || only === undefined) return 'suite'
  return scenarios.size === 1 ? only : path.basename(path.resolve(words[0] as string))
}
