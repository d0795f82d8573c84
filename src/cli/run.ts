/**
 * `lockstorm run`: scenarios against locks and session stores, and a report of what came out.
 *
 * stdout is the matrix, the stories of what is not as expected, and the totals (or one JSON document); what happens on
 * the way goes to stderr.
 */
import { readFile } from 'node:fs/promises'
import type { RunResult } from '../engine/run.ts'
import type { Reporter, Settings } from '../engine/settings.ts'
import { cellLine } from '../report/run/cell-lines.ts'
import { outcomeOf } from '../report/run/outcome.ts'
import type { Cell } from '../scenario/report.ts'
import { assertNever } from '../sim/assert.ts'
import { visible, visibleLines } from '../text/escape.ts'
import { PLAIN } from '../text/palette.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'
import { annotate } from './github.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'
import { printedTeller } from './printed.ts'
import { Progress } from './progress.ts'
import { tellUnchanged } from './unchanged.ts'

/** Runs the verb. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  if (!settings.watch) return runOnce(invocation, settings)
  const { again } = await import('./watch.ts')
  let once = settings
  const files = [...settings.lock, ...invocation.words.filter((word) => /\.ya?ml$/.test(word))]
  return again(invocation, files, (rerun) => {
    const now = once
    // What is run once more has changed since the last time.
    once = { ...settings, changed: null }
    return runOnce({ ...invocation, rerun }, now)
  })
}

async function runOnce(invocation: Invocation, settings: Settings): Promise<ExitCode> {
  const { words, terminal, commandLine, rerun } = invocation
  const startedAt = new Date()
  const [{ runSuite, saveRun }, { metaOf }] = await Promise.all([
    import('../engine/run.ts'),
    import('../engine/meta.ts'),
  ])
  const progress = new Progress(terminal)
  const tell = (text: string): void => {
    progress.clear()
    terminal.tell(text)
  }
  const interrupt = new Interrupt(() => tell('stopping after this world; once more ends at once, without a report'))
  let result: RunResult
  try {
    result = await runSuite({ words, lockFiles: settings.lock, objects: [] }, settings, {
      signal: interrupt.signalWith(rerun?.signal),
      onReady: () => interrupt.listen(),
      ...(rerun === undefined ? {} : { onFiles: rerun.onFiles }),
      onWarning: tell,
      ...printedTeller(settings, tell),
      onCell: cellTeller(settings, progress, tell),
      shouldStop: () => terminal.isCut,
    })
  } finally {
    progress.clear()
    interrupt.stop()
  }
  if (rerun?.signal.aborted === true) return interrupt.exitCode ?? EXIT.ok
  if (settings.changed !== null && result.report.cells.length === 0 && interrupt.exitCode === null) {
    tellUnchanged([...words, ...settings.lock].join(' ') || 'every scenario', settings, invocation)
    return EXIT.ok
  }
  try {
    result = await saveRun(result, words, settings, metaOf(startedAt, commandLine))
  } finally {
    // What was found is said also when it cannot be written.
    await printAnswer(result, settings, invocation)
  }
  await annotate(invocation, async () => {
    const [{ runProblems }, { reportMarkdown }] = await Promise.all([
      import('../report/run/problems.ts'),
      import('../report/run/markdown.ts'),
    ])
    return { problems: runProblems(result.material), summary: reportMarkdown(result.material) }
  })
  tellWorthless(result, tell)
  return exitCodeOf(result.outcome, interrupt.exitCode)
}

/** Tells cells as they end: the first violation, and each that is not as expected. */
function cellTeller(settings: Settings, progress: Progress, tell: (text: string) => void) {
  let worldCount = 0
  let failureCount = 0
  let isFirstTold = settings.quiet
  return (cell: Cell, doneCount: number, totalCount: number): void => {
    worldCount += cell.worlds
    const [violation] = cell.violations
    const isFine = outcomeOf(cell) === 'fine'
    if (violation !== undefined && !isFirstTold && isFine) {
      // The first story is told at once, not at the end of the suite.
      isFirstTold = true
      tell(`✗ ${visible(cell.lock)} in ${visible(cell.scenario)}: ${violation.sentence}`)
    }
    if (!isFine) {
      failureCount += 1
      tell(`${cell.scenario}: ${cellLine(cell, PLAIN)}`)
    }
    if (!settings.quiet) progress.update({ doneCount, totalCount, worldCount, failureCount })
  }
}

/** Last of all: why the report ends where it ends, or is worth nothing. */
function tellWorthless(result: RunResult, tell: (text: string) => void): void {
  if (result.status === 'unavailable') {
    tell(visibleLines(result.reason))
    tell(`the run ends here: ${result.written === null ? 'nothing' : 'what there was so far'} is in the report`)
  } else if (result.status === 'not-deterministic') {
    const places = result.cells.map(({ scenario, lock }) => `${visible(lock)} in ${visible(scenario)}`)
    tell(`not deterministic: run again, these gave another history\n  ${places.join('\n  ')}`)
  }
}

/** Prints the report as `--reporter` (or `--json`) asks. */
async function printAnswer(result: RunResult, settings: Settings, invocation: Invocation): Promise<void> {
  for (const reporter of settings.json ? (['json'] as const) : settings.reporter) {
    const text = await render(reporter, result, settings, invocation)
    if (text !== '') invocation.terminal.print(text)
  }
}

async function render(
  reporter: Reporter,
  { report, material, written }: RunResult,
  settings: Settings,
  invocation: Invocation,
): Promise<string> {
  switch (reporter) {
    case 'text': {
      const { runText } = await import('../report/run/stories.ts')
      return runText(material, {
        palette: await paletteOf(settings, invocation),
        width: Math.min(invocation.terminal.width, 100),
        htmlPath: written?.html ?? null,
        isQuiet: settings.quiet,
        isVerbose: settings.verbose,
      })
    }
    case 'json': {
      // The bytes of the file, so that the two can never differ.
      if (written !== null) return (await readFile(written.json, 'utf8')).trimEnd()
      const { reportJson } = await import('../report/run/json.ts')
      return reportJson(report).trimEnd()
    }
    case 'markdown': {
      const { reportMarkdown } = await import('../report/run/markdown.ts')
      return reportMarkdown(material).trimEnd()
    }
    case 'junit': {
      const { reportJunit } = await import('../report/run/junit.ts')
      return reportJunit(material).trimEnd()
    }
    case 'agent': {
      const [{ agentText }, { runProblems }] = await Promise.all([
        import('../report/surface/agent.ts'),
        import('../report/run/problems.ts'),
      ])
      return agentText(runProblems(material))
    }
    default:
      return assertNever(reporter)
  }
}
