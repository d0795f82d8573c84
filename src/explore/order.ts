/**
 * The orders of a world: which acquisitions, ends of keys, ends of beliefs and writes came right after one another, three at a
 * time, and which of them were of the same client. A storm that shows one that no storm before it showed has led somewhere new.
 *
 * Why three, and not the whole history: nearly every random storm has a history of its own, so nothing would tell which of them
 * led further; of three steps there are some hundred orders in a hunt.
 *
 * The whole sequence of steps, with who took each, tells whether two storms of one plan differ in any order (`magnitudes.ts`).
 *
 * Does not model  time, nor who it was: two storms in which other clients change places show the same orders. What was asked for,
 *                 and what failed: neither changed anything.
 */
import { readEffect } from '../record/effect.ts'
import { readTruth } from '../record/truth.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import { keysShownBy } from './finding.ts'

const LENGTH = 3

/** Each order once, as a short text; equal texts, equal orders. */
export function ordersIn(records: readonly TraceRecord[]): ReadonlySet<string> {
  const steps = records.filter(isStep)
  const orders = new Set<string>()
  for (let at = 0; at < steps.length; at += 1) orders.add(orderOf(steps.slice(at, at + LENGTH)))
  return orders
}

/** All steps of a world, with who took each, and everything that is wrong with it; equal texts, equal sequences. */
export const sequenceOf = ({ run, judgement }: JudgedWorld): string =>
  [
    judgement.verdict.status,
    ...keysShownBy(judgement.verdict),
    ...run.records.filter(isStep).map((step) => [step.type, step.op, ...processesIn(step)].join(' ')),
  ].join('\n')

const isStep = ({ type }: TraceRecord): boolean => STEPS.has(type)

const STEPS: ReadonlySet<TraceRecord['type']> = new Set(['ok', 'info', 'belief', 'truth', 'effect'])

/** Processes are numbered as they come. */
function orderOf(steps: readonly TraceRecord[]): string {
  const names: string[] = []
  const numberOf = (name: string): number => {
    const known = names.indexOf(name)
    return known < 0 ? names.push(name) - 1 : known
  }
  return steps.map((step) => [step.type, step.op, ...processesIn(step).map(numberOf)].join(' ')).join(', ')
}

/** Who did it, and to whom. */
function processesIn(step: TraceRecord): readonly string[] {
  switch (step.type) {
    case 'truth': {
      const { by, owner } = readTruth(step)
      return [step.process, by, owner]
    }
    case 'effect':
      return [readEffect(step).client]
    default:
      return [step.process]
  }
}
