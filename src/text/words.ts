/**
 * Verdicts and properties in words: the same ones in every format.
 *
 * Invariants
 * - A status is always a word and a symbol, so it survives without colour, in a log and in a screen reader.
 */

import type { PropertyName } from '../check/verdict.ts'
import { assertNever } from '../sim/assert.ts'
import type { Palette } from './palette.ts'

/** What a cell shows: the verdict, of a violated one whether it is a `bug` or only a `limit`, and `error` for our own bug. */
export type CellWord = 'bug' | 'limit' | 'unknown' | 'vacuous' | 'valid' | 'error'

/** `✓ ✗ ? !` */
export function symbolOf(word: CellWord | 'violated'): string {
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
    case 'error':
      return '!'
    default:
      return assertNever(word)
  }
}

/** Colours a text as its word asks. */
export function paint(word: CellWord | 'violated', palette: Palette): (text: string) => string {
  switch (word) {
    case 'valid':
      return palette.valid
    case 'bug':
    case 'violated':
    case 'error':
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
  'orphaned-lock': 'lock orphaned',
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
