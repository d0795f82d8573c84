/**
 * A finding: one way in which a subject fails, with the smallest storm that shows it.
 *
 * Storms that fail in the same way are one finding: the same property, of the same kind, for the same cause. The cause is
 * the explanation of the check without names and figures, so that a user with three bugs sees three, not the first three
 * hundred storms.
 */
import { PROPERTIES, type Violation } from '../check/verdict.ts'
import { sizeUs } from '../fault/planned-fault.ts'
import type { Plan } from '../world/plan.ts'
import { roundsOf } from './base-plan.ts'

export interface Finding {
  /** Property, kind and cause. */
  readonly key: string
  readonly violation: Violation
  /** The smallest storm seen so far that shows it. */
  readonly plan: Plan
  /** The keys of everything new that went wrong in that storm. */
  readonly together: readonly string[]
  /** In how many storms it was seen. */
  readonly seen: number
}

/**
 * The findings of one judged storm: of what is not `known` from storms with fewer faults, the worst. What else went wrong
 * in the same storm followed from it, or shows by itself in another one.
 */
export function findingsOf(
  plan: Plan,
  violations: readonly Violation[],
  known: ReadonlySet<string>,
): readonly Finding[] {
  const byKey = new Map<string, Violation>()
  for (const violation of violations) {
    const key = keyOf(violation)
    if (!known.has(key) && !byKey.has(key)) byKey.set(key, violation)
  }
  const worst = Math.min(...[...byKey.values()].map(badness))
  return [...byKey]
    .filter(([, violation]) => badness(violation) === worst)
    .map(([key, violation]) => ({ key, violation, plan, together: [...byKey.keys()], seen: 1 }))
}

/** Adds a finding to those with its key: the smaller storm stays, of two alike the earlier one. */
export function addFinding(findings: Map<string, Finding>, found: Finding): void {
  const known = findings.get(found.key)
  if (known === undefined) {
    findings.set(found.key, found)
    return
  }
  const smaller = compareSizes(sizeOf(found.plan), sizeOf(known.plan)) < 0 ? found : known
  findings.set(found.key, { ...smaller, seen: known.seen + found.seen })
}

/**
 * What is reported: the worst first, of two alike the smaller storm; without what came along in the storm of a worse one
 * that needs no more faults.
 */
export function worstFirst(findings: Iterable<Finding>): readonly Finding[] {
  const sorted = [...findings].sort(
    (a, b) =>
      badness(a.violation) - badness(b.violation) ||
      compareSizes(sizeOf(a.plan), sizeOf(b.plan)) ||
      (a.key < b.key ? -1 : 1),
  )
  return sorted.filter(
    (finding, index) =>
      !sorted
        .slice(0, index)
        .some(
          (worse) =>
            worse.together.includes(finding.key) &&
            badness(worse.violation) < badness(finding.violation) &&
            worse.plan.faults.length <= finding.plan.faults.length,
        ),
  )
}

/** The lower, the worse: what is definite comes first, then in the order of properties. */
const badness = ({ property, kind }: Violation): number =>
  (kind === 'definite' ? 0 : PROPERTIES.length) + PROPERTIES.indexOf(property)

/** The size of a storm: its faults, how long they last, its clients, its rounds; compared in this order. */
export type Size = readonly [faults: number, lastsUs: number, clients: number, rounds: number]

/** How large a storm is. */
export function sizeOf(plan: Plan): Size {
  const lasts = plan.faults.reduce((sum, fault) => sum + sizeUs(fault), 0)
  return [plan.faults.length, lasts, plan.clients, roundsOf(plan.workload)]
}

/** Negative: `a` is smaller. */
export function compareSizes(a: Size, b: Size): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Property, kind, and the explanation with clients in the order of their names' appearance and without figures. */
export function keyOf({ property, kind, why }: Violation): string {
  const names = new Map<string, string>()
  const cause = why
    .replace(/\b[A-Z]{1,2}\b/g, (name) => {
      const known = names.get(name) ?? `client ${names.size + 1}`
      names.set(name, known)
      return known
    })
    // A lease that ends right after a pause ended because of it.
    .replace(/\bafter (?=client)/g, 'while ')
    .replace(/redis-\d+/g, 'redis')
    .replace(/-?\d+(\.\d+)?( (µs|ms|s|min))?/g, '#')
  return `${property} · ${kind} · ${cause}`
}
