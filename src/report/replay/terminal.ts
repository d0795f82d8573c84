/** A replay on the terminal: the worst violation with its picture, the others in words, or the picture of a sound world. */

import type { FindingName } from '../../check/rank.ts'
import { checkOf } from '../../check/registry.ts'
import { timeline } from '../../picture/timeline.ts'
import { visible } from '../../text/escape.ts'
import type { Palette } from '../../text/palette.ts'
import { paint, symbolOf } from '../../text/status-word.ts'
import { tellViolation } from '../../words/told-violation.ts'
import type { Story } from '../../world/story-data.ts'
import { failureText } from '../failure.ts'
import { hostTexts } from '../hosts.ts'
import { type ReplayReport, recordText } from './replay-report.ts'

export interface ReplayTextOptions {
  readonly palette: Palette
  readonly width: number
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

/** A replay as it is told. */
export interface ToldReplay {
  readonly report: ReplayReport
  /** Where its world comes from, in words. */
  readonly origin: string
  readonly story: Story | null
  /** Of a replay file: what became of its finding. */
  readonly finding: (FindingName & { readonly isGone: boolean }) | null
}

/** Renders a replay. */
export function replayText({ report, origin, story, finding }: ToldReplay, options: ReplayTextOptions): string {
  const { token, verdict, subject, historyHash } = report
  const { palette, isQuiet, isVerbose } = options
  const gone = finding?.isGone === true ? [palette.valid(`✓ ${findingWords(finding)} is gone`)] : []
  const nodes = report.nodes === 1 ? '' : ` · ${report.nodes} Redis nodes`
  const hosts = hostTexts(report).map((text) => ` · ${visible(text)}`)
  const facts = `${visible(subject)} in ${visible(origin)}${nodes}${hosts.join('')} · history ${historyHash}`
  const records = isVerbose ? [report.records.map(recordText).join('\n')] : []
  if (verdict.status !== 'violated') {
    const reason =
      verdict.status === 'unknown' ? `: ${verdict.reason}` : verdict.status === 'vacuous' ? `: ${verdict.missing}` : ''
    const line = paint(verdict.status, palette)(`${symbolOf(verdict.status)} ${verdict.status}${reason}`)
    const drawn = isQuiet || story === null ? [] : [timeline(story, null, options).join('\n')]
    return [...gone, line, ...drawn, ...records, facts].join('\n\n')
  }
  // The worst with its picture, the others in words: they happened in the same world.
  const texts = verdict.violations
    .map(tellViolation)
    .map((violation, index) =>
      isQuiet
        ? palette.violated(`✗ ${checkOf(violation.property).heading}: ${visible(violation.sentence)}`)
        : failureText(index === 0 ? { violation: { ...violation, token }, story } : { violation }, options),
    )
  if (gone.length > 0) gone.push('Its storm shows something else:')
  return [...gone, texts.join(isQuiet ? '\n' : '\n\n'), ...records, facts].join('\n\n')
}

/** `mutual-exclusion (bug: taken-away deleted)` */
export const findingWords = ({ property, kind, cause }: FindingName): string =>
  `${property} (${kind}${cause === '' ? '' : `: ${visible(cause)}`})`
