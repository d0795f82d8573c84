/**
 * The end of a run on the terminal: a table of words, what was not as expected, the totals, where the report is.
 *
 * With a few locks the table is scenario × lock. Where that does not fit, each scenario lists its locks by word,
 * worst first, which is shorter than a table of 11 columns and still fits:
 *
 *   gc-pause     ✗ bug    naive, plain-set
 *                ✗ limit  set-nx-lua
 *                ✓ valid          the other 8
 *
 * Invariants
 * - No line is wider than asked, except a command that has to stay in one piece to be copied.
 */

import type { Cell, Report } from '../../scenario/report.ts'
import { visible } from '../../text/escape.ts'
import { type Palette, PLAIN } from '../../text/palette.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { CELL_WORDS, type CellWord, paint, symbolOf, WORD_MEANINGS } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { fit, padded, textWidth, wrap } from '../../text/width.ts'
import { cellWord, expectationText, findingText } from './cell-words.ts'
import { type Matrix, matrices, worstFirst } from './matrix.ts'

export interface SummaryOptions {
  readonly palette?: Palette
  readonly width?: number
  /** Where the report was written. */
  readonly where?: string
}

const INDENT = '  '
const GAP = 2
const NAME_WIDTH_MAX = 28
const HEADER_LINES_MAX = 3
const UNEXPECTED_MAX = 10

/** Renders the summary; no newline at the end. */
export function summaryText(report: Report, options: SummaryOptions = {}): string {
  const { palette = PLAIN, width = 80, where } = options
  if (report.cells.length === 0) return `${INDENT}nothing was run`
  const blocks = matrices(report).map((matrix) => table(matrix, palette, width) ?? list(matrix, palette, width))
  const legend = legendLines(report, width)
  if (legend.length > 0) blocks.push(legend.map((line) => palette.faint(line)).join('\n'))
  const unexpected = worstFirst(report.cells).filter((cell) => !cell.asExpected)
  if (unexpected.length > 0) blocks.push(unexpectedText(unexpected, palette, width))
  const lines = totalsText(report)
    .flatMap((line) => wrap(line, width - INDENT.length))
    .map((line) => INDENT + line)
  if (where !== undefined) lines.push(`${INDENT}${palette.faint('report')}  ${visible(where)}`)
  blocks.push(lines.join('\n'))
  return blocks.join('\n\n')
}

/** The totals of a run in words, a sentence each. */
export function totalsText({ totals }: Pick<Report, 'totals'>): readonly string[] {
  const statuses = (['violated', 'unknown', 'vacuous', 'valid'] as const)
    .filter((status) => totals[status] > 0)
    .map((status) => `${countText(totals[status])} ${status}`)
  const verdict =
    totals.notAsExpected === 0
      ? totals.cells === 1
        ? 'as expected'
        : 'all as expected'
      : `${countText(totals.asExpected)} as expected, ${countText(totals.notAsExpected)} not`
  return [
    `${counted(totals.cells, 'cell')}: ${verdict}`,
    `${statuses.join(' · ')} · ${counted(totals.worlds, 'world')}`,
  ]
}

/** `✗ violated*`: the star says that it was not expected. */
function cellText(cell: Cell): string {
  const word = cellWord(cell)
  return `${symbolOf(word)} ${word}${cell.asExpected ? '' : '*'}`
}

function table(matrix: Matrix, palette: Palette, width: number): string | null {
  const { scenarios, locks } = matrix
  const names = scenarios.map(visible)
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(...names.map(textWidth)))
  const columns = locks.map((lock) => {
    const cells = scenarios.map((scenario) => matrix.cell(scenario, lock))
    const cellWidth = Math.max(...cells.map((cell) => (cell === undefined ? 1 : textWidth(cellText(cell)))))
    return { cells, cellWidth, lock: visible(lock) }
  })
  const room = width - INDENT.length - nameWidth - columns.reduce((sum, { cellWidth }) => sum + GAP + cellWidth, 0)
  if (room < 0) return null
  // What is left over goes first to columns that would have to break a name inside a word, then to whole names.
  const widths = columns.map(({ cellWidth }) => cellWidth)
  let spare = room
  for (const wantedOf of [longestPiece, textWidth]) {
    for (const [index, { lock }] of columns.entries()) {
      const grown = Math.min(spare, Math.max(0, wantedOf(lock) - widths[index]!))
      widths[index]! += grown
      spare -= grown
    }
  }
  const sized = columns.map((column, index) => ({
    ...column,
    columnWidth: widths[index]!,
    header: headerLines(column.lock, widths[index]!),
  }))
  const headerHeight = Math.max(...sized.map(({ header }) => header.length))
  if (headerHeight > HEADER_LINES_MAX) return null
  const lines: string[] = []
  for (let line = 0; line < headerHeight; line += 1) {
    const parts = sized.map(({ header, columnWidth }) =>
      padded(header[line - (headerHeight - header.length)] ?? '', columnWidth),
    )
    lines.push([padded('', nameWidth), ...parts].join(' '.repeat(GAP)))
  }
  for (const [index, name] of names.entries()) {
    const parts = sized.map(({ cells, columnWidth }) => {
      const cell = cells[index]
      if (cell === undefined) return padded('–', columnWidth)
      return paint(cellWord(cell), palette)(padded(cellText(cell), columnWidth))
    })
    lines.push([padded(fit(name, nameWidth), nameWidth), ...parts].join(' '.repeat(GAP)))
  }
  return lines.map((line) => (INDENT + line).trimEnd()).join('\n')
}

/** A name may break after these. */
const piecesOf = (name: string): readonly string[] => name.split(/(?<=[-_/ .])/)

const longestPiece = (name: string): number => Math.max(...piecesOf(name).map(textWidth))

/** A long name on several lines. */
function headerLines(name: string, width: number): readonly string[] {
  if (textWidth(name) <= width) return [name]
  const lines: string[] = []
  for (const part of piecesOf(name).flatMap((piece) => wrap(piece, width))) {
    const last = lines[lines.length - 1]
    if (last !== undefined && textWidth(last + part) <= width) lines[lines.length - 1] = last + part
    else lines.push(part)
  }
  return lines
}

function list(matrix: Matrix, palette: Palette, width: number): string {
  const names = matrix.scenarios.map(visible)
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(...names.map(textWidth)))
  const groups = matrix.scenarios.map((scenario) => groupsOf(matrix, scenario))
  const wordWidth = Math.max(...groups.flat().map(({ text }) => textWidth(text)))
  const room = width - INDENT.length - nameWidth - GAP - wordWidth - GAP
  const lines: string[] = []
  for (const [index, name] of names.entries()) {
    for (const [nth, { text, word, locks }] of groups[index]!.entries()) {
      for (const [row, part] of wrap(namesText(locks, word, groups[index]!.length, room), room).entries()) {
        const first = nth === 0 && row === 0 ? fit(name, nameWidth) : ''
        const label = row === 0 ? paint(word, palette)(padded(text, wordWidth)) : padded('', wordWidth)
        lines.push(`${INDENT}${padded(first, nameWidth)}  ${label}  ${part}`)
      }
    }
  }
  return lines.join('\n')
}

/** The names of a group; of many that are well, only how many there are. */
function namesText(locks: readonly string[], word: CellWord, groupCount: number, room: number): string {
  const names = locks.join(', ')
  if (word !== 'valid' || textWidth(names) <= room) return names
  return groupCount === 1 ? `all ${locks.length}` : `the other ${locks.length}`
}

/** The locks of one scenario by what their cells say, worst first. */
function groupsOf(matrix: Matrix, scenario: string) {
  const cells = matrix.locks.flatMap((lock) => matrix.cell(scenario, lock) ?? [])
  const groups = new Map<string, { readonly text: string; readonly word: CellWord; readonly locks: string[] }>()
  for (const cell of worstFirst(cells)) {
    const text = cellText(cell)
    const group = groups.get(text) ?? { text, word: cellWord(cell), locks: [] }
    group.locks.push(visible(cell.lock))
    groups.set(text, group)
  }
  return [...groups.values()]
}

/** Only the words that need one. */
function legendLines(report: Report, width: number): readonly string[] {
  const seen = new Set(report.cells.map(cellWord))
  const lines: string[] = []
  for (const word of CELL_WORDS) {
    if (!seen.has(word) || word === 'valid' || word === 'bug') continue
    lines.push(...wrap(`${word}: ${WORD_MEANINGS[word]}`, width - INDENT.length).map((line) => INDENT + line))
  }
  if (report.totals.notAsExpected > 0) lines.push(`${INDENT}* not as expected`)
  return lines
}

function unexpectedText(cells: readonly Cell[], palette: Palette, width: number): string {
  const lines = [`${INDENT}${palette.strong('not as expected')}`]
  for (const cell of cells.slice(0, UNEXPECTED_MAX)) {
    const word = cellWord(cell)
    const title = `${symbolOf(word)} ${visible(cell.lock)} in ${visible(cell.scenario)}`
    lines.push(INDENT + paint(word, palette)(fit(title, width - INDENT.length)))
    const words = `found ${visible(findingText(cell))}; expected ${visible(expectationText(cell.expected))}`
    lines.push(...wrap(words, width - INDENT.length * 2).map((line) => INDENT + INDENT + line))
    const token = cell.violations[0]?.token
    if (token !== undefined) lines.push(`${INDENT}${INDENT}${visible(replayCommand(token, cell.replayWith))}`)
  }
  if (cells.length > UNEXPECTED_MAX) {
    lines.push(`${INDENT}… and ${countText(cells.length - UNEXPECTED_MAX)} more in the report`)
  }
  return lines.join('\n')
}
