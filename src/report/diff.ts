/**
 * Two reports compared: which findings are new, which are gone, which are in both. A finding is known by its subject (and scenario),
 * property, kind and cause, so other figures and other storms make no difference.
 */
import * as z from 'zod'
import type { Cause } from '../check/cause.ts'
import { keyOf, nameOf } from '../check/rank.ts'
import { PROPERTIES } from '../check/verdict.ts'
import { type DataFormat, readJsonData } from '../scenario/json-data.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visible } from '../text/escape.ts'
import type { Palette } from '../text/palette.ts'
import { countText } from '../text/time.ts'
import { wrap } from '../text/width.ts'

const VIOLATION = z.object({
  property: z.enum(PROPERTIES),
  kind: z.enum(['bug', 'limit']),
  cause: z.looseObject({ kind: z.string() }),
  sentence: z.string(),
  token: z.string(),
})

const HUNT_SCHEMA = z.object({
  schema: z.string(),
  lock: z.string(),
  violations: z.array(VIOLATION.extend({ consequences: z.array(VIOLATION) })),
})

const RUN_SCHEMA = z.object({
  schema: z.string(),
  cells: z.array(z.object({ scenario: z.string(), lock: z.string(), violations: z.array(VIOLATION) })),
})

const COMMON = { lengthMax: 500_000_000, fix: 'name report.json of a hunt or a run, or its folder' }
const HUNT: DataFormat<typeof HUNT_SCHEMA> = { name: 'lockstorm/hunt@2', schema: HUNT_SCHEMA, ...COMMON }
const RUN: DataFormat<typeof RUN_SCHEMA> = { name: 'lockstorm/report@2', schema: RUN_SCHEMA, ...COMMON }

/** A finding of a report. */
export interface FoundOnce {
  /** `my-lock`, or `my-lock in gc-pause`. */
  readonly subject: string
  readonly property: string
  readonly kind: 'bug' | 'limit'
  readonly cause: string
  readonly sentence: string
  readonly token: string
}

export interface ReportDiff {
  readonly schema: 'lockstorm/diff@1'
  /** In the second report only. */
  readonly new: readonly FoundOnce[]
  /** In the first report only. */
  readonly gone: readonly FoundOnce[]
  /** In both, as the second one tells them. */
  readonly still: readonly FoundOnce[]
}

/**
 * The findings of a report by their keys.
 * @throws UsageError when the text is no report
 */
export function findingsIn(text: string, place: string): ReadonlyMap<string, FoundOnce> {
  const found = new Map<string, FoundOnce>()
  const add = (subject: string, { property, kind, cause, sentence, token }: z.output<typeof VIOLATION>): void => {
    const name = nameOf({ property, kind, cause: causeIn(cause, place) })
    const key = `${subject} · ${keyOf(name)}`
    if (!found.has(key)) found.set(key, { subject, ...name, sentence, token })
  }
  if (text.slice(0, 100).includes(RUN.name)) {
    for (const { scenario, lock, violations } of readJsonData(text, place, RUN).cells) {
      for (const violation of violations) add(`${lock} in ${scenario}`, violation)
    }
  } else {
    const { lock, violations } = readJsonData(text, place, HUNT)
    for (const violation of violations) for (const each of [violation, ...violation.consequences]) add(lock, each)
  }
  return found
}

/** A cause whose fields are as its kind needs them. */
function causeIn(cause: { readonly kind: string }, place: string): Cause {
  try {
    nameOf({ property: 'hang', kind: 'bug', cause: cause as Cause })
    return cause as Cause
  } catch (error) {
    throw new UsageError(place, `a cause of kind ${JSON.stringify(cause.kind)} lacks what it needs`, COMMON.fix, {
      cause: error,
    })
  }
}

/** Compares the findings of two reports, each list sorted by key. */
export function diffOf(before: ReadonlyMap<string, FoundOnce>, after: ReadonlyMap<string, FoundOnce>): ReportDiff {
  const sorted = (all: ReadonlyMap<string, FoundOnce>, isWanted: (key: string) => boolean): readonly FoundOnce[] =>
    [...all]
      .filter(([key]) => isWanted(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, found]) => found)
  return {
    schema: 'lockstorm/diff@1',
    new: sorted(after, (key) => !before.has(key)),
    gone: sorted(before, (key) => !after.has(key)),
    still: sorted(after, (key) => before.has(key)),
  }
}

/** Renders it: what is new, what is gone, and how many are in both; no newline at the end. */
export function diffText(
  diff: ReportDiff,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): string {
  const lineOf = (sign: string, { subject, property, kind, cause, sentence }: FoundOnce): string =>
    wrap(`${sign} ${visible(subject)}: ${property} (${kind}: ${visible(cause)}): ${visible(sentence)}`, width - 2)
      .map((line, index) => (index === 0 ? line : `  ${line}`))
      .join('\n')
  const counts = [
    `${countText(diff.new.length)} new`,
    `${countText(diff.gone.length)} gone`,
    `${countText(diff.still.length)} in both`,
  ]
  return [
    ...diff.new.map((found) => palette.violated(lineOf('+', found))),
    ...diff.gone.map((found) => palette.valid(lineOf('-', found))),
    counts.join(' · '),
  ].join('\n')
}
