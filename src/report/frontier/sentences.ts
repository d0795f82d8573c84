/**
 * A frontier in words: the same ones in every format.
 */

import { checkOf } from '../../check/registry.ts'
import { assertNever } from '../../sim/assert.ts'
import { writeUs } from '../../sim/units.ts'
import { counted, durationText } from '../../text/time.ts'
import type { FrontierCell, FrontierReport, FrontierRow } from './frontier-report.ts'

/** `50ms`, as the flags write it. */
export const ttlText = (ttlMs: number): string => writeUs(ttlMs * 1_000)

/** `+1s`, `-1s`, `0s` */
export const skewText = (skewUs: number): string => `${skewUs > 0 ? '+' : ''}${writeUs(skewUs)}`

/** `200us..900us` */
export const latencyText = ({ minUs, maxUs }: FrontierRow['latency']): string =>
  minUs === maxUs ? writeUs(minUs) : `${writeUs(minUs)}..${writeUs(maxUs)}`

/** Of a row: from which TTL on it is safe. */
export function safeText(row: FrontierRow): string {
  if (row.safeTtlMs !== null) return ttlText(row.safeTtlMs)
  return row.points.some(({ status }) => status === 'not-run') ? 'not known' : 'none'
}

/** How many storms of a cell were violated. */
export const violatedCount = ({ bugs, limits }: FrontierCell): number => bugs + limits

/** A cell in a few characters: `0`, `12`, `12!` (some bugs), `?`, `~` (vacuous), `-` (not run). */
export function cellText(cell: FrontierCell): string {
  switch (cell.status) {
    case 'safe':
      return '0'
    case 'violated':
      return `${violatedCount(cell)}${cell.bugs > 0 ? '!' : ''}`
    case 'unknown':
      return '?'
    case 'vacuous':
      return '~'
    case 'not-run':
      return '-'
    default:
      return assertNever(cell.status)
  }
}

const MARKS: readonly (readonly [mark: string, meaning: string, isIn: (cell: FrontierCell) => boolean])[] = [
  ['!', 'some of them bugs', ({ bugs }) => bugs > 0],
  ['?', 'a limit was reached', ({ status }) => status === 'unknown'],
  ['~', 'nothing was exercised', ({ status }) => status === 'vacuous'],
  ['-', 'not run: interrupted', ({ status }) => status === 'not-run'],
]

/** What the marks that occur mean. */
export function markTexts(report: FrontierReport): readonly string[] {
  const cells = report.combinations.flatMap(({ points }) => points)
  return MARKS.filter(([, , isIn]) => cells.some(isIn)).map(([mark, meaning]) => `${mark} ${meaning}`)
}

/** How many storms there were, and what of. */
export function stormsText({ storms, base }: FrontierReport): string {
  const { tried, bugs, limits, unknown, vacuous, virtualSeconds } = storms
  const parts = [
    `${counted(bugs, 'storm')} violated by a bug`,
    `${counted(limits, 'storm')} violated only by a limit`,
    ...(unknown > 0 ? [`${counted(unknown, 'storm')} without an answer`] : []),
    ...(vacuous > 0 ? [`${counted(vacuous, 'storm')} in which nothing was exercised`] : []),
  ]
  return `${counted(tried, 'storm')} over ${base.words}, ${durationText(virtualSeconds * 1_000_000)} of virtual time: ${parts.join(', ')}.`
}

/** What no lease cures, each in a sentence with its storm. */
export const uncuredTexts = ({ uncured }: FrontierReport): readonly string[] =>
  uncured.map(
    ({ property, sentence, story }) =>
      `no lease cures: ${checkOf(property).heading}: ${sentence} (${story.length === 0 ? 'no fault' : story.join('; ')})`,
  )

/** What the storms of a point are, and what "safe" means; for the end of each report. */
export const METHOD: readonly string[] = [
  'Safe from a TTL on: at it and at every longer TTL of the sweep no storm that was tried was violated. It is a measurement, not a proof.',
  'A pause strikes one client, at every message that a client sends or gets in the run without faults; of each stretch of waiting only at the first and the last polls.',
  'A skew is one wall clock, of the paused client or of a Redis node: wrong from the start in one storm, stepping at the moment of the pause (without one: at every message) in another.',
  'What no lease cures was looked for before, in all storms of up to one fault: a bug whose storm breaks the lock at the longest TTL, too. Its storm is run at every point, unless it only blocks until a lease ends, or is slow.',
  'Without pause and skew, 20 worlds with other latencies.',
]

/** The rows of each latency, in the order of the grid. */
export const latencyGroups = ({ grid, combinations }: FrontierReport): readonly (readonly FrontierRow[])[] =>
  grid.latencies.map(({ minUs, maxUs }) =>
    combinations.filter(({ latency }) => latency.minUs === minUs && latency.maxUs === maxUs),
  )

/** For each combination with a violation, the longest TTL at which there was one. */
export function lastUnsafe(
  report: FrontierReport,
): readonly { readonly row: FrontierRow; readonly cell: FrontierCell }[] {
  return report.combinations.flatMap((row) => {
    const cell = row.points.findLast(({ status }) => status === 'violated')
    return cell === undefined ? [] : [{ row, cell }]
  })
}
