/**
 * The section of a cell with violations: the sentence, why, how to see it again, the picture, the events; then whatever
 * else was violated.
 */

import { checkOf } from '../../check/registry.ts'
import { spaceTime } from '../../picture/space-time.ts'
import type { Cell, ReportedViolation, ReportMaterial } from '../../scenario/report.ts'
import { escapeHtml } from '../../text/escape.ts'
import { safeFileName } from '../../text/file-name.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { counted, countText } from '../../text/time.ts'
import type { Anchors } from '../page/anchors.ts'
import type { Detail } from '../page/detail.ts'
import { drawnWorld } from '../page/drawn-world.ts'
import { copyHtml } from '../page/page.ts'
import { wordHtml } from '../page/status-html.ts'
import { cellWord, expectationText } from './cell-words.ts'
import { storyOfCell, violationsByWorld } from './shown-story.ts'

/** Pictures that the page already has, with the id of the cell that shows them. */
export type SeenPictures = Map<string, { readonly cellId: string; readonly title: string }>

export interface CellContext {
  readonly material: ReportMaterial
  readonly anchors: Anchors
  /** How much of a cell's world is embedded. */
  readonly detailOf: (cell: Cell) => Detail
  readonly seen: SeenPictures
}

/** The `<article>` of a cell. */
export function cellSection(cell: Cell, context: CellContext): string {
  const { material, anchors } = context
  const id = anchors.cell(cell)
  const { shown, elsewhere } = violationsByWorld(material, cell)
  const [first, ...rest] = [...shown, ...elsewhere]
  const subject = material.subjects.get(cell.lock)
  const parts = [
    `<article class="card cell" id="${id}" aria-labelledby="${id}-h" tabindex="-1">`,
    `<header><h3 id="${id}-h"><bdi>${escapeHtml(cell.lock)}</bdi> <span class="soft">in <bdi>${escapeHtml(cell.scenario)}</bdi></span></h3>${tags(cell, material)}</header>`,
    subject === undefined ? '' : about(subject),
    first === undefined
      ? ''
      : violationHtml(first, cell, anchors, null) +
        copyHtml(replayCommand(first.token, cell.replayWith), 'the replay command'),
    shown.length > 0 || first === undefined
      ? ''
      : '<p class="soft">It was seen in another world than the one drawn here.</p>',
    picture(cell, shown, context),
    rest.length === 0 || first === undefined ? '' : also(rest, first, shown, cell, anchors),
    cell.sometimes.length === 0
      ? ''
      : `<p class="soft">In these worlds it happened that ${cell.sometimes.map(escapeHtml).join('; ')}.</p>`,
    '</article>',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function about({ title, commands }: { readonly title: string; readonly commands: string }): string {
  const parts = [
    title === '' ? '' : escapeHtml(title),
    commands === '' ? '' : `<code>${escapeHtml(commands)}</code>`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `<p class="soft">${parts.join(': ')}</p>`
}

function tags(cell: Cell, { report }: ReportMaterial): string {
  const kinds = new Set(cell.violations.map(({ kind }) => kind))
  const items = [`<li>${wordHtml(cellWord(cell))}</li>`]
  if (kinds.has('bug')) items.push('<li class="bug">bug</li>')
  if (kinds.has('limit')) items.push('<li class="limit">limit</li>')
  items.push(
    cell.asExpected
      ? '<li>as expected</li>'
      : `<li class="unexpected">unexpected: ${escapeHtml(expectationText(cell.expected))} was expected</li>`,
    `<li>${countText(cell.violatedWorlds)} of ${counted(cell.worlds, 'world')}</li>`,
  )
  if (cell.nodes !== undefined) items.push(`<li>${counted(cell.nodes, 'Redis node')}</li>`)
  if (cell.client !== report.client) items.push(`<li>client ${escapeHtml(cell.client)}</li>`)
  return `<ul class="tags" aria-label="Verdict">${items.join('')}</ul>`
}

/** The sentence and why; the first of a cell in large letters. */
function violationHtml(
  violation: ReportedViolation,
  cell: Cell,
  anchors: Anchors,
  /** The one told before it; null: it is the first. */
  first: ReportedViolation | null,
): string {
  const { property, sentence, why, needs, token, kind } = violation
  const anchor = anchors.token(token)
  // One cell carries the token's id, once: with its first violation of that world.
  const isCarrier =
    anchor?.cellId === anchors.cell(cell) && cell.violations.find((one) => one.token === token) === violation
  const id = isCarrier ? ` id="${escapeHtml(anchor.id)}"` : ''
  const isFirst = first === null
  const cause =
    first !== null && first.why === why && first.kind === kind
      ? 'For the same reason.'
      : escapeHtml([why, needs ?? ''].join(' ').trim())
  return `<p class="${isFirst ? 'sentence' : 'lesser'}"${id}><span class="w violated">✗ ${escapeHtml(checkOf(property).heading)}:</span> ${isFirst ? '' : `(${kind}) `}${escapeHtml(sentence)}</p>
<p>${cause}</p>`
}

function picture(
  cell: Cell,
  shown: readonly ReportedViolation[],
  { material, anchors, detailOf, seen }: CellContext,
): string {
  const story = storyOfCell(material, cell)
  if (story === null) return ''
  const id = anchors.cell(cell)
  const detail = detailOf(cell)
  const drawn = spaceTime(story, shown, detail.arrowsMax)
  const title = `${cell.lock} in ${cell.scenario}`
  const earlier = seen.get(drawn.body)
  if (earlier !== undefined) {
    return `<p class="soft">The picture is the same as that of <a href="#${earlier.cellId}">${escapeHtml(earlier.title)}</a>, message for message.</p>`
  }
  seen.set(drawn.body, { cellId: id, title })
  return drawnWorld({
    story,
    picture: drawn,
    focus: shown[0] ?? null,
    id: `f${seen.size}`,
    title,
    sentence: shown[0]?.sentence ?? 'No violation happened in this world',
    recordsMax: detail.recordsMax,
    file: `histories/${safeFileName(cell.history)}`,
  })
}

function also(
  violations: readonly ReportedViolation[],
  first: ReportedViolation,
  shown: readonly ReportedViolation[],
  cell: Cell,
  anchors: Anchors,
): string {
  const items = violations.map((violation) => {
    const told = violationHtml(violation, cell, anchors, first)
    if (shown.includes(violation)) return `<li>${told}</li>`
    return `<li>${told}<p class="soft">Seen in another world than the one drawn above:</p>${copyHtml(replayCommand(violation.token, cell.replayWith), 'the replay command')}</li>`
  })
  return `<section class="also"><h4>Also violated</h4><ul>${items.join('\n')}</ul></section>`
}
