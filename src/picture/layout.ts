/**
 * Where everything in a space-time diagram goes: the lanes from top to bottom, and what each of them needs room for.
 *
 *   ┌ lane ─────────────────────────────────────────────┐
 *   │ strip   what the storm did to this process: "paused 40.0 s"
 *   │ main    belief (of a client), truth (of a Redis node), marks (of the resource), faults
 *   │ truth   thin, under a client's belief: when Redis really had its token
 *   │ marks   what it did: read, work, write
 *   └───────────────────────────────────────────────────┘
 *
 * Invariants
 * - A row that a lane does not need takes no room.
 * - Bars of one row never overlap: what would is put into a row of its own.
 */
import { assertNever } from '../sim/assert.ts'
import { type DrawnStory, isOfServer, type Lane } from '../world/story-data.ts'
import { GUTTER, near, RIGHT, SMALL_CHAR_WIDTH, textPx } from './frame.ts'
import { labelIn, markIn, type PictureWords } from './picture-words.ts'
import { type Focus, isPoll, isToldByOperations, nearest, type StoryWindow } from './story-window.ts'
import type { TimeScale } from './time-scale.ts'

export type Bar = Lane['bars'][number]
export type Mark = Lane['marks'][number]

/** A stretch of time in which something holds. */
export interface Span {
  readonly fromUs: number
  readonly untilUs: number
}

/** A bar with its words, and where they go. */
export interface PlacedBar {
  readonly bar: Bar
  readonly x: number
  readonly width: number
  readonly words: string
  /** Where its words begin; null: there is no room for any. */
  readonly wordsX: number | null
}

/** A mark, the row it is in, and whether there is room for its label. */
export interface PlacedMark {
  readonly mark: Mark
  readonly x: number
  readonly row: number
  readonly isLabelled: boolean
}

export interface PlacedLane {
  readonly lane: Lane
  readonly y: number
  readonly height: number
  /** The baseline of the strip's text; null without a strip. */
  readonly stripY: number | null
  readonly mainY: number
  readonly mainHeight: number
  readonly rowHeight: number
  /** Rows of bars inside `main`. */
  readonly rows: readonly (readonly PlacedBar[])[]
  /** What the storm did to the process, drawn over the whole lane. */
  readonly disturbances: readonly Bar[]
  /** For a client: when Redis had its token. */
  readonly truth: readonly Span[]
  readonly truthY: number
  readonly marks: readonly PlacedMark[]
  readonly marksY: number
}

const PAD = 7
const STRIP = 15
const ROW = 22
const FAULT_ROW = 19
const TRUTH = 9
const MARK_ROWS_MAX = 2
const MARKS_MAX = 60
/** Height of a row of marks. */
export const MARK_ROW = 17
/** Free room between two lanes, where the labels of messages go. */
export const LANE_GAP = 16

/** The baseline of a lane's name. */
export const nameY = (lane: PlacedLane): number => (lane.mainHeight === 0 ? lane.marksY + 13 : lane.mainY + 15)

export interface LayoutOptions {
  readonly window: StoryWindow
  readonly focus: Focus | null
  readonly scale: TimeScale
  readonly words: PictureWords
  readonly top: number
}

/** Places the lanes that have something to show in the window, from `top` down. */
export function placeLanes(
  story: DrawnStory,
  { window, focus, scale, words, top }: LayoutOptions,
): readonly PlacedLane[] {
  const placed: PlacedLane[] = []
  let y = top
  for (const lane of story.lanes) {
    const bars = lane.bars.filter((bar) => bar.fromUs <= window.untilUs && bar.untilUs >= window.fromUs)
    const marks = marksOf(lane, window, focus)
    const isUsed = bars.length > 0 || marks.length > 0 || story.messages.some((one) => touches(one, lane.name, window))
    if (!isUsed) continue
    const next = placeLane({ ...lane, bars, marks }, truthOf(story, lane, window), { scale, words }, y)
    placed.push(next)
    y = next.y + next.height + LANE_GAP
  }
  return placed
}

const isHeldByNode = ({ kind }: Bar): boolean => kind === 'truth' || kind === 'copy'

function placeLane(
  lane: Lane,
  truth: readonly Span[],
  { scale, words }: Pick<LayoutOptions, 'scale' | 'words'>,
  y: number,
): PlacedLane {
  const isMain = (bar: Bar): boolean =>
    lane.kind === 'faults' || bar.kind === 'belief' || (isHeldByNode(bar) && lane.kind !== 'client')
  const rows = placeBars(lane.bars.filter(isMain), { scale, words }, lane.kind === 'faults')
  const marks = placeMarks(lane.marks, { scale, words })
  const disturbances = lane.bars.filter((bar) => !isMain(bar) && !isHeldByNode(bar))
  const hasStrip = disturbances.length > 0
  const mainY = y + PAD + (hasStrip ? STRIP : 0)
  const rowHeight = lane.kind === 'faults' ? FAULT_ROW : ROW
  const mainHeight = lane.kind === 'resource' && rows.length === 0 ? 0 : Math.max(1, rows.length) * rowHeight
  const marksY = mainY + mainHeight + (truth.length > 0 ? TRUTH + 2 : 0)
  const markRows = marks.reduce((most, { row }) => Math.max(most, row + 1), 0)
  return {
    lane,
    y,
    height: marksY + markRows * MARK_ROW + PAD - y,
    stripY: hasStrip ? y + PAD + 9 : null,
    mainY,
    mainHeight,
    rowHeight,
    rows,
    disturbances,
    truth,
    truthY: mainY + mainHeight + 2,
    marks,
    marksY,
  }
}

/** Marks in the window, the nearest to the focus. */
function marksOf(lane: Lane, window: StoryWindow, focus: Focus | null): readonly Mark[] {
  const inside = lane.marks.filter((mark) => mark.atUs >= window.fromUs && mark.atUs <= window.untilUs && !isPoll(mark))
  return nearest(
    [...inside].sort((a, b) => a.atUs - b.atUs),
    focus,
    MARKS_MAX,
    (mark) => mark.atUs,
  )
}

const touches = (message: DrawnStory['messages'][number], name: string, window: StoryWindow): boolean =>
  (message.from === name || message.to === name) &&
  message.sentUs <= window.untilUs &&
  message.arrivedUs >= window.fromUs

/** First come, first served into the topmost row that is free; `keepsWords`: room is made for the words of each. */
function placeBars(
  bars: readonly Bar[],
  { scale, words: say }: Pick<LayoutOptions, 'scale' | 'words'>,
  keepsWords: boolean,
): readonly (readonly PlacedBar[])[] {
  const rows: { readonly bars: { readonly bar: Bar; readonly x: number; readonly width: number }[]; freeX: number }[] =
    []
  for (const bar of [...bars].sort((a, b) => a.fromUs - b.fromUs || b.untilUs - a.untilUs)) {
    const x = GUTTER + scale.x(bar.fromUs)
    const width = Math.max(2, GUTTER + scale.x(bar.untilUs) - x)
    const words = keepsWords ? textPx(labelsOf(bar, say)[0]!) + 14 : 0
    const isInside = words <= width
    let row = rows.find(({ freeX }) => freeX <= x + 0.01)
    if (row === undefined) {
      row = { bars: [], freeX: 0 }
      rows.push(row)
    }
    row.bars.push({ bar, x: near(x), width: near(width) })
    row.freeX = x + (isInside ? width : width + words)
  }
  const right = GUTTER + scale.width + RIGHT - 6
  return rows.map(({ bars: placed }) => placed.map((one, index) => withWords(one, placed[index + 1]?.x ?? right, say)))
}

/** The best label inside the bar, or after it when nothing follows before `limitX`, else a shorter one. */
function withWords(
  placed: { readonly bar: Bar; readonly x: number; readonly width: number },
  limitX: number,
  say: PictureWords,
): PlacedBar {
  const { x, width } = placed
  for (const words of labelsOf(placed.bar, say)) {
    if (textPx(words) + 10 <= width) return { ...placed, words, wordsX: near(x + 6) }
    if (textPx(words) <= limitX - x - width - 8) return { ...placed, words, wordsX: near(x + width + 4) }
  }
  return { ...placed, words: '', wordsX: null }
}

/** Readers do not read a drawn token to its end; the tip of its bar has all of it. */
const LONG_TOKEN = /^(\S{16})\S{5,}/u

/** What can be written on a bar, the most telling first. */
export function labelsOf({ kind, label: told, owner }: Bar, say: PictureWords): readonly string[] {
  const label = labelIn(say, told)
  switch (kind) {
    case 'belief':
      return [...(told.startsWith(`${owner} believes`) ? [say.believes(owner)] : [label]), say.holds(owner), owner]
    case 'copy':
    case 'truth':
      return [label.startsWith(owner) ? label : `${owner}: ${label.replace(LONG_TOKEN, '$1…')}`, say.owns(owner)]
    case 'pause':
    case 'crash':
    case 'partition':
    case 'skew':
    case 'fault':
      return [label, say.bars[kind]]
    default:
      return assertNever(kind)
  }
}

/** Marks with their labels to the right, up to the next mark; in the second row, up to the label before. */
function placeMarks(
  marks: readonly Mark[],
  { scale, words }: Pick<LayoutOptions, 'scale' | 'words'>,
): readonly PlacedMark[] {
  const right = GUTTER + scale.width + RIGHT - 6
  const freeX = Array<number>(MARK_ROWS_MAX).fill(0)
  return marks.map((mark, index) => {
    const x = GUTTER + scale.x(mark.atUs)
    const next = marks[index + 1]
    const nextX = next === undefined ? right : GUTTER + scale.x(next.atUs) - 7
    const untilX = x + 8 + textPx(markIn(words, mark.label), SMALL_CHAR_WIDTH)
    const row = freeX.findIndex((from, nth) => x - 6 >= from && untilX <= (nth === 0 ? nextX : right))
    if (row >= 0) freeX[row] = untilX + 6
    return { mark, x: near(x), row: Math.max(0, row), isLabelled: row >= 0 }
  })
}

/**
 * When Redis had a client's token: what its lane says, or else the stretches in which a majority of the nodes had it
 * (of one node: that one).
 */
function truthOf(story: DrawnStory, lane: Lane, window: StoryWindow): readonly Span[] {
  if (lane.kind !== 'client' || isToldByOperations(story)) return []
  const own = lane.bars.filter((bar) => bar.kind === 'truth')
  const nodes = story.lanes.filter(isOfServer)
  const spans = own.length > 0 ? own : majority(nodes, lane.name, story.votes ?? nodes.length)
  return spans.filter((span) => span.fromUs <= window.untilUs && span.untilUs >= window.fromUs)
}

/** When most of so many nodes had its token. Of servers that replicate with each other only one has the truth at a time. */
function majority(nodes: readonly Lane[], owner: string, of: number): readonly Span[] {
  const needed = Math.floor(of / 2) + 1
  const perNode = nodes.map((node) =>
    joinedSpans(node.bars.filter((bar) => bar.kind === 'truth' && bar.owner === owner)),
  )
  const edges = perNode
    .flat()
    .flatMap((span) => [
      { atUs: span.fromUs, step: 1 },
      { atUs: span.untilUs, step: -1 },
    ])
    .sort((a, b) => a.atUs - b.atUs || b.step - a.step)
  const spans: Span[] = []
  let count = 0
  let fromUs = 0
  for (const { atUs, step } of edges) {
    const before = count
    count += step
    if (before < needed && count >= needed) fromUs = atUs
    else if (before >= needed && count < needed && atUs > fromUs) spans.push({ fromUs, untilUs: atUs })
  }
  return spans
}

/** Spans in order, those that touch as one. */
export function joinedSpans(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const { fromUs, untilUs } of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    const last = result[result.length - 1]
    if (last !== undefined && fromUs <= last.untilUs) {
      result[result.length - 1] = { fromUs: last.fromUs, untilUs: Math.max(last.untilUs, untilUs) }
    } else result.push({ fromUs, untilUs })
  }
  return result
}
