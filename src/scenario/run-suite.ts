/** Running a suite in this thread; the commands have theirs run in workers. */

import { runSteps } from '../sim/steps.ts'
import type { Subject } from '../subject/subject.ts'
import { type CellOptions, runCell } from './cell.ts'
import type { Scenario } from './scenario.ts'
import {
  checkClients,
  conductSuite,
  outlineOf,
  type Pairing,
  pairingsOf,
  type SuiteConduct,
  type SuiteResult,
} from './suite.ts'

export interface SuiteOptions
  extends Omit<CellOptions, 'onWorld' | 'shouldStop'>,
    Pick<SuiteConduct, 'onCell' | 'shouldStop'> {
  readonly scenarios: readonly Scenario[]
  readonly subjects: readonly Subject[]
  /** Runs one piece of work at the bottom of a macrotask, where worlds can run. */
  readonly inMacrotask: <T>(task: () => T) => Promise<T>
}

/** Runs a suite in this thread, one cell after the other. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { scenarios, subjects, seed, client, environment, runs, inMacrotask, onCell, shouldStop } = options
  const pairings = pairingsOf(scenarios, subjects)
  checkClients(pairings, client, environment)
  const cellOptions = { seed, client, environment, ...(runs === undefined ? {} : { runs }) }
  return conductSuite(outlineOf(pairings, scenarios, subjects, options), {
    atOnce: 1,
    runCell: (index) => {
      const { scenario, subject } = pairings[index] as Pairing
      return runSteps(runCell(scenario, subject, cellOptions), inMacrotask)
    },
    ...(onCell === undefined ? {} : { onCell }),
    ...(shouldStop === undefined ? {} : { shouldStop }),
  })
}
