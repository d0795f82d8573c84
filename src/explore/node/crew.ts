/**
 * A pool of worker threads that run the units of a hunt.
 *
 * A subject that spins for ever, or uses up its memory, costs its worker and not the hunt: another worker goes on with the
 * unit without that storm.
 *
 * Invariants
 * - A storm that ended its worker is reported once, with its plan.
 */
import type { Outcome } from '../../worker/node/supervised-worker.ts'
import { type PoolOptions, WorkerPool } from '../../worker/node/worker-pool.ts'
import type { Plan } from '../../world/plan.ts'
import type { Story } from '../../world/story-data.ts'
import type { Crew, UnitOutcome } from '../crew.ts'
import { emptyTally } from '../tally.ts'
import type { LostStorm, Unit, UnitResult } from '../unit.ts'
import type { Answer, Opening, Request } from './messages.ts'

/** Starts a crew; resolves when the first of it is ready. */
export async function startCrew(options: PoolOptions): Promise<WorkerCrew> {
  const pool = new WorkerPool<Opening, Request, Answer>(options)
  try {
    return new WorkerCrew(pool, await pool.start())
  } catch (error) {
    await pool.close()
    throw error
  }
}

export class WorkerCrew implements Crew {
  /** What the workers said of the subject and of the Redis they use. */
  readonly opening: Opening
  readonly #pool: WorkerPool<Opening, Request, Answer>

  constructor(pool: WorkerPool<Opening, Request, Answer>, opening: Opening) {
    this.#pool = pool
    this.opening = opening
  }

  get size(): number {
    return this.#pool.size
  }

  async run(unit: Unit): Promise<UnitOutcome> {
    const skipped: number[] = []
    const lost: LostStorm[] = []
    // What is explained will be replayed.
    if (unit.kind === 'explain') this.#pool.prepareFresh()
    for (;;) {
      const request = { kind: 'run', unit, skipped } as const
      const outcome = await this.#pool.ask(request, lost.length > 0)
      if (outcome.kind === 'error') throw outcome.error
      const answer = answerOf(outcome, 'result')
      if (answer !== null) return { result: answer.result, lost }
      const { ordinal, reason } = outcome as Extract<Outcome<Answer>, { kind: 'lost' }>
      const plan = await this.#planAt(unit, ordinal)
      if (plan !== null) lost.push({ plan, reason })
      // One is enough: the next ones would cost as much, and say the same.
      const isPart = plan !== null && lost.length === 1 && PARTS.includes(unit.kind)
      if (!isPart) return { result: NO_RESULT, lost }
      skipped.push(ordinal)
    }
  }

  async replay(plans: readonly Plan[]): Promise<readonly string[]> {
    if (plans.length === 0) return []
    const unit: Unit = { kind: 'given', plans }
    const outcome = await this.#pool.askFresh({ kind: 'run', unit, skipped: [] })
    return answerOf(outcome, 'result')?.result.hashes ?? plans.map(() => '')
  }

  async tell(plan: Plan): Promise<Story | null> {
    return answerOf(await this.#pool.ask({ kind: 'tell', plan }), 'story')?.story ?? null
  }

  abandon(): Promise<void> {
    return this.#pool.abandon()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  /** The plan of a storm that nobody survives; null when finding it out is not survived either. */
  async #planAt(unit: Unit, ordinal: number): Promise<Plan | null> {
    return answerOf(await this.#pool.askFresh({ kind: 'plan', unit, ordinal }), 'plan')?.plan ?? null
  }
}

/** Units whose storms do not depend on each other: they can be done without one of them. */
const PARTS: readonly Unit['kind'][] = ['seeds', 'singles', 'pairs', 'random', 'point', 'given']

const NO_RESULT: UnitResult = {
  tally: emptyTally(),
  isCut: true,
  singleCount: 0,
  pairCounts: [],
  bugCount: 0,
  hashes: [],
  counterexample: null,
}

/** The answer of this kind; null when there is none. */
function answerOf<Kind extends Answer['kind']>(outcome: Outcome<Answer>, kind: Kind) {
  if (outcome.kind !== 'answer' || outcome.answer.kind !== kind) return null
  return outcome.answer as Extract<Answer, { kind: Kind }>
}
