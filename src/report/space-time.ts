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
 * - Everything that comes from users goes through `html`.
 */
import { html } from './escape.ts'
import { axisTicks } from './axis.ts'
import type { ReportedViolation, Story } from './report.ts'
import { type Bar, type Mark, type PlacedLane, placeLanes, type Span } from './space-time-layout.ts'
import { chooseMessages, drawMessages } from './space-time-messages.ts'
import { type Focus, landmarks, type StoryWindow, windowOf } from './story-window.ts'
import { fit, textWidth } from './text-width.ts'
import { createTimeScale, naturalWidth, type TimeScale } from './time-scale.ts'
import { durationText, instantText } from './time-text.ts'
import { heading } from './words.ts'

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
  readonly kinds: ReadonlySet<string>
  /** The place of an instant, or null outside the window. */
  x(us: number): number | null
}

const LANDMARKS_MAX = 60
const GUTTER = 96
const RIGHT = 18
const PLOT_MIN = 1090
const PLOT_MAX = 1900
const AXIS_Y = 28
const FLAG = 19
const FLAGS_MAX = 4
const CHAR_WIDTH = 6.3
const SMALL_CHAR_WIDTH = 5.7
const OWNERS = 6

/** What all parts of one picture share. */
interface Frame {
  readonly story: Story
  readonly scale: TimeScale
  readonly window: StoryWindow
  readonly lanes: readonly PlacedLane[]
  readonly bottom: number
  readonly ownerClass: (name: string) => string
}

/** Draws a world; the first violation is what the window is chosen for. */
export function spaceTime(story: Story, violations: readonly ReportedViolation[], arrowsMax: number): SpaceTime {
  const focus: Focus | null = violations[0] ?? null
  const window = windowOf(story, focus, LANDMARKS_MAX)
  const marks = landmarks(story, window, focus)
  const { chosen, inWindowCount } = chooseMessages(story, window, marks, arrowsMax)
  const details = [
    ...chosen.flatMap(({ message }) => [message.sentUs, message.arrivedUs]),
    ...story.lanes.flatMap((lane) => lane.marks.map((mark) => mark.atUs)),
  ].filter((us) => us > window.fromUs && us < window.untilUs)
  const wanted = naturalWidth(marks, details) * 1.4 + marks.length * 12
  const scale = createTimeScale({
    landmarks: marks,
    details,
    width: Math.round(Math.min(PLOT_MAX, Math.max(PLOT_MIN, wanted))),
    gapMin: 12,
  })
  const flags = placeFlags(violations, scale, window)
  const lanes = placeLanes(story, window, AXIS_Y + 14 + flags.rowCount * FLAG)
  const last = lanes[lanes.length - 1]
  const bottom = last === undefined ? AXIS_Y + 20 : last.y + last.height
  const clients = story.lanes.filter((lane) => lane.kind === 'client').map((lane) => lane.name)
  const frame: Frame = {
    story,
    scale,
    window,
    lanes,
    bottom,
    ownerClass: (name) => (clients.includes(name) ? `o${clients.indexOf(name) % OWNERS}` : 'ox'),
  }
  const body = [
    lanes.map((lane) => laneBackground(frame, lane)).join(''),
    drawGrid(frame, axisTicks({ scale, window, focus, landmarks: marks, widthOf: smallWidth, gap: 14 })),
    violations.map((violation) => drawFocus(frame, violation)).join(''),
    drawMessages(chosen, lanes, scale, { left: GUTTER, ownerClass: frame.ownerClass }),
    lanes.map((lane) => drawLane(frame, lane)).join(''),
    drawOverlaps(frame),
    drawBreaks(frame),
    flags.markup,
    `<path class="cur" d="M0 ${AXIS_Y}V${bottom}"/>`,
  ].join('')
  return {
    body,
    width: GUTTER + scale.width + RIGHT,
    height: Math.ceil(bottom + 6),
    window,
    messageCount: inWindowCount,
    drawnMessageCount: chosen.length,
    names: lanes.map((lane) => ({ text: lane.lane.name, y: Math.round(nameY(lane)) })),
    kinds: kindsOf(frame, chosen.some(({ message }) => message.lost), chosen.length > 0),
    x: (us) => (us < window.fromUs || us > window.untilUs ? null : Math.round(GUTTER + scale.x(us))),
  }
}

const at = (frame: Frame, us: number): number => near(GUTTER + frame.scale.x(us))
const near = (value: number): number => Math.round(value * 10) / 10
const smallWidth = (text: string): number => textWidth(text) * SMALL_CHAR_WIDTH
const wideWidth = (text: string): number => textWidth(text) * CHAR_WIDTH
const nameY = (lane: PlacedLane): number => (lane.mainHeight === 0 ? lane.marksY + 13 : lane.mainY + 15)

function laneBackground({ scale }: Frame, lane: PlacedLane): string {
  const { name, kind } = lane.lane
  const width = GUTTER + scale.width + RIGHT - 4
  const label = kind === 'redis' ? 'Redis' : kind
  const caption = label === name ? '' : `<text class="lk" x="12" y="${near(nameY(lane) + 13)}">${label}</text>`
  return `<rect class="lane" x="2" y="${lane.y}" width="${width}" height="${lane.height}" rx="6"/><text class="ln" x="12" y="${near(nameY(lane))}">${html(fit(name, 12))}</text>${caption}`
}

function drawGrid(frame: Frame, ticks: ReturnType<typeof axisTicks>): string {
  const { scale, bottom } = frame
  const lines = ticks.map((tick) => `M${near(GUTTER + tick.x)} ${AXIS_Y - 5}V${bottom}`).join('')
  const labels = ticks
    .map((tick) => `<text x="${near(GUTTER + tick.textX)}" y="14">${tick.text}</text>`)
    .join('')
  return `<path class="grid" d="${lines}"/><path class="axis" d="M${GUTTER} ${AXIS_Y}h${scale.width}"/><g class="tick">${labels}</g>`
}

/** Shortened time: a slash through the picture, and how long it was where there is room. */
function drawBreaks({ scale, bottom }: Frame): string {
  let drawn = ''
  for (const { fromX, untilX, fromUs, untilUs } of scale.breaks) {
    const x = near(GUTTER + (fromX + untilX) / 2)
    const text = durationText(untilUs - fromUs)
    const isRoomy = untilX - fromX >= smallWidth(text) + 26
    drawn += `<path class="cut" d="M${near(x - 1)} ${AXIS_Y - 7}l6 0l-5 ${bottom - AXIS_Y + 11}l-6 0z"/>`
    drawn += `<path class="slash" d="M${near(x - 1)} ${AXIS_Y - 7}l-5 ${bottom - AXIS_Y + 11}m11 ${-(bottom - AXIS_Y + 11)}l-5 ${bottom - AXIS_Y + 11}"/>`
    if (isRoomy) drawn += `<text class="gap" x="${near(x + 9)}" y="${AXIS_Y + 11}">${text}</text>`
  }
  return drawn
}

/** What a violation is called, above the place where it is; each in the topmost row that has room. */
function placeFlags(
  violations: readonly ReportedViolation[],
  scale: TimeScale,
  window: StoryWindow,
): { readonly markup: string; readonly rowCount: number } {
  const rows: [number, number][][] = []
  let markup = ''
  for (const violation of violations) {
    if (violation.untilUs < window.fromUs || violation.atUs > window.untilUs) continue
    const from = GUTTER + scale.x(violation.atUs)
    const until = GUTTER + scale.x(violation.untilUs)
    const lasts = violation.untilUs - violation.atUs
    const text = `✗ ${heading(violation.property)}${lasts > 0 ? `, ${durationText(lasts)}` : ''}`
    const width = wideWidth(text) + 12
    const textX = Math.max(GUTTER, Math.min((from + until) / 2 - width / 2, GUTTER + scale.width - width))
    const [low, high] = [Math.min(from, textX), Math.max(until, textX + width)]
    let index = rows.findIndex((row) => row.every(([start, end]) => high < start || low > end))
    if (index < 0) {
      if (rows.length >= FLAGS_MAX) continue
      index = rows.length
      rows.push([])
    }
    rows[index]!.push([low, high])
    const y = AXIS_Y + 8 + index * FLAG
    const line =
      lasts > 0
        ? `<path class="fl" d="M${near(from)} ${y + 12}v-4H${near(until)}v4"/>`
        : `<path class="fp" d="M${near(from)} ${y + 16}l-4 -7h8z"/>`
    markup += `${line}<text class="ft" x="${near(textX + 6)}" y="${y + 6}">${html(text)}</text>`
  }
  return { markup, rowCount: rows.length === 0 ? 0 : rows.length + 0.4 }
}

/** A light from the flag down to the lanes it is about. */
function drawFocus(frame: Frame, violation: ReportedViolation): string {
  const { window, lanes, bottom } = frame
  if (violation.untilUs < window.fromUs || violation.atUs > window.untilUs) return ''
  const x = at(frame, violation.atUs)
  const width = near(at(frame, violation.untilUs) - x)
  const top = lanes[0]?.y ?? AXIS_Y
  if (width < 1) return `<path class="fi" d="M${x} ${top - 8}V${bottom}"/>`
  return `<rect class="fb" x="${x}" y="${top}" width="${width}" height="${near(bottom - top)}"/>`
}

function drawLane(frame: Frame, placed: PlacedLane): string {
  const parts: string[] = []
  for (const bar of placed.disturbances) parts.push(drawDisturbance(frame, placed, bar))
  for (const [row, bars] of placed.rows.entries()) {
    const height = placed.mainHeight / placed.rows.length
    for (const [index, bar] of bars.entries()) {
      const next = bars[index + 1]
      parts.push(drawBar(frame, bar, placed.mainY + row * height, height, next === undefined ? null : at(frame, next.fromUs)))
    }
  }
  for (const span of placed.truth) parts.push(drawTruth(frame, placed, span))
  if (placed.marks.length > 0) parts.push(drawMarks(frame, placed))
  return parts.join('')
}

/** A bar with its words inside, or after it when they do not fit and nothing follows. */
function drawBar(frame: Frame, bar: Bar, y: number, rowHeight: number, nextX: number | null): string {
  const x = at(frame, bar.fromUs)
  const until = at(frame, bar.untilUs)
  const width = Math.max(2, near(until - x))
  const height = rowHeight - 4
  const isFault = bar.kind !== 'belief' && bar.kind !== 'truth'
  const className = isFault ? `f ${bar.kind}` : `${bar.kind === 'belief' ? 'b' : 't'} ${frame.ownerClass(bar.owner)}`
  const round = bar.kind === 'belief' ? ' rx="4"' : ''
  const rect = `<rect class="${className}" x="${x}" y="${near(y + 2)}" width="${width}" height="${height}"${round}/>`
  const words = labelsOf(bar)
  const inside = words.find((text) => wideWidth(text) + 10 <= width)
  const textY = near(y + rowHeight / 2 + 4)
  const tip = html(tipOf(bar))
  if (inside !== undefined) {
    return `<g><title>${tip}</title>${rect}<text class="bt" x="${near(x + 6)}" y="${textY}">${html(inside)}</text></g>`
  }
  const room = (nextX ?? GUTTER + frame.scale.width + RIGHT - 6) - x - width - 8
  const beside = words.find((text) => wideWidth(text) <= room)
  const text =
    beside === undefined ? '' : `<text class="bt out" x="${near(x + width + 4)}" y="${textY}">${html(beside)}</text>`
  return `<g><title>${tip}</title>${rect}${text}</g>`
}

function labelsOf({ kind, label, owner }: Bar): readonly string[] {
  switch (kind) {
    case 'belief':
      return [label, `${owner} believes`, owner]
    case 'truth':
      return [label.startsWith(owner) ? label : `${owner}: ${label}`, `${owner}'s`]
    case 'pause':
    case 'crash':
    case 'partition':
    case 'skew':
    case 'fault':
      return [label, kind]
  }
}

const tipOf = (bar: Bar): string =>
  `${bar.kind}: ${bar.label}, ${spanText(bar)}${bar.untilUs > bar.fromUs ? `, ${durationText(bar.untilUs - bar.fromUs)}` : ''}`

const spanText = ({ fromUs, untilUs }: Span): string => {
  const gapUs = Math.max(1, untilUs - fromUs)
  return untilUs === fromUs ? `at ${instantText(fromUs, 1000)}` : `${instantText(fromUs, gapUs)} to ${instantText(untilUs, gapUs)}`
}

function drawTruth(frame: Frame, { truthY, lane }: PlacedLane, span: Span): string {
  const x = at(frame, span.fromUs)
  const width = Math.max(1, near(at(frame, span.untilUs) - x))
  return `<g><title>${html(`truth: Redis has the token of ${lane.name}, ${spanText(span)}`)}</title><rect class="t ${frame.ownerClass(lane.name)}" x="${x}" y="${truthY}" width="${width}" height="7"/></g>`
}

/** What the storm did to a process: grey over its lane for a pause, a broken line under it for a partition. */
function drawDisturbance(frame: Frame, placed: PlacedLane, bar: Bar): string {
  const x = at(frame, bar.fromUs)
  const until = at(frame, bar.untilUs)
  const { y, height, stripY } = placed
  const words = { pause: `paused ${durationText(bar.untilUs - bar.fromUs)}`, crash: 'crashed', partition: 'cut off' }
  const text = bar.kind === 'skew' || bar.kind === 'fault' ? bar.label : bar.kind in words ? words[bar.kind as keyof typeof words] : bar.label
  const width = near(until - x)
  const isFirst = placed.disturbances.find((other) => other.fromUs <= bar.fromUs && other.untilUs > bar.fromUs) === bar
  const label =
    stripY === null || !isFirst || wideWidth(text) > GUTTER + frame.scale.width - x
      ? ''
      : `<text class="st" x="${near(x + 4)}" y="${stripY}">${html(text)}</text>`
  const tip = `<title>${html(tipOf(bar))}</title>`
  switch (bar.kind) {
    case 'pause':
    case 'crash': {
      const cross = bar.kind === 'crash' ? `<path class="x" d="M${x - 5} ${placed.mainY + 4}l10 10m0 -10l-10 10"/>` : ''
      return `<g>${tip}<rect class="${bar.kind}" x="${x}" y="${y + 1}" width="${Math.max(1, width)}" height="${height - 2}"/>${cross}${label}</g>`
    }
    case 'partition': {
      // A line with a gap in its middle: the link is broken.
      const lineY = near(y + height - 3)
      const middle = near((x + until) / 2)
      const broken = width < 40 ? `M${x} ${lineY}H${until}` : `M${x} ${lineY}H${near(middle - 8)}m4 4l4 -8m2 8l4 -8m2 4H${until}`
      return `<g>${tip}<path class="partition" d="${broken}"/>${label}</g>`
    }
    case 'skew':
    case 'fault':
      return `<g>${tip}<path class="skew" d="M${x} ${near(y + height - 3)}H${until}"/>${label}</g>`
    case 'belief':
    case 'truth':
      return ''
  }
}

function drawMarks(frame: Frame, placed: PlacedLane): string {
  const isResource = placed.lane.kind === 'resource'
  const rowCount = isResource ? 2 : 1
  const freeFrom: number[] = Array(rowCount).fill(0)
  const telling = [...placed.marks]
  let drawn = ''
  for (const [index, mark] of telling.entries()) {
    const x = at(frame, mark.atUs)
    const next = telling[index + 1]
    const text = mark.kind === 'refused' && !mark.label.includes('refused') ? `${mark.label} refused` : mark.label
    const width = smallWidth(text)
    // A label may run up to the next mark's symbol, or go to the second row.
    const limit = next === undefined ? GUTTER + frame.scale.width + RIGHT : Math.max(at(frame, next.atUs) - 7, x)
    let row = freeFrom.findIndex((from, nth) => x - 5 >= from && (nth > 0 || x + 8 + width <= limit))
    if (row < 0) row = -1
    const y = placed.marksY + 9 + Math.max(0, row) * 16
    const owner = frame.ownerClass(mark.owner)
    drawn += `<g class="${owner}"><title>${html(`${text} at ${instantText(mark.atUs, 1)}`)}</title>${symbolOf(mark, x, y)}`
    if (row >= 0 && x + 8 + width <= GUTTER + frame.scale.width + RIGHT) {
      drawn += `<text class="mt" x="${near(x + 8)}" y="${y + 3.5}">${html(text)}</text>`
      freeFrom[row] = x + 8 + width + 6
    }
    drawn += '</g>'
  }
  return drawn
}

function symbolOf(mark: Mark, x: number, y: number): string {
  switch (mark.kind) {
    case 'effect':
      return `<path class="e" d="M${near(x - 5)} ${y}l5 -5l5 5l-5 5z"/>`
    case 'refused':
      return `<path class="r" d="M${near(x - 5)} ${y}l5 -5l5 5l-5 5zm3 -3l4 6m0 -6l-4 6"/>`
    case 'operation':
      return `<circle class="op" cx="${x}" cy="${y}" r="2.5"/>`
  }
}

/** Hatches the beliefs that overlap. */
function drawOverlaps(frame: Frame): string {
  const { story, window, lanes } = frame
  let drawn = ''
  for (const overlap of story.overlaps) {
    if (overlap.untilUs <= window.fromUs || overlap.fromUs >= window.untilUs) continue
    const x = at(frame, overlap.fromUs)
    const width = Math.max(1, near(at(frame, overlap.untilUs) - x))
    for (const { lane, mainY, mainHeight } of lanes) {
      if (!overlap.processes.includes(lane.name)) continue
      drawn += `<rect class="hatch" x="${x}" y="${mainY + 2}" width="${width}" height="${mainHeight - 4}"/>`
    }
  }
  return drawn
}

/** What the legend has to explain. */
function kindsOf({ lanes, story, scale }: Frame, hasLost: boolean, hasMessages: boolean): ReadonlySet<string> {
  const kinds = new Set<string>()
  for (const placed of lanes) {
    for (const bar of placed.lane.bars) kinds.add(bar.kind)
    if (placed.truth.length > 0) kinds.add('truth')
    for (const mark of placed.marks) kinds.add(mark.kind)
  }
  if (story.overlaps.length > 0) kinds.add('overlap')
  if (hasMessages) kinds.add('message')
  if (hasLost) kinds.add('lost')
  if (scale.breaks.length > 0) kinds.add('break')
  return kinds
}
