/**
 * The section of one library on the page of the scoreboard: each finding with its sentence, its storm, its picture and the
 * command that shows it again.
 */

import { checkOf } from '../../src/check/registry.ts'
import type { Violation } from '../../src/check/verdict.ts'
import { spaceTime } from '../../src/picture/space-time.ts'
import { drawnWorld } from '../../src/report/page/drawn-world.ts'
import { copyHtml } from '../../src/report/page/page.ts'
import { escapeHtml } from '../../src/text/escape.ts'
import { sentenceCase } from '../../src/text/sentence-case.ts'
import { type CellWord, symbolOf } from '../../src/text/status-word.ts'
import { sentenceOf } from '../../src/words/sentence.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { commandOf, othersIn, seenWords, stormWords, type Word } from './board.ts'
import type { Entry } from './entries.ts'
import type { Hunted, ListedFinding, Told } from './hunting.ts'

/** How much is drawn of each storm: fifty of them fit one page. */
const ARROWS_MAX = 100
const RECORDS_MAX = 24

/** The words of other pages whose colour and symbol these have. */
export const LOOKS: Readonly<Record<Word, CellWord>> = {
  bug: 'bug',
  limit: 'limit',
  valid: 'valid',
  unknown: 'unknown',
  'not decided': 'unknown',
}

/** A word of a cell, coloured; a line never ends in it. */
export const wordHtml = (word: Word): string =>
  `<span class="w ${LOOKS[word]}">${symbolOf(LOOKS[word])}&nbsp;${word.replace(' ', '&nbsp;')}</span>`

/** Markdown with nothing but code and bold in it. */
export const inline = (text: string): string =>
  escapeHtml(text.replace(/\s+/g, ' '))
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')

/** Where a finding is: names have no dots, so it is no library's place. */
export const findingId = ({ subject }: Entry, index: number): string => `${subject.name}.${index + 1}`

/** The `<section>` of a library. */
export function librarySection(entry: Entry, hunted: Hunted, stories: ReadonlyMap<string, Told>): string {
  const { subject, title, remark } = entry
  const { storms, versions, findings } = hunted
  const name = escapeHtml(subject.name)
  return [
    `<section class="block" aria-labelledby="${name}"><h2 id="${name}"><bdi>${name}</bdi></h2>`,
    `<p class="soft">${[title, ...versions].map(inline).join(' · ')}</p>`,
    remark === undefined ? '' : `<p>${inline(remark)}</p>`,
    findings.length === 0 ? `<p>Nothing in ${storms} storms.</p>` : '',
    ...findings.map((finding, index) => article(entry, finding, index, stories)),
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function article(entry: Entry, finding: ListedFinding, index: number, stories: ReadonlyMap<string, Told>): string {
  const { property, kind, sentence, why, token, historyHash } = finding
  const id = escapeHtml(findingId(entry, index))
  const title = `${entry.subject.name} ${index + 1}: ${checkOf(property).heading}`
  const { what, where } = stormWords(finding)
  const note = entry.notes[property]
  const others = othersIn(finding).map((one) => `<li>${escapeHtml(one)}</li>`)
  const parts = [
    `<article class="card cell" id="${id}" aria-labelledby="h-${id}" tabindex="-1">`,
    `<header><h3 id="h-${id}">${escapeHtml(title)}</h3>${tags(finding)}</header>`,
    `<p class="sentence"><span class="w violated">✗ ${escapeHtml(checkOf(property).heading)}:</span> ${escapeHtml(sentence)}</p>`,
    `<p>${escapeHtml(why)}${kind === 'limit' ? ' Needs fencing: no lock with a lease can prevent this by itself.' : ''}</p>`,
    note === undefined ? '' : `<p>${inline(sentenceCase(note))}</p>`,
    `<h4>The storm</h4><ol class="storm">${what.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ol><p class="soft">${escapeHtml(where)}</p>`,
    picture(title, id, finding, toldOf(stories, token)),
    others.length === 0 ? '' : `<h4>Also in this storm</h4><ul>${others.join('')}</ul>`,
    `<h4>See it again</h4>${copyHtml(commandOf(entry, token), 'the replay command')}`,
    `<p class="soft">History <code>${escapeHtml(historyHash)}</code>.</p>`,
    '</article>',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function tags(finding: ListedFinding): string {
  const word = finding.kind === 'bug' ? '<li class="bug">bug</li>' : '<li class="limit">limit</li>'
  return `<ul class="tags" aria-label="Verdict">${word}<li>${seenWords(finding)}</li></ul>`
}

function toldOf(stories: ReadonlyMap<string, Told>, token: string): Told {
  const told = stories.get(token)
  if (told === undefined) throw new Error(`nobody told the storm of ${token}`)
  return told
}

/** What the finding says comes first: the picture is chosen for it; what else happens in the storm is marked too. */
function picture(title: string, id: string, finding: ListedFinding, { story, violations }: Told): string {
  const { property, kind, sentence, token } = finding
  const isIt = (one: Violation): boolean =>
    one.property === property && one.kind === kind && sentenceOf(one) === sentence
  const own = violations.find(isIt)
  if (own === undefined) throw new Error(`the storm of ${token} no longer shows: ${sentence}`)
  const marked = [own, ...violations.filter((one) => one !== own)].map((one) => ({
    ...tellViolation(one),
    heading: checkOf(one.property).heading,
    token,
  }))
  const drawn = spaceTime(story, marked, { arrowsMax: ARROWS_MAX })
  return drawnWorld({
    story,
    picture: drawn,
    focus: own,
    id: `f-${id}`,
    title,
    sentence,
    recordsMax: RECORDS_MAX,
    file: null,
  })
}
