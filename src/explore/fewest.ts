/**
 * The least number of faults that brings something about, by trying every storm of none, then of one, then of two: what the reader of
 * a lesson is measured by. The storms are those of a hunt, of some kinds of faults.
 */
import type { PlannedFault } from '../fault/fault.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { WatchedWorld } from './site.ts'
import { type Ground, StormSource } from './storms.ts'

/** The first storm that does it; none of those with fewer faults does. */
export interface Fewest {
  readonly faults: readonly PlannedFault[]
  /** How many storms were run, with it. */
  readonly triedCount: number
}

/**
 * Tries the storms around one plan, only where worlds can run.
 * @param kinds the faults that may strike
 * @returns null: no storm of up to two faults does it
 */
export function fewestFaults(
  { base, ...ground }: Omit<Ground, 'bases'> & { readonly base: Plan },
  kinds: readonly string[],
  isReached: (world: JudgedWorld) => boolean,
): Fewest | null {
  const storms = new StormSource({ ...ground, bases: [base] })
  const isAllowed = ({ faults }: Plan): boolean => kinds.includes((faults.at(-1) as PlannedFault).kind)
  let triedCount = 0
  let level: readonly Plan[] = [base]
  for (const isLast of [false, false, true]) {
    const next: Plan[] = []
    for (const plan of level) {
      const world: WatchedWorld = storms.watch(plan)
      triedCount += 1
      if (isReached(world)) return { faults: plan.faults, triedCount }
      if (isLast) continue
      const longer = plan.faults.length === 0 ? storms.root(0).singles : storms.longer(world, plan)
      for (const storm of longer) if (isAllowed(storm)) next.push(storm)
    }
    level = next
  }
  return null
}
