/**
 * A worker thread under supervision: one that spins for ever or uses up its memory is ended, and the code that waits for its answer
 * hears of it.
 *
 * A worker gives signs of life in memory that both share; it is lost when none comes for too long. Too long is processor time, as far as it is
 * known: on a busy machine a worker waits for its turn, and that is no hang.
 */

import { Worker } from 'node:worker_threads'
import { realTimers, realUs, residentBytes, usedCpuUs } from '../../sim/real-clock.ts'
import {
  LOADED,
  type LossReason,
  type Message,
  NOISE,
  ORDINAL,
  type Order,
  PRINTED,
  type Printed,
  SIGN_OF_LIFE,
  SLOT_COUNT,
  STOP,
} from '../messages.ts'

export interface WorkerOptions {
  /** The module that it runs; it calls `serve`. */
  readonly module: URL
  /** What it is given, besides its slot. */
  readonly workerData: unknown
  /** Without a sign of life for so long it spins (processor time of all threads; or `PATIENCE` times that of real time). */
  readonly spinMs: number
  /** How much memory it may use. */
  readonly memoryMb: number
  /** Takes what the code under test prints; default: it is dropped. */
  readonly onOutput?: (text: string) => void
}

/** What came of a request. */
export type Outcome<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'error'; readonly error: unknown }
  /** The worker is gone; `ordinal` is what it was at. */
  | { readonly kind: 'lost'; readonly ordinal: number; readonly reason: LossReason }

const LOOK_MS = 250
/** Loading a lock file takes as long as what it imports. */
const LOAD_MS = 60_000
/** For coming to an end with what it is at. */
const STOP_MS = 2_000
/** For what it has to clean up, on a server that may be far away. */
const CLOSE_MS = 10_000

/**
 * What is not on V8's heap (buffers, shared memory) has no limit of V8's. All threads share one process, so that nobody knows who has it:
 * it is the one that has been silent while the process grew, if no other was; or the one that was silent for longest when it has grown by
 * more than a machine should have to give.
 */
const GROWTH_BYTES = 3 * 1024 ** 3
const GROWTH_BYTES_MAX = 8 * 1024 ** 3
/** Others are between two worlds more often. */
const SILENT_US = 1_000_000

/** Of each worker that somebody waits for, since when it has been silent, µs. */
const silences = new Map<object, number>()

/** Whether a worker has to be ended for what its process has grown by since it gave its last sign. */
function isHog(worker: object, sinceUs: number, grownBytes: number): boolean {
  const now = realUs()
  if (grownBytes <= GROWTH_BYTES || now - sinceUs < SILENT_US) return false
  const others = [...silences].filter(([other, us]) => other !== worker && now - us >= SILENT_US)
  return others.length === 0 || (grownBytes > GROWTH_BYTES_MAX && others.every(([, us]) => us >= sinceUs))
}

/** A worker that waits uses no processor: it is given up after so many times its limit. */
const PATIENCE = 5

/** A worker was lost before it was ready: while it loaded what it works on, or while it tried that out. */
export class LostAtStart extends Error {
  override readonly name = 'LostAtStart'
  readonly reason: LossReason
  readonly hadLoaded: boolean

  constructor(reason: LossReason, hadLoaded: boolean) {
    super(`A worker ended before it began: ${reason}.`)
    this.reason = reason
    this.hadLoaded = hadLoaded
  }
}

export class SupervisedWorker<Opening, Request, Answer> {
  /** Resolves when it has loaded what it works on. */
  readonly ready: Promise<Opening>
  readonly #worker: Worker
  readonly #slot = new Int32Array(new SharedArrayBuffer(4 * SLOT_COUNT))
  readonly #spinMs: number
  #answer: ((message: Message<Opening, Answer> | Outcome<Answer>) => void) | null = null
  #isReady = false
  #isBusy = false
  #isLost = false
  #watch: unknown = null

  constructor({ module, workerData, memoryMb, spinMs, onOutput = () => {} }: WorkerOptions) {
    this.#spinMs = spinMs
    this.#worker = new Worker(module, {
      workerData: { ...(workerData as object), slot: this.#slot },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What code under test prints is not the answer. It is read all the same: unread, it would fill the worker's memory.
      stdout: true,
      stderr: true,
    })
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      stream.setEncoding('utf8').on('data', onOutput)
    }
    this.ready = new Promise((resolve, reject) => {
      const limitMs = (): number => (this.#hasLoaded ? spinMs : LOAD_MS)
      this.#expect(limitMs, (message) => {
        if (message.kind === 'opening') {
          this.#isReady = true
          resolve(message.opening)
        } else if (message.kind === 'error') reject(message.error)
        else
          reject(
            message.kind === 'lost'
              ? new LostAtStart(message.reason, this.#hasLoaded)
              : new Error(`A worker ended before it began: ${message.kind}.`),
          )
      })
    })
    this.ready.catch(() => {})
    this.#worker.on('message', (message: Message<Opening, Answer>) => this.#settle(message))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#lose('memory')
      else this.#settle({ kind: 'error', error })
    })
    this.#worker.on('exit', () => this.#lose('memory'))
  }

  get #hasLoaded(): boolean {
    return Atomics.load(this.#slot, LOADED) !== 0
  }

  /** What its code has printed, in lines, and of its driver's errors. */
  get printed(): Printed {
    return { lines: Atomics.load(this.#slot, PRINTED), noise: Atomics.load(this.#slot, NOISE) }
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  get isIdle(): boolean {
    return this.#isReady && !this.#isBusy
  }

  /** Asks for something and waits for the answer, which may be that the worker is lost. */
  ask(request: Request): Promise<Outcome<Answer>> {
    this.#isBusy = true
    return new Promise((resolve) => {
      this.#expect(
        () => this.#spinMs,
        (message) => resolve(message as Outcome<Answer>),
      )
      this.#tell({ kind: 'ask', request })
    })
  }

  /** Asks it to come to an end with what it is at; it still answers. */
  stop(): void {
    Atomics.store(this.#slot, STOP, 1)
  }

  /** Ends it. What it is at is dropped; unless it is lost it cleans up first. */
  async end(): Promise<void> {
    this.#stopWatching()
    if (this.#isBusy && !this.#isLost) {
      this.stop()
      await new Promise<void>((resolve) =>
        this.#expect(
          () => STOP_MS,
          () => resolve(),
          1,
        ),
      )
    }
    if (this.isIdle) {
      await new Promise<void>((resolve) => {
        this.#expect(
          () => CLOSE_MS,
          () => resolve(),
          1,
        )
        this.#tell({ kind: 'close' })
      })
    }
    await this.#worker.terminate()
  }

  #tell(order: Order<Request>): void {
    this.#worker.postMessage(order)
  }

  /** @param limitMs so long may pass without a sign of life, and `patience` times that where hardly any processor was used */
  #expect(
    limitMs: () => number,
    answer: (message: Message<Opening, Answer> | Outcome<Answer>) => void,
    patience = PATIENCE,
  ): void {
    this.#answer = answer
    let seen = -1
    let sinceUs = realUs()
    let sinceCpuUs = usedCpuUs()
    let sinceBytes = residentBytes()
    silences.set(this, sinceUs)
    this.#watch = realTimers.setInterval(() => {
      const now = Atomics.load(this.#slot, SIGN_OF_LIFE)
      if (now !== seen) {
        seen = now
        sinceUs = realUs()
        sinceCpuUs = usedCpuUs()
        sinceBytes = residentBytes()
        silences.set(this, sinceUs)
        return
      }
      if (isHog(this, sinceUs, residentBytes() - sinceBytes)) {
        this.#lose('memory')
        return
      }
      const limitUs = limitMs() * 1_000
      const silentUs = realUs() - sinceUs
      if (silentUs <= limitUs) return
      if (silentUs > limitUs * patience || usedCpuUs() - sinceCpuUs > limitUs) this.#lose('spins')
    }, LOOK_MS)
  }

  #lose(reason: LossReason): void {
    this.#isLost = true
    this.#settle({ kind: 'lost', ordinal: Atomics.load(this.#slot, ORDINAL), reason })
  }

  #settle(message: Message<Opening, Answer> | Outcome<Answer>): void {
    this.#stopWatching()
    const waiting = this.#answer
    this.#answer = null
    this.#isBusy = this.#isLost
    waiting?.(message)
  }

  #stopWatching(): void {
    if (this.#watch !== null) realTimers.clearInterval(this.#watch)
    this.#watch = null
    silences.delete(this)
  }
}
