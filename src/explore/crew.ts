/**
 * Who runs the units of a hunt: workers (`engine/crew.ts`), or the calling process.
 */
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import type { Explorer } from './explorer.ts'
import type { RepairName } from './repair.ts'
import type { ResultOf, Unit } from './unit.ts'

export interface Crew {
  /** How many units can run at the same time. */
  readonly size: number
  /** Runs a unit as soon as there is room. */
  run<Of extends Unit>(unit: Of): Promise<ResultOf<Of['kind']>>
  /** The histories' hashes of storms, run by a worker that has run nothing before; null: no worker survives the storm. */
  replay(plans: readonly Plan[]): Promise<readonly (string | null)[]>
  /** The story of one storm, with the lock repaired if a repair is named; null: no worker survives it. */
  tell(plan: Plan, repair?: RepairName): Promise<Story | null>
  /** The storm that a unit begins with, or is made from; null: there is none, or no worker survives it. */
  firstStorm(unit: Unit): Promise<Plan | null>
  /** What was begun is not wanted any more; when it resolves, there is room for other things. */
  abandon(): Promise<void>
}

/** A crew of one, in this process: for subjects that are objects of the caller's. A subject that spins stops the process. */
export function soloCrew(explorer: Explorer, inMacrotask: <T>(task: () => T) => Promise<T>): Crew {
  const run: Crew['run'] = <Of extends Unit>(unit: Of) => inMacrotask(() => explorer.run(unit) as ResultOf<Of['kind']>)
  return {
    size: 1,
    run,
    replay: async (plans) => {
      const result = await run({ kind: 'given', plans })
      return result.kind === 'given' ? result.hashes : plans.map(() => null)
    },
    abandon: () => inMacrotask(() => {}),
    tell: (plan, repair) => inMacrotask(() => explorer.tell(plan, repair)),
    firstStorm: (unit) => inMacrotask(() => explorer.firstStorm(unit)),
  }
}
