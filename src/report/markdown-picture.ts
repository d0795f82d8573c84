/**
 * The worst story of a report as a picture beside its Markdown: `story.svg`. The text picture stays, folded, for who reads the file as it
 * is; where there is no folder, as in a step summary, it is the only one.
 */
import { checkOf } from '../check/registry.ts'
import { svgFile } from '../picture/svg-file.ts'
import { escapeMarkdown } from '../text/escape.ts'
import type { ToldViolation } from '../words/told-violation.ts'
import type { DrawnStory } from '../world/story-data.ts'
import type { ReportFile } from './folder.ts'

/** A violation that is drawn, in the world in which it happened. */
export interface Pictured {
  readonly violation: ToldViolation
  readonly story: DrawnStory
}

const FILE = 'story.svg'

const titleOf = ({ property, sentence }: ToldViolation): string => `${checkOf(property).heading}: ${sentence}`

/** The file of the picture; none without a story. */
export function* pictureFiles(pictured: Pictured | null): Generator<ReportFile> {
  if (pictured === null) return
  const { violation, story } = pictured
  const flagged = { ...violation, heading: checkOf(violation.property).heading }
  yield [FILE, svgFile(story, [flagged], titleOf(violation))]
}

/** What is said of a violation in characters; of the one that is pictured below its picture, folded, after why it happened. */
export const withPicture = (violation: ToldViolation, pictured: Pictured | null, text: string): string =>
  pictured?.violation !== violation
    ? text
    : `${escapeMarkdown(violation.why)}\n\n![${escapeMarkdown(titleOf(violation))}](${FILE})\n\n<details><summary>The same as text</summary>\n\n${text}\n\n</details>`
