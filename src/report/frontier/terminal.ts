/**
 * A frontier on the terminal: for each latency a table, a row for each skew and pause, the number of violated storms at each
 * TTL, and from which TTL on it is safe.
 *
 * Invariants
 * - No line is wider than asked, except a command that has to stay in one piece to be copied: TTLs that find no room are left to the other formats, which the text says.
 */

import { writeUs } from '../../sim/units.ts'
import { visible } from '../../text/escape.ts'
import { type Palette, PLAIN } from '../../text/palette.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { wrap } from '../../text/width.ts'
import type { FrontierReport, FrontierRow } from './frontier-report.ts'
import {
  cellText,
  latencyGroups,
  latencyText,
  markTexts,
  safeText,
  skewText,
  stormsText,
  ttlText,
  uncuredTexts,
  violatedCount,
} from './sentences.ts'

export interface FrontierTextOptions {
  readonly palette?: Palette
  readonly width?: number
  /** Where the report was written. */
  readonly where?: string
}

const GAP = '  '
/** Skew, pause, safe from. */
const FIXED_COLUMNS = 3

/** Renders a frontier; no newline at the end. */
export function frontierText(report: FrontierReport, options: FrontierTextOptions = {}): string {
  const { palette = PLAIN, width = 80, where } = options
  const blocks = [
    lines(`${visible(report.lock)}: ${sentenceCase(report.statement)}`, width)
      .map((line) => palette.strong(line))
      .join('\n'),
    ...report.uncured.map(({ token }, index) =>
      [
        ...lines(`✗ ${visible(uncuredTexts(report)[index] as string)}`, width).map((line) => palette.violated(line)),
        `  ${palette.faint(replayCommand(token, report.replayWith))}`,
      ].join('\n'),
    ),
    ...latencyGroups(report).map((rows) => tableText(rows, report, palette, width)),
    [
      ...lines(`Numbers are violated storms at each TTL. ${markTexts(report).join(' · ')}`, width),
      ...lines(stormsText(report), width),
      ...(where === undefined ? [] : [`report  ${visible(where)}`]),
    ]
      .map((line) => palette.faint(line))
      .join('\n'),
  ]
  return blocks.join('\n\n')
}

const lines = (text: string, width: number): readonly string[] => wrap(text, width)

function tableText(rows: readonly FrontierRow[], { grid }: FrontierReport, palette: Palette, width: number): string {
  const [first] = rows
  if (first === undefined) return ''
  const heads = ['skew', 'pause', 'safe from', ...grid.ttlsMs.map(ttlText)]
  const table = rows.map((row) => [
    skewText(row.skewUs),
    writeUs(row.pauseUs),
    safeText(row),
    ...row.points.map(cellText),
  ])
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...table.map((row) => (row[column] as string).length)),
  )
  const widthOf = (count: number): number =>
    widths.slice(0, count).reduce((sum, columnWidth) => sum + columnWidth + GAP.length, 0)
  let columns = heads.length
  while (columns > FIXED_COLUMNS && widthOf(columns) > width) columns -= 1
  const pad = (text: string, column: number): string => text.padStart(widths[column] as number)
  const body = table.map((cells, index) =>
    cells
      .slice(0, columns)
      .map((text, column) => {
        const row = rows[index] as FrontierRow
        const padded = GAP + pad(text, column)
        if (column === 2) return row.safeTtlMs === null ? palette.violated(padded) : palette.valid(padded)
        const cell = row.points[column - FIXED_COLUMNS]
        return cell !== undefined && violatedCount(cell) > 0 ? palette.violated(padded) : padded
      })
      .join(''),
  )
  const hidden = heads.length - columns
  return [
    `latency ${latencyText(first.latency)}`,
    palette.faint(
      heads
        .slice(0, columns)
        .map((head, column) => GAP + pad(head, column))
        .join(''),
    ),
    ...body,
    ...(hidden === 0 ? [] : [`${GAP}… and ${hidden} longer TTLs in the report`]),
  ].join('\n')
}
