/**
 * `index.html` of a hunt: the statement, the findings with their pictures and cures, and what was tried.
 *
 * Invariants
 * - The anchor of a finding is its token, so that `index.html#L1.3kQz9vX0b7` can be written without reading the report; of
 *   two findings in one storm the worse has it.
 * - Everything from users goes through `escapeHtml`.
 * - Under 1 MB as a rule: worlds are embedded in less and less detail until the page fits.
 */

import { checkOf } from '../../check/registry.ts'
import { escapeHtml } from '../../text/escape.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { WORD_MEANINGS } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { originFacts } from '../origin.ts'
import { tokenId, uniqueIds } from '../page/anchors.ts'
import { type Detail, HTML_LIMITS, richestPage, withSizeWarning } from '../page/detail.ts'
import { htmlPage, sameReport } from '../page/page.ts'
import { statusBar, wordHtml } from '../page/status-html.ts'
import { scrollingTable } from '../page/table.ts'
import { findingSection } from './finding-section.ts'
import type { HuntReport } from './hunt-report.ts'
import { type HuntFinding, type HuntMaterial, huntFindings } from './material.ts'
import { curedBy, huntTitle, huntWord, STATUSES, stopText, stormLine } from './sentences.ts'
import { triedSection } from './tried-section.ts'

/** The text of `index.html`. */
export function huntHtml(material: HuntMaterial): string {
  const { text } = richestPage((detail) => page(material, detail), HTML_LIMITS.wantedBytes)
  return withSizeWarning(text, HTML_LIMITS.warnBytes, 'a hunt with -x opens faster')
}

function page(material: HuntMaterial, detail: Detail): string {
  const { report } = material
  const findings = huntFindings(material)
  const unique = uniqueIds(['main', 'findings', 'tried'])
  const ids = findings.map(({ violation }) => unique(tokenId(violation.token)))
  const sections = findings.map((finding, index) => findingSection(finding, report, { id: ids[index]!, detail }))
  const more =
    report.moreViolations === 0
      ? ''
      : `<p class="soft">${counted(report.moreViolations, 'finding')} more, milder than these, neither made small nor drawn.</p>`
  return htmlPage({
    title: huntTitle(report),
    engine: report.engine,
    overview: overview(report),
    facts: [['Verdict', huntWord(report)], ['Storms', countText(report.storms.tried)], ...originFacts(report)],
    main: [findings.length === 0 ? '' : table(findings, ids, report) + more, ...sections, triedSection(report)].join(
      '\n',
    ),
    footer: sameReport('The same hunt gives'),
  })
}

function overview(report: HuntReport): readonly string[] {
  const { byVerdict } = report.storms
  const stopped = stopText(report)
  const counts = STATUSES.map((status) => ({ look: status, word: wordHtml(status), count: byVerdict[status] }))
  return [
    `<p class="lead">${escapeHtml(sentenceCase(report.statement))}</p>`,
    stopped === null ? '' : `<p><b>${stopped}</b></p>`,
    statusBar(
      counts.filter(({ count }) => count > 0),
      'Storms by verdict',
    ),
  ]
}

function table(findings: readonly HuntFinding[], ids: readonly string[], report: HuntReport): string {
  const seenHead = `seen, of ${countText(report.storms.tried)}`
  const rows = findings.map(
    ({ number, violation }, index) =>
      `<tr><th scope="row" data-label="finding">${number}</th><td><a href="#${escapeHtml(ids[index]!)}">${escapeHtml(checkOf(violation.property).heading)}</a></td><td>${wordHtml(violation.kind)}</td><td class="told">${escapeHtml(violation.sentence)}</td><td class="told" data-label="storm">${escapeHtml(stormLine(violation))}</td><td data-label="${seenHead}">${countText(violation.seen)}</td><td class="told" data-label="cured by">${escapeHtml(curedBy(violation))}</td></tr>`,
  )
  const kinds = new Set(findings.map(({ violation }) => violation.kind))
  const key = (['bug', 'limit'] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => `<li>${wordHtml(kind)}: ${WORD_MEANINGS[kind]}</li>`)
  const all = scrollingTable({
    label: 'Table of findings; scrolls sideways',
    classes: ['findings', 'stack'],
    heads: ['no.', 'what is violated', 'kind', 'what happened', 'storm', seenHead, 'cured by'],
    rows,
  })
  return `<section class="block" aria-labelledby="findings"><h2 id="findings">Findings</h2>
<p class="soft">Worst first. Storms that fail for the same reason are one finding. <a href="#tried">What was tried</a> is at the end.</p>
<p class="soft keys" hidden>Keys: <kbd>n</kbd> <kbd>p</kbd> next and previous finding, <kbd>j</kbd> <kbd>k</kbd> next and previous event.</p>
<div class="card">${all}</div>
<ul class="key">${key.join('')}</ul>
</section>`
}
