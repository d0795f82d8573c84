/**
 * Runs a suite with many seeds and says what is not as expected: what a scenario expects must not hang on the seed.
 */

import { expectationText, findingText } from '../../src/report/run/cell-words.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Environment } from '../../src/world/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'

export interface SeedsOptions {
  readonly scenarios: readonly Scenario[]
  readonly client: ClientKind
  readonly environment: Environment
  /** The seeds are 1, 2, … up to this one. */
  readonly seedMax: number
}

/** A line for each cell that is not as expected. */
export async function surprises({ seedMax, ...options }: SeedsOptions): Promise<readonly string[]> {
  const lines: string[] = []
  for (let seed = 1; seed <= seedMax; seed += 1) {
    const { report } = await runSuite({ ...options, subjects: bundledSubjects(), seed: `${seed}`, inMacrotask })
    for (const cell of report.cells.filter(({ asExpected }) => !asExpected)) {
      const { scenario, lock, expected } = cell
      lines.push(
        `seed ${seed}: ${lock} in ${scenario}: found ${findingText(cell)}, expected ${expectationText(expected)}`,
      )
    }
  }
  return lines
}
