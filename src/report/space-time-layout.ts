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
import type { Lane, Story } from './report.ts'
import { isToldByOperations, type StoryWindow } from './story-window.ts'

export type Bar = Lane['bars'][number]
export type Mark = Lane['marks'][number]

/** A stretch of time in which something holds. */
export interface Span {
  readonly fromUs: number
  readonly untilUs: number
}

export interface PlacedLane {
  readonly lane: Lane
  readonly y: number
  readonly height: number
  /** The baseline of the strip's text; null without a strip. */
  readonly stripY: number | null
  readonly mainY: number
  readonly mainHeight: number
  /** Rows of bars inside `main`. */
  readonly rows: readonly (readonly Bar[])[]
  /** What the storm did to the process, drawn over the whole lane. */
  readonly disturbances: readonly Bar[]
  /** For a client: when Redis had its token. */
  readonly truth: readonly Span[]
  readonly truthY: number
  readonly marks: readonly Mark[]
  readonly marksY: number
}

const PAD = 7
const STRIP = 15
const ROW = 22
const FAULT_ROW = 19
const TRUTH = 9
const MARKS = 17
const MARK_ROWS = { resource: 2, other: 1 } as const
/** Free room between two lanes, where the labels of messages go. */
export const LANE_GAP = 16

/** Places the lanes that have something to show in the window, from `top` down. */
export function placeLanes(story: Story, window: StoryWindow, top: number): readonly PlacedLane[] {
  const placed: PlacedLane[] = []
  let y = top
  for (const lane of story.lanes) {
    const bars = lane.bars.filter((bar) => bar.fromUs <= window.untilUs && bar.untilUs >= window.fromUs)
    const marks = marksOf(story, lane, window)
    const isUsed = bars.length > 0 || marks.length > 0 || story.messages.some((one) => touches(one, lane.name, window))
    if (!isUsed) continue
    const next = placeLane({ ...lane, bars, marks }, truthOf(story, lane, window), y)
    placed.push(next)
    y = next.y + next.height + LANE_GAP
  }
  return placed
}

function placeLane(lane: Lane, truth: readonly Span[], y: number): PlacedLane {
  const isMain = (bar: Bar): boolean => lane.kind === 'faults' || bar.kind === 'belief' || (bar.kind === 'truth' && lane.kind !== 'client')
  const rows = stacked(lane.bars.filter(isMain))
  const disturbances = lane.bars.filter((bar) => !isMain(bar) && bar.kind !== 'truth')
  const stripHeight = disturbances.length > 0 ? STRIP : 0
  const mainY = y + PAD + stripHeight
  const rowHeight = lane.kind === 'faults' ? FAULT_ROW : ROW
  const mainHeight = lane.kind === 'resource' && rows.length === 0 ? 0 : Math.max(1, rows.length) * rowHeight
  const truthY = mainY + mainHeight + 2
  const truthHeight = truth.length > 0 ? TRUTH + 2 : 0
  const marksY = mainY + mainHeight + truthHeight
  const marksHeight = lane.marks.length === 0 ? 0 : MARKS * (lane.kind === 'resource' ? MARK_ROWS.resource : MARK_ROWS.other)
  const stripY = disturbances.length > 0 ? y + PAD + 9 : null
  const height = marksY + marksHeight + PAD - y
  return { lane, y, height, stripY, mainY, mainHeight, rows, disturbances, truth, truthY, marks: lane.marks, marksY }
}

/** Marks in the window; a waiter's failed attempts are too many and say nothing. */
function marksOf(story: Story, lane: Lane, window: StoryWindow): readonly Mark[] {
  const isSession = isToldByOperations(story)
  return lane.marks
    .filter((mark) => mark.atUs >= window.fromUs && mark.atUs <= window.untilUs)
    .filter((mark) => isSession || mark.kind !== 'operation' || !mark.label.endsWith('refused'))
    .sort((a, b) => a.atUs - b.atUs)
}

const touches = (message: Story['messages'][number], name: string, window: StoryWindow): boolean =>
  (message.from === name || message.to === name) && message.sentUs <= window.untilUs && message.arrivedUs >= window.fromUs

/** First come, first served into the topmost row that is free. */
function stacked(bars: readonly Bar[]): readonly (readonly Bar[])[] {
  const rows: Bar[][] = []
  for (const bar of [...bars].sort((a, b) => a.fromUs - b.fromUs || b.untilUs - a.untilUs)) {
    const row = rows.find((candidate) => candidate[candidate.length - 1]!.untilUs <= bar.fromUs)
    if (row === undefined) rows.push([bar])
    else row.push(bar)
  }
  return rows
}

/**
 * When Redis had a client's token: what its lane says, or else the stretches in which a majority of the nodes had it
 * (of one node: that one).
 */
function truthOf(story: Story, lane: Lane, window: StoryWindow): readonly Span[] {
  if (lane.kind !== 'client' || isToldByOperations(story)) return []
  const own = lane.bars.filter((bar) => bar.kind === 'truth')
  const nodes = story.lanes.filter((other) => other.kind === 'redis')
  const spans = own.length > 0 ? own : majority(nodes, lane.name)
  return spans.filter((span) => span.fromUs <= window.untilUs && span.untilUs >= window.fromUs)
}

function majority(nodes: readonly Lane[], owner: string): readonly Span[] {
  const needed = Math.floor(nodes.length / 2) + 1
  const edges = nodes
    .flatMap((node) => node.bars.filter((bar) => bar.kind === 'truth' && bar.owner === owner))
    .flatMap((bar) => [
      { atUs: bar.fromUs, step: 1 },
      { atUs: bar.untilUs, step: -1 },
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
