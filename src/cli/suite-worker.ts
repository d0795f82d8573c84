/**
 * What a worker of `lockstorm run` runs: loads the scenarios, the subjects and what answers, then runs cells until it is
 * ended.
 */
import { workerData } from 'node:worker_threads'
import { type CellOptions, type CellResult, runCell } from '../scenario/cell.ts'
import { loadScenarios } from '../scenario/node/find-scenarios.ts'
import { checkDrivers, outlineOf, type Pairing, pairingsOf, type SuiteOutline } from '../scenario/suite.ts'
import { UsageError } from '../sim/usage-error.ts'
import { refuse, Slot, serve } from '../worker/node/serve.ts'
// Installs virtual time, before any code of the user's.
import { nodeEnvironment } from '../world/node/environment.ts'
import type { ClientKind } from '../world/plan.ts'
import { type ProviderChoice, startWorkerProvider } from './provider.ts'
import { allSubjects, onlySubjects, vocabularyOf } from './subjects.ts'

/** What a worker is given. */
export interface SuiteWorkerData {
  /** Which scenarios; none: all that come with lockstorm. */
  readonly words: readonly string[]
  readonly lockFiles: readonly string[]
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly seed: string
  readonly client: ClientKind
  /** Worlds a cell; null: what each scenario says. */
  readonly runs: number | null
}

/** What it says when it has loaded them. */
export interface SuiteOpening {
  readonly outline: SuiteOutline
  /** What the Redis cannot do, to be told once; null: nothing. */
  readonly warning: string | null
}

/** The cell with this number; `lost`: a world of it that a worker did not survive. */
export interface CellRequest {
  readonly index: number
  readonly lost: Required<CellOptions>['lost'] | null
}

async function begin(data: SuiteWorkerData & { readonly slot: Int32Array }): Promise<void> {
  const { words, lockFiles, only, choice, seed, client, runs, slot } = data
  const all = await allSubjects(lockFiles)
  const subjects = onlySubjects(all, only)
  const scenarios = loadScenarios(words, vocabularyOf(all))
  const pairings = pairingsOf(scenarios, subjects)
  if (pairings.length === 0) {
    throw new UsageError(
      '--only',
      'no scenario has anything to run: session stores go with carts, locks with everything else',
      'lockstorm list scenarios',
    )
  }
  const { provider, warning } = await startWorkerProvider(choice)
  const life = new Slot(slot)
  const options: CellOptions = {
    seed,
    client,
    environment: nodeEnvironment(client, provider),
    ...(runs === null ? {} : { runs }),
    onWorld: (world) => life.begin(world),
    shouldStop: () => life.shouldStop,
  }
  checkDrivers(pairings, options)
  serve<SuiteOpening, CellRequest, CellResult>({
    opening: { outline: outlineOf(scenarios, subjects, options), warning },
    close: () => provider.close(),
    answer({ index, lost }) {
      const { scenario, subject } = pairings[index] as Pairing
      return runCell(scenario, subject, lost === null ? options : { ...options, lost })
    },
  })
}

begin(workerData as SuiteWorkerData & { readonly slot: Int32Array }).catch(refuse)
