/**
 * Ctrl-C and SIGTERM: the first one asks the verb to end with what there is and to write its report, the second one ends the
 * process as the signal does by default.
 *
 * Worlds run in workers, so a signal is seen at once.
 */
import { EXIT, type ExitCode } from './exit-code.ts'

export class Interrupt {
  /** Resolves when the first signal comes. */
  readonly whenFirst: Promise<void>
  #exitCode: ExitCode | null = null
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[]

  /** @param onFirst told when the first signal has come */
  constructor(onFirst: (signal: NodeJS.Signals) => void) {
    let come = (): void => {}
    this.whenFirst = new Promise((resolve) => {
      come = resolve
    })
    const listen = (signal: NodeJS.Signals, code: ExitCode): readonly [NodeJS.Signals, () => void] => [
      signal,
      () => {
        this.#exitCode = code
        // Without a listener the next signal does what it does to any process.
        this.stop()
        onFirst(signal)
        come()
      },
    ]
    this.#listeners = [listen('SIGINT', EXIT.interrupted), listen('SIGTERM', EXIT.terminated)]
    for (const [signal, listener] of this.#listeners) process.on(signal, listener)
  }

  /** The exit code of the signal that came; null: none has. */
  get exitCode(): ExitCode | null {
    return this.#exitCode
  }

  /** Lets signals through again. */
  stop(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener)
  }
}
