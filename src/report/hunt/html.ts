/**
 * `index.html` of a hunt: the statement, the findings with their pictures and cures, and what was tried.
 *
 * Invariants
 * - The anchor of a finding is its token, so that `index.html#L1.3kQz9vX0b7` can be written without reading the report; of
 *   two findings in one storm the worse has it.
 * - Everything from users goes through `escapeHtml`.
 * - Under 1 MB as a rule: worlds are embedded in less and less detail until the page fits.
 */

import { escapeHtml } from '../../text/escape.ts'
import { counted, countText } from '../../text/time.ts'
import { heading, WORD_MEANINGS } from '../../text/words.ts'
import { tokenId } from '../page/anchors.ts'
import { BRAND, factList, htmlPage, richestPage, sizeOfHtml, withSizeWarning } from '../page/page.ts'
import { DETAILS, HTML_LIMITS } from '../run/html.ts'
import { wordClass, wordHtml } from '../run/matrix-table.ts'
import { findingSection } from './finding-section.ts'
import type { HuntReport } from './hunt-report.ts'
import {
  type HuntFinding,
  type HuntMaterial,
  huntFindings,
  huntTitle,
  huntWord,
  statementSentence,
  stopText,
  stormLine,
} from './material.ts'
import { triedSection } from './tried-section.ts'

/** The text of `index.html`. */
export function huntHtml(material: HuntMaterial): string {
  const { text } = richestPage((index) => page(material, index), DETAILS.length, HTML_LIMITS.wantedBytes)
  return sizeOfHtml(text) > HTML_LIMITS.warnBytes ? withSizeWarning(text, 'a hunt with -x opens faster') : text
}

function page(material: HuntMaterial, detail: number): string {
  const { report } = material
  const findings = huntFindings(material)
  const ids = idsOf(findings)
  const sections = findings.map((finding, index) =>
    findingSection(finding, report, { id: ids[index] as string, detail: DETAILS[detail]! }),
  )
  const more =
    report.moreViolations === 0
      ? ''
      : `<p class="soft">${counted(report.moreViolations, 'finding')} more, milder than these, neither made small nor drawn.</p>`
  return htmlPage({
    title: huntTitle(report),
    engine: report.engine,
    header: header(report),
    main: [findings.length === 0 ? '' : table(findings, ids, report) + more, ...sections, triedSection(report)].join(
      '\n',
    ),
    footer:
      'All times are virtual: nobody waited for them. The same hunt gives the same page, byte for byte. <code>report.json</code> beside this file holds the same for programs.',
  })
}

/** The token of each finding, once; a later finding with the same token gets a number behind it. */
function idsOf(findings: readonly HuntFinding[]): readonly string[] {
  const taken = new Set(['main', 'findings', 'tried'])
  return findings.map(({ violation }) => {
    const wanted = tokenId(violation.token)
    let id = wanted
    for (let n = 2; taken.has(id); n += 1) id = `${wanted}.${n}`
    taken.add(id)
    return id
  })
}

const STATUSES = ['violated', 'unknown', 'vacuous', 'valid'] as const

function header(report: HuntReport): string {
  const { storms } = report
  const present = STATUSES.filter((status) => storms.byVerdict[status] > 0)
  const bar = present
    .map((status) => `<span class="${wordClass(status)}" style="flex:${storms.byVerdict[status]}"></span>`)
    .join('')
  const items = present
    .map((status) => `<li><b>${countText(storms.byVerdict[status])}</b> ${wordHtml(status)}</li>`)
    .join('')
  const stopped = stopText(report)
  return `<header class="top">
${BRAND}
<h1>${escapeHtml(huntTitle(report))}</h1>
<p class="lead">${escapeHtml(statementSentence(report))}</p>
${stopped === null ? '' : `<p><b>${stopped}</b></p>`}
<div class="bar" aria-hidden="true">${bar}</div>
<ul class="totals" aria-label="Storms by verdict">${items}</ul>
${factList([
  ['Verdict', huntWord(report)],
  ['Storms', countText(storms.tried)],
  ['Seed', report.seed],
  ['Redis', report.redis],
  ['Client', report.client],
  ['Engine', report.engine],
  ['Deterministic', report.deterministic ? 'yes' : 'no: times are paced by a real clock'],
])}
</header>`
}

function table(findings: readonly HuntFinding[], ids: readonly string[], report: HuntReport): string {
  const rows = findings.map(({ number, violation }, index) => {
    const cured = violation.cures.filter(({ outcome }) => outcome === 'cured').map(({ repair }) => repair)
    const cures = violation.cures.length === 0 ? '–' : cured.length === 0 ? 'none of those tried' : cured.join(', ')
    return `<tr><th scope="row" data-label="finding">${number}</th><td><a href="#${escapeHtml(ids[index] as string)}">${escapeHtml(heading(violation.property))}</a></td><td>${kindHtml(violation.kind)}</td><td class="told">${escapeHtml(violation.sentence)}</td><td class="told" data-label="storm">${escapeHtml(stormLine(violation))}</td><td data-label="seen, of ${countText(report.storms.tried)}">${countText(violation.seen)}</td><td class="told" data-label="cured by">${escapeHtml(cures)}</td></tr>`
  })
  const kinds = new Set(findings.map(({ violation }) => violation.kind))
  const key = [
    kinds.has('bug') ? `<li>${kindHtml('bug')}: ${WORD_MEANINGS.bug}</li>` : '',
    kinds.has('limit') ? `<li>${kindHtml('limit')}: ${WORD_MEANINGS.limit}</li>` : '',
  ].join('')
  return `<section class="block" aria-labelledby="findings"><h2 id="findings">Findings</h2>
<p class="soft">Worst first. Storms that fail for the same reason are one finding. <a href="#tried">What was tried</a> is at the end.</p>
<p class="soft keys" hidden>Keys: <kbd>n</kbd> <kbd>p</kbd> next and previous finding, <kbd>j</kbd> <kbd>k</kbd> next and previous event.</p>
<div class="card"><div class="scroll" tabindex="0" role="group" aria-label="Table of findings; scrolls sideways"><table class="others findings stack"><thead><tr><th scope="col">no.</th><th scope="col">what is violated</th><th scope="col">kind</th><th scope="col">what happened</th><th scope="col">storm</th><th scope="col">seen, of ${countText(report.storms.tried)}</th><th scope="col">cured by</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div></div>
<ul class="key">${key}</ul>
</section>`
}

const kindHtml = (kind: 'bug' | 'limit'): string => `<span class="w ${kind}">✗&nbsp;${kind}</span>`
