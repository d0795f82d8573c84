/**
 * `index.html` of a frontier: a heat map for each latency, an example for each combination that is not safe everywhere, and
 * what was tried.
 *
 * Invariants
 * - Colour is never alone: each cell has its counts, and words where there is more to say than a count.
 * - Everything from users goes through `escapeHtml`.
 */
import { stringify } from 'yaml'
import { writeUs } from '../../sim/units.ts'
import { escapeHtml } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { countText } from '../../text/time.ts'
import { BRAND, copyHtml, factList, htmlPage } from '../page/page.ts'
import { wordHtml } from '../run/matrix-table.ts'
import type { FrontierCell, FrontierReport, FrontierRow } from './frontier-report.ts'
import {
  frontierSentence,
  lastUnsafe,
  latencyText,
  METHOD,
  safeText,
  skewText,
  stormsText,
  ttlText,
  violatedCount,
} from './sentences.ts'
import { latencyGroups } from './terminal.ts'

/** The text of `index.html`. */
export function frontierHtml(report: FrontierReport): string {
  const title = `${report.lock}: the smallest safe TTL`
  return htmlPage({
    title,
    engine: report.engine,
    header: header(report, title),
    main: [maps(report), examples(report), tried(report)].filter((part) => part !== '').join('\n'),
    footer:
      'All times are virtual: nobody waited for them. The same sweep gives the same page, byte for byte. <code>report.json</code> beside this file holds the same for programs.',
  })
}

function header(report: FrontierReport, title: string): string {
  return `<header class="top">
${BRAND}
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(frontierSentence(report))}</p>
${factList([
  ['Storms', countText(report.storms.tried)],
  ['Seed', report.seed],
  ['Redis', report.redis],
  ['Client', report.client],
  ['Engine', report.engine],
  ['Deterministic', report.deterministic ? 'yes' : 'no: times are paced by a real clock'],
])}
</header>`
}

function maps(report: FrontierReport): string {
  const tables = latencyGroups(report).map((rows) => map(rows, report))
  return `<section class="block" aria-labelledby="map"><h2 id="map">Violated storms at each TTL</h2>
<p class="soft">The stronger the colour, the more of the storms of that point were violated. “Safe from” is the smallest TTL from which on none was; its cell is framed.</p>
${tables.join('\n')}
</section>`
}

function map(rows: readonly FrontierRow[], { grid }: FrontierReport): string {
  const [first] = rows
  if (first === undefined) return ''
  const heads = grid.ttlsMs.map((ttlMs) => `<th scope="col">${ttlText(ttlMs)}</th>`).join('')
  const bodies = [...new Set(rows.map(({ skewUs }) => skewUs))].map((skewUs) => {
    const lines = rows.filter((row) => row.skewUs === skewUs).map(rowHtml)
    return `<tbody>\n${lines.join('\n')}\n</tbody>`
  })
  const name = `Latency ${latencyText(first.latency)}`
  return `<div class="card"><div class="scroll" tabindex="0" role="group" aria-label="${name}; scrolls sideways"><table class="heat">
<caption>${name}</caption>
<thead><tr><td></td><th scope="col">safe from</th>${heads}</tr></thead>
${bodies.join('\n')}
</table></div></div>`
}

function rowHtml(row: FrontierRow): string {
  const cells = row.points.map((cell) => cellHtml(cell, cell.ttlMs === row.safeTtlMs)).join('')
  const safe = row.safeTtlMs === null ? 'violated' : 'valid'
  return `<tr><th scope="row">skew ${skewText(row.skewUs)}, <br>pause ${writeUs(row.pauseUs)}</th><td class="safe-from"><span class="w ${safe}">${safeText(row)}</span></td>${cells}</tr>`
}

/** Quarters of the storms of a point. */
const SHADES = 4

function cellHtml(cell: FrontierCell, isFrontier: boolean): string {
  const edge = isFrontier ? ' edge' : ''
  switch (cell.status) {
    case 'safe':
      return `<td class="h0${edge}"><b>0</b> <small>of ${countText(cell.storms)}</small></td>`
    case 'violated': {
      const violated = violatedCount(cell)
      const shade = Math.min(SHADES, Math.ceil((violated * SHADES) / cell.storms))
      const bugs = cell.bugs > 0 ? `<small>${countText(cell.bugs)} bugs</small>` : ''
      return `<td class="h${shade}${cell.bugs > 0 ? ' bug' : ''}"><b>${countText(violated)}</b> <small>of ${countText(cell.storms)}</small>${bugs}</td>`
    }
    case 'unknown':
      return `<td>${wordHtml('unknown')}</td>`
    case 'vacuous':
      return `<td>${wordHtml('vacuous')}</td>`
    case 'not-run':
      return '<td><span class="soft">not run</span></td>'
  }
}

function examples(report: FrontierReport): string {
  const rows = lastUnsafe(report).map(({ row, cell }) => {
    const { example } = cell
    const told =
      example === null
        ? 'nobody survived it'
        : `${escapeHtml(example.sentence)} <span class="soft">(${example.kind})</span>`
    const again = example === null ? '' : copyHtml(replayCommand(example.token), 'the replay command')
    return `<tr><th scope="row" data-label="TTL">${ttlText(cell.ttlMs)}</th><td data-label="latency">${latencyText(row.latency)}</td><td data-label="skew">${skewText(row.skewUs)}</td><td data-label="pause">${writeUs(row.pauseUs)}</td><td data-label="violated">${countText(violatedCount(cell))} of ${countText(cell.storms)}</td><td class="told">${told}${again}</td></tr>`
  })
  if (rows.length === 0) return ''
  return `<section class="block" aria-labelledby="unsafe"><h2 id="unsafe">The longest TTL that is not safe</h2>
<p class="soft">For each combination with a violation, the worst that was seen there, in one storm.</p>
<div class="card"><div class="scroll" tabindex="0" role="group" aria-label="Table of examples; scrolls sideways"><table class="others examples stack"><thead><tr><th scope="col">TTL</th><th scope="col">latency</th><th scope="col">skew</th><th scope="col">pause</th><th scope="col">violated</th><th scope="col">for example</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></div></section>`
}

function tried(report: FrontierReport): string {
  const yaml = stringify(report.base.plan).trimEnd().split('\n').map(escapeHtml).join('\n')
  return `<section class="block" aria-labelledby="tried"><h2 id="tried">What was tried</h2>
<p>${escapeHtml(stormsText(report))}</p>
<ul class="method">${METHOD.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>
<div class="card"><h3>The run without faults</h3><p>${escapeHtml(report.base.words)}; TTL and latency are those of each point.</p>
<pre class="yaml" tabindex="0">${yaml}</pre></div>
</section>`
}
