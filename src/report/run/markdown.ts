/**
 * `report.md`, also the step summary of a GitHub job: the matrix, then every violated cell with its text; in a file the worst one with its
 * picture as SVG.
 *
 * Invariants
 * - At most `MARKDOWN_BYTES_MAX` bytes of UTF-8: GitHub drops a longer summary as a whole. What is cut is said.
 * - Nothing in a name, a value or a message ends its table cell, its code or its paragraph, or becomes HTML.
 */

import { checkOf } from '../../check/registry.ts'
import type { Cell, ReportedViolation, ReportMaterial } from '../../scenario/report.ts'
import { escapeMarkdown, markdownBlock } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { symbolOf } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { explanation, pictureText } from '../failure.ts'
import { MARKDOWN_BYTES_MAX, markdownWithin } from '../markdown-cut.ts'
import { type Pictured, withPicture } from '../markdown-picture.ts'
import { originLine } from '../origin.ts'
import { cellWord, expectationText, findingText } from './cell-words.ts'
import { type Matrix, matrices, worstFirst } from './matrix.ts'
import { shownStory } from './shown-story.ts'
import { totalsText } from './terminal.ts'

/** The violation that `story.svg` shows; null: none has a story. */
export function picturedViolation(material: ReportMaterial): Pictured | null {
  for (const cell of worstFirst(material.report.cells)) {
    for (const violation of cell.violations) {
      const story = shownStory(material, cell, violation)
      if (story !== null) return { violation, story }
    }
  }
  return null
}

/**
 * The text of `report.md`.
 * @param pictured what `story.svg` beside it shows; null: there is no such file
 */
export function reportMarkdown(
  material: ReportMaterial,
  pictured: Pictured | null = null,
  bytesMax: number = MARKDOWN_BYTES_MAX,
): string {
  const { report } = material
  const head = [headBlock(material), ...matrices(report).map(tableBlock)]
  const cells = worstFirst(report.cells)
  const unexpected = cells.filter((cell) => !cell.asExpected)
  if (unexpected.length > 0) head.push(unexpectedBlock(unexpected))
  const violated = cells.filter((cell) => cell.violations.length > 0)
  if (violated.length > 0) head.push('## Violations')
  return markdownWithin(bytesMax, {
    head: head.join('\n\n'),
    items: violated,
    blockOf: (cell) => cellBlock(cell, material, pictured),
    leftText: (left) => counted(left, 'more violated cell'),
  })
}

function headBlock({ report }: ReportMaterial): string {
  const { totals } = report
  if (totals.cells === 0) return '# lockstorm\n\nNothing was run.'
  const verdict =
    totals.notAsExpected === 0
      ? '✓ everything as expected'
      : `✗ ${counted(totals.notAsExpected, 'cell')} not as expected`
  return `# lockstorm: ${verdict}\n\n${totalsText(report).join('<br>\n')}<br>\n${originLine(report)}`
}

function tableBlock({ scenarios, locks, cell }: Matrix): string {
  const rows = scenarios.map((scenario) => {
    const words = locks.map((lock) => {
      const found = cell(scenario, lock)
      if (found === undefined) return '–'
      const word = cellWord(found)
      return found.asExpected ? `${symbolOf(word)} ${word}` : `**${symbolOf(word)} ${word}**, not as expected`
    })
    return `| ${[escapeMarkdown(scenario), ...words].join(' | ')} |`
  })
  const header = `| scenario | ${locks.map(escapeMarkdown).join(' | ')} |`
  return [header, `|---${'|---'.repeat(locks.length)}|`, ...rows].join('\n')
}

function unexpectedBlock(cells: readonly Cell[]): string {
  const lines = cells.map(
    (cell) =>
      `- **${escapeMarkdown(cell.lock)}** in **${escapeMarkdown(cell.scenario)}**: found ${escapeMarkdown(findingText(cell))}; expected ${escapeMarkdown(expectationText(cell.expected))}`,
  )
  return ['## Not as expected', lines.join('\n')].join('\n\n')
}

function cellBlock(cell: Cell, material: ReportMaterial, pictured: Pictured | null): string {
  const word = cellWord(cell)
  const scenario = material.scenarios.get(cell.scenario)
  const subject = material.subjects.get(cell.lock)
  const blocks = [`### ${symbolOf(word)} ${escapeMarkdown(cell.lock)} in ${escapeMarkdown(cell.scenario)}`]
  const about = [scenario?.title, subject?.title].filter((text) => text !== undefined && text !== '')
  if (about.length > 0) blocks.push(`*${about.map((text) => escapeMarkdown(text as string)).join(' · ')}*`)
  blocks.push(
    `${countText(cell.violatedWorlds)} of ${counted(cell.worlds, 'world')} violated, ${cell.asExpected ? 'as expected' : '**not as expected**'}.${cell.client === material.report.client ? '' : ` Client: ${escapeMarkdown(cell.client)}.`}${cell.nodes === undefined ? '' : ` ${counted(cell.nodes, 'Redis node')}.`}`,
  )
  for (const violation of cell.violations) blocks.push(violationBlock(violation, cell, material, pictured))
  return blocks.join('\n\n')
}

function violationBlock(
  violation: ReportedViolation,
  cell: Cell,
  material: ReportMaterial,
  pictured: Pictured | null,
): string {
  const story = shownStory(material, cell, violation)
  const sentence = `**${checkOf(violation.property).heading}** (${violation.kind}): ${escapeMarkdown(violation.sentence)}`
  const blocks = [sentence]
  // The first picture of a cell is enough; its other violations happened in the same world.
  const isFirst = cell.violations.find((one) => shownStory(material, cell, one) !== null) === violation
  if (story !== null && isFirst) {
    const text = markdownBlock([pictureText(violation, story), explanation(violation, 80)].join('\n\n'))
    blocks.push(withPicture(violation, pictured, text))
  } else blocks.push(escapeMarkdown(violation.why))
  blocks.push(markdownBlock(replayCommand(violation.token, cell.replayWith), 'sh'))
  return blocks.join('\n\n')
}
