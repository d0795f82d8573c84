/**
 * What a real server's time is to the world: a file that it reads (`ClockFile`), or its own clock, which cannot be
 * changed (`PacedClock`): then the world waits for it.
 */
import { realUs } from '../../sim/real-clock.ts'
import { sleep } from './sleep.ts'

export interface ServerClock {
  /** The server reads the world's clock, so what is due at a time has happened at that time. */
  readonly isVirtual: boolean
  /** The node's wall clock as the world sees it, whole µs since 1970. */
  readonly wallUs: number
  /** The same without jumps backwards. */
  readonly monotonicUs: number
  /** The time from the next `flush` on. */
  set(wallUs: number): void
  /** Makes it the server's time; when this returns the server has it. */
  flush(): void
  close(): void
}

/**
 * The real clock of a server that has no virtual one.
 *
 * Models          time that passes: the world waits until as much real time has passed as virtual time.
 * Does not model  clocks that step or run at another rate; absolute deadlines that clients compute from their own
 *                 clock (EXPIREAT, PXAT); a world that is slower than real time, where keys end early.
 */
export class PacedClock implements ServerClock {
  readonly isVirtual = false
  #wallUs: number
  #monotonicUs: number
  readonly #startUs: number
  readonly #realStartUs = realUs()

  constructor(startUs: number) {
    this.#wallUs = startUs
    this.#monotonicUs = startUs
    this.#startUs = startUs
  }

  get wallUs(): number {
    return this.#wallUs
  }

  get monotonicUs(): number {
    return this.#monotonicUs
  }

  set(wallUs: number): void {
    this.#monotonicUs += Math.max(0, wallUs - this.#wallUs)
    this.#wallUs = wallUs
  }

  flush(): void {
    for (;;) {
      const aheadUs = this.#monotonicUs - this.#startUs - (realUs() - this.#realStartUs)
      if (aheadUs <= 0) return
      sleep(Math.ceil(aheadUs / 1000))
    }
  }

  close(): void {}
}
