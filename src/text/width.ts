/**
 * Text measured in columns of a terminal.
 *
 * Models          combining marks (no column), wide East Asian characters and emoji (two columns).
 * Wraps           at spaces, and Chinese between any two characters, but never before a mark that ends something.
 * Does not model  characters of ambiguous width (the box drawing of the timelines), taken as one column; emoji made
 *                 of several characters, taken as their parts.
 *
 * Source: https://www.unicode.org/reports/tr11/
 */

const MARK = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u

/** How many columns one character takes. */
export function charWidth(char: string): 0 | 1 | 2 {
  if (char < '\u0300') return 1
  if (MARK.test(char)) return 0
  return WIDE.test(char) ? 2 : 1
}

/** How many columns a text takes. */
export function textWidth(text: string): number {
  let width = 0
  for (const char of text) width += charWidth(char)
  return width
}

/** The text, or as much of it as fits, with `…` at its end. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const char of text) {
    const next = used + charWidth(char)
    if (next > width - 1) break
    kept += char
    used = next
  }
  return width > 0 ? `${kept}…` : ''
}

/** Filled with spaces on the right. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** What no line begins with: marks that end a clause, a quotation, a bracket. */
const CLOSING = /^[、。，．：；？！）》」』】’”]$/

/** Lines of at most `width` columns, broken at spaces; a longer word is broken anywhere, but not before a closing mark. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const wordWidth = textWidth(word)
    if (line !== '' && used + 1 + wordWidth > width) {
      lines.push(line)
      line = ''
      used = 0
    }
    if (line !== '') {
      line += ` ${word}`
      used += 1 + wordWidth
    } else if (wordWidth <= width) {
      line = word
      used = wordWidth
    } else {
      for (const char of word) {
        if (used + charWidth(char) > width) {
          const carried = CLOSING.test(char) && line.length > 1 ? ([...line].at(-1) ?? '') : ''
          const kept = line.slice(0, line.length - carried.length)
          lines.push(kept)
          line = carried
          used = textWidth(carried)
        }
        line += char
        used += charWidth(char)
      }
    }
  }
  if (line !== '') lines.push(line)
  return lines
}
