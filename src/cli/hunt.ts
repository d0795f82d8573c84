/**
 * `lockstorm hunt`: looks for the smallest storm that breaks a lock, or says what was tried.
 *
 * stdout is the answer; what happens on the way goes to stderr.
 */

import { checkOf } from '../check/registry.ts'
import type { HuntResult } from '../engine/hunt.ts'
import type { Reporter, Settings } from '../engine/settings.ts'
import type { Finding } from '../explore/finding.ts'
import type { Tally } from '../explore/tally.ts'
import type { HuntMaterial } from '../report/hunt/material.ts'
import { assertNever } from '../sim/assert.ts'
import { visible } from '../text/escape.ts'
import { countText } from '../text/time.ts'
import { sentenceOf, whyOf } from '../words/sentence.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'
import { annotate } from './github.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'
import { printedTeller } from './printed.ts'
import { etaText, Progress, rateText } from './progress.ts'

/** Runs the verb. */
export async function hunt(invocation: Invocation): Promise<ExitCode> {
  const { words, terminal, commandLine } = invocation
  const settings = await invokedSettings(invocation)
  if (settings === null) return EXIT.ok
  const [lock = ''] = words
  const startedAt = new Date()
  const [{ huntSubject, saveHunt }, { metaOf }] = await Promise.all([
    import('../engine/hunt.ts'),
    import('../engine/meta.ts'),
  ])
  const progress = new Progress(terminal)
  const tell = (text: string): void => {
    progress.clear()
    terminal.tell(text)
  }
  const interrupt = new Interrupt(() => terminal.tell('stopping; once more ends at once, without a report'))
  let result: HuntResult
  try {
    result = await huntSubject(lock, settings, {
      signal: interrupt.signal,
      onReady: () => interrupt.listen(),
      onWarning: (text) => terminal.tell(text),
      ...printedTeller(settings, tell),
      onFinding(finding) {
        if (settings.quiet) return
        progress.clear()
        terminal.tell(findingLine(finding))
      },
      onProgress(tally, plannedCount) {
        if (!settings.quiet) progress.show((elapsedMs) => progressText(tally, plannedCount, elapsedMs))
      },
    })
    progress.clear()
    try {
      result = await saveHunt(result, settings, metaOf(startedAt, commandLine))
    } finally {
      // What was found is said also when it cannot be written.
      await print(result, settings, invocation)
    }
  } finally {
    progress.clear()
    interrupt.stop()
  }
  const { report } = result
  await annotate(invocation, async () => {
    const [{ huntProblems }, { huntMarkdown }] = await Promise.all([
      import('../report/hunt/problems.ts'),
      import('../report/hunt/markdown.ts'),
    ])
    return { problems: huntProblems(report), summary: huntMarkdown(materialOf(result)) }
  })
  if (result.baseline !== null) {
    terminal.tell(
      `${result.baseline} has the findings of ${visible(result.report.lock)} now: ${result.found.names.length}`,
    )
  }
  if (result.status === 'not-deterministic') {
    terminal.tell(`not deterministic: run again, these gave another history\n  ${result.diverged.join('\n  ')}`)
  }
  return exitCodeOf(result.outcome, interrupt.exitCode)
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
      return agentText(huntProblems(report))
    }
    default:
      return assertNever(reporter)
  }
}

const materialOf = ({ report, stories, replays }: HuntResult): HuntMaterial => ({
  report,
  stories,
  replayCount: replays.length,
})
