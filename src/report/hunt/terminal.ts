/**
 * A hunt on the terminal: what was tried, the milder findings in a few lines each, and last, where eyes are, the worst as a story.
 *
 * Invariants
 * - No line is wider than asked, except a command that has to stay in one piece to be copied.
 */

import { nameOf } from '../../check/rank.ts'
import { checkOf } from '../../check/registry.ts'
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'
import { visible } from '../../text/escape.ts'
import { type Palette, PLAIN } from '../../text/palette.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { paint, symbolOf } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { wrap } from '../../text/width.ts'
import type { Story } from '../../world/story-data.ts'
import { failureText } from '../failure.ts'
import { hostTexts } from '../hosts.ts'
import { findingWords } from '../replay/terminal.ts'
import type { HuntReport, HuntViolation } from './hunt-report.ts'
import { cureText, foundText, stopText } from './sentences.ts'

export interface HuntTextOptions {
  readonly palette?: Palette
  readonly width?: number
  /** At most this many findings are told with their picture. */
  readonly toldCount?: number
  /** Where the report was written. */
  readonly where?: string
  /** Replays that this hunt has written for people to keep. */
  readonly kept?: readonly string[]
  readonly isQuiet?: boolean
  /** Facts that never happened are told, too. */
  readonly isVerbose?: boolean
  /** The worst finding is told first, not last. */
  readonly isStoryFirst?: boolean
}

const INDENT = '  '

/** Renders a hunt; `stories` belong to the first violations, in their order. */
export function huntText(
  report: HuntReport,
  stories: readonly (Story | null)[],
  options: HuntTextOptions = {},
): string {
  const { palette = PLAIN, width = 80, toldCount = 1, where, isQuiet = false } = options
  const findings = report.violations.map((violation, index) => ({ violation, story: stories[index] ?? null }))
  // What the project lives with is not told again: it is counted.
  const unknown = findings.filter(({ violation }) => violation.accepted !== 'baseline')
  const told = unknown.slice(0, toldCount)
  const others = unknown.slice(toldCount).map(({ violation }) => violation)
  const blocks = told.map(({ violation, story }) =>
    isQuiet
      ? palette.violated(`✗ ${checkOf(violation.property).heading}: ${visible(violation.sentence)}`)
      : failureText(
          {
            violation,
            story,
            replayWith: report.replayWith,
            found: foundText(report, violation),
            ...(where === undefined ? {} : { seeIt: `${where}#${violation.token}` }),
            ...cureText(violation),
          },
          { palette, width },
        ) + consequencesText(violation, report, palette, width),
  )
  const rest = isQuiet || others.length === 0 ? [] : [othersText(others, report, palette, width)]
  const verdict = verdictText(report, palette, width, options)
  // An error that a test throws is read from its beginning.
  if (options.isStoryFirst === true) return [...blocks, ...rest, verdict].join('\n\n')
  return [verdict, ...rest, ...blocks.reverse()].join('\n\n')
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
  { where, kept = [], isQuiet = false, isVerbose = false }: HuntTextOptions,
): string {
  const [first = '', ...rest] = wrap(`${symbolOf(report.verdict)} ${visible(report.lock)}: ${report.statement}`, width)
  const lines = [first, ...rest.map((line) => INDENT + line)].map((line) => paint(report.verdict, palette)(line))
  if (isQuiet) return lines.join('\n')
  const stopped = stopText(report)
  if (stopped !== null) lines.push(...wrap(stopped, width - 2).map((line) => INDENT + line))
  const accepted = acceptedLines(report).flatMap((text) => wrap(text, width - 2).map((line) => INDENT + line))
  if (accepted.length > 0) lines.push('', ...accepted)
  const facts = (Object.keys(SOMETIMES) as Sometimes[]).flatMap((fact) => {
    const count = report.sometimes[fact]
    if (count === 0 && !isVerbose) return []
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
  for (const file of kept) lines.push(`${INDENT}${palette.faint('commit')}  ${visible(file)}`)
  return lines.join('\n')
}

/** What became of the replays that the project keeps, and of the findings that it lives with. */
function acceptedLines({ replays, violations, cured }: HuntReport): readonly string[] {
  const known = violations.flatMap((violation) => [violation, ...violation.consequences])
  const names = known
    .filter(({ accepted }) => accepted === 'baseline')
    .map((violation) => findingWords(nameOf(violation)))
  const red = replays.filter(({ status }) => status !== 'gone')
  const gone = (cured ?? []).map(findingWords)
  return [
    ...(replays.length === 0
      ? []
      : [`${countText(replays.length - red.length)} of ${counted(replays.length, 'kept replay')} green`]),
    ...red.map(({ file, status }) => `${REPLAY_WORDS[status]} ${visible(file)}`),
    ...(names.length === 0 ? [] : [`known: ${names.join(', ')}`]),
    ...(gone.length === 0 ? [] : [`cured: ${gone.join(', ')} (--update-baseline takes it out of the baseline)`]),
  ]
}

const REPLAY_WORDS = { there: '✗ red', lost: '✗ lost', 'not-run': '? not run', gone: '✓ green' } as const
