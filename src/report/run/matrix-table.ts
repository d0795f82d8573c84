/**
 * The matrix of the page: scenarios down, locks across, a word in each cell, worst first, each a link to its section.
 */

import type { Cell, Report } from '../../scenario/report.ts'
import { escapeHtml } from '../../text/escape.ts'
import { CELL_WORDS, WORD_MEANINGS } from '../../text/status-word.ts'
import type { Anchors } from '../page/anchors.ts'
import { wordHtml } from '../page/status-html.ts'
import { cellWord } from './cell-words.ts'
import { type Matrix, matrices } from './matrix.ts'

/** More columns than this are set smaller, to fit a laptop's screen. */
const WIDE_COLUMNS_MAX = 6

/** All tables of a report, with the key to their words. */
export function matrixHtml(report: Report, anchors: Anchors): string {
  const tables = matrices(report)
  return tables.map((matrix) => table(matrix, anchors)).join('\n') + key(report)
}

function table(matrix: Matrix, anchors: Anchors): string {
  const { scenarios, locks, workloads } = matrix
  const heads = locks.map((lock) => `<th scope="col"><bdi>${escapeHtml(lock)}</bdi></th>`).join('')
  const rows = scenarios.map((scenario) => {
    const cells = locks.map((lock) => `<td>${cellHtml(matrix.cell(scenario, lock), anchors)}</td>`).join('')
    return `<tr><th scope="row"><a href="#${anchors.scenario(scenario)}"><bdi>${escapeHtml(scenario)}</bdi></a></th>${cells}</tr>`
  })
  return `<div class="card"><div class="scroll" tabindex="0" role="group" aria-label="Matrix of results; scrolls sideways"><table class="matrix${locks.length > WIDE_COLUMNS_MAX ? ' dense' : ''}">
<caption>Workload: ${escapeHtml(workloads.join(', '))}. Worst first.</caption>
<thead><tr><td></td>${heads}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div></div>`
}

function cellHtml(cell: Cell | undefined, anchors: Anchors): string {
  if (cell === undefined) return '<span class="soft" aria-label="not run">–</span>'
  const word = cellWord(cell)
  const surprise = cell.asExpected ? '' : '<small>unexpected</small>'
  return `<a class="${word}${cell.asExpected ? '' : ' unexpected'}" href="#${anchors.cell(cell)}">${wordHtml(word)}${surprise}</a>`
}

function key(report: Report): string {
  const words = new Set(report.cells.map(cellWord))
  const items = CELL_WORDS.filter((word) => words.has(word)).map(
    (word) => `<li>${wordHtml(word)}: ${WORD_MEANINGS[word]}</li>`,
  )
  if (report.totals.notAsExpected > 0)
    items.push('<li><b>unexpected</b>, framed: not what the scenario expects of this lock</li>')
  return `<ul class="key">${items.join('')}</ul>`
}
