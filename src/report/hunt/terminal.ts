/**
 * A hunt on the terminal: the worst findings as stories, the others in a line each, then what was tried.
 *
 * Invariants
 * - No line is wider than asked, except a command that has to stay in one piece to be copied.
 */

import { checkOf } from '../../check/registry.ts'
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'
import { visible } from '../../text/escape.ts'
import { type Palette, PLAIN } from '../../text/palette.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { paint, symbolOf } from '../../text/status-word.ts'
import { countText } from '../../text/time.ts'
import { wrap } from '../../text/width.ts'
import type { Story } from '../../world/story-data.ts'
import { failureText } from '../failure.ts'
import { hostTexts } from '../hosts.ts'
import type { HuntReport, HuntViolation } from './hunt-report.ts'
import { cureText, foundText } from './sentences.ts'

export interface HuntTextOptions {
  readonly palette?: Palette
  readonly width?: number
  /** At most this many findings are told with their picture. */
  readonly toldCount?: number
  /** Where the report was written. */
  readonly where?: string
  readonly isQuiet?: boolean
}

const INDENT = '  '

/** Renders a hunt; `stories` belong to the first violations, in their order. */
export function huntText(
  report: HuntReport,
  stories: readonly (Story | null)[],
  options: HuntTextOptions = {},
): string {
  const { palette = PLAIN, width = 80, toldCount = 1, where, isQuiet = false } = options
  const told = report.violations.slice(0, toldCount)
  const others = report.violations.slice(toldCount)
  const blocks = told.map((violation, index) =>
    isQuiet
      ? palette.violated(`✗ ${checkOf(violation.property).heading}: ${visible(violation.sentence)}`)
      : failureText(
          {
            violation,
            story: stories[index] ?? null,
            replayWith: report.replayWith,
            found: foundText(report, violation),
            ...(where === undefined ? {} : { seeIt: `${where}#${violation.token}` }),
            ...cureText(violation),
          },
          { palette, width },
        ) + consequencesText(violation, report, palette, width),
  )
  if (!isQuiet && others.length > 0) blocks.push(othersText(others, report, palette, width))
  blocks.push(verdictText(report, palette, width, where, isQuiet))
  return blocks.join('\n\n')
}

function othersText(violations: readonly HuntViolation[], report: HuntReport, palette: Palette, width: number): string {
  const { replayWith } = report
  return violations
    .map((violation) => {
      const { property, kind, sentence, why, story, token } = violation
      const contract = kind === 'limit' ? ' (limit)' : ''
      const [first = '', ...rest] = wrap(`${checkOf(property).heading}: ${visible(sentence)}${contract}`, width - 2)
      const cure = cureText(violation).cure
      return [
        palette.violated(`✗ ${first}`),
        ...rest.map((line) => INDENT + line),
        ...[...story, why].flatMap((text) => wrap(visible(text), width - 4)).map((line) => `${INDENT}${INDENT}${line}`),
        ...(cure === undefined ? [] : wrap(`cure  ${cure}`, width - 2).map((line) => INDENT + palette.faint(line))),
        `${INDENT}${palette.faint(replayCommand(token, replayWith))}${consequencesText(violation, report, palette, width)}`,
      ].join('\n')
    })
    .join('\n\n')
}

/** What never showed without this finding, each with the token of its own storm; empty: nothing. */
function consequencesText(
  { consequences }: HuntViolation,
  { replayWith }: HuntReport,
  palette: Palette,
  width: number,
): string {
  if (consequences.length === 0) return ''
  const lines = consequences.flatMap(({ property, kind, sentence, why, token }) => {
    const limit = kind === 'limit' ? ' (limit)' : ''
    const [first = '', ...rest] = wrap(`${checkOf(property).heading}: ${visible(sentence)}${limit}`, width - 6)
    return [
      `${INDENT}${INDENT}${palette.violated(`✗ ${first}`)}`,
      ...[...rest, ...wrap(visible(why), width - 6)].map((line) => `${INDENT}${INDENT}${INDENT}${line}`),
      `${INDENT}${INDENT}${INDENT}${palette.faint(replayCommand(token, replayWith))}`,
    ]
  })
  return ['', `${INDENT}seen only together with it`, ...lines].join('\n')
}

function verdictText(
  report: HuntReport,
  palette: Palette,
  width: number,
  where: string | undefined,
  isQuiet: boolean,
): string {
  const [first = '', ...rest] = wrap(`${symbolOf(report.verdict)} ${visible(report.lock)}: ${report.statement}`, width)
  const lines = [first, ...rest.map((line) => INDENT + line)].map((line) => paint(report.verdict, palette)(line))
  if (isQuiet) return lines.join('\n')
  const facts = (Object.keys(SOMETIMES) as Sometimes[]).flatMap((fact) => {
    const count = report.sometimes[fact]
    return [`${count === 0 ? 'never' : `${countText(count)} ×`}  ${SOMETIMES[fact]}`]
  })
  lines.push('', ...facts.flatMap((fact) => wrap(fact, width - 2)).map((line) => INDENT + palette.faint(line)))
  for (const text of hostTexts(report)) {
    lines.push(...wrap(visible(text), width - 2).map((line) => INDENT + palette.faint(line)))
  }
  for (const [reason, count] of Object.entries(report.unknown)) {
    lines.push(`${INDENT}${palette.unknown(`? ${countText(count)} storms: ${visible(reason)}`)}`)
  }
  if (report.moreViolations > 0) lines.push(`${INDENT}… and ${countText(report.moreViolations)} more findings`)
  if (where !== undefined) lines.push(`${INDENT}${palette.faint('report')}  ${visible(where)}`)
  return lines.join('\n')
}
