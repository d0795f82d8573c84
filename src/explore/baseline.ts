/**
 * Baselines: the findings that a project knows of and lives with for now. A hunt fails for what is new, and tells what is gone.
 *
 * Invariants
 * - A finding is known by its property, its kind and its cause, so neither a figure nor a polished sentence makes it new. A limit that
 *   has become a bug is new.
 * - The same findings give the same bytes; notes that people wrote stay.
 */
import * as z from 'zod'
import { type FindingName, keyOf } from '../check/rank.ts'
import { PROPERTIES } from '../check/verdict.ts'
import { type DataFormat, readJsonData } from '../scenario/json-data.ts'

const BASELINE_SCHEMA = 'lockstorm/baseline@1'

/** A finding that is lived with. */
export interface KnownFinding extends FindingName {
  /** Why, for people: kept as it is. */
  readonly note?: string
}

/** The known findings of each lock or session store, by its name. */
export type Baseline = ReadonlyMap<string, readonly KnownFinding[]>

const SCHEMA = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  subjects: z.record(
    z.string(),
    z.array(
      z.strictObject({
        property: z.enum(PROPERTIES),
        kind: z.enum(['bug', 'limit']),
        cause: z.string().min(1),
        note: z.string().optional(),
      }),
    ),
  ),
})

const FORMAT: DataFormat<typeof SCHEMA> = {
  name: BASELINE_SCHEMA,
  schema: SCHEMA,
  lengthMax: 10_000_000,
  fix: 'lockstorm hunt --update-baseline writes such a file',
}

/**
 * Reads a baseline.
 * @throws UsageError
 */
export const readBaseline = (text: string, place: string): Baseline =>
  new Map(Object.entries(readJsonData(text, place, FORMAT).subjects) as [string, readonly KnownFinding[]][])

/** The text of a baseline: subjects and findings sorted. */
export function writeBaseline(baseline: Baseline): string {
  const subjects = [...baseline]
    .filter(([, findings]) => findings.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, findings]) => [name, findings.map(ordered).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))])
  return `${JSON.stringify({ schema: BASELINE_SCHEMA, subjects: Object.fromEntries(subjects) }, null, 2)}\n`
}

const ordered = ({ property, kind, cause, note }: KnownFinding): KnownFinding => ({
  property,
  kind,
  cause,
  ...(note === undefined ? {} : { note }),
})

/**
 * A baseline in which a subject has these findings.
 * @param isWhole whether the hunt was: else what it did not see may be there all the same, and stays
 */
export function updated(
  baseline: Baseline,
  subject: string,
  found: readonly FindingName[],
  isWhole: boolean,
): Baseline {
  const before = new Map((baseline.get(subject) ?? []).map((known) => [keyOf(known), known]))
  const now = new Map<string, KnownFinding>(found.map((each) => [keyOf(each), before.get(keyOf(each)) ?? each]))
  return new Map([...baseline, [subject, [...(isWhole ? now : new Map([...before, ...now])).values()]]])
}
