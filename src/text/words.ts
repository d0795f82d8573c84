/**
 * Verdicts and properties in words: the same ones in every format.
 *
 * Invariants
 * - A status is always a word and a symbol, so it survives without colour, in a log and in a screen reader.
 */

import type { PropertyName, ViolationKind } from '../check/verdict.ts'
import { assertNever } from '../sim/assert.ts'
import type { Palette } from './palette.ts'

/** What a cell shows: the four verdicts, `needs fencing` when all its violations are by contract, and our own bug. */
export type CellWord = 'violated' | 'needs fencing' | 'unknown' | 'vacuous' | 'valid' | 'error'

/** `✓ ✗ ? !` */
export function symbolOf(word: CellWord): string {
  switch (word) {
    case 'valid':
      return '✓'
    case 'violated':
    case 'needs fencing':
      return '✗'
    case 'unknown':
      return '?'
    case 'vacuous':
    case 'error':
      return '!'
    default:
      return assertNever(word)
  }
}

/** Colours a text as its word asks. */
export function paint(word: CellWord, palette: Palette): (text: string) => string {
  switch (word) {
    case 'valid':
      return palette.valid
    case 'violated':
    case 'error':
      return palette.violated
    case 'needs fencing':
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
  violated: 'a bug of the lock or the store: a correct one would not have done this',
  'needs fencing': 'no lock with a lease can prevent this by itself: the resource has to check fencing tokens',
  unknown: 'a limit was hit before there was an answer',
  vacuous: 'nothing contended, so nothing was tested',
  valid: 'no violation was found',
  error: 'lockstorm itself failed: please report it',
}

/** A violated property as the beginning of a sentence: `mutual exclusion violated`. */
export const HEADINGS: Readonly<Record<PropertyName, string>> = {
  'mutual-exclusion': 'mutual exclusion violated',
  'stale-write': 'stale write accepted',
  'fence-order': 'fencing order violated',
  'foreign-release': 'lock released by a stranger',
  'session-crossed': 'session of another user',
  'session-lost-update': 'session update lost',
  'session-vanished': 'session vanished',
  'session-resurrected': 'session resurrected',
  'session-stale-read': 'stale session read',
  'stale-cache': 'stale value served',
  stampede: 'cache stampede',
  'job-run-twice': 'job run twice',
  'dead-lock': 'dead-lock',
  hang: 'hang',
  'overstated-lease': 'lease overstated',
  'late-signal': 'loss signalled late',
  starvation: 'waiter starved',
  linearizability: 'not linearizable',
  crash: 'subject crashed its process',
}

/** The heading of a property; one that this version has no words for is shown by its name. */
export function heading(property: PropertyName): string {
  return HEADINGS[property] ?? property
}

/** The kind of a violation in words. */
export function kindText(kind: ViolationKind): string {
  return kind === 'definite' ? 'definite' : 'needs fencing'
}
