/**
 * A space-time diagram as a file of its own, for Markdown and for mail: the drawing that pages have, its legend, and what they take from
 * their style sheet.
 *
 * Invariants
 * - It is well-formed XML without a script, an event handler or an address: what comes from users is text.
 * - Light and dark follow the reader's system.
 */
import { escapeHtml } from '../text/escape.ts'
import type { DrawnStory } from '../world/story-data.ts'
import { SMALL_CHAR_WIDTH, textPx } from './frame.ts'
import { PATTERNS, PATTERNS_ID } from './patterns.ts'
import { PICTURE_STYLE, THEME } from './picture-style.ts'
import { type Flagged, type SpaceTime, spaceTime } from './space-time.ts'

/** In Markdown a picture is as wide as the text: fewer things are still read when it is made smaller. */
const PLOT_MIN = 820
const LANDMARKS_MAX = 8
const ARROWS_MAX = 40

const EDGE = 14
const SWATCH = 26
const SWATCH_HEIGHT = 14
const LEGEND_ROW = 20
const LEGEND_GAP = 18

/** The text of the file; the first violation is what its stretch of time is chosen for. */
export function svgFile(story: DrawnStory, violations: readonly Flagged[], title: string): string {
  const drawn = spaceTime(story, violations, {
    arrowsMax: ARROWS_MAX,
    landmarksMax: LANDMARKS_MAX,
    plotMin: PLOT_MIN,
  })
  const legend = legendOf(drawn)
  const [width, height] = [drawn.width + 2 * EDGE, drawn.height + legend.height + 2 * EDGE]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" class="st-svg" role="img" aria-labelledby="title">
<title id="title">${escapeHtml(title)}</title>
<style>${THEME}
${PICTURE_STYLE}.paper { fill: var(--card); stroke: var(--rule); rx: 10px; }
.st-svg .lg { fill: var(--soft); font-size: 11px; }</style>
${PATTERNS}
<rect class="paper" x=".5" y=".5" width="${width - 1}" height="${height - 1}"/>
<g transform="translate(${EDGE} ${EDGE})">${drawn.body}</g>
<g transform="translate(${EDGE} ${EDGE + drawn.height})">${legend.body}</g>
</svg>
`
}

/** The kinds of things in the picture, in rows. */
function legendOf({ kinds, legend, width }: Pick<SpaceTime, 'kinds' | 'legend' | 'width'>): {
  readonly body: string
  readonly height: number
} {
  let [x, y] = [0, 10]
  let body = ''
  for (const kind of kinds) {
    const words = legend[kind] ?? kind
    const itemWidth = SWATCH + 6 + textPx(words, SMALL_CHAR_WIDTH)
    if (x > 0 && x + itemWidth > width) {
      x = 0
      y += LEGEND_ROW
    }
    body += `<use href="#${PATTERNS_ID}-${kind}" x="${x}" y="${y}" width="${SWATCH}" height="${SWATCH_HEIGHT}"/><text class="lg" x="${x + SWATCH + 6}" y="${y + 11}">${escapeHtml(words)}</text>`
    x = Math.ceil(x + itemWidth + LEGEND_GAP)
  }
  return { body, height: kinds.size === 0 ? 0 : y + SWATCH_HEIGHT + 6 }
}
