/**
 * `setTimeout`, `setInterval` and `setImmediate` of a simulated process, with Node's handles and Node's rules for
 * odd delays: anything but a number from 1 to 2^31−1 means 1 ms, fractions are cut.
 *
 * `ref` and `unref` are kept for `hasRef` only: a world ends when its workload has ended, not when timers run out.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/timers.html
 */
import type { SimProcess, SimTimer } from './process.ts'

type Callback = (this: unknown, ...args: unknown[]) => unknown

const DELAY_MS_MAX = 2 ** 31 - 1
let nextId = 1

/** The delay Node would use, in whole milliseconds. */
export function coerceDelayMs(delay: unknown): number {
  // Not `Number(delay)`: a bigint is refused, as in Node.
  const number = (delay as number) * 1
  return number >= 1 && number <= DELAY_MS_MAX ? Math.trunc(number) : 1
}

/** What virtual `setTimeout` and `setInterval` return. */
export class VirtualTimeout {
  readonly #process: SimProcess
  readonly #delayUs: number
  readonly #isRepeating: boolean
  #task: (() => void) | null
  #timer: SimTimer | null = null
  #isRefed = true
  #id = 0

  constructor(process: SimProcess, delayMs: number, isRepeating: boolean, callback: Callback, args: unknown[]) {
    this.#process = process
    this.#delayUs = delayMs * 1000
    this.#isRepeating = isRepeating
    this.#task = () => callback.apply(this, args)
    this.#arm(process.monoUs)
  }

  #arm(fromMonoUs: number): void {
    const tick = (): void => {
      this.#timer = null
      // An interval counts from the moment at which its callback begins: a callback that stalls delays no tick.
      const beganUs = this.#process.monoUs
      try {
        this.#task?.()
      } finally {
        if (this.#isRepeating && this.#task !== null) this.#arm(beganUs)
      }
    }
    this.#timer?.cancel()
    this.#timer = this.#process.setTimer(this.#delayUs, tick, fromMonoUs)
  }

  ref(): this {
    this.#isRefed = true
    return this
  }

  unref(): this {
    this.#isRefed = false
    return this
  }

  hasRef(): boolean {
    return this.#isRefed
  }

  /** Starts the delay anew, also after the callback ran, as in Node; a cleared timer stays cleared. */
  refresh(): this {
    if (this.#task !== null) this.#arm(this.#process.monoUs)
    return this
  }

  close(): this {
    this.#task = null
    this.#timer?.cancel()
    this.#timer = null
    return this
  }

  [Symbol.toPrimitive](): number {
    if (this.#id === 0) {
      this.#id = nextId++
      byId.set(this.#id, this)
    }
    return this.#id
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Timers that were turned into numbers, so that `clearTimeout(+timer)` works; emptied after each world. */
const byId = new Map<number, VirtualTimeout>()

/** Forgets the numbers of an ended world's timers. */
export function forgetTimerIds(): void {
  if (byId.size > 0) byId.clear()
  nextId = 1
}

/** `clearTimeout` and `clearInterval`: false when it is none of ours. Whatever it is given, it never throws. */
export function clearVirtualTimer(timer: unknown): boolean {
  if (timer instanceof VirtualTimeout) {
    timer.close()
    return true
  }
  if (typeof timer === 'number' || typeof timer === 'string') {
    const known = byId.get(Number(timer))
    known?.close()
    return known !== undefined
  }
  return timer instanceof VirtualImmediate
}

/** `clearImmediate`: false when it is none of ours. */
export function clearVirtualImmediate(immediate: unknown): boolean {
  if (immediate instanceof VirtualImmediate) {
    immediate.close()
    return true
  }
  return immediate instanceof VirtualTimeout
}

/** What virtual `setImmediate` returns. */
export class VirtualImmediate {
  readonly #timer: SimTimer
  #isRefed = true

  constructor(process: SimProcess, callback: Callback, args: unknown[]) {
    this.#timer = process.setImmediate(() => {
      this.#isRefed = false
      callback.apply(this, args)
    })
  }

  ref(): this {
    this.#isRefed = true
    return this
  }

  unref(): this {
    this.#isRefed = false
    return this
  }

  hasRef(): boolean {
    return this.#isRefed
  }

  close(): void {
    this.#isRefed = false
    this.#timer.cancel()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
