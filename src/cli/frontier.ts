/**
 * `lockstorm frontier`: over TTL × pause × skew × latency, the smallest TTL at which no storm breaks a lock.
 *
 * It is a measurement: whatever it measures, its exit code is 0. stdout is the answer; what happens on the way goes to
 * stderr.
 */
import path from 'node:path'
import type { Crew } from '../explore/crew.ts'
import type { FrontierGrid, FrontierOutcome, FrontierProgress } from '../explore/frontier.ts'
import { UsageError } from '../sim/usage-error.ts'
import { countText } from '../text/time.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Invocation } from './invocation.ts'
import { invokedSettings } from './invoked-settings.ts'
import { contextOf, huntJob, limitsOf } from './jobs.ts'
import { etaText, Progress, rateText } from './progress.ts'
import { runMeta } from './run-meta.ts'
import type { Settings } from './settings.ts'
import { decideColor, paletteFor, type Terminal } from './terminal.ts'

/** More points than this are a slip of the hand. */
const POINTS_MAX = 10_000

/** Runs the verb. */
export async function frontier(invocation: Invocation): Promise<ExitCode> {
  const { words, environment, terminal } = invocation
  const settings = await invokedSettings(invocation)
  if (settings === null) return EXIT.ok
  const grid = gridOf(settings)
  const [lock = ''] = words
  const startedAt = new Date()
  const { startCrew } = await import('../engine/crew.ts')
  const crew = await startCrew(huntJob(lock, settings), limitsOf(settings))
  const interrupt = new Interrupt(() => terminal.tell('stopping; once more ends at once, without a report'))
  try {
    const { warning, isDeterministic, subject } = crew.opening
    if (subject.kind !== 'lock') {
      throw new UsageError('lock', `${subject.name} is a session store: expected a lock, whose lease can be measured`)
    }
    if (warning !== null) terminal.tell(warning)
    if (!isDeterministic)
      terminal.tell('warning: this Redis is not deterministic: the same sweep may measure something else')
    const outcome = await measure(crew, grid, settings, terminal, interrupt)
    const { frontierReport } = await import('../report/frontier/frontier-report.ts')
    const report = frontierReport(outcome, grid, contextOf(crew, settings))
    const { writeFrontier } = await import('../report/frontier/write.ts')
    const written = await writeFrontier(
      settings.output ?? path.join('reports', 'frontier'),
      report,
      runMeta(startedAt, invocation),
    )
    if (settings.json) {
      const { plainJson } = await import('../report/plain-json.ts')
      terminal.print(plainJson(report).trimEnd())
    } else {
      const { frontierText } = await import('../report/frontier/terminal.ts')
      const palette = await paletteFor(decideColor(settings.color, environment, terminal.isAnswerTerminal))
      terminal.print(frontierText(report, { palette, width: Math.min(terminal.width, 120), where: written.html }))
    }
    return interrupt.exitCode ?? EXIT.ok
  } finally {
    interrupt.stop()
    await crew.close()
  }
}

/**
 * What is swept.
 * @throws UsageError when it is too much
 */
function gridOf({ ttls, pauses, skews, latencies }: Settings): FrontierGrid {
  const unique = <Value>(values: readonly Value[]): readonly Value[] => [
    ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
  ]
  const grid: FrontierGrid = {
    ttlsMs: [...unique(ttls)].sort((a, b) => a - b),
    pausesUs: [...unique(pauses)].sort((a, b) => a - b),
    skewsUs: unique(skews),
    latencies: unique(latencies),
  }
  const points = Object.values(grid).reduce((product: number, { length }: readonly unknown[]) => product * length, 1)
  if (points > POINTS_MAX) {
    throw new UsageError(
      'frontier',
      `expected at most ${countText(POINTS_MAX)} points, got ${countText(points)}`,
      'sweep less',
    )
  }
  return grid
}

async function measure(
  crew: Crew,
  grid: FrontierGrid,
  settings: Settings,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<FrontierOutcome> {
  const { measureFrontier } = await import('../explore/frontier.ts')
  const progress = new Progress(terminal)
  try {
    return await measureFrontier({
      grid,
      crew,
      interrupted: interrupt.whenFirst,
      onProgress(done) {
        if (!settings.quiet) progress.show((elapsedMs) => progressText(done, elapsedMs))
      },
    })
  } finally {
    progress.clear()
  }
}

/** `▸ 12/192 points · 1,240 storms · 620/s · ETA 1m10s` */
function progressText({ pointsDone, pointCount, stormCount }: FrontierProgress, elapsedMs: number): string {
  const parts = [
    `${countText(pointsDone)}/${countText(pointCount)} points`,
    `${countText(stormCount)} storms`,
    rateText(stormCount, elapsedMs),
    etaText(pointsDone, pointCount, elapsedMs),
  ]
  return `▸ ${parts.join(' · ')}`
}
