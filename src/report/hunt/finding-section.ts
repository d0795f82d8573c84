/**
 * The section of one finding: the sentence, why, the storm, the picture, the cures, how to see it again.
 */

import { checkOf } from '../../check/registry.ts'
import { spaceTime } from '../../picture/space-time.ts'
import { escapeHtml } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { counted } from '../../text/time.ts'
import type { Detail } from '../page/detail.ts'
import { drawnWorld } from '../page/drawn-world.ts'
import { copyHtml } from '../page/page.ts'
import { scrollingTable } from '../page/table.ts'
import type { HuntReport } from './hunt-report.ts'
import type { HuntFinding } from './material.ts'
import { CURE_WORDS, faultCountText, necessityText, oftenText, shrinkText } from './sentences.ts'

export interface FindingOptions {
  /** The id of the section: its token. */
  readonly id: string
  /** How much of its world is embedded. */
  readonly detail: Detail
}

/** The `<article>` of a finding. */
export function findingSection(finding: HuntFinding, report: HuntReport, { id, detail }: FindingOptions): string {
  const { violation, number } = finding
  const { property, sentence, why, needs } = violation
  const safeId = escapeHtml(id)
  const parts = [
    `<article class="card cell" id="${safeId}" aria-labelledby="h-${number}" tabindex="-1">`,
    `<header><h3 id="h-${number}">Finding ${number}: ${escapeHtml(checkOf(property).heading)}</h3>${tags(finding)}</header>`,
    `<p class="sentence"><span class="w violated">✗ ${escapeHtml(checkOf(property).heading)}:</span> ${escapeHtml(sentence)}</p>`,
    `<p>${escapeHtml([why, needs ?? ''].join(' ').trim())}</p>`,
    storm(finding),
    picture(finding, report, detail),
    cures(finding),
    consequencesHtml(finding),
    again(finding, report),
    '</article>',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function tags({ violation: { kind, faults } }: HuntFinding): string {
  const word = kind === 'bug' ? '<li class="bug">bug</li>' : '<li class="limit">limit</li>'
  return `<ul class="tags" aria-label="Verdict">${word}<li>${faultCountText(faults.length)}</li></ul>`
}

function storm({ violation }: HuntFinding): string {
  const { story } = violation
  const shrunk = `<p class="soft">${shrinkText(violation)}</p>`
  if (story.length === 0) {
    return `<h4>The storm</h4><p>No fault at all: the order in which messages arrive is enough.</p>${shrunk}`
  }
  const items = story.map(
    (fault, index) => `<li>${escapeHtml(fault)} <span class="soft">– ${necessityText(violation, index)}</span></li>`,
  )
  return `<h4>The storm</h4><ol class="storm">${items.join('')}</ol>${shrunk}`
}

function picture({ violation, story, number, historyFile }: HuntFinding, report: HuntReport, detail: Detail): string {
  if (story === null) return '<p class="soft">No picture: its replay command shows it.</p>'
  const drawn = spaceTime(story, [violation], detail.arrowsMax)
  return drawnWorld({
    story,
    picture: drawn,
    focus: violation,
    id: `f${number}`,
    title: `${report.lock}, finding ${number}`,
    sentence: violation.sentence,
    recordsMax: detail.recordsMax,
    file: historyFile,
  })
}

function cures({ violation }: HuntFinding): string {
  if (violation.cures.length === 0) return ''
  const rows = violation.cures.map(
    ({ repair, advice, outcome }) =>
      `<tr><th scope="row">${escapeHtml(repair)}</th><td><span class="w ${CURE_CLASSES[outcome]}">${CURE_WORDS[outcome].replace(' ', '&nbsp;')}</span></td><td class="told">${escapeHtml(advice)}</td></tr>`,
  )
  const table = scrollingTable({
    label: 'Table of cures; scrolls sideways',
    classes: ['cures', 'stack'],
    heads: ['change', 'outcome', 'what to do'],
    rows,
  })
  return `<h4>Cures that were tried in the same storm</h4>\n${table}`
}

const CURE_CLASSES = { cured: 'valid', changed: 'unknown', still: 'violated' } as const

/** What never showed without this finding. */
function consequencesHtml({ violation: { consequences } }: HuntFinding): string {
  if (consequences.length === 0) return ''
  const items = consequences.map(
    ({ property, kind, sentence, seen }) =>
      `<li><span class="w ${kind}">${escapeHtml(checkOf(property).heading)}</span> (${kind}): ${escapeHtml(sentence)} <small>in ${counted(seen, 'storm')}</small></li>`,
  )
  return `<section class="also"><h4>Seen only together with it</h4><ul>${items.join('\n')}</ul></section>`
}

/** How to see it again: the token, the command, the files. */
function again({ violation, replayFile, story, historyFile }: HuntFinding, report: HuntReport): string {
  const files = [
    replayFile === null
      ? ''
      : `The storm as a file to commit: <a href="${escapeHtml(replayFile)}">${escapeHtml(replayFile)}</a>.`,
    story === null ? '' : `Its history: <a href="${escapeHtml(historyFile)}">${escapeHtml(historyFile)}</a>.`,
  ]
  return `<h4>See it again</h4>
${copyHtml(replayCommand(violation.token, report.replayWith), 'the replay command')}
${copyHtml(violation.token, 'the token')}
<p class="soft">${[...files, oftenText(report, violation)].filter((text) => text !== '').join(' ')}</p>`
}
