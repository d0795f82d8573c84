/**
 * Ctrl-C and SIGTERM: the first one asks the verb to end with what there is and to write its report, the second one ends the
 * process as the signal does by default.
 *
 * Worlds run in workers, so a signal is seen at once.
 */
import { EXIT, type ExitCode } from './exit-code.ts'

const SIGNALS: readonly (readonly [NodeJS.Signals, ExitCode])[] = [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated],
]

export class Interrupt {
  readonly #controller = new AbortController()
  readonly #onFirst: () => void
  #exitCode: ExitCode | null = null
  #listeners: readonly (readonly [NodeJS.Signals, () => void])[] = []

  /** @param onFirst told when the first signal has come */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborted by the first signal, or when the other one is. */
  signalWith(other: AbortSignal | undefined): AbortSignal {
    return other === undefined ? this.signal : AbortSignal.any([this.signal, other])
  }

  /** The exit code of the signal that came; null: none has. */
  get exitCode(): ExitCode | null {
    return this.#exitCode
  }

  /** Takes signals from now on. Before that they do what they do to any process: there is nothing to report yet. */
  listen(): void {
    this.#listeners = SIGNALS.map(([signal, code]) => [
      signal,
      () => {
        this.#exitCode = code
        // Without a listener the next signal does what it does to any process.
        this.stop()
        this.#onFirst()
        this.#controller.abort()
      },
    ])
    for (const [signal, listener] of this.#listeners) process.on(signal, listener)
  }

  /** Lets signals through again. */
  stop(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener)
  }
}
