/**
 * What all parts of one space-time diagram share: its scale, its lanes, and how places and widths are computed.
 */

import { textWidth } from '../text/width.ts'
import type { DrawnStory } from '../world/story-data.ts'
import type { PlacedLane } from './layout.ts'
import type { PictureWords } from './picture-words.ts'
import type { StoryWindow } from './story-window.ts'
import type { TimeScale } from './time-scale.ts'

export interface Frame {
  readonly story: DrawnStory
  readonly words: PictureWords
  readonly scale: TimeScale
  readonly window: StoryWindow
  readonly lanes: readonly PlacedLane[]
  /** The lower edge of the last lane. */
  readonly bottom: number
  /** The class that gives a client its colour. */
  readonly ownerClass: (name: string) => string
}

/** Room for the names of the lanes. */
export const GUTTER = 96
export const RIGHT = 18

/** Widths of a character, px, a little more than they are: there is nothing to measure text with. */
export const CHAR_WIDTH = 6.5
export const SMALL_CHAR_WIDTH = 5.9

/** The x of an instant. */
export const at = (frame: Frame, us: number): number => near(GUTTER + frame.scale.x(us))

/** The right end of what may be written on. */
export const rightEnd = (frame: Frame): number => GUTTER + frame.scale.width + RIGHT - 6

/** Digits, capitals, dots and the widest letters; in words the narrow ones make up for the last. */
const WIDER = /[\dA-Zmw…]/g
const WIDER_BY = 0.2

/** About how wide a text is. */
export const textPx = (text: string, charWidth: number = CHAR_WIDTH): number =>
  (textWidth(text) + WIDER_BY * (text.match(WIDER)?.length ?? 0)) * charWidth

/** A tenth of a pixel is near enough, and short. */
export const near = (value: number): number => Math.round(value * 10) / 10
