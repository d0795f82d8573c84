/**
 * A finding: one way in which a subject fails, with the smallest storm that shows it.
 *
 * Storms that fail in the same way are one finding: the same property, of the same kind, for the same cause
 * (`findingKey`). So a user with three bugs sees three, not the first three hundred storms. One storm may show several.
 * A finding that never showed without a worse one is that one's consequence and is told under it.
 */
import { findingKey, rankOf } from '../check/rank.ts'
import type { Verdict, Violation } from '../check/verdict.ts'
import { sizeUs } from '../fault/planned-fault.ts'
import type { Plan } from '../world/plan.ts'
import { roundsOf } from './base-plan.ts'

export interface Finding {
  /** Property, kind and cause. */
  readonly key: string
  readonly violation: Violation
  /** The smallest storm seen so far that shows it; of storms with as many faults one in which nothing worse shows. */
  readonly plan: Plan
  /** Whether something worse shows in that storm. */
  readonly isCovered: boolean
  /** In how many storms it was seen. */
  readonly seen: number
}

/** Everything that is violated in one judged storm, each property and cause once; the worst first. */
export function findingsOf(plan: Plan, violations: readonly Violation[]): readonly Finding[] {
  const byKey = new Map<string, Violation>()
  for (const violation of violations) {
    const key = findingKey(violation)
    if (!byKey.has(key)) byKey.set(key, violation)
  }
  const worstFirst = [...byKey].sort(([, a], [, b]) => rankOf(a) - rankOf(b))
  return worstFirst.map(([key, violation], index) => ({ key, violation, plan, isCovered: index > 0, seen: 1 }))
}

/** The keys of everything that is violated in one judged storm. */
export const keysShownBy = (verdict: Verdict): readonly string[] =>
  verdict.status === 'violated' ? [...new Set(verdict.violations.map(findingKey))] : []

/** Adds a finding to those with its key: the smaller storm stays, of two alike the earlier one. */
export function addFinding(findings: Map<string, Finding>, found: Finding): void {
  const known = findings.get(found.key)
  if (known === undefined) {
    findings.set(found.key, found)
    return
  }
  const smaller = compareSizes(clarityOf(found), clarityOf(known)) < 0 ? found : known
  findings.set(found.key, { ...smaller, seen: known.seen + found.seen })
}

/** A finding with the findings that never showed without it. */
export interface RankedFinding extends Finding {
  readonly consequences: readonly Finding[]
}

/** In how many storms each finding was seen, and with each worse one, by their keys. */
export interface Sightings {
  readonly keys: ReadonlyMap<string, number>
  readonly together: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/** What is reported: the worst first, of two alike the smaller storm. */
export function worstFirst(findings: Iterable<Finding>, { keys, together }: Sightings): readonly RankedFinding[] {
  const sorted = [...findings].sort(
    (a, b) =>
      rankOf(a.violation) - rankOf(b.violation) ||
      compareSizes(sizeOf(a.plan), sizeOf(b.plan)) ||
      (a.key < b.key ? -1 : 1),
  )
  const ranked: (RankedFinding & { readonly consequences: Finding[] })[] = []
  for (const finding of sorted) {
    const seenWith = together.get(finding.key)
    const worse = ranked.find(({ key }) => seenWith?.get(key) === keys.get(finding.key))
    if (worse === undefined) ranked.push({ ...finding, consequences: [] })
    else worse.consequences.push(finding)
  }
  return ranked
}

/** The size of a storm: its faults, how long they last, its clients, its rounds; compared in this order. */
export type Size = readonly number[]

/** How large a storm is. */
export function sizeOf(plan: Plan): Size {
  const lasts = plan.faults.reduce((sum, fault) => sum + sizeUs(fault), 0)
  return [plan.faults.length, lasts, plan.clients, roundsOf(plan.workload)]
}

/** What decides between two storms of one finding: as the size, with storms in which nothing worse shows before others with as many faults. */
export function clarityOf({ plan, isCovered }: Pick<Finding, 'plan' | 'isCovered'>): Size {
  const [faults = 0, ...rest] = sizeOf(plan)
  return [faults, isCovered ? 1 : 0, ...rest]
}

/** Negative: `a` is smaller. */
export function compareSizes(a: Size, b: Size): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}
