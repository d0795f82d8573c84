/**
 * One line of a drawing in characters: cells that are written over one another, each with a style.
 *
 * Invariants
 * - A character of two columns leaves an empty cell behind it, so columns stay columns.
 */
import { type Palette, PLAIN } from '../text/palette.ts'
import { charWidth, textWidth } from '../text/width.ts'

/** A colour of the palette, or none. */
export type Style = keyof Palette | null

/** Prints a text in a style. */
export const paintIn = (palette: Palette, style: Style, text: string): string =>
  style === null ? text : palette[style](text)

/** A line of fixed width, blank at first. */
export class TextRow {
  readonly #chars: string[]
  readonly #styles: Style[]

  constructor(width: number) {
    this.#chars = Array<string>(width).fill(' ')
    this.#styles = Array<Style>(width).fill(null)
  }

  at(column: number): string {
    return this.#chars[column] ?? ''
  }

  /** The first column that was written to; -1 for none. */
  get usedFrom(): number {
    return this.#chars.findIndex((char) => char !== ' ')
  }

  /** The last column that was written to; -1 for none. */
  get usedUntil(): number {
    return this.#chars.findLastIndex((char) => char !== ' ')
  }

  put(column: number, text: string, style: Style): void {
    let next = column
    for (const char of text) {
      const width = charWidth(char)
      if (next < 0 || next + width > this.#chars.length) return
      // Half of a wide character cannot be seen.
      if (this.#chars[next] === '' && next > 0) this.#chars[next - 1] = ' '
      if (this.#chars[next + width] === '') this.#chars[next + width] = ' '
      this.#chars[next] = char
      this.#styles[next] = style
      if (width === 2) {
        this.#chars[next + 1] = ''
        this.#styles[next + 1] = style
      }
      next += width
    }
  }

  fill(from: number, until: number, char: string, style: Style): void {
    for (let column = Math.max(0, from); column <= until; column += 1) this.put(column, char, style)
  }

  /** Writes the first label that fits into the longest run of `line` between two columns, with a space around it. */
  label(from: number, until: number, line: string, labels: readonly string[], style: Style = null): void {
    let best = { start: 0, length: 0 }
    let start = -1
    for (let column = Math.max(0, from); column <= until + 1; column += 1) {
      const isLine = column <= until && this.at(column) === line
      if (isLine && start < 0) start = column
      if (!isLine && start >= 0) {
        if (column - start > best.length) best = { start, length: column - start }
        start = -1
      }
    }
    for (const label of labels) {
      const width = textWidth(label) + 2
      if (label === '' || width > best.length) continue
      const offset = style === null ? Math.min(1, best.length - width) : Math.floor((best.length - width) / 2)
      this.put(best.start + offset, ` ${label} `, style)
      return
    }
  }

  /** Writes the first label that fits to the right of something, or else to its left; says whether one did. */
  labelBeside(from: number, until: number, labels: readonly string[], style: Style): boolean {
    for (const label of labels) {
      const width = textWidth(label)
      if (label === '') continue
      if (this.#isFree(until + 1, until + width + 2)) {
        this.put(until + 2, label, style)
        return true
      }
      if (this.#isFree(from - width - 2, from - 1)) {
        this.put(from - width - 1, label, style)
        return true
      }
    }
    return false
  }

  #isFree(from: number, until: number): boolean {
    if (from < 0 || until > this.#chars.length) return false
    for (let column = from; column <= until && column < this.#chars.length; column += 1) {
      if (this.#chars[column] !== ' ') return false
    }
    return true
  }

  toText(palette: Palette = PLAIN): string {
    let text = ''
    for (let start = 0; start < this.#chars.length; ) {
      let end = start
      while (end < this.#chars.length && this.#styles[end] === this.#styles[start]) end += 1
      text += paintIn(palette, this.#styles[start]!, this.#chars.slice(start, end).join(''))
      start = end
    }
    return text
  }
}
