/**
 * The text of a failure: one sentence, a timeline, why, how to see it again, a hint. One screen of 80 columns.
 *
 * The terminal, Markdown (in a code block), JUnit and the Vitest matcher print the same text.
 *
 * Invariants
 * - No line is wider than asked, except a command that has to stay in one piece to be copied.
 * - Without colours the text is complete: the palette adds nothing that can be read.
 */

import { checkOf } from '../check/registry.ts'
import { PICTURE_WORDS } from '../picture/picture-words.ts'
import { timeline } from '../picture/timeline.ts'
import type { ReportedViolation } from '../scenario/report.ts'
import { visible } from '../text/escape.ts'
import type { Language } from '../text/language.ts'
import { type Palette, PLAIN } from '../text/palette.ts'
import { replayCommand } from '../text/replay-command.ts'
import { counted } from '../text/time.ts'
import { wrap } from '../text/width.ts'
import { adviceOf } from '../words/advice.ts'
import { headingsOf } from '../words/heading.ts'
import { thrownText } from '../words/thrown-text.ts'
import type { ToldViolation } from '../words/told-violation.ts'
import type { Story } from '../world/story-data.ts'

/** What there is to tell about one violation; what is missing is left out. */
export interface Failure {
  /** Without a token the text has no replay line. */
  readonly violation: Omit<ReportedViolation, 'token'> & { readonly token?: string }
  /** The world it happened in. */
  readonly story?: Story | null
  /** What the replay command is given besides the token. */
  readonly replayWith?: readonly string[]
  /** `set-nx-lua in gc-pause`. */
  readonly subject?: string
  /** `storm 412 of 1,000 · seed 7301 · shrunk 4 faults → 1` */
  readonly found?: string
  /** Path of the report, with the anchor. */
  readonly seeIt?: string
  /** `locks/fenced.ts passes the same storm` */
  readonly cure?: string
}

export interface FailureTextOptions {
  readonly palette?: Palette
  readonly width?: number
}

/** Those of the picture alone, which is in the language of its lesson. */
export interface PictureTextOptions extends FailureTextOptions {
  readonly language?: Language
}

const INDENT = '  '

/** Renders a failure; no newline at the end. */
export function failureText(failure: Failure, options: FailureTextOptions = {}): string {
  const { palette = PLAIN, width = 80 } = options
  const { violation, story = null } = failure
  const caption = checkOf(violation.property).heading
  const blocks: string[] = [headline(caption, visible(violation.sentence), palette, width)]
  const picture = story === null ? '' : pictureText(violation, story, options)
  if (picture !== '') blocks.push(picture)
  blocks.push([explanation(violation, width), ...adviceLines(violation, palette, width)].join('\n'))
  const thrown = thrownLines(story, width)
  if (thrown.length > 0) blocks.push(indented(thrown))
  const facts = factLines(failure, palette)
  if (facts.length > 0) blocks.push(facts.join('\n'))
  return blocks.join('\n\n')
}

/** The timeline of a violation; empty when there is nothing to draw. */
export function pictureText(
  violation: Omit<ReportedViolation, 'token'>,
  story: Story,
  { palette = PLAIN, width = 80, language = 'en' }: PictureTextOptions = {},
): string {
  const isLasting = violation.untilUs > violation.atUs
  const lasting = violation.property === 'mutual-exclusion' ? PICTURE_WORDS[language].text.bothHold : ''
  const caption = isLasting ? lasting : headingsOf(violation.property)[language]
  return timeline(story, violation, { palette, width, caption, language }).join('\n')
}

/** Why it happened, and whether a lock could have prevented it. */
export function explanation({ why, needs }: Pick<ToldViolation, 'why' | 'needs'>, width: number): string {
  const paragraphs = [visible(why), ...(needs === null ? [] : [needs])]
  return indented(paragraphs.flatMap((paragraph) => wrap(paragraph, width - INDENT.length)))
}

/** What to do, in a line or two; nothing where no single change is known. */
function adviceLines(violation: ToldViolation, palette: Palette, width: number): readonly string[] {
  const advice = adviceOf(violation)
  return advice === null
    ? []
    : wrap(`Cure: ${advice}.`, width - INDENT.length).map((line) => INDENT + palette.valid(line))
}

function headline(caption: string, sentence: string, palette: Palette, width: number): string {
  const [first = '', ...rest] = wrap(`${caption}: ${sentence}`, width - INDENT.length)
  return [`✗ ${first}`, ...rest.map((line) => INDENT + line)].map((line) => palette.violated(line)).join('\n')
}

function factLines(
  { violation, replayWith, subject, found, seeIt, cure }: Failure,
  palette: Palette,
): readonly string[] {
  const { token } = violation
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['in', subject],
    ['found in', found],
    ['replay', token === undefined || token === '' ? undefined : replayCommand(token, replayWith)],
    ['see it', seeIt],
    ['cure', cure],
  ]
  const present = facts.filter(([, text]) => text !== undefined)
  const nameWidth = Math.max(0, ...present.map(([name]) => name.length))
  return present.map(([name, text]) => `${INDENT}${palette.faint(name.padEnd(nameWidth))}  ${visible(text as string)}`)
}

/** At most this many errors are told; the page has all. */
const THROWN_MAX = 3

/** What the code under test threw in this world, in lines; none: it threw nothing. */
export function thrownLines(story: Story | null, width: number): readonly string[] {
  const thrown = story?.thrown ?? []
  const more = thrown.length - THROWN_MAX
  return [
    ...thrown.slice(0, THROWN_MAX).map((each) => visible(thrownText(each))),
    ...(more > 0 ? [`and ${counted(more, 'other error')}`] : []),
  ].flatMap((text) => wrap(text, width - INDENT.length))
}

const indented = (lines: readonly string[]): string => lines.map((line) => INDENT + line).join('\n')
