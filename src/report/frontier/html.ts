/**
 * `index.html` of a frontier: a heat map for each latency, an example for each combination that is not safe everywhere, and
 * what was tried.
 *
 * Invariants
 * - Colour is never alone: each cell has its counts, and words where there is more to say than a count.
 * - Everything from users goes through `escapeHtml`.
 */
import { writeUs } from '../../sim/units.ts'
import { escapeHtml } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { countText } from '../../text/time.ts'
import { originFacts } from '../origin.ts'
import { copyHtml, htmlPage, sameReport, yamlHtml } from '../page/page.ts'
import { wordHtml } from '../page/status-html.ts'
import { scrollingTable } from '../page/table.ts'
import type { FrontierCell, FrontierReport, FrontierRow } from './frontier-report.ts'
import {
  lastUnsafe,
  latencyGroups,
  latencyText,
  METHOD,
  safeText,
  skewText,
  stormsText,
  ttlText,
  uncuredTexts,
  violatedCount,
} from './sentences.ts'

/** The text of `index.html`. */
export function frontierHtml(report: FrontierReport): string {
  return htmlPage({
    title: `${report.lock}: the smallest safe TTL`,
    engine: report.engine,
    overview: [
      `<p class="lead">${escapeHtml(sentenceCase(report.statement))}</p>`,
      ...uncuredTexts(report).map(
        (text, index) =>
          `<p><span class="w violated">✗</span> ${escapeHtml(text)}</p>${copyHtml(replayCommand(report.uncured[index]?.token ?? '', report.replayWith), 'the replay command')}`,
      ),
    ],
    facts: [['Storms', countText(report.storms.tried)], ...originFacts(report)],
    main: [maps(report), examples(report), tried(report)].filter((part) => part !== '').join('\n'),
    footer: sameReport('The same sweep gives'),
  })
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
        ? 'no worker survived it'
        : `${escapeHtml(example.sentence)} <span class="soft">(${example.kind})</span>`
    const again =
      example === null ? '' : copyHtml(replayCommand(example.token, report.replayWith), 'the replay command')
    return `<tr><th scope="row" data-label="TTL">${ttlText(cell.ttlMs)}</th><td data-label="latency">${latencyText(row.latency)}</td><td data-label="skew">${skewText(row.skewUs)}</td><td data-label="pause">${writeUs(row.pauseUs)}</td><td data-label="violated">${countText(violatedCount(cell))} of ${countText(cell.storms)}</td><td class="told">${told}${again}</td></tr>`
  })
  if (rows.length === 0) return ''
  const table = scrollingTable({
    label: 'Table of examples; scrolls sideways',
    classes: ['examples', 'stack'],
    heads: ['TTL', 'latency', 'skew', 'pause', 'violated', 'for example'],
    rows,
  })
  return `<section class="block" aria-labelledby="unsafe"><h2 id="unsafe">The longest TTL that is not safe</h2>
<p class="soft">For each combination with a violation, the worst that was seen there, in one storm.</p>
<div class="card">${table}</div></section>`
}

function tried(report: FrontierReport): string {
  return `<section class="block" aria-labelledby="tried"><h2 id="tried">What was tried</h2>
<p>${escapeHtml(stormsText(report))}</p>
<ul class="method">${METHOD.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>
<div class="card"><h3>The run without faults</h3><p>${escapeHtml(report.base.words)}; TTL and latency are those of each point.</p>
${yamlHtml(report.base.plan)}</div>
</section>`
}
