/**
 * From virtual time to a place in a picture, where microseconds and minutes have to share one line.
 *
 * The line is straight between two neighbouring landmarks; from one stretch to the next its slope differs, because the
 * width of a stretch grows with the fourth root of its length:
 *
 *   1 ms → 5.6      100 ms → 17.8      1 s → 31.6      40 s → 79.5
 *
 * so a longer stretch is always wider, and none is too narrow to be seen. Details (messages) divide a stretch in the
 * same way but widen it only a little: three hundred polls do not push the landmarks apart.
 *
 * Invariants
 * - `x` never decreases, is 0 at the first landmark and `width` at the last.
 * - Only `Math.sqrt` is used, which every engine rounds alike: the same story gives the same bytes.
 */
import { assert } from '../sim/assert.ts'

/** A stretch between two landmarks that is drawn much shorter than its surroundings. */
export interface ScaleBreak {
  readonly lengthUs: number
  /** The widest place inside it where nothing at all happens: where the picture may be cut. */
  readonly fromX: number
  readonly untilX: number
}

export interface TimeScale {
  readonly width: number
  readonly breaks: readonly ScaleBreak[]
  /** The place of an instant; outside the window, the nearer edge. */
  x(us: number): number
  /** The instant of a place: the inverse of `x`, in whole microseconds. */
  us(x: number): number
}

export interface ScaleOptions {
  /** Strictly increasing; the first and the last are the ends of the window. */
  readonly landmarks: readonly number[]
  /** Further instants, in any order. */
  readonly details?: readonly number[]
  readonly width: number
  /** Least distance between two landmarks, as far as the width allows. */
  readonly gapMin: number
  /** Where a stretch begins whose events are left out: it is a break, however long. */
  readonly foldUs?: number | undefined
}

/** How much the details may widen one stretch, in the units of the table above. */
const DETAIL_WEIGHT_MAX = 60
/** A stretch is a break when it is this many times denser than the calm quarter of stretches, … */
const BREAK_RATIO = 25
/** … not shorter than this, and among the longest. */
const BREAK_US_MIN = 5_000
const BREAKS_MAX = 6

/** Builds the scale of one picture. */
export function createTimeScale({ landmarks, details = [], width, gapMin, foldUs }: ScaleOptions): TimeScale {
  assert(landmarks.length > 0, 'a time scale has at least one landmark')
  const stretches = stretchesOf(landmarks, details)
  const weights = stretches.map(weightOf)
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0)
  const least = stretches.length === 0 ? 0 : Math.min(gapMin, width / stretches.length)
  const spare = width - least * stretches.length
  const times: number[] = [landmarks[0]!]
  const places: number[] = [0]
  for (const [index, stretch] of stretches.entries()) {
    const share = weightSum === 0 ? 0 : weights[index]! / weightSum
    placeInside(stretch, least + spare * share, times, places)
  }
  if (stretches.length > 0) places[places.length - 1] = width
  return {
    width,
    breaks: breaksOf({ landmarks, times, places, foldUs }),
    x: (us) => interpolate(us, times, places),
    us: (x) => Math.round(interpolate(x, places, times)),
  }
}

/** How wide a picture would like to be, in units of the table above: what callers choose `width` by. */
export function naturalWidth(landmarks: readonly number[], details: readonly number[]): number {
  return stretchesOf(landmarks, details).reduce((sum, stretch) => sum + weightOf(stretch), 0)
}

/** The instants from one landmark to the next, both included. */
type Stretch = readonly number[]

function stretchesOf(landmarks: readonly number[], details: readonly number[]): readonly Stretch[] {
  const sorted = [...new Set(details)].sort((a, b) => a - b)
  const stretches: Stretch[] = []
  let next = 0
  for (let index = 1; index < landmarks.length; index += 1) {
    const from = landmarks[index - 1]!
    const until = landmarks[index]!
    assert(until > from, 'landmarks are strictly increasing')
    while (next < sorted.length && sorted[next]! <= from) next += 1
    const inside: number[] = [from]
    while (next < sorted.length && sorted[next]! < until) {
      inside.push(sorted[next]!)
      next += 1
    }
    stretches.push([...inside, until])
  }
  return stretches
}

const fourthRoot = (us: number): number => Math.sqrt(Math.sqrt(us))

function weightOf(stretch: Stretch): number {
  const whole = fourthRoot(stretch[stretch.length - 1]! - stretch[0]!)
  return whole + Math.min(DETAIL_WEIGHT_MAX, innerWeight(stretch) - whole)
}

function innerWeight(stretch: Stretch): number {
  let sum = 0
  for (let index = 1; index < stretch.length; index += 1) sum += fourthRoot(stretch[index]! - stretch[index - 1]!)
  return sum
}

function placeInside(stretch: Stretch, width: number, times: number[], places: number[]): void {
  const startX = places[places.length - 1]!
  const total = innerWeight(stretch)
  let sum = 0
  for (let index = 1; index < stretch.length; index += 1) {
    sum += fourthRoot(stretch[index]! - stretch[index - 1]!)
    times.push(stretch[index]!)
    places.push(startX + (width * sum) / total)
  }
}

interface Placed extends Pick<ScaleOptions, 'landmarks' | 'foldUs'> {
  readonly times: readonly number[]
  readonly places: readonly number[]
}

function breaksOf({ landmarks, times, places, foldUs }: Placed): readonly ScaleBreak[] {
  const stretches: (ScaleBreak & { readonly density: number; readonly isFold: boolean })[] = []
  let first = 0
  for (let index = 1; index < landmarks.length; index += 1) {
    const last = times.indexOf(landmarks[index]!, first)
    const lengthUs = times[last]! - times[first]!
    const width = places[last]! - places[first]!
    const isFold = landmarks[index - 1] === foldUs
    if (width > 0)
      stretches.push({ lengthUs, density: lengthUs / width, isFold, ...widest(places.slice(first, last + 1)) })
    first = last
  }
  const densities = stretches.map(({ density }) => density).sort((a, b) => a - b)
  const calm = densities[Math.floor(densities.length / 4)] ?? 0
  const lengths = stretches.map(({ lengthUs }) => lengthUs).sort((a, b) => b - a)
  const lengthMin = Math.max(BREAK_US_MIN, lengths[BREAKS_MAX - 1] ?? 0)
  return stretches
    .filter(({ lengthUs, density, isFold }) => isFold || (lengthUs >= lengthMin && density >= BREAK_RATIO * calm))
    .slice(0, BREAKS_MAX)
    .map(({ lengthUs, fromX, untilX }) => ({ lengthUs, fromX, untilX }))
}

function widest(places: readonly number[]): { readonly fromX: number; readonly untilX: number } {
  let best = { fromX: places[0]!, untilX: places[0]! }
  for (let index = 1; index < places.length; index += 1) {
    const [fromX, untilX] = [places[index - 1]!, places[index]!]
    if (untilX - fromX > best.untilX - best.fromX) best = { fromX, untilX }
  }
  return best
}

/** Where `value` lies among `from`, in the terms of `to`; both ascend. */
function interpolate(value: number, from: readonly number[], to: readonly number[]): number {
  let low = 0
  let high = from.length - 1
  if (value <= from[low]!) return to[low]!
  if (value >= from[high]!) return to[high]!
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (from[middle]! <= value) low = middle
    else high = middle
  }
  const share = (value - from[low]!) / (from[high]! - from[low]!)
  return to[low]! + share * (to[high]! - to[low]!)
}
