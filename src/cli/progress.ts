/**
 * The line of progress on stderr: only on a terminal, only after a second, at most ten times a second, gone at the end.
 * Without a terminal, one plain line every thirty seconds.
 *
 * It has no timer of its own: it is told when there is something new.
 */

import { countText } from '../text/time.ts'

const QUIET_MS = 1_000
const REDRAW_MS = 100
const PLAIN_MS = 30_000

/** What progress is told. */
export interface Step {
  readonly doneCount: number
  readonly totalCount: number
  readonly worldCount: number
  readonly failureCount: number
}

/** What it draws on. */
export interface ProgressScreen {
  readonly isProgressTerminal: boolean
  readonly progressWidth: number
  draw(text: string): void
}

export class Progress {
  readonly #screen: ProgressScreen
  readonly #nowMs: () => number
  readonly #startMs: number
  #lastMs: number
  #isDrawn = false

  constructor(screen: ProgressScreen, nowMs: () => number = () => performance.now()) {
    this.#screen = screen
    this.#nowMs = nowMs
    this.#startMs = nowMs()
    this.#lastMs = this.#startMs
  }

  /** Some cells were run; draws when it is time to. */
  update(step: Step): void {
    this.show((elapsedMs) => progressText(step, elapsedMs))
  }

  /** Something was done; draws its text when it is time to. */
  show(text: (elapsedMs: number) => string): void {
    const nowMs = this.#nowMs()
    const elapsedMs = nowMs - this.#startMs
    if (this.#screen.isProgressTerminal) {
      if (elapsedMs < QUIET_MS || (this.#isDrawn && nowMs - this.#lastMs < REDRAW_MS)) return
      this.#lastMs = nowMs
      this.#isDrawn = true
      this.#screen.draw(`\r\x1b[2K${text(elapsedMs).slice(0, this.#screen.progressWidth - 1)}`)
    } else if (nowMs - this.#lastMs >= PLAIN_MS) {
      this.#lastMs = nowMs
      this.#screen.draw(`${text(elapsedMs)}\n`)
    }
  }

  /** Takes the line away, so that something else can be written; the next update draws it again. */
  clear(): void {
    if (this.#isDrawn) this.#screen.draw('\r\x1b[2K')
    this.#isDrawn = false
  }
}

/** `ETA 1m10s`, if the rest goes on like what was done. */
export function etaText(doneCount: number, totalCount: number, elapsedMs: number): string {
  const etaS = Math.ceil(((totalCount - doneCount) * elapsedMs) / Math.max(doneCount, 1) / 1_000)
  return `ETA ${etaS < 60 ? '' : `${Math.floor(etaS / 60)}m`}${etaS % 60}s`
}

/** `1,240/s` */
export const rateText = (count: number, elapsedMs: number, unit = ''): string =>
  `${countText(Math.round((count * 1_000) / Math.max(elapsedMs, 1)))}${unit}/s`

/** `▸ 12/40 cells · 1,240 worlds/s · 0 not as expected · ETA 1m10s` */
export function progressText(step: Step, elapsedMs: number): string {
  const { doneCount, totalCount, worldCount, failureCount } = step
  const parts = [
    `${countText(doneCount)}/${countText(totalCount)} cells`,
    rateText(worldCount, elapsedMs, ' worlds'),
    `${countText(failureCount)} not as expected`,
    etaText(doneCount, totalCount, elapsedMs),
  ]
  return `▸ ${parts.join(' · ')}`
}
