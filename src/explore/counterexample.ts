/**
 * A counterexample: a finding whose storm was made as small as it gets, with what is needed for it and what cures it, all
 * of it by running.
 */
import { findingKey } from '../check/rank.ts'
import type { Violation } from '../check/verdict.ts'
import type { Subject } from '../subject/subject.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import { type Cure, curesOf, type JudgePlan, sickWith } from './cure.ts'
import type { Finding, RankedFinding } from './finding.ts'
import type { RepairName } from './repair.ts'
import { NOT_SHRUNK, type Shrinking, shrink } from './shrink.ts'

export interface Counterexample {
  readonly key: string
  readonly violation: Violation
  readonly plan: Plan
  readonly historyHash: string
  /** How many faults the storm had in which it was found. */
  readonly foundWithFaults: number
  readonly shrinking: Shrinking
  /** For each fault: whether the violation is gone without it. */
  readonly necessary: readonly boolean[]
  readonly cures: readonly Cure[]
  /** The first repair that cures it, and its storm in terms of the repaired lock; null: none does. */
  readonly cured: { readonly repair: RepairName; readonly plan: Plan } | null
  /** Findings that never showed without this one. */
  readonly consequences: readonly Finding[]
  readonly seen: number
}

/** Shrinks a finding and explains it. Null: its storm does not show it again, which only code under test that keeps state can do. */
export function explain(
  finding: RankedFinding,
  subject: Subject,
  judge: JudgePlan,
  shrinks: boolean,
): Counterexample | null {
  const find = (plan: Plan): Violation | null => violationIn(judge(plan), finding.key)
  if (find(finding.plan) === null) return null
  const { plan, shrinking } = shrinks
    ? shrink(finding.plan, (candidate) => find(candidate) !== null)
    : { plan: finding.plan, shrinking: NOT_SHRUNK }
  const world = judge(plan)
  const violation = violationIn(world, finding.key)
  if (world === null || violation === null) return null
  const tried = subject.kind === 'lock' ? curesOf(sickWith({ plan, violation, world }, judge), subject, judge) : []
  const cured = tried.find(({ outcome }) => outcome === 'cured')
  return {
    key: finding.key,
    violation,
    plan,
    historyHash: world.run.historyHash,
    foundWithFaults: finding.plan.faults.length,
    necessary: plan.faults.map((_, index) => find({ ...plan, faults: plan.faults.toSpliced(index, 1) }) === null),
    shrinking,
    cures: tried.map(({ repair, advice, outcome }) => ({ repair, advice, outcome })),
    cured: cured === undefined ? null : { repair: cured.repair, plan: cured.plan },
    consequences: finding.consequences,
    seen: finding.seen,
  }
}

/** A finding that is reported as it was found: its storm did not show it again, or took its worker along. */
export const unexplained = ({
  key,
  violation,
  plan,
  seen,
  consequences,
}: Pick<Counterexample, 'key' | 'violation' | 'plan' | 'seen' | 'consequences'>): Counterexample => ({
  key,
  violation,
  plan,
  historyHash: '',
  foundWithFaults: plan.faults.length,
  necessary: [],
  shrinking: NOT_SHRUNK,
  cures: [],
  cured: null,
  consequences,
  seen,
})

function violationIn(world: JudgedWorld | null, key: string): Violation | null {
  const verdict = world?.judgement.verdict
  if (verdict?.status !== 'violated') return null
  return verdict.violations.find((violation) => findingKey(violation) === key) ?? null
}
