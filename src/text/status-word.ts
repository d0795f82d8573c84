/**
 * A verdict as one word with a symbol and a colour: the same in every format.
 *
 * Invariants
 * - A status is always a word and a symbol, so that it survives without colour, in a log and in a screen reader.
 */

import { assertNever } from '../sim/assert.ts'
import type { Language } from './language.ts'
import type { Palette } from './palette.ts'

/** What a cell shows: the verdict, and of a violated one whether it is a `bug` or only a `limit`. */
export type CellWord = 'bug' | 'limit' | 'unknown' | 'vacuous' | 'valid'

/** Worst first. */
export const CELL_WORDS: readonly CellWord[] = ['bug', 'limit', 'unknown', 'vacuous', 'valid']

/** Where bugs and limits are not told apart (storms by verdict), a violated one is just that. */
export type StatusWord = CellWord | 'violated'

/** The words in each language. */
export const STATUS_WORDS: Readonly<Record<Language, Readonly<Record<StatusWord, string>>>> = {
  en: { bug: 'bug', limit: 'limit', violated: 'violated', unknown: 'unknown', vacuous: 'vacuous', valid: 'valid' },
  zh: { bug: '缺陷', limit: '极限', violated: '违反', unknown: '未知', vacuous: '未测到', valid: '通过' },
}

/** `✓ ✗ ? !` */
export function symbolOf(word: StatusWord): string {
  switch (word) {
    case 'valid':
      return '✓'
    case 'bug':
    case 'limit':
    case 'violated':
      return '✗'
    case 'unknown':
      return '?'
    case 'vacuous':
      return '!'
    default:
      return assertNever(word)
  }
}

/** Colours a text as its word asks. */
export function paint(word: StatusWord, palette: Palette): (text: string) => string {
  switch (word) {
    case 'valid':
      return palette.valid
    case 'bug':
    case 'violated':
      return palette.violated
    case 'limit':
    case 'unknown':
      return palette.unknown
    case 'vacuous':
      return palette.faint
    default:
      return assertNever(word)
  }
}

/** What each word means, for legends. */
export const WORD_MEANINGS: Readonly<Record<CellWord, string>> = {
  bug: 'the code under test could have prevented it, knowing only what its own process could know',
  limit: 'nothing that runs on the client can prevent it: it needs fencing, or Redis forgot what it had acknowledged',
  unknown: 'a limit was hit before there was an answer',
  vacuous: 'nothing contended, so nothing was tested',
  valid: 'no violation was found',
}
