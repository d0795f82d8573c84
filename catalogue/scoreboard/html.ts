/**
 * `reports/scoreboard/index.html`: the scoreboard as a page of its own, with a picture of every storm.
 *
 * Invariants
 * - Everything that comes from libraries and hunts goes through `escapeHtml`.
 * - A finding is drawn only as the storm shows it now: one that is gone is an error, not a picture without it.
 */

import { copyHtml, htmlPage } from '../../src/report/page/page.ts'
import { statusBar } from '../../src/report/page/status-html.ts'
import { scrollingTable } from '../../src/report/page/table.ts'
import { escapeHtml } from '../../src/text/escape.ts'
import { countText } from '../../src/text/time.ts'
import { ENGINE_VERSION } from '../../src/world/engine-version.ts'
import {
  type Board,
  boardsOf,
  cellOf,
  HUNTED,
  LIMITS,
  MEANINGS,
  proof,
  type Row,
  rowsOf,
  unclaimed,
  type Word,
  wordCounts,
} from './board.ts'
import { findingId, inline, LOOKS, librarySection, wordHtml } from './html-library.ts'
import type { Hunted, Told } from './hunting.ts'

/**
 * The text of the page.
 * @param server the real server that has shown the same, in words
 * @param stories the storm of each token
 */
export function scoreboardHtml(hunts: readonly Hunted[], server: string, stories: ReadonlyMap<string, Told>): string {
  const rows = rowsOf(hunts)
  const boards = boardsOf(rows)
  const counts = [...wordCounts(boards)].map(([word, count]) => ({ look: LOOKS[word], word: wordHtml(word), count }))
  const sum = (count: (hunted: Hunted) => number): string =>
    countText(rows.reduce((total, [, hunted]) => total + count(hunted), 0))
  return htmlPage({
    title: TITLE,
    engine: ENGINE_VERSION,
    overview: [`<p class="lead">${inline(HUNTED)}</p>`, statusBar(counts, 'Cells by verdict')],
    facts: [
      ['Rows', countText(rows.length)],
      ['Storms', sum(({ storms }) => storms)],
      ['Findings', sum(({ findings }) => findings.length)],
      ['Redis', `in memory, and ${server}`],
      ['Engine', ENGINE_VERSION],
    ],
    main: [
      ...boards.map((board, index) => boardSection(board, index === 0)),
      key(boards),
      readingSection(server),
      runsSection(rows),
      unclaimedSection(rows),
      ...rows.map(([entry, hunted]) => librarySection(entry, hunted, stories)),
    ].join('\n'),
    footer:
      'The same hunts give the same page, byte for byte. <a href="../../docs/scoreboard.md">docs/scoreboard.md</a> says the same without pictures.',
  })
}

const TITLE = 'Scoreboard of lock libraries'

function boardSection({ title, rows, columns }: Board, isFirst: boolean): string {
  const id = title.toLowerCase()
  const keys = isFirst
    ? '\n<p class="soft keys" hidden>Keys: <kbd>n</kbd> <kbd>p</kbd> next and previous finding, <kbd>j</kbd> <kbd>k</kbd> next and previous event.</p>'
    : ''
  const heads = columns.map((property) => `<th scope="col">${property}</th>`).join('')
  const lines = rows.map((row) => {
    const [entry] = row
    const name = escapeHtml(entry.subject.name)
    const cells = columns.map((property) => {
      const { word, index } = cellOf(row, property)
      const place = index === null ? (word === 'not decided' ? 'unclaimed' : null) : findingId(entry, index)
      const inside = wordHtml(word)
      return place === null
        ? `<td><span>${inside}</span></td>`
        : `<td><a class="${LOOKS[word]}" href="#${escapeHtml(place)}">${inside}</a></td>`
    })
    return `<tr><th scope="row"><a href="#${name}"><bdi>${name}</bdi></a></th>${cells.join('')}</tr>`
  })
  return `<section class="block" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${keys}
<div class="card"><div class="scroll" tabindex="0" role="group" aria-label="Table of libraries and properties; scrolls sideways"><table class="matrix dense">
<caption>What was broken, by one fault at most. A word leads to its finding.</caption>
<thead><tr><td></td>${heads}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div></div>
</section>`
}

const key = (boards: readonly Board[]): string => {
  const items = [...wordCounts(boards).keys()].map((word: Word) => `<li>${wordHtml(word)}: ${MEANINGS[word]}</li>`)
  return `<ul class="key">${items.join('')}</ul>`
}

const readingSection = (
  server: string,
): string => `<section class="block" aria-labelledby="reading"><h2 id="reading">How to read it</h2>
<p>${inline(proof(server))}</p>
<p>${inline(LIMITS)}</p>
</section>`

function runsSection(rows: readonly Row[]): string {
  const lines = rows.map(([{ subject, title }, { versions, client, storms, findings }]) => {
    const name = escapeHtml(subject.name)
    return `<tr><th scope="row"><a href="#${name}"><bdi>${name}</bdi></a></th><td data-label="client">${escapeHtml(client)}</td><td data-label="storms">${countText(storms)}</td><td data-label="findings">${countText(findings.length)}</td><td data-label="versions">${versions.length === 0 ? '–' : escapeHtml(versions.join(', '))}</td><td class="told">${inline(title)}</td></tr>`
  })
  const table = scrollingTable({
    label: 'Table of what was run; scrolls sideways',
    classes: ['stack'],
    heads: ['name', 'client', 'storms', 'findings', 'versions', 'what'],
    rows: lines,
  })
  return `<section class="block" aria-labelledby="runs"><h2 id="runs">What was run</h2>
<div class="card">${table}</div>
</section>`
}

function unclaimedSection(rows: readonly Row[]): string {
  const items = unclaimed(rows).map(
    ({ words, command }) => `<p>${inline(words)}</p>${command === null ? '' : copyHtml(command, 'the replay command')}`,
  )
  return items.length === 0
    ? ''
    : `<section class="block" aria-labelledby="unclaimed"><h2 id="unclaimed">Not claimed</h2>
<div class="card">${items.join('\n')}</div>
</section>`
}
