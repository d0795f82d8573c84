/**
 * A pool of worker threads that run the units of a hunt.
 *
 * A subject that spins for ever, or uses up its memory, costs its worker and not the hunt: the worker is ended, another one
 * takes its place and goes on with the unit without that storm.
 *
 * Invariants
 * - A storm that ended its worker is reported once, with its plan.
 * - No worker is left when the crew is closed.
 */
import { Worker } from 'node:worker_threads'
import type { Plan } from '../../world/plan.ts'
import type { Story } from '../../world/story-data.ts'
import type { Crew, UnitOutcome } from '../crew.ts'
import { emptyTally } from '../tally.ts'
import type { LostStorm, Unit, UnitResult } from '../unit.ts'
import type { Answer, Opening, Request } from './messages.ts'

export interface CrewOptions {
  /** The module that workers run; it calls `serveCrew`. */
  readonly module: URL
  /** What it is given, besides its slot. */
  readonly workerData: unknown
  readonly size: number
  /** A world that takes longer than this in real time spins. */
  readonly spinMs: number
  /** How much memory a worker may use. */
  readonly memoryMb: number
}

const LOOK_MS = 250
/** Loading a lock file takes as long as what it imports. */
const LOAD_MS = 60_000

interface Job {
  readonly unit: Unit
  readonly known: ReadonlySet<string>
  readonly skipped: Set<number>
  readonly lost: LostStorm[]
  readonly resolve: (outcome: UnitOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Starts a crew; resolves when the first of it is ready. */
export async function startCrew(options: CrewOptions): Promise<WorkerCrew> {
  const crew = new WorkerCrew(options)
  try {
    await crew.start()
  } catch (error) {
    await crew.close()
    throw error
  }
  return crew
}

export class WorkerCrew implements Crew {
  readonly size: number
  readonly #options: CrewOptions
  readonly #members: Member[] = []
  readonly #queue: Job[] = []
  #opening: Opening | null = null
  #isClosed = false

  constructor(options: CrewOptions) {
    this.#options = options
    this.size = options.size
  }

  /** What the workers said of the subject and of the Redis they use. */
  get opening(): Opening {
    return this.#opening as Opening
  }

  async start(): Promise<void> {
    const first = this.#hire()
    this.#opening = await first.ready
    for (let index = 1; index < this.size; index += 1) this.#hire()
  }

  run(unit: Unit, known: ReadonlySet<string>): Promise<UnitOutcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, known, skipped: new Set(), lost: [], resolve, reject })
      this.#assign()
    })
  }

  async replay(plans: readonly Plan[]): Promise<readonly string[]> {
    if (plans.length === 0) return []
    const fresh = new Member(this.#options)
    try {
      await fresh.ready
      const answer = await fresh.ask({ kind: 'run', unit: { kind: 'given', plans }, known: [], skipped: [] })
      return answer.kind === 'result' ? answer.result.hashes : plans.map(() => '')
    } finally {
      await fresh.end()
    }
  }

  async tell(plan: Plan): Promise<Story | null> {
    const teller = new Member(this.#options)
    try {
      await teller.ready
      const answer = await teller.ask({ kind: 'tell', plan })
      return answer.kind === 'story' ? answer.story : null
    } finally {
      await teller.end()
    }
  }

  async abandon(): Promise<void> {
    this.#queue.length = 0
    const busy = this.#members.filter((member) => member.isBusy)
    for (const member of busy) this.#members.splice(this.#members.indexOf(member), 1)
    await Promise.all(busy.map((member) => member.end()))
    while (this.#members.length < this.size) this.#hire()
    await Promise.any(this.#members.map((member) => member.ready))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#members.splice(0).map((member) => member.end()))
  }

  #hire(): Member {
    const member = new Member(this.#options)
    this.#members.push(member)
    // Who waits for it hears of its failure; the others of the crew may go on.
    member.ready.then(
      () => this.#assign(),
      () => {},
    )
    return member
  }

  #assign(): void {
    for (const member of this.#members) {
      if (!member.isIdle) continue
      const job = this.#queue.shift()
      if (job === undefined) return
      void this.#work(member, job)
    }
  }

  async #work(member: Member, job: Job): Promise<void> {
    const { unit, known, skipped, lost } = job
    const answer = await member.ask({ kind: 'run', unit, known: [...known], skipped: [...skipped] })
    switch (answer.kind) {
      case 'result':
        job.resolve({ result: answer.result, lost })
        break
      case 'error':
        job.reject(answer.error)
        break
      case 'lost':
        if (this.#isClosed) return
        await this.#replace(member, job, answer)
        break
    }
    this.#assign()
  }

  /** A worker is gone: another one takes its place and, unless it was about explaining, does the rest. */
  async #replace(member: Member, job: Job, { ordinal, reason }: Extract<Answer, { kind: 'lost' }>): Promise<void> {
    this.#members.splice(this.#members.indexOf(member), 1)
    await member.end()
    const next = this.#hire()
    try {
      await next.ready
      const plan = await planOf(this.#options, job.unit, ordinal)
      if (plan !== null) job.lost.push({ plan, reason })
      // One is enough: the next ones would cost as much, and say the same.
      const isPart = plan !== null && job.lost.length === 1 && PARTS.includes(job.unit.kind)
      if (!isPart) {
        job.resolve({ result: NO_RESULT, lost: job.lost })
        return
      }
      job.skipped.add(ordinal)
      this.#queue.unshift(job)
    } catch (error) {
      job.reject(error)
    }
  }
}

/** Units whose storms do not depend on each other: they can be done without one of them. */
const PARTS: readonly Unit['kind'][] = ['seeds', 'singles', 'pairs', 'random', 'point', 'given']

const NO_RESULT: UnitResult = {
  tally: emptyTally(),
  isCut: true,
  singleCount: 0,
  pairCounts: [],
  definiteCount: 0,
  hashes: [],
  counterexample: null,
}

/** The plan of a storm that nobody survives; null when finding it out is not survived either. */
async function planOf(options: CrewOptions, unit: Unit, ordinal: number): Promise<Plan | null> {
  const scout = new Member(options)
  try {
    await scout.ready
    const answer = await scout.ask({ kind: 'plan', unit, ordinal })
    return answer.kind === 'plan' ? answer.plan : null
  } finally {
    await scout.end()
  }
}

/** One worker. */
class Member {
  /** Resolves when it has loaded its subject. */
  readonly ready: Promise<Opening>
  readonly #worker: Worker
  /** How many storms it has begun, and which of its unit it is in. */
  readonly #slot = new Int32Array(new SharedArrayBuffer(8))
  readonly #spinMs: number
  #answer: ((answer: Answer) => void) | null = null
  #isReady = false
  #isBusy = false
  #watch: NodeJS.Timeout | null = null

  constructor({ module, workerData, memoryMb, spinMs }: CrewOptions) {
    this.#spinMs = spinMs
    this.#worker = new Worker(module, {
      workerData: { ...(workerData as object), slot: this.#slot },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What code under test prints is not the answer of the hunt.
      stdout: true,
      stderr: true,
    })
    this.ready = new Promise((resolve, reject) => {
      this.#expect(LOAD_MS, (answer) => {
        if (answer.kind === 'opening') {
          this.#isReady = true
          resolve(answer.opening)
        } else if (answer.kind === 'error') reject(answer.error)
        else
          reject(new Error(`A worker ended before it began: ${answer.kind === 'lost' ? answer.reason : answer.kind}.`))
      })
    })
    this.ready.catch(() => {})
    this.#worker.on('message', (answer: Answer) => this.#settle(answer))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#lose('memory')
      else this.#settle({ kind: 'error', error })
    })
    this.#worker.on('exit', () => this.#lose('memory'))
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  get isIdle(): boolean {
    return this.#isReady && !this.#isBusy
  }

  /** Asks for something and waits for the answer, which may be that the worker is lost. */
  ask(request: Request): Promise<Answer> {
    this.#isBusy = true
    return new Promise((resolve) => {
      this.#expect(this.#spinMs, resolve)
      this.#worker.postMessage(request)
    })
  }

  async end(): Promise<void> {
    this.#stopWatching()
    this.#answer = null
    await this.#worker.terminate()
  }

  /** @param limitMs so long may pass without a sign of life */
  #expect(limitMs: number, answer: (answer: Answer) => void): void {
    this.#answer = answer
    let begun = -1
    let sinceMs = performance.now()
    this.#watch = setInterval(() => {
      const now = Atomics.load(this.#slot, 0)
      if (now !== begun) {
        begun = now
        sinceMs = performance.now()
      } else if (performance.now() - sinceMs > limitMs) this.#lose('spins')
    }, LOOK_MS)
  }

  #lose(reason: LostStorm['reason']): void {
    this.#settle({ kind: 'lost', ordinal: Atomics.load(this.#slot, 1), reason })
  }

  #settle(answer: Answer): void {
    this.#stopWatching()
    const waiting = this.#answer
    this.#answer = null
    this.#isBusy = answer.kind === 'lost'
    waiting?.(answer)
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch)
    this.#watch = null
  }
}
