/**
 * The space-time diagram of one world, as SVG: time from left to right, a lane for each client, each Redis node, the
 * resource and the faults.
 *
 * A client's belief is an outlined bar; the thin solid bar under it is the truth: Redis really had its token. Where two
 * beliefs overlap, both are hatched. Messages are slanted arrows, a pause is grey, a partition a broken line.
 *
 * The picture has its natural size in CSS pixels and is never scaled on a screen, so that its text stays readable; the
 * page scrolls it sideways. Colours and patterns come from the page's style sheet (`html-style.ts`).
 *
 * Invariants
 * - The same story and violations give the same markup; ids are added by the caller, so equal pictures can be found.
 * - Everything that comes from users goes through `escapeHtml`.
 */

import { escapeHtml } from '../text/escape.ts'
import type { Language } from '../text/language.ts'
import { durationText } from '../text/time.ts'
import { fit } from '../text/width.ts'
import type { DrawnStory } from '../world/story-data.ts'
import { type ArrowPlace, chooseMessages, drawMessages } from './arrows.ts'
import { axisTicks, type Tick } from './axis.ts'
import { at, type Frame, GUTTER, near, RIGHT, SMALL_CHAR_WIDTH, textPx } from './frame.ts'
import { drawLane } from './lane.ts'
import { joinedSpans, nameY, placeLanes } from './layout.ts'
import { laneName, type PictureWords, wordsFor } from './picture-words.ts'
import {
  type Focus,
  isPoll,
  isToldByOperations,
  landmarks,
  type StoryWindow,
  unfolded,
  windowOf,
} from './story-window.ts'
import { tellingMessages } from './telling-messages.ts'
import { createTimeScale, naturalWidth, type TimeScale } from './time-scale.ts'
import { storyIn } from './told-story.ts'

export interface SpaceTime {
  /** Everything inside the `<svg>` element but its title and description. */
  readonly body: string
  readonly width: number
  readonly height: number
  readonly window: StoryWindow
  readonly messageCount: number
  readonly drawnMessageCount: number
  /** The names of the lanes once more, for a narrow screen on which the picture is scrolled. */
  readonly names: readonly { readonly text: string; readonly y: number }[]
  /** What occurs in it, for the legend. */
  readonly kinds: ReadonlySet<string>
  /** What the legend says of each. */
  readonly legend: PictureWords['kinds']
  /** The place of an instant, or null outside the window. */
  x(us: number): number | null
  /** The instant at a place. */
  us(x: number): number
  /** Where each lane is drawn. */
  readonly lanes: readonly { readonly name: string; readonly y: number; readonly height: number }[]
  /** Where each message is drawn. */
  readonly arrows: readonly ArrowPlace[]
}

/** A violation with what it is called where it is. */
export interface Flagged extends Focus {
  /** `mutual exclusion violated` */
  readonly heading: string
}

export interface SpaceTimeOptions {
  readonly arrowsMax: number
  /** At most this many instants are shown around the violation. */
  readonly landmarksMax?: number
  /** The least width of the plot, px: as much as the screen has. */
  readonly plotMin?: number
  /** The instant that must be in the window, in place of the violation. */
  readonly aroundUs?: number
  /** Of the words in it; default: English. */
  readonly language?: Language
  /** What another run in the same storm is drawn for: of a world without a violation the same stretch is shown. */
  readonly beside?: Focus
}

const LANDMARKS_MAX = 32
const PLOT_MIN = 1090
const PLOT_MAX = 1900
const AXIS_Y = 28
const FLAG_HEIGHT = 24
const FLAGS_MAX = 4
/** Below the axis and the lengths of the breaks. */
const FLAGS_TOP = 26
const OWNERS = 6
const UNDER_WAY_US_MAX = 10_000

/** Draws a world; the first violation is what the window is chosen for. */
export function spaceTime(
  english: DrawnStory,
  violations: readonly Flagged[],
  { arrowsMax, landmarksMax = LANDMARKS_MAX, plotMin = PLOT_MIN, aroundUs, beside, language = 'en' }: SpaceTimeOptions,
): SpaceTime {
  const told: Focus | null = violations[0] ?? null
  const words = wordsFor(language, english.lanes)
  const whole = storyIn(english, language)
  const focus = aroundUs === undefined ? (told ?? beside ?? null) : { atUs: aroundUs, untilUs: aroundUs, processes: [] }
  const window = withMessagesUnderWay(whole, windowOf(whole, focus, landmarksMax))
  const story = unfolded(whole, window)
  const marks = landmarks(story, window, focus)
  const { chosen, inWindowCount } = chooseMessages(story, window, {
    indexOf: new Map(whole.messages.map((message, index) => [message, index])),
    landmarks: marks,
    focus,
    telling: tellingMessages(whole, told),
    arrowsMax,
  })
  const details = [
    ...chosen.flatMap(({ message }) => [message.sentUs, message.arrivedUs]),
    ...story.lanes.flatMap((lane) => lane.marks.filter((mark) => !isPoll(mark)).map((mark) => mark.atUs)),
  ].filter((us) => us > window.fromUs && us < window.untilUs)
  const wanted = naturalWidth(marks, details) * 1.4 + marks.length * 12
  const width = Math.round(Math.min(Math.max(PLOT_MAX, plotMin), Math.max(plotMin, wanted)))
  const scale = createTimeScale({ landmarks: marks, details, width, gapMin: 12, foldUs: window.fold?.fromUs })
  const flags = drawFlags(violations, scale, window)
  const lanes = placeLanes(story, { window, focus, scale, words, top: AXIS_Y + 12 + flags.height })
  const last = lanes[lanes.length - 1]
  const clients = story.lanes.filter((lane) => lane.kind === 'client').map((lane) => lane.name)
  const frame: Frame = {
    story,
    words,
    scale,
    window,
    lanes,
    bottom: last === undefined ? AXIS_Y + 20 : last.y + last.height,
    ownerClass: (name) => (clients.includes(name) ? `o${clients.indexOf(name) % OWNERS}` : 'ox'),
  }
  const ticks = axisTicks({
    scale,
    window,
    focus,
    landmarks: marks,
    widthOf: (text) => textPx(text, SMALL_CHAR_WIDTH),
    gap: 14,
  })
  const drawn = lanes.map((lane) => drawLane(frame, lane))
  const messages = drawMessages(chosen, lanes, scale, {
    left: GUTTER,
    key: story.key,
    ownerClass: frame.ownerClass,
  })
  const body = [
    drawGrid(frame, ticks),
    told === null || told.untilUs < window.fromUs || told.atUs > window.untilUs ? '' : drawFocus(frame, told),
    messages.shapes,
    drawn.map(({ shapes }) => shapes).join(''),
    drawOverlaps(frame),
    drawBreaks(frame),
    messages.texts,
    `<g class="mt">${drawn.map(({ labels }) => labels).join('')}</g>`,
    `<g class="tx">${drawn.map(({ texts }) => texts).join('')}</g>`,
    flags.markup,
    `<path class="cur" d="M0 ${AXIS_Y}V${frame.bottom}"/>`,
  ].join('')
  return {
    body,
    width: GUTTER + scale.width + RIGHT,
    height: Math.ceil(frame.bottom + 6),
    window,
    messageCount: inWindowCount,
    drawnMessageCount: chosen.length,
    names: lanes.map((lane) => ({ text: laneName(lane.lane, words), y: Math.round(nameY(lane)) })),
    kinds: kindsOf(frame, chosen),
    legend: words.kinds,
    x: (us) => (us < window.fromUs || us > window.untilUs ? null : Math.round(GUTTER + scale.x(us))),
    us: (x) => scale.us(x - GUTTER),
    lanes: lanes.map(({ lane: { name }, y, height }) => ({ name, y, height })),
    arrows: messages.places,
  }
}

/** A message that is under way at an end of the window is shown from its sending to its arrival. */
function withMessagesUnderWay(story: DrawnStory, window: StoryWindow): StoryWindow {
  let { fromUs, untilUs } = window
  for (const { sentUs, arrivedUs } of story.messages) {
    if (arrivedUs - sentUs > UNDER_WAY_US_MAX) continue
    if (sentUs < window.fromUs && arrivedUs >= window.fromUs) fromUs = Math.min(fromUs, sentUs)
    if (sentUs <= window.untilUs && arrivedUs > window.untilUs) untilUs = Math.max(untilUs, arrivedUs)
  }
  return { ...window, fromUs, untilUs }
}

/** The lanes' backgrounds and names, the axis and its times. */
function drawGrid(frame: Frame, ticks: readonly Tick[]): string {
  const { scale, bottom, lanes, words } = frame
  const backgrounds = lanes.map((lane) => {
    const { name, kind } = lane.lane
    const label = words.lanes[kind]
    const shown = laneName(lane.lane, words)
    const caption = label === shown ? '' : `<text class="lk" x="12" y="${near(nameY(lane) + 13)}">${label}</text>`
    const own = kind === 'client' ? ` ${frame.ownerClass(name)}` : ''
    return `<g data-lane="${escapeHtml(name)}"><rect class="lane" x="2" y="${lane.y}" width="${GUTTER + scale.width + RIGHT - 4}" height="${lane.height}"/><path class="tab${own}" d="M4 ${lane.y + 6}v${near(lane.height - 12)}"/><text class="ln" x="12" y="${near(nameY(lane))}">${escapeHtml(fit(shown, 12))}</text>${caption}</g>`
  })
  const lines = ticks.map((tick) => `M${near(GUTTER + tick.x)} ${AXIS_Y - 5}V${bottom}`).join('')
  const labels = ticks.map((tick) => `<text x="${Math.round(GUTTER + tick.textX)}" y="14">${tick.text}</text>`).join('')
  return `${backgrounds.join('')}<path class="grid" d="${lines}"/><path class="axis" d="M${GUTTER} ${AXIS_Y}h${scale.width}"/><g class="tick">${labels}</g>`
}

/** Shortened time: a slash through the picture, and how long it was where there is room. */
function drawBreaks({ scale, bottom }: Frame): string {
  const top = AXIS_Y - 7
  const drop = near(bottom + 4 - top)
  return scale.breaks
    .map(({ fromX, untilX, lengthUs }) => {
      const x = near(GUTTER + (fromX + untilX) / 2)
      const text = durationText(lengthUs)
      const isRoomy = untilX - fromX >= textPx(text, SMALL_CHAR_WIDTH) + 26
      const label = isRoomy ? `<text class="gap" x="${near(x + 8)}" y="${AXIS_Y + 11}">${text}</text>` : ''
      return `<path class="cut" d="M${x} ${top}h5l-5 ${drop}h-5z"/><path class="slash" d="M${x} ${top}l-5 ${drop}m10 ${-drop}l-5 ${drop}"/>${label}`
    })
    .join('')
}

/** What the violations are called, above the places where they are; each in the topmost row that has room. */
function drawFlags(
  violations: readonly Flagged[],
  scale: TimeScale,
  window: StoryWindow,
): { readonly markup: string; readonly height: number } {
  const rows: [number, number][][] = []
  let markup = ''
  for (const { atUs, untilUs, heading } of violations) {
    if (untilUs < window.fromUs || atUs > window.untilUs) continue
    const from = GUTTER + scale.x(atUs)
    const until = GUTTER + scale.x(untilUs)
    const text = `✗ ${heading}${untilUs > atUs ? `, ${durationText(untilUs - atUs)}` : ''}`
    const width = textPx(text) + 12
    const textX = Math.max(GUTTER, Math.min((from + until) / 2 - width / 2, GUTTER + scale.width - width))
    const [low, high] = [Math.min(from, textX), Math.max(until, textX + width)]
    let index = rows.findIndex((row) => row.every(([start, end]) => high < start || low > end))
    if (index < 0 && rows.length < FLAGS_MAX) index = rows.push([]) - 1
    if (index < 0) continue
    rows[index]!.push([low, high])
    const y = AXIS_Y + FLAGS_TOP + index * FLAG_HEIGHT
    const line =
      until - from >= 1
        ? `<path class="fl" d="M${near(from)} ${y + 9}v-4H${near(until)}v4"/>`
        : `<path class="fp" d="M${near(from)} ${y + 11}l-4 -7h8z"/>`
    markup += `${line}<text class="ft" x="${near(textX + 6)}" y="${y}">${escapeHtml(text)}</text>`
  }
  return { markup, height: rows.length === 0 ? 0 : rows.length * FLAG_HEIGHT + 6 }
}

/** A light over the lanes while the violation lasts. */
function drawFocus(frame: Frame, { atUs, untilUs }: Focus): string {
  const { lanes, bottom } = frame
  const x = at(frame, atUs)
  const width = near(at(frame, untilUs) - x)
  const top = lanes[0]?.y ?? AXIS_Y
  if (width < 1) return `<path class="fi" d="M${x} ${top - 8}V${bottom}"/>`
  return `<rect class="fb" x="${x}" y="${top}" width="${width}" height="${near(bottom - top)}"/>`
}

/** Hatches the beliefs that overlap; with three holders at once, each stretch once. */
function drawOverlaps(frame: Frame): string {
  const { story, window, lanes } = frame
  const inside = story.overlaps.filter(({ fromUs, untilUs }) => untilUs > window.fromUs && fromUs < window.untilUs)
  return lanes
    .flatMap(({ lane, mainY, mainHeight }) =>
      joinedSpans(inside.filter(({ processes }) => processes.includes(lane.name))).map(({ fromUs, untilUs }) => {
        const x = at(frame, fromUs)
        const width = Math.max(1, near(at(frame, untilUs) - x))
        return `<rect class="hatch" x="${x}" y="${mainY + 2}" width="${width}" height="${mainHeight - 4}"/>`
      }),
    )
    .join('')
}

function kindsOf(
  { lanes, story, scale }: Frame,
  chosen: ReturnType<typeof chooseMessages>['chosen'],
): ReadonlySet<string> {
  const kinds = new Set<string>()
  const isSession = isToldByOperations(story)
  for (const placed of lanes) {
    for (const bar of placed.lane.bars) kinds.add(bar.kind === 'truth' && isSession ? 'state' : bar.kind)
    if (placed.truth.length > 0) kinds.add('truth')
    for (const { mark } of placed.marks) kinds.add(mark.kind)
  }
  for (const { message, part } of chosen) kinds.add(message.lost ? 'lost' : part === 'guilty' ? 'guilty' : 'message')
  if (story.overlaps.length > 0) kinds.add('overlap')
  if (scale.breaks.length > 0) kinds.add('break')
  return kinds
}
