/**
 * The workers of a suite, a hunt or a frontier: one conveyor for cells, units and stories.
 *
 * Code under test that spins for ever, or uses up its memory, costs its worker and not the run: another worker is asked for
 * the same item and told what it was lost at, which the item's result then names.
 */
import { existsSync } from 'node:fs'
import os from 'node:os'
import type { Crew } from '../explore/crew.ts'
import type { RepairName } from '../explore/repair.ts'
import type { ResultOf, Unit } from '../explore/unit.ts'
import type { ReplayedWorld } from '../report/replay/replay-report.ts'
import type { CellResult } from '../scenario/cell.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import { requireWebAssembly } from '../sim/web-assembly.ts'
import type { Loss, Printed } from '../worker/messages.ts'
import { LostAtStart } from '../worker/node/supervised-worker.ts'
import { type PoolOptions, WorkerPool } from '../worker/node/worker-pool.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import type { Answer, Answers, HuntOpening, Item, Job, OpeningOf, Request } from './job.ts'
import { UnavailableError } from './provider.ts'
import type { Settings } from './settings.ts'
import { isLockFile } from './subjects.ts'
import type { Watch } from './watch.ts'

/** How many workers, and what each may use. */
export interface CrewLimits extends Pick<PoolOptions, 'onOutput'> {
  /** Null: as many as pay. */
  readonly workers: number | null
  /** Whether lines that code under test prints are said as they come; else they are counted. */
  readonly isVerbose?: boolean
  /** What the workers run; default: the worker beside this file. */
  readonly module?: URL
  /** A worker without a sign of life for this long spins (real time). */
  readonly spinMs?: number
  readonly memoryMb?: number
}

/** As settings say, with who hears what is printed. */
export const limitsOf = ({ workers, verbose }: Settings, { onOutput }: Watch): CrewLimits => ({
  workers,
  isVerbose: verbose,
  ...(onOutput === undefined ? {} : { onOutput }),
})

/** A world of a simulated server that takes longer than this spins; with a paced one time passes for real. */
const SPIN_MS = 10_000
const PACED_SPIN_MS = 300_000
const MEMORY_MB = 1_024
/**
 * A worker that has just begun runs code that is not compiled yet: this many worlds of a simulated server are done sooner by
 * one worker than by two. A real server makes its worker wait, so there each is worth it.
 */
const WORLDS_A_WORKER = 5_000

/** How many workers an item may cost before it has no answer. */
const LOSSES_MAX: Readonly<Record<Item['kind'], number>> = { cell: 1, unit: 2, 'first-storm': 0, story: 0, world: 1 }

/**
 * Starts workers that have loaded what their job is about; resolves when the first of them is ready.
 * @throws UsageError and UnavailableError, as a worker had them
 */
export async function startCrew<Of extends Job>(job: Of, limits: CrewLimits): Promise<WorkerCrew<OpeningOf<Of>>> {
  const files = filesOf(job)
  for (const file of files) checkLockFile(file)
  try {
    return await hire(job, limits, true)
  } catch (error) {
    if (!(error instanceof LostAtStart) || files.length === 0) throw error
    // What never comes back, even when nothing goes wrong, is found by the first world: that is its verdict.
    if (error.hadLoaded) return hire(job, limits, false)
    const what = error.reason === 'spins' ? 'it runs for ever' : 'it uses up the memory of its worker'
    throw new UsageError(files.join(', '), `${what} when it is loaded`)
  }
}

async function hire<Of extends Job>(job: Of, limits: CrewLimits, isTried: boolean): Promise<WorkerCrew<OpeningOf<Of>>> {
  requireWebAssembly()
  const { redis } = job.choice
  const isUrl = redis.includes('://')
  const {
    workers,
    // All that a worker loads in one file: several hundred take longer than the first worlds (`build/worker.js`).
    module = new URL('../worker.js', import.meta.url),
    spinMs,
    memoryMb = MEMORY_MB,
    isVerbose = false,
    ...output
  } = limits
  const pool = new WorkerPool<OpeningOf<Of>, Request, Answer>({
    module,
    workerData: { job, isTried, isVerbose },
    // A server that lockstorm does not run is one for all workers.
    size: workers ?? (isUrl ? 1 : os.availableParallelism()),
    spinMs: spinMs ?? (isUrl || redis === 'container' ? PACED_SPIN_MS : SPIN_MS),
    memoryMb,
    ...output,
  })
  const isSimulated = redis === 'memory' || redis === 'mock'
  const wanted = (opening: OpeningOf<Of>): number => {
    if (!('outline' in opening)) return Number.POSITIVE_INFINITY
    const { cellCount, worldCount } = opening.outline
    return workers !== null || !isSimulated ? cellCount : Math.ceil(worldCount / WORLDS_A_WORKER)
  }
  try {
    return new WorkerCrew(pool, await pool.start(job.kind === 'suite' ? wanted : undefined))
  } catch (error) {
    await pool.close()
    throw revived(error)
  }
}

export class WorkerCrew<Opening> implements Crew {
  /** What the workers said of what they have loaded. */
  readonly opening: Opening
  readonly #pool: WorkerPool<Opening, Request, Answer>

  constructor(pool: WorkerPool<Opening, Request, Answer>, opening: Opening) {
    this.#pool = pool
    this.opening = opening
  }

  /** What the code under test has printed in its worlds. */
  get printed(): Printed {
    return this.#pool.printed
  }

  get size(): number {
    return this.#pool.size
  }

  async run<Of extends Unit>(unit: Of): Promise<ResultOf<Of['kind']>> {
    // What is explained will be replayed.
    if (unit.kind === 'explain') this.#pool.prepareFresh()
    const result = await this.#answer({ kind: 'unit', unit })
    return (result ?? { kind: 'given-up', lost: [] }) as ResultOf<Of['kind']>
  }

  /** Runs the cell with this number. */
  async runCell(index: number): Promise<CellResult> {
    const result = await this.#answer({ kind: 'cell', index })
    if (result === null) throw new Error(`the workers of cell ${index} are lost at one world, then at another`)
    return result
  }

  /** Runs the world of a replay once more. */
  async rerun(): Promise<ReplayedWorld> {
    const world = await this.#answer({ kind: 'world' })
    if (world === null) throw new Error('the workers of a replay are lost before its world began')
    return world
  }

  tell(plan: Plan, repair?: RepairName): Promise<Story | null> {
    return this.#answer({ kind: 'story', plan, ...(repair === undefined ? {} : { repair }) })
  }

  firstStorm(unit: Unit): Promise<Plan | null> {
    return this.#answer({ kind: 'first-storm', unit })
  }

  async replay(plans: readonly Plan[]): Promise<readonly (string | null)[]> {
    if (plans.length === 0) return []
    const item: Item = { kind: 'unit', unit: { kind: 'given', plans } }
    const outcome = await this.#pool.askFresh({ item, losses: [] })
    return outcome.kind === 'answer'
      ? (outcome.answer as ResultOf<'given'> & { kind: 'given' }).hashes
      : plans.map(() => null)
  }

  /** Asks every worker to come to an end with what it is at; it still answers. */
  stop(): void {
    this.#pool.stop()
  }

  abandon(): Promise<void> {
    return this.#pool.abandon()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  /** Null: it cost too many workers. */
  async #answer<Kind extends Item['kind']>(item: Item & { readonly kind: Kind }): Promise<Answers[Kind] | null> {
    const losses: Loss[] = []
    for (;;) {
      const outcome = await this.#pool.ask({ item, losses }, losses.length > 0)
      switch (outcome.kind) {
        case 'answer':
          return outcome.answer as Answers[Kind]
        case 'error':
          throw revived(outcome.error)
        case 'lost':
          if (losses.length === LOSSES_MAX[item.kind]) return null
          losses.push(outcome)
      }
    }
  }
}

const filesOf = (job: Job): readonly string[] => (job.kind === 'hunt' ? [job.lock].filter(isLockFile) : job.lockFiles)

/** @throws UsageError when there is no such lock file */
function checkLockFile(file: string): void {
  if (existsSync(file)) return
  throw noSuchFile(file)
}

/** An error that came from a worker, as what it was there. */
export function revived(error: unknown): unknown {
  const { name, message, place, problem, fix } = error as Partial<UsageError>
  if (name === 'UsageError') return new UsageError(place ?? '', problem ?? '', fix)
  return name === 'UnavailableError' ? new UnavailableError(message) : error
}

export type HuntCrew = WorkerCrew<HuntOpening>
