/**
 * Several supervised workers of one kind, and the requests that wait for one that is free.
 *
 * Invariants
 * - A worker that is lost is replaced by another one.
 * - No worker is left when the pool is closed.
 */
import type { Printed } from '../messages.ts'
import { type Outcome, SupervisedWorker, type WorkerOptions } from './supervised-worker.ts'

export interface PoolOptions extends WorkerOptions {
  readonly size: number
}

interface Job<Request, Answer> {
  readonly request: Request
  readonly resolve: (outcome: Outcome<Answer>) => void
}

export class WorkerPool<Opening, Request, Answer> {
  readonly #options: PoolOptions
  readonly #workers: SupervisedWorker<Opening, Request, Answer>[] = []
  /** Those that are gone, too. */
  readonly #hired: SupervisedWorker<Opening, Request, Answer>[] = []
  readonly #queue: Job<Request, Answer>[] = []
  #size: number
  #fresh: SupervisedWorker<Opening, Request, Answer> | null = null
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#size = options.size
  }

  /** What the code of all its workers has printed. */
  get printed(): Printed {
    const all = this.#hired.map(({ printed }) => printed)
    return {
      lines: all.reduce((sum, { lines }) => sum + lines, 0),
      noise: all.reduce((sum, { noise }) => sum + noise, 0),
    }
  }

  /** How many requests can be worked on at the same time. */
  get size(): number {
    return this.#size
  }

  /**
   * Starts the workers; resolves when the first of them is ready.
   * @param needed how many are wanted at most, by what the first opens with; missing: all, at once
   * @throws whatever kept the first from beginning
   */
  async start(needed?: (opening: Opening) => number): Promise<Opening> {
    const first = this.#hire()
    while (needed === undefined && this.#workers.length < this.#size) this.#hire()
    const opening = await first.ready
    if (needed !== undefined) this.#size = Math.max(1, Math.min(this.#size, needed(opening)))
    while (this.#workers.length < this.#size) this.#hire()
    return opening
  }

  /**
   * Has a request worked on as soon as a worker is free; that the worker was lost is an outcome.
   * @param isNext before the others that wait
   */
  ask(request: Request, isNext = false): Promise<Outcome<Answer>> {
    return new Promise((resolve) => {
      const job = { request, resolve }
      if (isNext) this.#queue.unshift(job)
      else this.#queue.push(job)
      this.#assign()
    })
  }

  /** Starts a worker for the next `askFresh`, which then need not wait for the start. */
  prepareFresh(): void {
    this.#fresh ??= new SupervisedWorker<Opening, Request, Answer>(this.#options)
  }

  /** Has a request worked on by a worker that has worked on nothing before. */
  async askFresh(request: Request): Promise<Outcome<Answer>> {
    this.prepareFresh()
    const fresh = this.#fresh as SupervisedWorker<Opening, Request, Answer>
    this.#fresh = null
    try {
      await fresh.ready
      return await fresh.ask(request)
    } finally {
      await fresh.end()
    }
  }

  /** Asks all workers to finish what they are at; they still answer. */
  stop(): void {
    for (const worker of this.#workers) worker.stop()
  }

  /** Drops what is under way and what waits; resolves when a worker is free for other things. */
  async abandon(): Promise<void> {
    this.#queue.length = 0
    const busy = this.#workers.filter((worker) => worker.isBusy)
    for (const worker of busy) this.#dismiss(worker)
    await Promise.all(busy.map((worker) => worker.end()))
    while (this.#workers.length < this.#size) this.#hire()
    await Promise.any(this.#workers.map((worker) => worker.ready))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const all = [...this.#workers.splice(0), ...(this.#fresh === null ? [] : [this.#fresh])]
    await Promise.all(all.map((worker) => worker.end()))
  }

  #hire(): SupervisedWorker<Opening, Request, Answer> {
    const worker = new SupervisedWorker<Opening, Request, Answer>(this.#options)
    this.#workers.push(worker)
    this.#hired.push(worker)
    worker.ready.then(
      () => this.#assign(),
      (error: unknown) => {
        this.#dismiss(worker)
        // The others may go on; without them no worker is left to ask.
        if (this.#workers.length === 0) for (const job of this.#queue.splice(0)) job.resolve({ kind: 'error', error })
        void worker.end()
      },
    )
    return worker
  }

  #dismiss(worker: SupervisedWorker<Opening, Request, Answer>): void {
    const index = this.#workers.indexOf(worker)
    if (index >= 0) this.#workers.splice(index, 1)
  }

  #assign(): void {
    for (const worker of [...this.#workers]) {
      if (!worker.isIdle) continue
      const job = this.#queue.shift()
      if (job === undefined) return
      void this.#work(worker, job)
    }
  }

  async #work(worker: SupervisedWorker<Opening, Request, Answer>, job: Job<Request, Answer>): Promise<void> {
    const outcome = await worker.ask(job.request)
    if (outcome.kind === 'lost') {
      if (this.#isClosed) return
      this.#dismiss(worker)
      await worker.end()
      this.#hire()
    }
    job.resolve(outcome)
    this.#assign()
  }
}
