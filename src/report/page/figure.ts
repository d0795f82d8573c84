/**
 * A space-time diagram in the page: the SVG with its title and description, a legend of what occurs in it, and a caption
 * that says what was left out.
 */

import type { SpaceTime } from '../../picture/space-time.ts'
import { escapeHtml } from '../../text/escape.ts'
import { countText, durationText, instantText } from '../../text/time.ts'
import { fit } from '../../text/width.ts'
import type { Story } from '../../world/story-data.ts'

/** What each kind looks like and means, in the order of the legend. */
const LEGEND: readonly (readonly [string, string, string])[] = [
  ['belief', '<rect class="b o0" x="1" y="2" width="24" height="10"/>', 'a client believes that it holds'],
  ['truth', '<rect class="t o0" x="1" y="3" width="24" height="8"/>', 'Redis has its token'],
  ['copy', '<rect class="t copy o0" x="1" y="3" width="24" height="8"/>', 'a server that is not the primary has it'],
  ['state', '<rect class="t o0" x="1" y="3" width="24" height="8"/>', 'what Redis has, in the colour of who wrote it'],
  ['overlap', '<rect class="hatch" x="1" y="2" width="24" height="10"/>', 'two beliefs at once'],
  ['effect', '<path class="e o0" d="M8 7l5 -5l5 5l-5 5z"/>', 'write accepted'],
  ['refused', '<path class="r o0" d="M8 7l5 -5l5 5l-5 5zm3 -3l4 6m0 -6l-4 6"/>', 'write refused'],
  ['operation', '<path class="op o0" d="M13 7h0"/>', 'an operation ended'],
  ['message', '<path class="m o0" d="M4 1L21 12l-6 -1M21 12l-3 -5"/>', 'message'],
  ['guilty', '<path class="m guilty" d="M4 1L21 12l-6 -1M21 12l-3 -5"/>', 'the message that did it'],
  ['lost', '<path class="m lost" d="M4 1L15 8m-3.5 -3.5l7 7m0 -7l-7 7"/>', 'lost message'],
  ['pause', '<rect class="pause" x="1" y="1" width="24" height="12"/>', 'paused'],
  ['crash', '<rect class="crash" x="1" y="1" width="24" height="12"/>', 'crashed'],
  ['partition', '<path class="partition" d="M1 7h7m11 0h7"/><path class="broken" d="M9 11l3 -8m2 8l3 -8"/>', 'cut off'],
  ['skew', '<path class="skew" d="M1 7h24"/>', 'wrong clock'],
  ['fault', '<rect class="f" x="1" y="2" width="24" height="10"/>', 'fault'],
  ['break', '<path class="slash" d="M12 1l-3 12m8 -12l-3 12"/>', 'a long wait, drawn short'],
]

/** Patterns and swatches that all pictures use; once a page. */
export const PATTERNS = `<svg class="defs" aria-hidden="true" focusable="false"><defs>
<pattern id="p-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hs" d="M0 0V7"/></pattern>
<pattern id="p-pause" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pb" width="6" height="6"/><circle class="pd" cx="1.5" cy="1.5" r="1"/></pattern>
<pattern id="p-crash" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="pb" width="8" height="8"/><path class="cs" d="M0 0V8"/></pattern>
${LEGEND.map(([kind, drawing]) => `<symbol id="l-${kind}" viewBox="0 0 26 14">${drawing}</symbol>`).join('\n')}
</defs></svg>`

export interface FigureOptions {
  /** Unique in the page; ids inside are made from it. */
  readonly id: string
  readonly title: string
  readonly description: string
  /** Where the violation is, for a screen that cannot show all at once. */
  readonly focusX: number | null
}

/** The `<figure>` of a picture. */
export function figure(picture: SpaceTime, story: Story, { id, title, description, focusX }: FigureOptions): string {
  const { width, height, body, names } = picture
  const overlay = names
    .map(({ text, y }) => `<span style="top:${y - 14}px">${escapeHtml(fit(text, 12))}</span>`)
    .join('')
  return `<figure>
<div class="scroll" tabindex="0"${focusX === null ? '' : ` data-focus="${focusX}"`} role="group" aria-label="Space-time diagram; scrolls sideways"><div class="names" aria-hidden="true">${overlay}</div>
<svg class="st-svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>${body}</svg></div>
<figcaption>${legend(picture.kinds)}<p>${caption(picture, story)}</p></figcaption>
</figure>`
}

function legend(kinds: ReadonlySet<string>): string {
  const items = LEGEND.filter(([kind]) => kinds.has(kind)).map(
    ([kind, , text]) => `<li><svg aria-hidden="true"><use href="#l-${kind}"/></svg>${text}`,
  )
  return `<ul class="legend" aria-label="Legend">${items.join('')}</ul>`
}

function caption({ window, messageCount, drawnMessageCount }: SpaceTime, story: Story): string {
  // An application names its keys as it likes.
  const isUsed = story.lanes.some(({ bars }) => bars.some(({ kind }) => kind === 'truth')) || isNamed(story)
  const parts = isUsed ? [`Key <code>${escapeHtml(story.key)}</code>, <code>k</code> in the messages.`] : []
  const lengthUs = Math.max(1, window.untilUs - window.fromUs)
  if (window.isCutBefore || window.isCutAfter) {
    const from = instantText(window.fromUs, lengthUs)
    parts.push(`Shown: ${from} to ${instantText(window.untilUs, lengthUs)} of a world of ${durationText(story.endUs)}.`)
  } else parts.push(`A world of ${durationText(story.endUs)} of virtual time.`)
  if (drawnMessageCount < messageCount) {
    parts.push(
      `${countText(drawnMessageCount)} of ${countText(messageCount)} messages are drawn: those nearest to what happened.`,
    )
  }
  return parts.join(' ')
}

const isNamed = ({ key, messages }: Story): boolean => messages.some(({ label }) => label.includes(key))
