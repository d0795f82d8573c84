/**
 * Makes a storm smaller while it shows the same thing: fewer faults, then shorter ones, then fewer clients and rounds.
 *
 * fast-check would shrink what it drew in the order in which it drew it; people want the fewest faults first, and storms
 * of the exhaustive hunt were never drawn. So the order is ours.
 */

import type { PlannedFault } from '../fault/fault.ts'
import { processesOf, smallerFaults } from '../fault/planned-fault.ts'
import { faultInWords } from '../scenario/fault-words.ts'
import { type InLanguages, inLanguages } from '../text/language.ts'
import { counted, countText } from '../text/time.ts'
import { castOf, namesOf } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { roundsOf, withRounds } from './base-plan.ts'
import { compareSizes, sizeOf } from './finding.ts'

/** More worlds than this are not run for one storm. */
const ATTEMPTS_MAX = 400

/** How a storm was made small. */
export interface Shrinking {
  /** What was left out or made smaller, in words, in this order. */
  readonly steps: readonly InLanguages[]
  /** How many storms were run for it. */
  readonly runs: number
}

/** A storm that was not made smaller. */
export const NOT_SHRUNK: Shrinking = { steps: [], runs: 0 }

/** The smallest storm that was found; `stillShows` runs a candidate. */
export function shrink(
  plan: Plan,
  stillShows: (candidate: Plan) => boolean,
): { readonly plan: Plan; readonly shrinking: Shrinking } {
  let best = plan
  const steps: InLanguages[] = []
  let attempts = 0
  const improve = (candidates: (from: Plan) => Iterable<Plan>): boolean => {
    for (const candidate of candidates(best)) {
      if (compareSizes(sizeOf(candidate), sizeOf(best)) > 0) continue
      if (attempts >= ATTEMPTS_MAX) return false
      attempts += 1
      if (!stillShows(candidate)) continue
      steps.push(stepText(best, candidate))
      best = candidate
      return true
    }
    return false
  }
  for (const candidates of [fewerFaults, shorterFaults, earlierFaults, fewerClients, fewerRounds, plainerOrder]) {
    while (improve(candidates)) {}
  }
  return { plan: best, shrinking: { steps, runs: attempts } }
}

/** What a smaller storm lacks: `without: crash B (B before send 1)`. */
function stepText(before: Plan, after: Plan): InLanguages {
  const gone = before.faults.find((fault) => !after.faults.includes(fault))
  const come = after.faults.find((fault) => !before.faults.includes(fault))
  if (gone !== undefined) {
    const [was, is] = [gone, come].map((fault) => fault && faultInWords(fault))
    if (is === undefined) return { en: `without: ${was!.en}`, zh: `去掉：${was!.zh}` }
    return inLanguages((language) => `${was![language]} → ${is[language]}`)
  }
  if (after.clients < before.clients) {
    return {
      en: `${counted(before.clients, 'client')} → ${after.clients}`,
      zh: `${countText(before.clients)} 个客户端 → ${countText(after.clients)}`,
    }
  }
  const [rounds, fewer] = [roundsOf(before.workload), roundsOf(after.workload)]
  if (fewer < rounds) {
    return { en: `${counted(rounds, 'round')} → ${fewer}`, zh: `${countText(rounds)} 轮 → ${countText(fewer)}` }
  }
  return { en: 'a message less that arrives out of the order of sending', zh: '少一条不按发送顺序到达的消息' }
}

function* fewerFaults(plan: Plan): Iterable<Plan> {
  for (const index of plan.faults.keys()) yield withFaults(plan, plan.faults.toSpliced(index, 1))
}

function* shorterFaults(plan: Plan): Iterable<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    for (const smaller of smallerFaults(fault)) yield withFaults(plan, plan.faults.with(index, smaller))
  }
}

function* earlierFaults(plan: Plan): Iterable<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    const { at } = fault
    if (at.kind !== 'time' || at.atUs === 0) continue
    for (const atUs of [0, Math.trunc(at.atUs / 2_000) * 1_000]) {
      if (atUs < at.atUs) yield withFaults(plan, plan.faults.with(index, { ...fault, at: { kind: 'time', atUs } }))
    }
  }
}

/** Without the last client, when no fault speaks of it. */
function* fewerClients(plan: Plan): Iterable<Plan> {
  const last = namesOf(castOf(plan), 'client').at(-1) as string
  const isAbout = (fault: PlannedFault): boolean =>
    (fault.at.kind !== 'time' && fault.at.process === last) || processesOf(fault).includes(last)
  if (plan.clients > 1 && !plan.faults.some(isAbout)) yield { ...plan, clients: plan.clients - 1 }
}

function* fewerRounds(plan: Plan): Iterable<Plan> {
  const rounds = roundsOf(plan.workload)
  if (rounds > 1) yield { ...plan, workload: withRounds(plan.workload, rounds - 1) }
}

/** Without the last deviation from the order of sending. */
function* plainerOrder(plan: Plan): Iterable<Plan> {
  const { order } = plan
  const last = order?.findLastIndex((choice) => choice !== 0) ?? -1
  if (order !== undefined && order.length > 0) yield { ...plan, order: order.slice(0, Math.max(0, last)) }
}

const withFaults = (plan: Plan, faults: readonly PlannedFault[]): Plan => ({ ...plan, faults })
