/**
 * Properties in words: what is written above a violation.
 */
import type { PropertyName } from '../check/verdict.ts'

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
