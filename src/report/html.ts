/**
 * `index.html`: the whole report as one file that is opened by double click, offline, and printed.
 *
 * What people judge a run by: the verdict in a sentence, the matrix, and for each violated cell its story with a picture.
 * Cells without a violation are counted and listed, not drawn.
 *
 * Invariants
 * - Nothing is fetched: no font, no script, no image, no address but links inside the page and to the files beside it.
 *   A content security policy says so to the browser too.
 * - Everything from users goes through `escapeHtml`; the only script that may run is ours, named by its hash.
 * - Under 1 MB as a rule: worlds are embedded in less and less detail until the page fits. A page over 3 MB begins with a
 *   warning; beyond `HTML_BYTES_MAX` cells lose their pictures, the mildest first, and the page says so.
 */
import { escapeHtml } from './escape.ts'
import { type Anchors, createAnchors } from './html-anchors.ts'
import { type CellContext, cellSection, type Detail } from './html-cell.ts'
import { PATTERNS } from './html-figure.ts'
import { matrixHtml, wordClass, wordHtml } from './html-matrix.ts'
import { SCRIPT, SCRIPT_HASH } from './html-script.ts'
import { STYLE } from './html-style.ts'
import { matrices, severity, worstFirst } from './matrix.ts'
import type { Cell, Report, ReportMaterial } from './report.ts'
import { counted, countText } from './time-text.ts'
import { type CellWord, cellWord, expectationText } from './words.ts'

export interface HtmlLimits {
  /** Details are reduced until the page is no larger than this, where that is possible. */
  readonly wantedBytes: number
  readonly warnBytes: number
  readonly maxBytes: number
}

export const HTML_LIMITS: HtmlLimits = { wantedBytes: 1_000_000, warnBytes: 3_000_000, maxBytes: 10_000_000 }

/** From most to least. */
const DETAILS: readonly Detail[] = [
  { arrowsMax: 200, recordsMax: 120 },
  { arrowsMax: 140, recordsMax: 80 },
  { arrowsMax: 100, recordsMax: 50 },
  { arrowsMax: 70, recordsMax: 32 },
  { arrowsMax: 50, recordsMax: 22 },
  { arrowsMax: 36, recordsMax: 14 },
  { arrowsMax: 24, recordsMax: 8 },
]
/** So many of the cells that are not as expected are always embedded in full: they are what the page is opened for. */
const FULL_CELLS_MAX = 10

const utf8 = new TextEncoder()

/** The text of `index.html`. */
export function reportHtml(material: ReportMaterial, limits: HtmlLimits = HTML_LIMITS): string {
  // The richest detail that fits, by halving: more detail is always more bytes.
  let [low, high] = [0, DETAILS.length - 1]
  const pages = new Map<number, string>()
  const pageAt = (index: number): string => {
    const known = pages.get(index) ?? page(material, DETAILS[index]!, new Set())
    pages.set(index, known)
    return known
  }
  if (sizeOf(pageAt(0)) <= limits.wantedBytes) return pageAt(0)
  while (low < high) {
    const middle = (low + high) >> 1
    if (sizeOf(pageAt(middle)) <= limits.wantedBytes) high = middle
    else low = middle + 1
  }
  let text = pageAt(high)
  const violated = worstFirst(material.report.cells).filter((cell) => cell.violations.length > 0)
  // Halves the number of drawn cells until the page fits; the worst keep their pictures longest.
  for (let kept = violated.length; sizeOf(text) > limits.maxBytes && kept > 0; ) {
    kept >>= 1
    text = page(material, DETAILS[high]!, new Set(violated.slice(kept)))
  }
  return sizeOf(text) > limits.warnBytes ? withWarning(text) : text
}

const sizeOf = (text: string): number => utf8.encode(text).length

const withWarning = (text: string): string =>
  text.replace(
    '<html ',
    `<!-- lockstorm: this report is ${(sizeOf(text) / 1_000_000).toFixed(1)} MB; a report of fewer scenarios opens faster -->\n<html `,
  )

function page(material: ReportMaterial, detail: Detail, undrawn: ReadonlySet<Cell>): string {
  const { report } = material
  const anchors = createAnchors(report)
  const full = new Set(worstFirst(report.cells.filter((cell) => !cell.asExpected)).slice(0, FULL_CELLS_MAX))
  const detailOf = (cell: Cell): Detail => (full.has(cell) ? DETAILS[0]! : detail)
  const context: CellContext = { material, anchors, detailOf, seen: new Map() }
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`
  const scenarios = matrices(report).flatMap((matrix) => matrix.scenarios)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="lockstorm ${escapeHtml(report.engine)}">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(verdictSentence(report))} · lockstorm</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">To the results</a>
${PATTERNS}
<div class="wrap">
${header(report)}
<main id="main">
${report.cells.length === 0 ? '' : results(report, anchors)}
${scenarios.map((name) => scenarioSection(name, context, undrawn)).join('\n')}
</main>
${footer(report)}
</div>
<script>${SCRIPT}</script>
</body>
</html>
`
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

const LOGO =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="4" y="10" width="16" height="11" rx="2.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 10V7a4 4 0 0 1 8 0v3" fill="none" stroke="currentColor" stroke-width="2"/><path d="M13 11.5l-3.2 4.2h2.6l-1 3.6 3.4-4.4h-2.6z" fill="var(--violated)"/></svg>'

function header(report: Report): string {
  const { totals } = report
  const facts: readonly (readonly [string, string])[] = [
    ['Worlds', countText(totals.worlds)],
    ['Seed', report.seed],
    ['Redis', report.redis],
    ['Client', report.client],
    ['Engine', report.engine],
    ['Deterministic', report.deterministic ? 'yes' : 'no: times are paced by a real clock'],
  ]
  const list = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')
  return `<header class="top">
<p class="brand">${LOGO}lockstorm</p>
<h1>${escapeHtml(verdictSentence(report))}</h1>
${totals.cells === 0 ? '<p class="lead">No scenario was asked for, or none fits.</p>' : overview(report)}
<dl class="facts">${list}</dl>
</header>`
}

const WORDS: readonly CellWord[] = ['error', 'violated', 'needs fencing', 'unknown', 'vacuous', 'valid']

function overview(report: Report): string {
  const counts = WORDS.map((word) => ({ word, count: report.cells.filter((cell) => cellWord(cell) === word).length }))
  const present = counts.filter(({ count }) => count > 0)
  const bar = present
    .map(({ word, count }) => `<span class="${wordClass(word)}" style="flex:${count}"></span>`)
    .join('')
  const items = present.map(({ word, count }) => `<li><b>${countText(count)}</b> ${wordHtml(word)}</li>`).join('')
  const worst = worstFirst(report.cells).find((cell) => cell.violations.length > 0)
  const lead =
    worst === undefined
      ? ''
      : `<p class="lead">The worst, <bdi>${escapeHtml(worst.lock)}</bdi> in <bdi>${escapeHtml(worst.scenario)}</bdi>: ${escapeHtml(worst.violations[0]!.sentence)}.</p>`
  return `${lead}
<div class="bar" aria-hidden="true">${bar}</div>
<ul class="totals" aria-label="Totals">${items}</ul>`
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
  const rows = [...cells]
    .sort((a, b) => severity(b) - severity(a) || cells.indexOf(a) - cells.indexOf(b))
    .map((cell) => {
      const notes = [
        cell.bug ?? '',
        cell.detail,
        cell.asExpected ? '' : `expected ${expectationText(cell.expected)}`,
        cell.sometimes.length === 0 ? '' : `it happened that ${cell.sometimes.join('; ')}`,
      ].filter((note) => note !== '')
      const told = notes.map((note) => note.charAt(0).toUpperCase() + note.slice(1)).join('. ')
      return `<tr id="${anchors.cell(cell)}"><th scope="row"><bdi>${escapeHtml(cell.lock)}</bdi></th><td>${wordHtml(cellWord(cell))}</td><td>${countText(cell.worlds)}</td><td>${escapeHtml(told)}</td></tr>`
    })
  return `<div class="card"><h3>Without a violation</h3><div class="scroll" tabindex="0" role="group" aria-label="Cells without a violation"><table class="others"><thead><tr><th scope="col">lock</th><th scope="col">verdict</th><th scope="col">worlds</th><th scope="col">what was exercised</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></div>`
}

function footer({ engine }: Report): string {
  return `<footer class="bottom"><p>Made by lockstorm, engine ${escapeHtml(engine)}. All times are virtual: nobody waited for them. The same seed gives the same page, byte for byte. <code>report.json</code> beside this file holds the same for programs.</p></footer>`
}
