/**
 * `lockstorm frontier`: over TTL × pause × skew × latency, the smallest TTL at which no storm breaks a lock.
 *
 * It is a measurement: whatever it measures, its exit code is 0. stdout is the answer; what happens on the way goes to
 * stderr.
 */
import path from 'node:path'
import type { FrontierProgress } from '../explore/frontier.ts'
import { countText } from '../text/time.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'
import { printedTeller } from './printed.ts'
import { etaText, Progress, rateText } from './progress.ts'

/** Runs the verb. */
export async function frontier(invocation: Invocation): Promise<ExitCode> {
  const { words, terminal, commandLine } = invocation
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const [lock = ''] = words
  const startedAt = new Date()
  const [{ sweep }, { metaOf }, { writeFrontier }] = await Promise.all([
    import('../engine/frontier.ts'),
    import('../engine/meta.ts'),
    import('../report/frontier/write.ts'),
  ])
  const progress = new Progress(terminal)
  const tell = (text: string): void => {
    progress.clear()
    terminal.tell(text)
  }
  const interrupt = new Interrupt(() => terminal.tell('stopping; once more ends at once, without a report'))
  try {
    const report = await sweep(lock, settings, {
      signal: interrupt.signal,
      onReady: () => interrupt.listen(),
      onWarning: (text) => terminal.tell(text),
      ...printedTeller(settings, tell),
      onProgress(done) {
        if (!settings.quiet) progress.show((elapsedMs) => progressText(done, elapsedMs))
      },
    })
    progress.clear()
    const folder = settings.output ?? path.join('reports', 'frontier')
    const { html: where } = await writeFrontier(folder, report, metaOf(startedAt, commandLine))
    if (settings.json) {
      const { jsonText } = await import('../report/json.ts')
      terminal.print(jsonText(report).trimEnd())
    } else {
      const { frontierText } = await import('../report/frontier/terminal.ts')
      const palette = await paletteOf(settings, invocation)
      terminal.print(frontierText(report, { palette, width: Math.min(terminal.width, 120), where }))
    }
    return interrupt.exitCode ?? EXIT.ok
  } finally {
    progress.clear()
    interrupt.stop()
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
