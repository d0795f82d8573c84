/**
 * A report on a terminal: the matrix of scenarios and subjects as symbols, or every cell in words, and the totals.
 */

import { visible } from '../report/escape.ts'
import { type Matrix, matrices } from '../report/matrix.ts'
import type { Palette } from '../report/palette.ts'
import type { Cell, Report } from '../report/report.ts'
import { padded, textWidth } from '../report/text-width.ts'
import { counted, countText } from '../report/time-text.ts'
import { type CellWord, cellWord, expectationText, findingText, paint, symbolOf } from '../report/words.ts'
import { outcomeOf } from './outcome.ts'

const NOT_EXPECTED = '◀'
const GAP = 2

/** The tables, worst first, in as many blocks of columns as the width asks for, with a legend of what occurs in them. */
export function matrixText(report: Pick<Report, 'cells'>, palette: Palette, width: number): string {
  const blocks = matrices(report).flatMap((matrix) => columnBlocks(matrix, width).map((locks) => ({ matrix, locks })))
  return [...blocks.map(({ matrix, locks }) => tableText(matrix, locks, palette)), legend(report.cells, palette)].join(
    '\n\n',
  )
}

/** Every cell in words, in the order of the run. */
export function cellLines(report: Pick<Report, 'cells'>, palette: Palette): string {
  const lines: string[] = []
  let scenario: string | null = null
  const width = Math.max(...report.cells.map((cell) => textWidth(visible(cell.lock))), 0)
  for (const cell of report.cells) {
    if (cell.scenario !== scenario)
      lines.push(`${scenario === null ? '' : '\n'}${palette.strong(visible(cell.scenario))}`)
    scenario = cell.scenario
    lines.push(`  ${cellLine(cell, palette, width)}`)
  }
  return lines.join('\n')
}

/** `✗ naive  mutual-exclusion (definite)`, and what was expected where it was something else. */
export function cellLine(cell: Cell, palette: Palette, nameWidth = 0): string {
  const word = cellWord(cell)
  const wanted = cell.expected === null ? 'no definite violation' : expectationText(cell.expected)
  const expected = outcomeOf(cell) === 'fine' ? '' : `  ${NOT_EXPECTED} expected ${wanted}`
  const name = padded(visible(cell.lock), nameWidth)
  return `${paint(word, palette)(symbolOf(word))} ${name}  ${visible(findingText(cell))}${expected}`
}

/** `14 cells · 14 as expected · 210 worlds`, and what they were run with. */
export function totalsText(report: Report): string {
  const { cells, totals } = report
  const failed = cells.filter((cell) => outcomeOf(cell) !== 'fine').length
  const parts = [
    counted(totals.cells, 'cell'),
    failed === 0 ? 'all as expected' : `${countText(failed)} not as expected`,
    `${countText(totals.valid)} valid`,
    `${countText(totals.violated)} violated`,
    ...(totals.unknown === 0 ? [] : [`${countText(totals.unknown)} unknown`]),
    ...(totals.vacuous === 0 ? [] : [`${countText(totals.vacuous)} vacuous`]),
    counted(totals.worlds, 'world'),
  ]
  return `${parts.join(' · ')}\n${report.redis} · ${report.client} · seed ${visible(report.seed)}`
}

/** Columns that fit beside the names of the rows; one at least. */
function columnBlocks(matrix: Matrix, width: number): readonly (readonly string[])[] {
  const rowWidth = nameWidth(matrix.scenarios)
  const blocks: string[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const lock of matrix.locks) {
    const columnWidth = GAP + nameWidth([lock])
    if (used + columnWidth > width) {
      blocks.push([])
      used = rowWidth
    }
    blocks.at(-1)?.push(lock)
    used += columnWidth
  }
  return blocks
}

function tableText(matrix: Matrix, locks: readonly string[], palette: Palette): string {
  const rowWidth = nameWidth(matrix.scenarios)
  const gap = ' '.repeat(GAP)
  const header = ' '.repeat(rowWidth) + locks.map((lock) => gap + visible(lock)).join('')
  const rows = matrix.scenarios.map((scenario) => {
    const cells = locks.map((lock) => {
      const cell = matrix.cell(scenario, lock)
      const text = cell === undefined ? '' : markOf(cell)
      const filling = ' '.repeat(Math.max(0, nameWidth([lock]) - textWidth(text)))
      return gap + (cell === undefined ? '' : paint(cellWord(cell), palette)(text)) + filling
    })
    return (padded(visible(scenario), rowWidth) + cells.join('')).trimEnd()
  })
  return [palette.strong(header), ...rows].join('\n')
}

const markOf = (cell: Cell): string => wordMark(cellWord(cell)) + (outcomeOf(cell) === 'fine' ? '' : NOT_EXPECTED)

/** What only fencing prevents gets a letter, so that it is not told by colour alone. */
const wordMark = (word: CellWord): string =>
  symbolOf(word) + (word === 'needs fencing' ? 'f' : word === 'error' ? 'e' : '')

const nameWidth = (names: readonly string[]): number => Math.max(...names.map((name) => textWidth(visible(name))), 0)

function legend(cells: readonly Cell[], palette: Palette): string {
  const words: readonly CellWord[] = ['error', 'violated', 'needs fencing', 'unknown', 'vacuous', 'valid']
  const present = new Set(cells.map(cellWord))
  const entries = words
    .filter((word) => present.has(word))
    .map((word) => `${paint(word, palette)(wordMark(word))} ${word}`)
  if (cells.some((cell) => outcomeOf(cell) !== 'fine')) entries.push(`${NOT_EXPECTED} not as expected`)
  return entries.join('   ')
}
