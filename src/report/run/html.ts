/**
 * `index.html`: the whole report as one file that is opened by double click, offline, and printed.
 *
 * What people judge a run by: the verdict in a sentence, the matrix, and for each violated cell its story with a picture.
 * Cells without a violation are counted and listed, not drawn.
 *
 * Invariants
 * - Everything from users goes through `escapeHtml`.
 * - Under 1 MB as a rule: worlds are embedded in less and less detail until the page fits. A page over 3 MB begins with a
 *   warning; beyond `HTML_BYTES_MAX` cells lose their pictures, the mildest first, and the page says so.
 */

import type { Cell, Report, ReportMaterial } from '../../scenario/report.ts'
import { escapeHtml } from '../../text/escape.ts'
import { capitalized } from '../../text/sentence-case.ts'
import { CELL_WORDS } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { originFacts } from '../origin.ts'
import { type Anchors, createAnchors } from '../page/anchors.ts'
import {
  DETAILS,
  type Detail,
  HTML_LIMITS,
  type HtmlLimits,
  richestPage,
  sizeOfHtml,
  withSizeWarning,
} from '../page/detail.ts'
import { htmlPage, sameReport } from '../page/page.ts'
import { statusBar, wordHtml } from '../page/status-html.ts'
import { scrollingTable } from '../page/table.ts'
import { type CellContext, cellSection } from './cell-section.ts'
import { cellWord, expectationText } from './cell-words.ts'
import { matrices, worstFirst } from './matrix.ts'
import { matrixHtml } from './matrix-table.ts'

/** At most this many of the cells that are not as expected are embedded in full: they are what the page is opened for. */
const FULL_CELLS_MAX = 10

/** The text of `index.html`. */
export function reportHtml(material: ReportMaterial, limits: HtmlLimits = HTML_LIMITS): string {
  const none: ReadonlySet<Cell> = new Set()
  const richest = richestPage((detail) => page(material, detail, none), limits.wantedBytes)
  let { text } = richest
  const violated = worstFirst(material.report.cells).filter((cell) => cell.violations.length > 0)
  // Halves the number of drawn cells until the page fits; the worst keep their pictures longest.
  for (let kept = violated.length; sizeOfHtml(text) > limits.maxBytes && kept > 0; ) {
    kept >>= 1
    text = page(material, richest.detail, new Set(violated.slice(kept)))
  }
  return withSizeWarning(text, limits.warnBytes, 'a report of fewer scenarios opens faster')
}

function page(material: ReportMaterial, detail: Detail, undrawn: ReadonlySet<Cell>): string {
  const { report } = material
  const anchors = createAnchors(report)
  const full = new Set(worstFirst(report.cells.filter((cell) => !cell.asExpected)).slice(0, FULL_CELLS_MAX))
  const detailOf = (cell: Cell): Detail => (full.has(cell) ? DETAILS[0]! : detail)
  const context: CellContext = { material, anchors, detailOf, seen: new Map() }
  const scenarios = matrices(report).flatMap((matrix) => matrix.scenarios)
  const sections = scenarios.map((name) => scenarioSection(name, context, undrawn)).join('\n')
  return htmlPage({
    title: verdictSentence(report),
    engine: report.engine,
    overview: overview(report),
    facts: [['Worlds', countText(report.totals.worlds)], ...originFacts(report)],
    main: `${report.cells.length === 0 ? '' : results(report, anchors)}\n${sections}`,
    footer: sameReport('The same seed gives'),
  })
}

/** The verdict on the whole run, the page's first line. */
export function verdictSentence({ totals, cells }: Report): string {
  if (totals.cells === 0) return 'Nothing was run'
  if (totals.notAsExpected > 0) {
    return `${countText(totals.notAsExpected)} of ${counted(totals.cells, 'cell')} ${totals.notAsExpected === 1 ? 'is' : 'are'} not as expected`
  }
  if (cells.some(({ expected }) => expected !== null)) return 'Everything is as expected'
  if (totals.violated > 0) {
    return `${countText(totals.violated)} of ${counted(totals.cells, 'cell')} ${totals.violated === 1 ? 'is' : 'are'} violated`
  }
  return totals.unknown + totals.vacuous > 0
    ? 'No violation was found, but not everything was tested'
    : 'No violation was found'
}

function overview(report: Report): readonly string[] {
  if (report.cells.length === 0) return ['<p class="lead">No scenario was asked for, or none fits.</p>']
  const worst = worstFirst(report.cells).find((cell) => cell.violations.length > 0)
  const lead =
    worst === undefined
      ? ''
      : `<p class="lead">The worst, <bdi>${escapeHtml(worst.lock)}</bdi> in <bdi>${escapeHtml(worst.scenario)}</bdi>: ${escapeHtml(worst.violations[0]!.sentence)}.</p>`
  const counts = CELL_WORDS.map((word) => ({
    look: word,
    word: wordHtml(word),
    count: report.cells.filter((cell) => cellWord(cell) === word).length,
  }))
  return [
    lead,
    statusBar(
      counts.filter(({ count }) => count > 0),
      'Totals',
    ),
  ]
}

function results(report: Report, anchors: Anchors): string {
  const unexpected = worstFirst(report.cells).filter((cell) => !cell.asExpected)
  const first = worstFirst(report.cells).find((cell) => cell.violations.length > 0)
  const jump = first === undefined ? '' : ` <a href="#${anchors.cell(first)}">Jump to the worst violation</a>`
  const list =
    unexpected.length === 0
      ? ''
      : `<section class="block" aria-labelledby="unexpected"><h2 id="unexpected">Not as expected</h2><div class="card"><ul>${unexpected.map((cell) => `<li>${wordHtml(cellWord(cell))} <a href="#${anchors.cell(cell)}"><bdi>${escapeHtml(cell.lock)}</bdi> in <bdi>${escapeHtml(cell.scenario)}</bdi></a>: expected ${escapeHtml(expectationText(cell.expected))}</li>`).join('\n')}</ul></div></section>`
  return `<section class="block" aria-labelledby="results"><h2 id="results">Every lock in every scenario</h2>
<p class="soft">A word leads to its section.${jump}</p>
<p class="soft keys" hidden>Keys: <kbd>n</kbd> <kbd>p</kbd> next and previous violation, <kbd>j</kbd> <kbd>k</kbd> next and previous event.</p>
${matrixHtml(report, anchors)}
</section>${list}`
}

function scenarioSection(name: string, context: CellContext, undrawn: ReadonlySet<Cell>): string {
  const { material, anchors } = context
  const id = anchors.scenario(name)
  const about = material.scenarios.get(name)
  const cells = worstFirst(material.report.cells.filter((cell) => cell.scenario === name))
  const violated = cells.filter((cell) => cell.violations.length > 0)
  const others = cells.filter((cell) => cell.violations.length === 0)
  const story = (about?.story ?? '').split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '')
  const faults =
    about === undefined || about.faults.length === 0
      ? ''
      : `<p><b>The storm:</b> ${about.faults.map(escapeHtml).join('; ')}.</p>`
  return `<section class="block" id="${id}" aria-labelledby="${id}-h">
<h2 id="${id}-h">${escapeHtml(about?.title || name)}</h2>
<p class="soft mono"><bdi>${escapeHtml(name)}</bdi></p>
${story.map((paragraph) => `<p>${escapeHtml(paragraph.trim())}</p>`).join('\n')}
${faults}
${violated.map((cell) => (undrawn.has(cell) ? undrawnSection(cell, context) : cellSection(cell, context))).join('\n')}
${others.length === 0 ? '' : othersTable(others, anchors)}
<p class="back"><a href="#results">Back to the matrix</a></p>
</section>`
}

/** A cell without its picture, when even the least detail of all of them would be too much. */
function undrawnSection(cell: Cell, context: CellContext): string {
  const withoutStory = { ...context, material: { ...context.material, histories: new Map() } }
  return `${cellSection(cell, withoutStory)}\n<p class="soft">No picture: the report would be too large. Its replay command shows it.</p>`
}

function othersTable(cells: readonly Cell[], anchors: Anchors): string {
  const rows = worstFirst(cells).map((cell) => {
    const notes = [
      cell.detail,
      cell.asExpected ? '' : `expected ${expectationText(cell.expected)}`,
      cell.sometimes.length === 0 ? '' : `it happened that ${cell.sometimes.join('; ')}`,
    ].filter((note) => note !== '')
    const told = notes.map(capitalized).join('. ')
    return `<tr id="${anchors.cell(cell)}"><th scope="row"><bdi>${escapeHtml(cell.lock)}</bdi></th><td>${wordHtml(cellWord(cell))}</td><td>${countText(cell.worlds)}</td><td>${escapeHtml(told)}</td></tr>`
  })
  const table = scrollingTable({
    label: 'Cells without a violation',
    classes: [],
    heads: ['lock', 'verdict', 'worlds', 'what was exercised'],
    rows,
  })
  return `<div class="card"><h3>Without a violation</h3>${table}</div>`
}
