/**
 * Who runs the units of a hunt: a pool of workers (`node/crew.ts`), or the calling process.
 */
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import type { Explorer } from './explorer.ts'
import type { LostStorm, Unit, UnitResult } from './unit.ts'

/** What came of a unit, and the storms that cost a worker. */
export interface UnitOutcome {
  readonly result: UnitResult
  readonly lost: readonly LostStorm[]
}

export interface Crew {
  /** How many units can run at the same time. */
  readonly size: number
  /** Runs a unit as soon as a worker is free. */
  run(unit: Unit): Promise<UnitOutcome>
  /** The histories' hashes of some storms, run by somebody who has run nothing before. */
  replay(plans: readonly Plan[]): Promise<readonly string[]>
  /** The story of one storm; null when nobody survives it. */
  tell(plan: Plan): Promise<Story | null>
  /** Nobody wants what is under way any more; when it resolves, the crew is free for other things. */
  abandon(): Promise<void>
  /** Ends everybody. */
  close(): Promise<void>
}

/** A crew of one, in this process: for tests, and for hosts that have no workers. A subject that spins stops it. */
export function soloCrew(explorer: Explorer, inMacrotask: <T>(task: () => T) => Promise<T>): Crew {
  return {
    size: 1,
    run: async (unit) => ({ result: await inMacrotask(() => explorer.run(unit)), lost: [] }),
    replay: async (plans) => (await inMacrotask(() => explorer.run({ kind: 'given', plans }))).hashes,
    abandon: () => inMacrotask(() => {}),
    tell: (plan) => inMacrotask(() => explorer.tell(plan)),
    close: async () => {},
  }
}
