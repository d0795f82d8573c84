/**
 * A counterexample: a finding whose storm was made as small as it gets, with what is needed for it and what cures it, all
 * of it by running.
 */
import { findingKey } from '../check/rank.ts'
import type { Violation } from '../check/verdict.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { describeFault } from '../fault/planned-fault.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { type Subject, withLock } from '../subject/subject.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Finding, RankedFinding } from './finding.ts'
import { REPAIRS, type RepairName } from './repair.ts'
import { shrink } from './shrink.ts'

export interface Counterexample {
  readonly key: string
  readonly violation: Violation
  readonly plan: Plan
  readonly historyHash: string
  /** How many faults the storm had in which it was found. */
  readonly foundWithFaults: number
  /** For each fault: whether the violation is gone without it. */
  readonly necessary: readonly boolean[]
  readonly cures: readonly Cure[]
  /** Findings that never showed without this one. */
  readonly consequences: readonly Finding[]
  readonly seen: number
}

/** A repair that was tried. */
export interface Cure {
  readonly repair: RepairName
  readonly advice: string
  /** `cured`: the storm passes. `changed`: this violation is gone, another one is there. `still`: it is still there. */
  readonly outcome: 'cured' | 'changed' | 'still'
}

/** Runs and judges a plan, with another subject if one is given. Null: no worker survives it. */
export type JudgePlan = (plan: Plan, subject?: Subject) => JudgedWorld | null

/** Shrinks a finding and explains it. Null: its storm does not show it again, which only code under test that keeps state can do. */
export function explain(
  finding: RankedFinding,
  subject: Subject,
  judge: JudgePlan,
  shrinks: boolean,
): Counterexample | null {
  const find = (plan: Plan): Violation | null => violationIn(judge(plan), finding.key)
  if (find(finding.plan) === null) return null
  const plan = shrinks ? shrink(finding.plan, (candidate) => find(candidate) !== null) : finding.plan
  const world = judge(plan)
  const violation = violationIn(world, finding.key)
  if (world === null || violation === null) return null
  return {
    key: finding.key,
    violation,
    plan,
    historyHash: world.run.historyHash,
    foundWithFaults: finding.plan.faults.length,
    necessary: plan.faults.map((_, index) => find({ ...plan, faults: plan.faults.toSpliced(index, 1) }) === null),
    cures: subject.kind === 'lock' ? curesOf(plan, violation, subject, world, judge) : [],
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
  cures: [],
  consequences,
  seen,
})

function violationIn(world: JudgedWorld | null, key: string): Violation | null {
  const verdict = world?.judgement.verdict
  if (verdict?.status !== 'violated') return null
  return verdict.violations.find((violation) => findingKey(violation) === key) ?? null
}

/** Every repair that makes sense for this lock, tried in the same storm. */
function curesOf(
  plan: Plan,
  violation: Violation,
  subject: Subject & { readonly kind: 'lock' },
  world: JudgedWorld,
  judge: JudgePlan,
): readonly Cure[] {
  const anchored = { ...plan, faults: plan.faults.map((fault) => atOperation(fault, world)) }
  return REPAIRS.flatMap((repair): Cure[] => {
    const changed = withLock(subject, repair.lock)
    if (changed === null) return []
    const repaired = judge(repair.plan(anchored), changed)
    // A fault that struck elsewhere, or never, proves nothing.
    if (repaired === null || !struckAlike(plan, world.history, repaired.history)) return []
    const { verdict } = repaired.judgement
    const isThere =
      verdict.status === 'violated' && verdict.violations.some(({ property }) => property === violation.property)
    // A storm that was made small may leave no client to contend with.
    const isSound = verdict.status === 'valid' || verdict.status === 'vacuous'
    const outcome = isSound ? 'cured' : isThere ? 'still' : 'changed'
    return [{ repair: repair.name, advice: repair.advice, outcome }]
  })
}

/**
 * The same moment in terms of what the client was doing: a repaired lock sends other messages, so "its third message"
 * would be another moment. Stays as it is when the moment lies in the middle of an operation.
 */
function atOperation(fault: PlannedFault, { history }: JudgedWorld): PlannedFault {
  const moment = momentOf(fault, history)
  if (moment === null || moment.place === 'within') return fault
  const { process, op, count, place } = moment
  return { ...fault, at: { kind: 'event', process, when: place, op, count } }
}

/** When a fault struck, as its client would tell it. */
interface Moment {
  readonly process: string
  readonly op: string
  /** Its how manieth operation of this name. */
  readonly count: number
  /** As it began, as it ended, or between. */
  readonly place: 'before' | 'within' | 'after'
}

/** Null: the fault is not anchored at a client's doings, or it never struck. */
function momentOf(fault: PlannedFault, history: History): Moment | null {
  const { at } = fault
  if (at.kind === 'time') return null
  const words = describeFault(fault)
  const atUs = history.faults.find(({ description }) => description === words)?.fromUs
  if (atUs === undefined) return null
  const mine = history.operations.filter(({ process, op }) => process === at.process && op !== 'probe')
  const during = mine.findLast(({ invokedUs, endedUs }) => invokedUs <= atUs && atUs <= endedUs)
  if (during === undefined) return null
  const { op, invokedUs, endedUs, outcome } = during
  const place = atUs === invokedUs ? 'before' : atUs === endedUs && outcome === 'ok' ? 'after' : 'within'
  const isCounted = (other: Operation): boolean =>
    other.op === op && (place !== 'after' || other.outcome === 'ok') && other.invokedUs <= invokedUs
  return { process: at.process, op, count: mine.filter(isCounted).length, place }
}

/** Whether every fault struck while the client did the same thing as before. */
const struckAlike = (plan: Plan, before: History, after: History): boolean =>
  after.faults.length >= plan.faults.length &&
  plan.faults.every((fault) => {
    const [one, other] = [momentOf(fault, before), momentOf(fault, after)]
    return one === null || (other !== null && one.op === other.op)
  })
