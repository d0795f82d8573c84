/**
 * The workers of `lockstorm run`: each has loaded all scenarios and subjects, and runs one cell after the other.
 *
 * A subject that spins for ever, or uses up its memory, costs its worker and not the run: its cell says so.
 */
import type { CellResult } from '../scenario/cell.ts'
import type { SuiteOutline } from '../scenario/suite.ts'
import { WorkerPool } from '../worker/node/worker-pool.ts'
import type { Settings } from './settings.ts'
import type { CellRequest, SuiteOpening, SuiteWorkerData } from './suite-worker.ts'
import { checkLockFile, choiceOf, limitsOf, revived } from './worker-options.ts'

/**
 * A worker that has just begun runs code that is not compiled yet: so many worlds of a simulated server are done sooner by
 * one than by two. A real server makes its worker wait, so there everybody is worth it.
 */
const WORLDS_A_WORKER = 5_000

export class SuiteCrew {
  readonly outline: SuiteOutline
  /** What the Redis cannot do, to be told once; null: nothing. */
  readonly warning: string | null
  readonly #pool: WorkerPool<SuiteOpening, CellRequest, CellResult>

  constructor(pool: WorkerPool<SuiteOpening, CellRequest, CellResult>, { outline, warning }: SuiteOpening) {
    this.outline = outline
    this.warning = warning
    this.#pool = pool
  }

  /** How many cells can be run at the same time. */
  get size(): number {
    return this.#pool.size
  }

  /** Runs the cell with this number. */
  async runCell(index: number): Promise<CellResult> {
    let outcome = await this.#pool.ask({ index, lost: null })
    if (outcome.kind === 'lost') {
      const { ordinal: world, reason } = outcome
      outcome = await this.#pool.ask({ index, lost: { world, reason } }, true)
    }
    if (outcome.kind === 'answer') return outcome.answer
    throw outcome.kind === 'error'
      ? revived(outcome.error)
      : new Error(`the workers of cell ${index} are lost at one world, then at another`)
  }

  /** Asks everybody to come to an end with the cell they are at. */
  stop(): void {
    this.#pool.stop()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/**
 * Starts workers that have loaded what is to be run.
 * @param onOutput takes what the code under test prints
 * @throws UsageError and UnavailableError, as a worker had them
 */
export async function startSuiteCrew(
  words: readonly string[],
  settings: Settings,
  onOutput: (text: string) => void,
): Promise<SuiteCrew> {
  const { lock: lockFiles, only, seed, client, runs } = settings
  for (const file of lockFiles) checkLockFile(file)
  const data: SuiteWorkerData = { words, lockFiles, only, choice: choiceOf(settings), seed, client, runs }
  const pool = new WorkerPool<SuiteOpening, CellRequest, CellResult>({
    module: new URL(import.meta.resolve('./suite-worker.js')),
    workerData: data,
    ...limitsOf(settings),
    onOutput,
  })
  const isSimulated = settings.redis === 'memory' || settings.redis === 'mock'
  const wanted = ({ outline: { cellCount, worldCount } }: SuiteOpening): number =>
    settings.workers !== null || !isSimulated ? cellCount : Math.ceil(worldCount / WORLDS_A_WORKER)
  try {
    return new SuiteCrew(pool, await pool.start(wanted))
  } catch (error) {
    await pool.close()
    throw revived(error)
  }
}
