/**
 * The few colours of the terminal: violation orange, valid blue, unknown amber, as in the HTML report.
 *
 * Colour is never the only signal: every text that is coloured begins with a symbol or is a word.
 *
 * Source: Okabe and Ito's palette for all kinds of colour vision, https://jfly.uni-koeln.de/color/
 */

/** The part of picocolors' `createColors(decision)` that is needed here; the decision is the command line's. */
export interface Colors {
  readonly isColorSupported: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

/** Ways to print a text; the plain one returns it unchanged. */
export interface Palette {
  readonly violated: (text: string) => string
  readonly valid: (text: string) => string
  readonly unknown: (text: string) => string
  readonly faint: (text: string) => string
  readonly strong: (text: string) => string
}

const same = (text: string): string => text

/** No colours: files, Markdown, JUnit, `NO_COLOR`. */
export const PLAIN: Palette = { violated: same, valid: same, unknown: same, faint: same, strong: same }

/** The palette for a terminal. */
export function createPalette(colors: Colors): Palette {
  if (!colors.isColorSupported) return PLAIN
  // The 256-colour neighbours of #D55E00, #0072B2 and #E69F00, readable on black and on white.
  const color = (index: number) => (text: string) => `\x1b[38;5;${index}m${text}\x1b[39m`
  return { violated: color(166), valid: color(32), unknown: color(172), faint: colors.dim, strong: colors.bold }
}
