/**
 * What a scenario expects of a subject, and whether a cell shows it.
 *
 *   valid                                                         no world is violated
 *   { foreign-release: bug }                                 exactly these properties, each with this kind
 *   { foreign-release: bug, may: { stale-write: bug } } and, as the seed has it, what stands after `may`
 *   nothing (a lock of the user's)                                no bug; what only fencing can prevent fails nothing
 *
 * `may` is for what the story does not force: a lock that looks before it takes loses a race of its own in some worlds, and
 * in which ones is for the latencies to decide. What the story forces stands before it.
 */
import type { PropertyName, ViolationKind } from '../check/verdict.ts'
import type { ClientKind } from '../client/kind.ts'
import type { Cell, Status } from './report.ts'
import type { Scenario } from './scenario.ts'

type Kinds = Readonly<Partial<Record<PropertyName, ViolationKind>>>

/** A verdict as a word, or violations. A property that stands in both is certain; its kind may be either. */
export type Expectation = 'valid' | 'vacuous' | 'unknown' | (Kinds & { readonly may?: Kinds })

type Found = Pick<Cell['violations'][number], 'property' | 'kind'>

/** What the scenario expects of a subject; null: it says nothing about it. */
export function expectationFor(scenario: Scenario, subject: string, client: ClientKind): Expectation | null {
  const overriding = client === 'direct' ? scenario.expectDirect.get(subject) : undefined
  return overriding ?? scenario.expect.get(subject) ?? null
}

/** The kind of a violation that must be found; undefined: it need not be. */
export const demandedKind = (expected: Expectation | null, property: PropertyName): ViolationKind | undefined =>
  expected === null || typeof expected === 'string' ? undefined : expected[property]

/** Whether a violation is one of those that are expected, or that may be found. */
export function isAllowed(expected: Expectation | null, { property, kind }: Found): boolean {
  if (expected === null) return kind === 'limit'
  if (typeof expected === 'string') return false
  return expected[property] === kind || expected.may?.[property] === kind
}

/**
 * Whether a cell shows what is expected of it.
 * @param isStopped not all worlds were run: what is missing may be in the others
 */
export function isAsExpected(
  expected: Expectation | null,
  status: Status,
  violations: readonly Found[],
  isStopped = false,
): boolean {
  if (typeof expected === 'string') return status === expected
  if (status !== 'valid' && status !== 'violated') return false
  if (!violations.every((violation) => isAllowed(expected, violation))) return false
  const { may, ...demanded } = expected ?? {}
  const found = new Set<string>(violations.map(({ property }) => property))
  const missing = Object.keys(demanded).filter((property) => !found.has(property))
  return missing.length === 0 || (isStopped && status === 'violated')
}
