/**
 * The slanted arrows of a space-time diagram: which messages are drawn, and which of them have room for their words.
 *
 * Invariants
 * - At most `arrowsMax` messages: those that tell the story first, then those nearest in time to a landmark, of equally near ones
 *   those nearest to the focus; how many were left out is counted.
 * - Labels never overlap each other; those of messages that tell the story are placed first.
 */

import { escapeHtml } from '../text/escape.ts'
import { fit } from '../text/width.ts'
import { type DrawnStory, isOfServer } from '../world/story-data.ts'
import { SMALL_CHAR_WIDTH, textPx } from './frame.ts'
import { LANE_GAP, type PlacedLane } from './layout.ts'
import type { Focus, StoryWindow } from './story-window.ts'
import type { TellingMessages } from './telling-messages.ts'
import type { TimeScale } from './time-scale.ts'

export type Message = DrawnStory['messages'][number]

/** A message to draw. */
export interface ChosenMessage {
  readonly message: Message
  /** Its place among all messages of the story. */
  readonly index: number
  readonly part: Part
  /** From the nearest landmark. */
  readonly distanceUs: number
}

/** The part that a message plays: it is guilty, it tells the story, it is one of the others. */
type Part = 'guilty' | 'telling' | 'other'

const LABELS_MAX = 36
const LABEL_COLUMNS_MAX = 28
/** A message further than this from every landmark changed nothing: it is drawn faintly and without words. */
const NEAR_US = 5_000
/** A lost message is drawn this far on its way. */
const LOST_SHARE = 0.45

export interface Choice {
  /** The place of each message in the story, folded stretches included. */
  readonly indexOf: ReadonlyMap<Message, number>
  readonly telling: TellingMessages
  readonly landmarks: readonly number[]
  readonly focus: Focus | null
  readonly arrowsMax: number
}

/** The messages of the window that are drawn, in the order in which they were sent, and how many there are. */
export function chooseMessages(
  story: DrawnStory,
  window: StoryWindow,
  { indexOf, landmarks, focus, telling, arrowsMax }: Choice,
): { readonly chosen: readonly ChosenMessage[]; readonly inWindowCount: number } {
  const partOf = (index: number): Part =>
    index === telling.guilty ? 'guilty' : telling.telling.has(index) ? 'telling' : 'other'
  const inside = story.messages
    .map((message) => ({ message, index: indexOf.get(message) ?? 0 }))
    .filter(({ message }) => message.sentUs >= window.fromUs && message.sentUs <= window.untilUs)
    .map(({ message, index }) => ({
      message,
      index,
      part: partOf(index),
      distanceUs: Math.min(distance(message.sentUs, landmarks), distance(message.arrivedUs, landmarks)),
      // Who polls has a landmark at each of its messages.
      offFocusUs: focus === null ? 0 : Math.max(0, focus.atUs - message.arrivedUs, message.sentUs - focus.untilUs),
    }))
  const byDistance = [...inside].sort(
    (a, b) =>
      PARTS.indexOf(a.part) - PARTS.indexOf(b.part) ||
      a.distanceUs - b.distanceUs ||
      a.offFocusUs - b.offFocusUs ||
      a.index - b.index,
  )
  const kept = new Set(byDistance.slice(0, arrowsMax))
  return { chosen: inside.filter((one) => kept.has(one)), inWindowCount: inside.length }
}

const PARTS: readonly Part[] = ['guilty', 'telling', 'other']

function distance(us: number, landmarks: readonly number[]): number {
  let nearest = Number.POSITIVE_INFINITY
  for (const landmark of landmarks) nearest = Math.min(nearest, Math.abs(landmark - us))
  return nearest
}

interface Arrow extends ChosenMessage, ArrowPlace {}

/** Where a message is drawn. */
export interface ArrowPlace {
  readonly message: Message
  readonly fromX: number
  readonly fromY: number
  readonly toX: number
  readonly toY: number
}

/** The arrows as SVG, a path each, and their words. */
export function drawMessages(
  chosen: readonly ChosenMessage[],
  lanes: readonly PlacedLane[],
  scale: TimeScale,
  frame: { readonly left: number; readonly key: string; readonly ownerClass: (name: string) => string },
): { readonly shapes: string; readonly texts: string; readonly places: readonly ArrowPlace[] } {
  const byName = new Map(lanes.map((lane) => [lane.lane.name, lane]))
  const arrows = chosen.flatMap((one) => arrowOf(one, byName, scale, frame.left) ?? [])
  // The guilty one lies over the others.
  const drawn = [...arrows]
    .sort((a, b) => PARTS.indexOf(b.part) - PARTS.indexOf(a.part))
    .map((arrow) => {
      const { from, to, lost, label } = arrow.message
      const client = byName.get(from)?.lane.kind === 'client' ? from : to
      const manner = `${lost ? ' lost' : ''}${MANNERS[arrow.part](arrow.distanceUs)}`
      const d = lost ? lostPath(arrow) : arrowPath(arrow)
      const tip = `<title>${escapeHtml(`${from} → ${to}: ${label}`)}</title>`
      return `<path class="m ${frame.ownerClass(client)}${manner}" data-m="${arrow.index}" d="${d}">${tip}</path>`
    })
    .join('')
  const worded = arrows.filter(({ message, part }) => part !== 'other' || isAboutKey(message, byName, frame.key))
  return { shapes: drawn, texts: labels(worded, lanes, frame.key, scale.width + frame.left), places: arrows }
}

/** Commands of a driver's own (INFO, CLIENT) tell nothing; replies and what goes to the resource are kept. */
const isAboutKey = ({ to, label }: Message, lanes: ReadonlyMap<string, PlacedLane>, key: string): boolean => {
  const receiver = lanes.get(to)?.lane
  return receiver !== undefined && isOfServer(receiver) ? label.includes(key) : !label.startsWith('#')
}

const MANNERS: Readonly<Record<Part, (distanceUs: number) => string>> = {
  guilty: () => ' guilty',
  telling: () => '',
  other: (distanceUs) => (distanceUs > NEAR_US ? ' far' : ' other'),
}

function arrowOf(
  chosen: ChosenMessage,
  byName: ReadonlyMap<string, PlacedLane>,
  scale: TimeScale,
  left: number,
): Arrow | null {
  const { message } = chosen
  const from = byName.get(message.from)
  const to = byName.get(message.to)
  if (from === undefined || to === undefined || from === to) return null
  const isDown = from.y < to.y
  // Whole pixels here and below: there are thousands of arrows in a page.
  const fromX = Math.round(left + scale.x(message.sentUs))
  const toX = Math.round(left + scale.x(message.arrivedUs))
  const [fromY, toY] = [Math.round(edge(from, isDown)), Math.round(edge(to, !isDown))]
  return { ...chosen, fromX, fromY, toX: message.lost ? fromX + 8 : toX, toY }
}

/** Where a message leaves or enters a lane: the lower or the upper edge of its main row. */
function edge(lane: PlacedLane, isLower: boolean): number {
  if (lane.mainHeight === 0) return lane.marksY + 8
  return isLower ? lane.mainY + lane.mainHeight - 2 : lane.mainY + 1
}

function arrowPath({ fromX, fromY, toX, toY }: Arrow): string {
  const length = Math.sqrt((toX - fromX) * (toX - fromX) + (toY - fromY) * (toY - fromY))
  if (length < 1) return ''
  const [ux, uy] = [(toX - fromX) / length, (toY - fromY) / length]
  // An open head: two strokes at the tip, 6 long and 3 to each side.
  const [leftX, leftY] = [Math.round(-6 * ux - 3 * uy), Math.round(-6 * uy + 3 * ux)]
  const [rightX, rightY] = [Math.round(-6 * ux + 3 * uy), Math.round(-6 * uy - 3 * ux)]
  return `M${fromX} ${fromY}L${toX} ${toY}l${leftX} ${leftY}m${-leftX} ${-leftY}l${rightX} ${rightY}`
}

/** Ends in a cross before it arrives. */
function lostPath({ fromX, fromY, toX, toY }: Arrow): string {
  const x = Math.round(fromX + (toX - fromX) * LOST_SHARE)
  const y = Math.round(fromY + (toY - fromY) * LOST_SHARE)
  return `M${fromX} ${fromY}L${x} ${y}m-4 -4l8 8m0 -8l-8 8`
}

/** Words in the free room between the lanes that an arrow crosses, beside it. */
function labels(arrows: readonly Arrow[], lanes: readonly PlacedLane[], key: string, right: number): string {
  const bands = lanes.slice(1).map((lane) => ({ y: lane.y - LANE_GAP / 2, taken: [] as [number, number][] }))
  const important = [...arrows]
    .sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part) || a.distanceUs - b.distanceUs)
    .filter(
      ({ message, distanceUs, part }) =>
        message.label !== '' && (part !== 'other' || message.lost || distanceUs <= NEAR_US),
    )
  let drawn = ''
  let count = 0
  for (const arrow of important) {
    if (count >= LABELS_MAX) break
    // The key is the same in all of them and is named in the caption.
    const mark = arrow.part === 'guilty' ? '✗ ' : ''
    const text = mark + fit(arrow.message.label.replaceAll(key, 'k'), LABEL_COLUMNS_MAX)
    const width = textPx(text, SMALL_CHAR_WIDTH) + 4
    const [low, high] = [Math.min(arrow.fromY, arrow.toY), Math.max(arrow.fromY, arrow.toY)]
    const crossed = bands.filter(({ y }) => y > low && y < high)
    // Nearest to the sender first: there a request is still told from a reply.
    if (arrow.fromY > arrow.toY) crossed.reverse()
    for (const band of crossed) {
      const x = arrow.fromX + ((arrow.toX - arrow.fromX) * (band.y - arrow.fromY)) / (arrow.toY - arrow.fromY)
      const start = [x + 5, x - 5 - width].find(
        (candidate) =>
          candidate >= 0 &&
          candidate + width <= right &&
          !band.taken.some(([from, until]) => candidate < until && candidate + width > from),
      )
      if (start === undefined) continue
      band.taken.push([start, start + width])
      const manner = arrow.part === 'other' ? '' : ` class="${arrow.part}"`
      drawn += `<text${manner} data-m="${arrow.index}" x="${Math.round(start)}" y="${Math.round(band.y + 3.5)}">${escapeHtml(text)}</text>`
      count += 1
      break
    }
  }
  return drawn === '' ? '' : `<g class="ml">${drawn}</g>`
}
