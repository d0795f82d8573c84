/**
 * A story that is told while the search goes on, on a terminal: it stands above the line of progress, and is taken away when a
 * worse one or the answer takes its place.
 *
 * Does not model  what else is written meanwhile: what stands below something else stays where it is.
 */

/** What it is drawn on. */
export interface PreliminaryScreen {
  readonly isProgressTerminal: boolean
  /** How many lines it has. */
  readonly progressHeight: number
  draw(text: string): void
}

export class Preliminary {
  readonly #screen: PreliminaryScreen
  #lineCount = 0

  constructor(screen: PreliminaryScreen) {
    this.#screen = screen
  }

  /** Takes the place of what was told before; of a story that is higher than the terminal its first lines are told. */
  tell(text: string): void {
    if (!this.#screen.isProgressTerminal) return
    this.clear()
    // The line of progress, and the one that a shell needs.
    const lines = text.split('\n').slice(0, Math.max(1, this.#screen.progressHeight - 2))
    this.#screen.draw(`${lines.join('\n')}\n`)
    this.#lineCount = lines.length
  }

  /** Takes it away. */
  clear(): void {
    if (this.#lineCount > 0) this.#screen.draw(`\x1b[${this.#lineCount}A\x1b[J`)
    this.#lineCount = 0
  }

  /** Something else was written below: it stays. */
  keep(): void {
    this.#lineCount = 0
  }
}
