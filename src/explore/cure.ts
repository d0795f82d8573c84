/**
 * Cures: what the repairs (`repair.ts`) make of a finding, by running.
 *
 * A repaired lock sends other messages, so "A's third message" is another moment there. A fault strikes where its client does
 * the same thing: in the same operation, at the same message of it. And one storm proves little: the finding may have moved to
 * the next message, or hung on a race. So a cure is claimed only where the finding shows
 *
 *   - neither in its storm, which must leave nothing else broken and the work done,
 *   - nor with the fault at any other message of such an operation of that client; without a fault: in worlds of other latencies,
 *   - and where sending more messages alone (`CONTROL`) does not make it go away, too.
 *
 * A repair that breaks the lock for a client that is alone, where nothing fails, is not meant for it (a script that reads a string,
 * where the lock keeps a set): nothing is said about it.
 */
import { causeKey } from '../check/cause.ts'
import type { Violation } from '../check/verdict.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { kindOf } from '../fault/planned-fault.ts'
import type { Operation } from '../history/operation.ts'
import type { LockSubject } from '../subject/subject.ts'
import type { Plan } from '../world/plan.ts'
import { CONTROL, REPAIRS, type Repair, type RepairName, repairedLock } from './repair.ts'
import type { SeenWorld, TimedSite } from './site.ts'

/** A repair that was tried. */
export interface Cure {
  readonly repair: RepairName
  readonly advice: string
  /** `cured`: the storm passes. `changed`: this violation is gone, another one is there. `still`: it is still there. */
  readonly outcome: 'cured' | 'changed' | 'still'
}

/** Runs and judges a plan, with another subject if one is given. Null: no worker survives it. */
export type JudgePlan = (plan: Plan, subject?: LockSubject) => SeenWorld | null

/** What is to be cured: a violation, its storm, and what came of that. */
export interface Sick {
  readonly plan: Plan
  readonly violation: Violation
  readonly world: SeenWorld
  /** A client that is alone shows a violation, too, where nothing fails. */
  readonly isSickAlone: boolean
  /** When its faults strike. */
  readonly moments: readonly (Moment | null)[]
}

/** With what every repair of it asks for, run once. */
export function sickWith(found: Pick<Sick, 'plan' | 'violation' | 'world'>, judge: JudgePlan): Sick {
  const { plan } = found
  const moments = plan.faults.map((fault, index) =>
    momentOf(fault, fault.at.kind === 'site' ? judge({ ...plan, faults: plan.faults.slice(0, index) }) : null),
  )
  return { ...found, isSickAlone: isViolated(judge(alone(plan))), moments }
}

const alone = (plan: Plan): Plan => ({ ...plan, clients: 1, faults: [] })

/** One client, where nothing fails. */
export const isAlone = ({ clients, faults }: Plan): boolean => clients === 1 && faults.length === 0

/** Worlds of other latencies in which a finding that needs no fault must be gone. */
const OTHER_LATENCIES = 20

/** What a repair made of a violation, and the storm in terms of the repaired lock. */
export interface Repaired {
  readonly outcome: Cure['outcome']
  readonly plan: Plan
}

/** Every repair that makes sense for this lock and can be judged in this storm. */
export function curesOf(sick: Sick, subject: LockSubject, judge: JudgePlan): readonly (Cure & Repaired)[] {
  let control: Repaired | null | undefined
  return REPAIRS.flatMap((repair): (Cure & Repaired)[] => {
    const repaired = repairedBy(repair, sick, subject, judge)
    if (repaired === null) return []
    if (repaired.outcome !== 'still' && repair.movesMessages) {
      if (control === undefined) control = repairedBy(CONTROL, sick, subject, judge)
      if (control !== null && control.outcome !== 'still') return []
    }
    return [{ repair: repair.name, advice: repair.advice, ...repaired }]
  })
}

/** What a repair makes of a violation. Null: it makes no sense for this lock, or its storm cannot be had with it, which proves nothing. */
export function repairedBy(
  repair: Pick<Repair, 'lock' | 'plan'>,
  { plan, violation, world: before, isSickAlone, moments }: Sick,
  subject: LockSubject,
  judge: JudgePlan,
): Repaired | null {
  const repaired = repairedLock(subject, repair)
  if (repaired === null) return null
  const judgeRepaired = (other: Plan): SeenWorld | null => judge(other, repaired)
  const changed = repair.plan(plan)
  if (!isSickAlone && isViolated(judgeRepaired(alone(changed)))) return null
  const placed = placedIn(changed, moments, judgeRepaired)
  if (placed === null) return null
  const came = (outcome: Cure['outcome']): Repaired => ({ outcome, plan: placed.plan })
  const world = judgeRepaired(placed.plan)
  if (world === null || world.run.struck.length < plan.faults.length) return null
  if (violationsOf(world).some(({ property }) => property === violation.property)) return came('still')
  const isSame = ({ property, cause }: Violation): boolean =>
    property === violation.property && causeKey(cause) === causeKey(violation.cause)
  for (const other of placed.around) if (violationsOf(judgeRepaired(other)).some(isSame)) return came('still')
  const { verdict, sometimes } = world.judgement
  // A storm that was made small may leave no client to contend with; one that leaves no work done proves nothing.
  const isDone = sometimes.has('done') || !before.judgement.sometimes.has('done')
  return came(isDone && (verdict.status === 'valid' || verdict.status === 'vacuous') ? 'cured' : 'changed')
}

function violationsOf(world: SeenWorld | null): readonly Violation[] {
  const verdict = world?.judgement.verdict
  return verdict?.status === 'violated' ? verdict.violations : []
}

const isViolated = (world: SeenWorld | null): boolean => violationsOf(world).length > 0

/** When a fault strikes, as its client would tell it. */
export interface Moment {
  readonly process: string
  readonly op: string
  /** Its how manieth operation of this name, from 0. */
  readonly count: number
  readonly site: TimedSite['site']
  /** At which of the operation's messages, from 0. */
  readonly nth: number
  /** It is the last of them, however many there are. */
  readonly isLast: boolean
}

/**
 * Read off the run without it, in which its message arrives; null: it is not anchored at a message within an operation, and strikes
 * by its own anchor.
 */
function momentOf({ at }: PlannedFault, world: SeenWorld | null): Moment | null {
  if (at.kind !== 'site' || world === null) return null
  const { process, count } = at
  const struck = world.passed.find((site) => site.process === process && site.site === at.site && site.count === count)
  if (struck === undefined) return null
  const mine = operationsOf(world, process)
  const during = mine.findLast((operation) => isDuring(struck, operation))
  if (during === undefined) return null
  const sites = sitesIn(world, during, struck.site)
  return {
    process,
    op: during.op,
    count: mine.filter(({ op }) => op === during.op).indexOf(during),
    site: struck.site,
    nth: sites.indexOf(struck),
    isLast: sites.at(-1) === struck,
  }
}

const operationsOf = ({ history }: SeenWorld, process: string): readonly Operation[] =>
  history.operations.filter((operation) => operation.process === process && operation.op !== 'probe')

const isDuring = ({ atUs }: TimedSite, { invokedUs, endedUs }: Operation): boolean =>
  invokedUs <= atUs && atUs <= endedUs

const sitesIn = ({ passed }: SeenWorld, operation: Operation, site: TimedSite['site']): readonly TimedSite[] =>
  passed.filter((each) => each.process === operation.process && each.site === site && isDuring(each, operation))

/** A storm in terms of a repaired lock, and the storms around it. */
interface Placed {
  readonly plan: Plan
  readonly around: readonly Plan[]
}

/** Null: with this lock the client never does that. */
function placedIn(
  plan: Plan,
  moments: readonly (Moment | null)[],
  judge: (plan: Plan) => SeenWorld | null,
): Placed | null {
  if (plan.faults.length === 0) return { plan, around: otherLatencies(plan) }
  const faults: PlannedFault[] = []
  const elsewhere: { readonly index: number; readonly fault: PlannedFault }[] = []
  for (const [index, fault] of plan.faults.entries()) {
    const moment = moments[index] as Moment | null
    if (moment === null) {
      faults.push(fault)
      continue
    }
    const world = judge({ ...plan, faults: [...faults] })
    if (world === null) return null
    const operation = operationsOf(world, moment.process).filter(({ op }) => op === moment.op)[moment.count]
    if (operation === undefined) return null
    const sites = sitesIn(world, operation, moment.site)
    const target = (moment.isLast && moment.site === 'reply' ? undefined : sites[moment.nth]) ?? sites.at(-1)
    if (target === undefined) return null
    faults.push(at(fault, target))
    const alike = operationsOf(world, moment.process).filter(
      (other) => other.op === moment.op && (other === operation || other.outcome === 'ok'),
    )
    const sitesAround = SITES.filter((site) => site === moment.site || canStrike(fault, site)).flatMap((site) =>
      alike.flatMap((other) => sitesIn(world, other, site)),
    )
    for (const site of sitesAround) if (site !== target) elsewhere.push({ index, fault: at(fault, site) })
  }
  const around = elsewhere.map(({ index, fault }) => ({ ...plan, faults: faults.with(index, fault) }))
  return { plan: { ...plan, faults }, around }
}

const at = (fault: PlannedFault, { process, site, count }: TimedSite): PlannedFault => ({
  ...fault,
  at: { kind: 'site', process, site, count },
})

const SITES = ['send', 'reply'] as const

/** Whether hunts let such a fault strike there. */
const canStrike = (fault: PlannedFault, site: TimedSite['site']): boolean => {
  const { menu } = kindOf(fault)
  return (site === 'send' ? (menu?.clientAtSend ?? menu?.nodeAtSend) : menu?.clientAtReply) !== undefined
}

const otherLatencies = (plan: Plan): readonly Plan[] =>
  Array.from({ length: OTHER_LATENCIES }, (_, index) => ({ ...plan, seed: `${plan.seed}/cure/${index}` }))
