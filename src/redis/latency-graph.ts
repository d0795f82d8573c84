/**
 * LATENCY GRAPH: the samples of an event as columns of characters, with how long ago each was below it.
 *
 * Source: latency.c (`latencyCommandGenSparkeline`) and sparkline.c (`sparklineRenderRange`) of Redis 7.0
 */
import type { Sample } from './statistics.ts'

const COLUMNS = 80
const ROWS = 4
/** What a row shows of a column that ends in it, from low to high. */
const TIPS = '_o#'
const STEPS = TIPS.length * ROWS

/** `highestMs`: since the last reset, also of samples that are no longer kept. */
export function latencyGraph(
  event: string,
  samples: readonly Sample[],
  { highestMs, nowSeconds }: { readonly highestMs: number; readonly nowSeconds: number },
): string {
  const times = samples.map(({ ms }) => ms)
  const range = { low: Math.min(...times), high: Math.max(...times) }
  const parts: string[] = []
  for (let first = 0; first < samples.length; first += COLUMNS) {
    parts.push(rows(samples.slice(first, first + COLUMNS), range, nowSeconds).join(''))
  }
  const title = `${event} - high ${range.high} ms, low ${range.low} ms (all time high ${highestMs} ms)`
  return `${title}\n${'-'.repeat(COLUMNS)}\n${parts.join('\n')}`
}

/** The rows of columns, an empty one, and the labels, which are read from top to bottom. */
function rows(
  samples: readonly Sample[],
  { low, high }: { readonly low: number; readonly high: number },
  nowSeconds: number,
): readonly string[] {
  const steps = samples.map(({ ms }) =>
    Math.min(STEPS - 1, Math.trunc(((ms - low) * STEPS) / (high === low ? 1 : high - low))),
  )
  const labels = samples.map(({ seconds }) => ago(nowSeconds - seconds))
  const line = (characters: readonly string[]): string => `${characters.join('')}\n`
  const drawn = Array.from({ length: ROWS }, (_, row) =>
    line(
      steps.map((step) => {
        const above = step - (ROWS - row - 1) * TIPS.length
        return above < 0 ? ' ' : (TIPS[above] ?? '|')
      }),
    ),
  )
  const labelRows = Math.max(...labels.map((label) => label.length))
  const labelled = Array.from({ length: labelRows }, (_, row) => line(labels.map((label) => label[row] ?? ' ')))
  return [...drawn, line(samples.map(() => ' ')), ...labelled]
}

function ago(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
