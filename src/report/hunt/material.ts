/**
 * A hunt as its report files tell it: the report with the stories of its findings, in the order in which people read them.
 */

import type { InLanguages } from '../../text/language.ts'
import type { Story } from '../../world/story-data.ts'
import type { HuntReport, HuntViolation } from './hunt-report.ts'

export interface HuntMaterial {
  readonly report: HuntReport
  /** Of the first violations, in their order; null: the worker that was to tell it was lost. */
  readonly stories: readonly (Story | null)[]
  /** Beside each of them, what the first repair that cures it makes of the same storm; null or missing: none does. */
  readonly cured: readonly (Story | null)[]
  /** The code of the subject, line by line; null or missing: it is not known, for it is the user's. */
  readonly code?: readonly string[] | null
  /** How the storm of each violation was made small, in their order, in each language; missing: it is known in English alone. */
  readonly steps?: readonly (readonly InLanguages[])[]
  /** What was exercised before any fault, in each language; missing: it is known in English alone. */
  readonly exercised?: readonly InLanguages[]
  /** How many of the first violations have a replay file: a storm that ends its worker has none. */
  readonly replayCount: number
}

/** A violation with all that belongs to it. */
export interface HuntFinding {
  readonly violation: HuntViolation
  /** From 1 on, worst first. */
  readonly number: number
  readonly story: Story | null
  readonly cured: Story | null
  /** Below the folder of the report; null: there is none. */
  readonly replayFile: string | null
  /** How its storm was made small. */
  readonly steps: readonly (string | InLanguages)[]
  readonly historyFile: string
}

/** Every finding, worst first: bugs before limits, else as the hunt sorted them. */
export function huntFindings({ report, stories, cured, steps, replayCount }: HuntMaterial): readonly HuntFinding[] {
  return report.violations
    .map((violation, index) => ({
      violation,
      story: stories[index] ?? null,
      cured: cured[index] ?? null,
      replayFile: index < replayCount ? violation.replayFile : null,
      steps: steps?.[index] ?? violation.shrinking.steps,
      historyFile: historyFileOf(violation),
    }))
    .sort((a, b) => Number(b.violation.kind === 'bug') - Number(a.violation.kind === 'bug'))
    .map((finding, index) => ({ ...finding, number: index + 1 }))
}

/** `histories/1-mutual-exclusion.ndjson`, beside the replay file of the same name. */
export const historyFileOf = ({ replayFile }: Pick<HuntViolation, 'replayFile'>): string =>
  replayFile.replace(/^replays\//, 'histories/').replace(/\.replay\.json$/, '.ndjson')
