/**
 * Cells in words, a line each: what `--verbose` prints, and what stderr says of a cell that is not as expected.
 */

import type { Cell, Report } from '../../scenario/report.ts'
import { visible } from '../../text/escape.ts'
import type { Palette } from '../../text/palette.ts'
import { paint, symbolOf } from '../../text/status-word.ts'
import { padded, textWidth } from '../../text/width.ts'
import { cellWord, expectationText, findingText } from './cell-words.ts'
import { outcomeOf } from './outcome.ts'

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

/** `✗ naive  mutual-exclusion (bug)`, and what was expected where it was something else. */
export function cellLine(cell: Cell, palette: Palette, nameWidth = 0): string {
  const word = cellWord(cell)
  const expected = outcomeOf(cell) === 'fine' ? '' : ` (expected ${expectationText(cell.expected)})`
  const name = padded(visible(cell.lock), nameWidth)
  return `${paint(word, palette)(symbolOf(word))} ${name}  ${visible(findingText(cell))}${expected}`
}
