/** What a hunt tried, at the end of its page: counts of storms, the fault-free runs, the configuration. */
import { escapeHtml } from '../../text/escape.ts'
import { countText } from '../../text/time.ts'
import { hostTexts } from '../hosts.ts'
import { yamlHtml } from '../page/page.ts'
import { wordHtml } from '../page/status-html.ts'
import type { HuntReport } from './hunt-report.ts'
import { byFact, byFaultCount, byKind, byLimit, byVerdict, type Counts, triedText } from './tried.ts'

/** The `<section>`. */
export function triedSection(report: HuntReport): string {
  const limits = counts('Limits that were reached', 'limit', byLimit(report))
  const hosts = hostTexts(report).map((text) => `<p class="soft">${escapeHtml(text)}</p>\n`)
  return `<section class="block" aria-labelledby="tried"><h2 id="tried">What was tried</h2>
<p>${triedText(report)}</p>
<div class="card columns">
${counts('Storms by their number of faults', 'faults', byFaultCount(report))}
${counts('Storms by verdict', 'verdict', byVerdict(report), wordHtml)}
${counts('Storms with a fault of each kind', 'kind', byKind(report), codeHtml)}
</div>
<div class="card">${counts('In how many storms it happened that', 'fact', byFact(report), escapeHtml, '<b>never</b>')}</div>
${limits === '' ? '' : `<div class="card">${limits}</div>`}
${hosts.join('')}<div class="card"><h3>Before any fault</h3>
${report.bases.map(({ words, plan }) => `<p>${escapeHtml(words)}</p>\n${yamlHtml(plan)}`).join('\n')}
<h3>Configuration</h3>
${yamlHtml({ seed: report.seed, client: report.client, redis: report.redis, engine: report.engine })}
</div>
</section>`
}

/** A table; `nameHtml` makes markup of what its rows are about. */
function counts<Name extends string>(
  title: string,
  what: string,
  rows: Counts<Name>,
  nameHtml: (name: Name) => string = escapeHtml,
  zero = '0',
): string {
  if (rows.length === 0) return ''
  const lines = rows.map(
    ([name, count]) =>
      `<tr><th scope="row">${nameHtml(name)}</th><td>${count === 0 ? zero : countText(count)}</td></tr>`,
  )
  return `<div><h3>${title}</h3><table class="others counts"><thead><tr><th scope="col">${what}</th><th scope="col">storms</th></tr></thead><tbody>${lines.join('')}</tbody></table></div>`
}

const codeHtml = (text: string): string => `<code>${escapeHtml(text)}</code>`
