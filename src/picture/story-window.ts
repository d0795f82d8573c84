/**
 * Which part of a world a picture shows, and which instants in it matter.
 *
 * A world lasts a minute and the violation a millisecond. The window holds what the violation is made of (the holds of
 * the processes it names, what was done to them) and, while there is room, what happened before and after it. A fault that
 * was over before that is shown, too: what lies between is folded away.
 *
 *   ├─ pause ─┤ ╱╱ fold ╱╱ ├─ holds ─┤ ▒ focus
 *
 * Invariants
 * - The focus lies inside the window, and the window inside the world.
 * - Landmarks are strictly increasing and include both ends of the window.
 */
import type { DrawnStory, Lane } from '../world/story-data.ts'

/** What a picture is about: a violation, or null for a world without one. */
export interface Focus {
  readonly atUs: number
  readonly untilUs: number
  readonly processes: readonly string[]
}

export interface StoryWindow {
  readonly fromUs: number
  readonly untilUs: number
  /** Something happened before, or after, that the window leaves out. */
  readonly isCutBefore: boolean
  readonly isCutAfter: boolean
  /** Inside the window: what happened in it is not drawn. */
  readonly fold: Stretch | null
}

interface Stretch {
  readonly fromUs: number
  readonly untilUs: number
}

type Bar = Lane['bars'][number]

/** A picture with more instants than this could not be read. */
const LANDMARKS_LIMIT = 120

/** What the storm does to a process; `skew` lasts and says nothing about when. */
const DISTURBANCES: readonly Bar['kind'][] = ['pause', 'crash', 'partition', 'fault']

/**
 * Chooses the window: everything, if that is at most `landmarksMax` instants, else the surroundings of the focus, and what the
 * storm did before.
 */
export function windowOf(story: DrawnStory, focus: Focus | null, landmarksMax: number): StoryWindow {
  const instants = instantsOf(story)
  if (focus !== null) instants.push(clamp(focus.atUs, story), clamp(focus.untilUs, story))
  const window = chooseWindow(story, focus, landmarksMax, sortedUnique(instants))
  // A hold begins with the attempt that led to it: there is where two clients saw the same free lock.
  let { fromUs } = window
  for (const lane of story.lanes) {
    for (const bar of lane.bars) {
      if (bar.kind !== 'belief' || bar.fromUs < window.fromUs || bar.fromUs > window.untilUs) continue
      fromUs = Math.min(fromUs, invokedUs(story, bar))
    }
  }
  return withFaultsBefore(story, { ...window, fromUs })
}

/** The window from the first fault on; from when those are over until it began, time is folded. */
function withFaultsBefore(story: DrawnStory, window: Omit<StoryWindow, 'fold'>): StoryWindow {
  const bars = story.lanes.flatMap((lane) => lane.bars)
  const before = bars.filter(({ kind, untilUs }) => !HELD.includes(kind) && untilUs < window.fromUs)
  if (before.length === 0) return { ...window, fold: null }
  const fromUs = Math.min(...before.map((bar) => bar.fromUs))
  const fold = { fromUs: Math.max(...before.map((bar) => bar.untilUs)), untilUs: window.fromUs }
  const instants = instantsOf(story)
  return {
    ...window,
    fromUs,
    isCutBefore: instants.some((us) => us < fromUs),
    fold: instants.some((us) => isInside(us, fold)) ? fold : null,
  }
}

const HELD: readonly Bar['kind'][] = ['belief', 'truth', 'copy']
const isInside = (us: number, { fromUs, untilUs }: Stretch): boolean => us > fromUs && us < untilUs

/** The story without what began and ended in the fold. */
export function unfolded(story: DrawnStory, { fold }: StoryWindow): DrawnStory {
  if (fold === null) return story
  const isShown = ({ fromUs, untilUs }: Stretch): boolean => !isInside(fromUs, fold) || !isInside(untilUs, fold)
  return {
    ...story,
    lanes: story.lanes.map((lane) => ({
      ...lane,
      bars: lane.bars.filter(isShown),
      marks: lane.marks.filter(({ atUs }) => !isInside(atUs, fold)),
    })),
    messages: story.messages.filter(({ sentUs, arrivedUs }) => isShown({ fromUs: sentUs, untilUs: arrivedUs })),
    overlaps: story.overlaps.filter(isShown),
  }
}

function chooseWindow(
  story: DrawnStory,
  focus: Focus | null,
  landmarksMax: number,
  all: readonly number[],
): Omit<StoryWindow, 'fold'> {
  const firstUs = all[0] ?? 0
  const lastUs = all[all.length - 1] ?? story.endUs
  if (all.length <= landmarksMax) return { fromUs: firstUs, untilUs: lastUs, isCutBefore: false, isCutAfter: false }
  const needed = focus === null ? { fromUs: firstUs, untilUs: firstUs } : neededFor(story, focus)
  let low = all.findIndex((us) => us >= needed.fromUs)
  if (low < 0) low = all.length - 1
  let high = low
  while (high + 1 < all.length && all[high]! < needed.untilUs) high += 1
  // Grows towards whichever neighbour is nearer in time.
  while (high - low + 1 < landmarksMax) {
    const beforeUs = low > 0 ? all[low]! - all[low - 1]! : Number.POSITIVE_INFINITY
    const afterUs = high + 1 < all.length ? all[high + 1]! - all[high]! : Number.POSITIVE_INFINITY
    if (beforeUs <= afterUs) low -= 1
    else high += 1
  }
  const fromUs = Math.min(all[low]!, needed.fromUs)
  const untilUs = Math.max(all[high]!, needed.untilUs)
  return { fromUs, untilUs, isCutBefore: fromUs > firstUs, isCutAfter: untilUs < lastUs }
}

/** The instants inside a window at which a bar begins or ends or the resource does something; the nearest to the focus. */
export function landmarks(story: DrawnStory, window: StoryWindow, focus: Focus | null): readonly number[] {
  const ends = [window.fromUs, window.untilUs]
  if (focus !== null) ends.push(focus.atUs, focus.untilUs)
  const { fold } = window
  if (fold !== null) ends.push(fold.fromUs, fold.untilUs)
  const isHidden = (us: number): boolean => fold !== null && isInside(us, fold)
  const inside = sortedUnique(instantsOf(story)).filter((us) => isInside(us, window) && !isHidden(us))
  const kept = nearest(inside, focus, LANDMARKS_LIMIT, (us) => us)
  return sortedUnique([...ends, ...kept]).filter((us) => us >= window.fromUs && us <= window.untilUs)
}

/** At most `max` items, those nearest in time to the focus (of none: the first), in their order. */
export function nearest<Item>(
  items: readonly Item[],
  focus: Focus | null,
  max: number,
  atUs: (item: Item) => number,
): readonly Item[] {
  if (items.length <= max) return items
  const distanceUs = (item: Item): number =>
    focus === null ? atUs(item) : Math.max(focus.atUs - atUs(item), atUs(item) - focus.untilUs, 0)
  const kept = new Set([...items].sort((a, b) => distanceUs(a) - distanceUs(b)).slice(0, max))
  return items.filter((item) => kept.has(item))
}

/** Whether a story is told by operations alone: sessions have no holds to believe in. */
export function isToldByOperations(story: DrawnStory): boolean {
  return !story.lanes.some((lane) => lane.bars.some((bar) => bar.kind === 'belief'))
}

/** A waiter's failed attempts are many and say nothing. */
export const isPoll = (mark: Lane['marks'][number]): boolean =>
  mark.kind === 'operation' && mark.label === 'acquire refused'

/** Whether a mark is one that a picture needs. */
export function isTelling(story: DrawnStory, mark: Lane['marks'][number]): boolean {
  return mark.kind !== 'operation' || (isToldByOperations(story) && !isPoll(mark))
}

function instantsOf(story: DrawnStory): number[] {
  const instants: number[] = []
  for (const lane of story.lanes) {
    for (const bar of lane.bars) {
      // What lasts from the beginning or to the end of the world has no instant of its own there.
      if (bar.fromUs > 0) instants.push(clamp(bar.fromUs, story))
      if (bar.untilUs < story.endUs) instants.push(clamp(bar.untilUs, story))
    }
    for (const mark of lane.marks) if (isTelling(story, mark)) instants.push(clamp(mark.atUs, story))
  }
  for (const overlap of story.overlaps) instants.push(clamp(overlap.fromUs, story), clamp(overlap.untilUs, story))
  return instants
}

/** From the beginning of the holds that the focus is about to the end of the focus. */
function neededFor(story: DrawnStory, focus: Focus): { readonly fromUs: number; readonly untilUs: number } {
  let fromUs = clamp(focus.atUs, story)
  const untilUs = clamp(focus.untilUs, story)
  const bars = story.lanes.flatMap((lane) => lane.bars)
  for (const process of focus.processes) {
    const own = bars.filter((bar) => bar.owner === process && (bar.kind === 'belief' || bar.kind === 'truth'))
    let last: Bar | null = null
    for (const bar of own) if (bar.fromUs <= untilUs && (last === null || bar.fromUs > last.fromUs)) last = bar
    for (const bar of own) if (bar === last || overlaps(bar, focus)) fromUs = Math.min(fromUs, bar.fromUs)
  }
  const held = { atUs: fromUs, untilUs }
  for (const bar of bars) {
    if (DISTURBANCES.includes(bar.kind) && overlaps(bar, held)) fromUs = Math.min(fromUs, bar.fromUs)
  }
  return { fromUs: clamp(fromUs, story), untilUs }
}

/** When the client began the operation whose success began this hold. */
function invokedUs(story: DrawnStory, hold: Bar): number {
  const invoked = new Map<string, number>()
  for (const { atUs, process, type, op } of story.records) {
    if (atUs > hold.fromUs) break
    if (process !== hold.owner) continue
    if (type === 'invoke') invoked.set(op, atUs)
    else if (type === 'ok' && atUs === hold.fromUs) return invoked.get(op) ?? hold.fromUs
  }
  return hold.fromUs
}

function overlaps(bar: Bar, focus: { readonly atUs: number; readonly untilUs: number }): boolean {
  return bar.fromUs <= focus.untilUs && bar.untilUs >= focus.atUs
}

function clamp(us: number, story: DrawnStory): number {
  return Math.min(Math.max(us, 0), story.endUs)
}

function sortedUnique(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}
