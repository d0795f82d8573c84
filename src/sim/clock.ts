/**
 * The clocks of one machine: a wall clock that can be wrong, stepped and drift, and a monotonic clock that can
 * only drift.
 *
 * Everything is whole microseconds. "True time" is the world's: it starts at 0 and no process of the world can read it.
 *
 * Invariants
 * - The monotonic clock never goes back; a step moves the wall clock alone.
 * - `trueUsWhenMono(m)` is the first true instant at which `monoUs` is at least `m`.
 *
 * Does not model  a timer that was set before a change of rate: it keeps the due time it had.
 */
import { assert } from './assert.ts'

/** The two clocks of a machine. */
export type ClockName = 'wall' | 'mono'

/** What a correct wall clock shows at true time 0: 2026-01-01T00:00:00Z, in µs since 1970. */
export const EPOCH_US = 1_767_225_600_000_000

export class Clock {
  #offsetUs = 0
  #ratePpm = 0
  #baseTrueUs = 0
  #baseMonoUs = 0
  /** Told after every change, so that alarms on this clock are set anew. */
  onChange: (() => void) | null = null

  /** How fast this clock runs: 0 is right, 1000 gains a millisecond a second. */
  get ratePpm(): number {
    return this.#ratePpm
  }

  /** How far the wall clock is ahead of what it would be without offsets and steps. */
  get offsetUs(): number {
    return this.#offsetUs
  }

  /** The monotonic clock at a true time (what `performance.now()` counts). */
  monoUs(trueUs: number): number {
    if (this.#ratePpm === 0) return this.#baseMonoUs + (trueUs - this.#baseTrueUs)
    const elapsedUs = trueUs - this.#baseTrueUs
    return this.#baseMonoUs + elapsedUs + Math.floor((elapsedUs * this.#ratePpm) / 1_000_000)
  }

  /** The wall clock at a true time, µs since 1970 (what `Date.now()` shows). */
  wallUs(trueUs: number): number {
    return EPOCH_US + this.#offsetUs + this.monoUs(trueUs)
  }

  /** The first true instant at which the monotonic clock shows at least `monoUs`. */
  trueUsWhenMono(monoUs: number): number {
    const aheadUs = monoUs - this.#baseMonoUs
    if (this.#ratePpm === 0) return this.#baseTrueUs + aheadUs
    let trueUs = this.#baseTrueUs + Math.floor((aheadUs * 1_000_000) / (1_000_000 + this.#ratePpm))
    while (this.monoUs(trueUs) < monoUs) trueUs += 1
    while (trueUs > this.#baseTrueUs && this.monoUs(trueUs - 1) >= monoUs) trueUs -= 1
    return trueUs
  }

  /** The first true instant at which the wall clock shows at least `wallUs`, if it is never stepped again. */
  trueUsWhenWall(wallUs: number): number {
    return this.trueUsWhenMono(wallUs - EPOCH_US - this.#offsetUs)
  }

  /** The first true instant at which one of them shows at least this. */
  trueUsWhen(which: ClockName, us: number): number {
    return which === 'wall' ? this.trueUsWhenWall(us) : this.trueUsWhenMono(us)
  }

  /** Moves the wall clock, as NTP or an administrator would; negative steps go back. */
  step(byUs: number): void {
    assert(Number.isSafeInteger(byUs), 'a clock step is a whole number of microseconds')
    this.#offsetUs += byUs
    this.onChange?.()
  }

  /** Changes how fast both clocks run from now on. */
  setRate(trueUs: number, ratePpm: number): void {
    assert(Number.isSafeInteger(ratePpm) && Math.abs(ratePpm) <= 500_000, 'a clock rate is within ±500,000 ppm')
    this.#baseMonoUs = this.monoUs(trueUs)
    this.#baseTrueUs = trueUs
    this.#ratePpm = ratePpm
    this.onChange?.()
  }
}
