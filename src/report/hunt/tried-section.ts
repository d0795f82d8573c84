/**
 * What a hunt tried, at the end of its page: counts of storms, facts, limits, the fault-free runs, the configuration. It
 * is what a clean verdict is worth.
 */
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'
import { escapeHtml } from '../../text/escape.ts'
import { counted, countText, durationText } from '../../text/time.ts'
import { yamlHtml } from '../page/page.ts'
import { wordHtml } from '../page/status-html.ts'
import type { HuntReport } from './hunt-report.ts'
import { coverText, faultCountText, STATUSES } from './sentences.ts'

/** A row of a table of counts; the name is markup. */
type Row = readonly [name: string, count: string]

/** The `<section>`. */
export function triedSection(report: HuntReport): string {
  const { storms, bases } = report
  const kinds = Object.entries(storms.byKind).map(([kind, count]): Row => [code(kind), countText(count)])
  const limits = Object.entries(report.unknown).map(([reason, count]): Row => [escapeHtml(reason), countText(count)])
  return `<section class="block" aria-labelledby="tried"><h2 id="tried">What was tried</h2>
<p>${counted(storms.tried, 'storm')}, ${durationText(storms.virtualSeconds * 1_000_000)} of virtual time. ${coverText(report).join(' ')}</p>
<div class="card columns">
${counts('Storms by their number of faults', 'faults', faultRows(report))}
${counts('Storms by verdict', 'verdict', verdictRows(report))}
${counts('Storms with a fault of each kind', 'kind', kinds)}
</div>
<div class="card">${counts('In how many storms it happened that', 'fact', factRows(report))}</div>
${limits.length === 0 ? '' : `<div class="card">${counts('Limits that were reached', 'limit', limits)}</div>`}
<div class="card"><h3>Before any fault</h3>
${bases.map(({ words, plan }) => `<p>${escapeHtml(words)}</p>\n${yamlHtml(plan)}`).join('\n')}
<h3>Configuration</h3>
${yamlHtml({ seed: report.seed, client: report.client, redis: report.redis, engine: report.engine })}
</div>
</section>`
}

/** What differs is counted by its name; a storm of two kinds counts for both. */
function counts(title: string, what: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(([name, count]) => `<tr><th scope="row">${name}</th><td>${count}</td></tr>`)
  return `<div><h3>${title}</h3><table class="others counts"><thead><tr><th scope="col">${what}</th><th scope="col">storms</th></tr></thead><tbody>${lines.join('')}</tbody></table></div>`
}

function faultRows({ storms }: HuntReport): readonly Row[] {
  const random: readonly Row[] = storms.random > 0 ? [['of these, random', countText(storms.random)]] : []
  return [...storms.byFaultCount.map((count, index): Row => [faultCountText(index), countText(count)]), ...random]
}

const verdictRows = ({ storms }: HuntReport): readonly Row[] =>
  STATUSES.map((status) => [wordHtml(status), countText(storms.byVerdict[status])])

/** A fact that was never seen is told: what it stands for was not tested. */
const factRows = ({ sometimes }: HuntReport): readonly Row[] =>
  (Object.keys(SOMETIMES) as Sometimes[]).map((fact) => [
    SOMETIMES[fact],
    sometimes[fact] === 0 ? '<b>never</b>' : countText(sometimes[fact]),
  ])

const code = (text: string): string => `<code>${escapeHtml(text)}</code>`
