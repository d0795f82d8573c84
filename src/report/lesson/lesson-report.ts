/** What running a lesson came to: the data of its renderers, and of `learn --json`. */
import type { Lesson } from '../../lesson/lesson.ts'
import { timeline } from '../../picture/timeline.ts'
import type { ToldViolation } from '../../words/told-violation.ts'
import type { Story } from '../../world/story-data.ts'
import { type PictureTextOptions, pictureText } from '../failure.ts'

/** A run of one of the lesson's codes in its storm. */
export interface LessonRun {
  readonly status: 'valid' | 'violated' | 'unknown' | 'vacuous'
  /** The worst; null: none. */
  readonly violation: ToldViolation | null
  readonly story: Story
}

/** A message of the run without faults, and how a fault is anchored at it. */
export interface Moment {
  /** `A before send 3`. */
  readonly at: string
  /** What is sent, or what was answered. */
  readonly label: string
}

export interface LessonReport {
  readonly lesson: Lesson
  readonly lockText: string
  readonly curedText: string
  /** The storm's file. */
  readonly stormText: string
  readonly broken: LessonRun
  readonly cured: LessonRun
  /** Which of the choices is right. */
  readonly answer: number
  readonly moments: readonly Moment[]
}

/** What came of a storm that the reader proposed. */
export interface AttemptReport {
  readonly lesson: Lesson
  /** As scenario files write them. */
  readonly faults: readonly string[]
  /** Those whose moment never came. */
  readonly notStruck: readonly string[]
  readonly isBroken: boolean
  readonly run: LessonRun
  /** How few faults it takes, and how many storms were tried to know it. */
  readonly fewest: { readonly count: number; readonly faults: readonly string[]; readonly triedCount: number }
}

/** The picture of a run in characters. */
export const runPicture = ({ violation, story }: LessonRun, options: PictureTextOptions = {}): string =>
  violation === null ? timeline(story, null, options).join('\n') : pictureText(violation, story, options)
