/**
 * Runs units with a crew and gives their outcomes in the order of the units, whoever finished first.
 */
import type { Crew, UnitOutcome } from './crew.ts'
import type { Unit } from './unit.ts'

/** So many units are begun before the first of them has ended, for each member of the crew. */
const AHEAD = 3

/**
 * The outcomes, in the order of the units; ends early when `interrupted` resolves. What was begun by then ends before this
 * does.
 */
export async function* inOrder(
  crew: Crew,
  units: readonly Unit[],
  interrupted: Promise<unknown>,
): AsyncGenerator<UnitOutcome, void> {
  const stop = interrupted.then(() => null)
  const running: Promise<UnitOutcome>[] = []
  let begun = 0
  try {
    for (const _ of units) {
      while (running.length < crew.size * AHEAD && begun < units.length) {
        const outcome = crew.run(units[begun++] as Unit, new Set())
        // It is awaited in its turn; until then its failure is nobody's.
        outcome.catch(() => {})
        running.push(outcome)
      }
      const outcome = await Promise.race([running.shift() as Promise<UnitOutcome>, stop])
      if (outcome === null) return
      yield outcome
    }
  } finally {
    await Promise.allSettled(running)
  }
}
