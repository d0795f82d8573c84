/**
 * The times written along the axis of a picture: as many as have room, the important ones first.
 *
 * Invariants
 * - Labels never overlap, and two of them never read the same: a label has the digits that tell it from its neighbours.
 */

import { instantText } from '../text/time.ts'
import type { Focus, StoryWindow } from './story-window.ts'
import type { TimeScale } from './time-scale.ts'

export interface Tick {
  readonly atUs: number
  readonly x: number
  readonly text: string
  /** Where its label begins. */
  readonly textX: number
}

export interface AxisOptions {
  readonly scale: TimeScale
  readonly window: StoryWindow
  readonly focus: Focus | null
  /** All instants that may get a label. */
  readonly landmarks: readonly number[]
  /** Width of a label. */
  readonly widthOf: (text: string) => number
  /** Room between two labels. */
  readonly gap: number
}

/** Chooses and places the ticks, from left to right. */
export function axisTicks(options: AxisOptions): readonly Tick[] {
  const { window, focus, landmarks } = options
  const wanted = [
    ...(focus === null ? [] : [focus.atUs, focus.untilUs]),
    window.fromUs,
    window.untilUs,
    ...bySpread(landmarks),
  ]
  let chosen: readonly Tick[] = []
  for (const atUs of new Set(wanted)) {
    if (atUs < window.fromUs || atUs > window.untilUs || chosen.some((tick) => tick.atUs === atUs)) continue
    const ticks = placed([...chosen.map((tick) => tick.atUs), atUs], options)
    if (ticks !== null) chosen = ticks
  }
  return chosen
}

/** First the middle one, then the middles of the halves, and so on: labels spread evenly however few fit. */
function bySpread(landmarks: readonly number[]): readonly number[] {
  const spread: number[] = []
  const ranges: [number, number][] = [[0, landmarks.length]]
  for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
    const [low, high] = range
    if (low >= high) continue
    const middle = (low + high) >> 1
    spread.push(landmarks[middle]!)
    ranges.push([low, middle], [middle + 1, high])
  }
  return spread
}

/** The ticks at these instants, or null when two labels would touch. */
function placed(instants: readonly number[], { scale, widthOf, gap }: AxisOptions): readonly Tick[] | null {
  const sorted = [...instants].sort((a, b) => a - b)
  const ticks: Tick[] = []
  let freeFromX = 0
  for (const [index, atUs] of sorted.entries()) {
    const beforeUs = index > 0 ? atUs - sorted[index - 1]! : Number.POSITIVE_INFINITY
    const afterUs = index + 1 < sorted.length ? sorted[index + 1]! - atUs : Number.POSITIVE_INFINITY
    const text = instantText(atUs, Math.min(beforeUs, afterUs))
    const width = widthOf(text)
    const x = scale.x(atUs)
    // Centred under its tick, pushed inwards at the edges.
    const textX = Math.max(0, Math.min(x - width / 2, scale.width - width))
    if (textX < freeFromX) return null
    freeFromX = textX + width + gap
    ticks.push({ atUs, x, text, textX })
  }
  return ticks
}
