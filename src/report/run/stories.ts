/**
 * The stories that a run tells: of each cell that is not as expected, or, when all are, of one violation as an example.
 */
import type { Cell, ReportedViolation, ReportMaterial } from '../../scenario/report.ts'
import { decodeToken } from '../../scenario/token.ts'
import { visible } from '../../text/escape.ts'
import type { Palette } from '../../text/palette.ts'
import { counted } from '../../text/time.ts'
import { failureText } from '../failure.ts'
import { cellLine, cellLines } from './cell-lines.ts'
import { worstFirst } from './matrix.ts'
import { outcomeOf } from './outcome.ts'
import { shownStory, violationsByWorld } from './shown-story.ts'
import { summaryText } from './terminal.ts'

/** A reader takes in this many stories; the report has them all. */
const STORIES_MAX = 3

export interface StoryOptions {
  readonly palette: Palette
  readonly width: number
  /** The HTML report; null: none was written. */
  readonly htmlPath: string | null
}

export interface RunTextOptions extends StoryOptions {
  /** Only what is not as expected. */
  readonly isQuiet: boolean
  /** Every cell in words. */
  readonly isVerbose: boolean
}

/** What a run prints for people: the cells if they are wanted, the summary, and last, where eyes are, the stories, the worst at the end. */
export function runText(material: ReportMaterial, options: RunTextOptions): string {
  const { palette, width, htmlPath, isQuiet, isVerbose } = options
  const failures = [...failureStories(material, options)].reverse()
  if (isQuiet) return failures.join('\n\n')
  const example = failures.length === 0 ? exampleStory(material, options) : null
  return [
    ...(isVerbose ? [cellLines(material.report, palette)] : []),
    summaryText(material.report, { palette, width, ...(htmlPath === null ? {} : { where: htmlPath }) }),
    ...failures,
    ...(example === null ? [] : [example]),
  ].join('\n\n')
}

/** What is not as expected, worst first; empty when all is. */
function failureStories(material: ReportMaterial, options: StoryOptions): readonly string[] {
  const failing = worstFirst(material.report.cells.filter((cell) => outcomeOf(cell) !== 'fine'))
  const told = failing.slice(0, STORIES_MAX).map((cell) => cellStory(material, cell, options))
  const rest = failing.length - told.length
  return rest === 0 ? told : [...told, `… and ${counted(rest, 'more cell')} not as expected: see the report`]
}

/** The worst violation of a run in which all is as expected; null when there is none. */
function exampleStory(material: ReportMaterial, options: StoryOptions): string | null {
  const [worst] = worstFirst(material.report.cells.filter(({ verdict }) => verdict === 'violated'))
  return worst === undefined ? null : cellStory(material, worst, options)
}

function cellStory(material: ReportMaterial, cell: Cell, { palette, width, htmlPath }: StoryOptions): string {
  const line = `${visible(cell.scenario)}: ${cellLine(cell, palette)}`
  // One that happened in the world that is kept, so that there is a picture of it.
  const violation = violationsByWorld(material, cell).shown[0] ?? cell.violations[0]
  if (violation === undefined) return line
  const story = shownStory(material, cell, violation)
  const text = failureText(
    {
      violation,
      story,
      ...(cell.replayWith === undefined ? {} : { replayWith: cell.replayWith }),
      subject: `${cell.lock} in ${cell.scenario}`,
      found: foundText(material, cell, violation),
      ...(htmlPath === null ? {} : { seeIt: `${htmlPath}#${violation.token}` }),
      ...cureOf(material, cell),
    },
    { palette, width },
  )
  return outcomeOf(cell) === 'fine' ? text : `${line}\n\n${text}`
}

/** `world 4 of 10 · seed 7301` */
function foundText({ report }: ReportMaterial, cell: Cell, violation: ReportedViolation): string {
  const parts = decodeToken(violation.token)
  const world = 'world' in parts ? parts.world : 0
  const count = `${cell.violatedWorlds} of ${counted(cell.worlds, 'world')}`
  return `world ${world + 1}; ${count} violated · seed ${report.seed}`
}

/** A subject that the same scenario does no harm to. */
function cureOf({ report }: ReportMaterial, cell: Cell): { readonly cure?: string } {
  const sound = report.cells.findLast(({ scenario, verdict }) => scenario === cell.scenario && verdict === 'valid')
  return sound === undefined ? {} : { cure: `${sound.lock} passes the same scenario` }
}
