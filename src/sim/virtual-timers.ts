/**
 * `setTimeout`, `setInterval` and `setImmediate` of a simulated process, with Node's handles and Node's rules for
 * odd delays: anything but a number from 1 to 2^31−1 means 1 ms, fractions are cut.
 *
 * `ref` and `unref` are kept for `hasRef` only: a world ends when its workload has ended, not when timers run out.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/timers.html
 */
import type { SimProcess, SimTimer } from './process.ts'

const DELAY_MS_MAX = 2 ** 31 - 1
let nextId = 1

/** The delay Node would use, in whole milliseconds. */
export function coerceDelayMs(delay: unknown): number {
  const number = Number(delay)
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

  constructor(process: SimProcess, delayMs: number, isRepeating: boolean, task: () => void) {
    this.#process = process
    this.#delayUs = delayMs * 1000
    this.#isRepeating = isRepeating
    this.#task = task
    this.#arm()
  }

  #arm(): void {
    this.#timer = this.#process.setTimer(this.#delayUs, () => {
      this.#timer = null
      const task = this.#task
      if (task === null) return
      try {
        task()
      } finally {
        if (this.#isRepeating && this.#task !== null && this.#timer === null) this.#arm()
      }
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

  /** Starts the delay anew, also after the callback ran, as in Node; a cleared timer stays cleared. */
  refresh(): this {
    if (this.#task !== null) {
      this.#timer?.cancel()
      this.#arm()
    }
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
}

/** `clearTimeout` and `clearInterval`: whatever it is given, it never throws. */
export function clearVirtualTimer(timer: unknown): boolean {
  if (timer instanceof VirtualTimeout || timer instanceof VirtualImmediate) {
    timer.close()
    return true
  }
  if (typeof timer === 'number' || typeof timer === 'string') {
    const known = byId.get(Number(timer))
    known?.close()
    return known !== undefined
  }
  return false
}

/** What virtual `setImmediate` returns. */
export class VirtualImmediate {
  readonly #timer: SimTimer
  #isRefed = true

  constructor(process: SimProcess, task: () => void) {
    this.#timer = process.setImmediate(task)
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
    this.#timer.cancel()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
