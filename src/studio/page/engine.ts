/**
 * The page's side of the worker: requests and their answers, and the watch over it.
 *
 * Code of the user's that never ends keeps the worker from saying anything. After a while without a sign of life the worker is ended,
 * what was asked of it has failed, and another one takes its place.
 */
import type { Answer, Ask, FromWorker, RequestName, ToWorker } from '../protocol.ts'

/** What the user got wrong, in words. */
export class Problem extends Error {}

/** The code ran for so long without end that its worker was ended. */
export class RanForEver extends Error {}

/** A world of a dozen clients takes some ten milliseconds; after each there is a sign of life. */
const SILENCE_MS_MAX = 4_000
const LOOK_EVERY_MS = 250

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
  readonly onNote: ((note: never) => void) | undefined
}

export class Engine {
  readonly #text: string
  #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #heardMs = 0
  #isReady = false

  /** @param text the worker's program */
  constructor(text: string) {
    this.#text = text
    this.#worker = this.#start()
    setInterval(() => this.#watch(), LOOK_EVERY_MS)
  }

  #start(): Worker {
    const url = URL.createObjectURL(new Blob([this.#text], { type: 'text/javascript' }))
    const worker = new Worker(url)
    this.#isReady = false
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data)
    worker.onerror = ({ message }) => this.#failAll(new Error(message))
    return worker
  }

  /** Asks; `onNote` hears what is known before the answer. What is not wanted any more can be dropped by the signal. */
  ask<Name extends RequestName>(
    name: Name,
    ask: Ask<Name>,
    { onNote, signal }: { readonly onNote?: (note: Answer<Name>) => void; readonly signal?: AbortSignal } = {},
  ): Promise<Answer<Name>> {
    const number = this.#next++
    if (this.#waiting.size === 0) this.#heardMs = performance.now()
    this.#post({ kind: 'ask', number, name, ask })
    signal?.addEventListener('abort', () => this.#waiting.has(number) && this.#post({ kind: 'drop', number }))
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject, onNote }))
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #hear(message: FromWorker): void {
    this.#heardMs = performance.now()
    if (message.kind === 'ready') this.#isReady = true
    if (message.kind === 'alive' || message.kind === 'ready') return
    const waiting = this.#waiting.get(message.number)
    if (message.kind === 'note') {
      waiting?.onNote?.(message.note as never)
      return
    }
    this.#waiting.delete(message.number)
    if (message.kind === 'answer') waiting?.resolve(message.answer as never)
    else waiting?.reject(message.isOurs ? new Error(message.text) : new Problem(message.text))
  }

  #watch(): void {
    // While it starts it compiles a megabyte and says nothing.
    if (!this.#isReady || this.#waiting.size === 0) return
    if (performance.now() - this.#heardMs < SILENCE_MS_MAX) return
    this.#worker.terminate()
    this.#worker = this.#start()
    this.#failAll(new RanForEver())
  }

  #failAll(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
  }
}
