/**
 * `lockstorm hunt`: looks for the smallest storm that breaks a lock, or says what was tried.
 *
 * stdout is the answer; what happens on the way goes to stderr.
 */

import { checkOf } from '../check/registry.ts'
import type { HuntResult, HuntWatch } from '../engine/hunt.ts'
import type { Reporter, Settings } from '../engine/settings.ts'
import { isLockFile } from '../engine/subjects.ts'
import type { Finding } from '../explore/finding.ts'
import type { Shard } from '../explore/shard.ts'
import type { Tally } from '../explore/tally.ts'
import { failureText } from '../report/failure.ts'
import type { HuntViolation } from '../report/hunt/hunt-report.ts'
import type { HuntMaterial } from '../report/hunt/material.ts'
import { assertNever } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visible } from '../text/escape.ts'
import { countText } from '../text/time.ts'
import { sentenceOf, whyOf } from '../words/sentence.ts'
import type { Story } from '../world/story-data.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'
import { annotate } from './github.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings, paletteOf, type Settled } from './invocation.ts'
import { Preliminary } from './preliminary.ts'
import { printedTeller } from './printed.ts'
import { etaText, Progress, rateText } from './progress.ts'
import { tellUnchanged } from './unchanged.ts'

/** Runs the verb. */
export async function hunt(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const [lock = ''] = invocation.words
  const { shard, watch } = settings
  if (shard !== null && watch) {
    throw new UsageError('--watch', 'it does not go with --shard', 'leave out one of them')
  }
  if (shard !== null) return huntShard(lock, shard, settled, invocation)
  const once = await huntOf(lock, settings)
  if (!watch) return once(invocation, settings.changed)
  const { again } = await import('./watch.ts')
  let changed = settings.changed
  return again(invocation, isLockFile(lock) ? [lock] : [], (rerun) => {
    const since = changed
    // What is run once more has changed since the last time.
    changed = null
    return once({ ...invocation, rerun }, since)
  })
}

/** Hunts once; with a commit, if something has changed since. */
async function huntOf(lock: string, settings: Settings) {
  const { huntChanged, huntSubject } = await import('../engine/hunt.ts')
  return (invocation: Invocation, since: string | null): Promise<ExitCode> =>
    told(settings, invocation, (watch) =>
      since === null ? huntSubject(lock, settings, watch) : huntChanged(lock, since, settings, watch),
    )
}

/** Has something hunted, and tells what came of it; null: nothing that it loads has changed. */
export async function told(
  settings: Settings,
  invocation: Invocation,
  conduct: (watch: HuntWatch) => Promise<HuntResult | null>,
): Promise<ExitCode> {
  const { terminal, commandLine } = invocation
  const startedAt = new Date()
  const [{ saveHunt }, { metaOf }] = await Promise.all([import('../engine/hunt.ts'), import('../engine/meta.ts')])
  const { result: hunted, exitCode: signalled } = await watched(settings, invocation, conduct)
  if (invocation.rerun?.signal.aborted === true) return signalled ?? EXIT.ok
  if (hunted === null) {
    tellUnchanged(invocation.words[0] ?? '', settings, invocation)
    return signalled ?? EXIT.ok
  }
  let result = hunted
  try {
    result = await saveHunt(result, settings, metaOf(startedAt, commandLine))
  } finally {
    // What was found is said also when it cannot be written.
    await print(result, settings, invocation)
  }
  const { report } = result
  await annotate(invocation, async () => {
    const [{ huntProblems }, { huntMarkdown }] = await Promise.all([
      import('../report/hunt/problems.ts'),
      import('../report/hunt/markdown.ts'),
    ])
    return { problems: huntProblems(report, result.stories), summary: huntMarkdown(materialOf(result)) }
  })
  if (result.baseline !== null) {
    terminal.tell(`${result.baseline} has the findings of ${visible(report.lock)} now: ${result.found.names.length}`)
  }
  const { tooManyLimits } = result.found
  if (settings.maxLimit !== null && tooManyLimits > 0) {
    terminal.tell(`${tooManyLimits} limits, and --max-limit ${settings.maxLimit}: all of them fail`)
  }
  if (result.status === 'not-deterministic') {
    terminal.tell(`not deterministic: run again, these gave another history\n  ${result.diverged.join('\n  ')}`)
  }
  return exitCodeOf(result.outcome, signalled)
}

/** Runs one part of a hunt: what was found is told in a line each, and judged by `lockstorm merge`. */
async function huntShard(
  lock: string,
  shard: Shard,
  { settings, given }: Settled,
  invocation: Invocation,
): Promise<ExitCode> {
  const { huntPart } = await import('../engine/shard.ts')
  const { result, exitCode } = await watched(settings, invocation, (watch) =>
    huntPart(lock, shard, settings, given, watch),
  )
  const { index, count } = result.shard
  const what = `part ${index} of ${count}: ${countText(result.storms)} storms, ${countText(result.failing)} findings`
  if (settings.json) invocation.terminal.print(JSON.stringify(result, null, 2))
  else if (result.isWhole) invocation.terminal.print(`${what} in ${result.file}: lockstorm merge joins the parts`)
  else invocation.terminal.print(`${what}; it did not come to its end and was not written`)
  if (exitCode !== null) return exitCode
  if (result.failing > 0) return EXIT.violated
  return result.isWhole ? EXIT.ok : EXIT.inconclusive
}

/** Runs something with progress on stderr, until it ends or is interrupted. */
async function watched<Result>(
  settings: Settings,
  invocation: Invocation,
  conduct: (watch: HuntWatch) => Promise<Result>,
): Promise<{ readonly result: Result; readonly exitCode: ExitCode | null }> {
  const { terminal } = invocation
  const progress = new Progress(terminal)
  const preliminary = new Preliminary(terminal)
  const palette = await paletteOf(settings, invocation)
  let isOver = false
  const tell = (text: string): void => {
    progress.clear()
    preliminary.keep()
    terminal.tell(text)
  }
  const interrupt = new Interrupt(() => tell('stopping; once more ends at once, without a report'))
  try {
    const result = await conduct({
      signal: interrupt.signalWith(invocation.rerun?.signal),
      onReady: () => interrupt.listen(),
      ...(invocation.rerun === undefined ? {} : { onFiles: invocation.rerun.onFiles }),
      onWarning: tell,
      ...printedTeller(settings, tell),
      onFinding(finding) {
        // A terminal is told of it when it is explained; a log, at once.
        if (!settings.quiet && !terminal.isProgressTerminal) tell(findingLine(finding))
      },
      ...(settings.quiet || !terminal.isProgressTerminal
        ? {}
        : {
            onExplained(violation: HuntViolation, story: Story | null) {
              if (isOver) return
              progress.clear()
              const width = Math.min(terminal.progressWidth - 1, 100)
              preliminary.tell(`${failureText({ violation, story }, { palette, width })}\n`)
            },
          }),
      onProgress(tally, plannedCount) {
        if (!settings.quiet) progress.show((elapsedMs) => progressText(tally, plannedCount, elapsedMs))
      },
    })
    return { result, exitCode: interrupt.exitCode }
  } finally {
    isOver = true
    progress.clear()
    preliminary.clear()
    interrupt.stop()
  }
}

/** What was found and why; its storm is made small later. */
function findingLine({ violation, plan }: Finding): string {
  const { property, kind } = violation
  const faults = plan.faults.length === 1 ? '1 fault' : `${plan.faults.length} faults`
  const limit = kind === 'limit' ? ', a limit' : ''
  return `✗ ${checkOf(property).heading}: ${visible(sentenceOf(violation))} (${faults}${limit}): ${visible(whyOf(violation))}`
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

async function print(result: HuntResult, settings: Settings, invocation: Invocation): Promise<void> {
  for (const reporter of settings.json ? (['json'] as const) : settings.reporter) {
    invocation.terminal.print(await render(reporter, result, settings, invocation))
  }
}

async function render(
  reporter: Reporter,
  result: HuntResult,
  settings: Settings,
  invocation: Invocation,
): Promise<string> {
  const { report, stories, page, kept } = result
  switch (reporter) {
    case 'json': {
      const { jsonText } = await import('../report/json.ts')
      return jsonText(report).trimEnd()
    }
    case 'text': {
      const { huntText } = await import('../report/hunt/terminal.ts')
      return huntText(report, stories, {
        palette: await paletteOf(settings, invocation),
        width: Math.min(invocation.terminal.width, 100),
        toldCount: settings.verbose ? stories.length : 1,
        isQuiet: settings.quiet,
        isVerbose: settings.verbose,
        kept,
        ...(page === null ? {} : { where: page }),
      })
    }
    case 'markdown': {
      const { huntMarkdown } = await import('../report/hunt/markdown.ts')
      return huntMarkdown(materialOf(result)).trimEnd()
    }
    case 'junit': {
      const { huntJunit } = await import('../report/hunt/junit.ts')
      return huntJunit(materialOf(result)).trimEnd()
    }
    case 'agent': {
      const [{ agentText }, { huntProblems }] = await Promise.all([
        import('../report/surface/agent.ts'),
        import('../report/hunt/problems.ts'),
      ])
      return agentText(huntProblems(report, stories))
    }
    default:
      return assertNever(reporter)
  }
}

const materialOf = ({ report, stories, cured, replays }: HuntResult): HuntMaterial => ({
  report,
  stories,
  cured,
  replayCount: replays.length,
})
