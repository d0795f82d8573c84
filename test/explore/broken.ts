/**
 * Broken subjects of every kind, for laws of the search: what one search finds in them, another one has to find.
 */
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { countsFromReply, lateFence, wrongRelease } from '../check/mutants.ts'

const bundled = new Map(bundledSubjects().map((subject) => [subject.name, subject]))

/** A built-in subject by its name. */
export const named = (name: string): Subject => {
  const subject = bundled.get(name)
  if (subject === undefined) throw new Error(`there is no ${name}`)
  return subject
}

/** Each is broken in several ways. */
export const BROKEN: readonly Subject[] = [
  ...['naive', 'plain-set', 'setnx-expire', 'nx-plain-del', 'wall-deadline', 'evalsha', 'set-nx-lua'].map(named),
  ...['constant-value', 'eval-set', 'reentrant-hash', 'expire-on-arrival', 'setnx-formulas', 'pubsub-wake-up'].map(
    named,
  ),
  ...[lateFence, countsFromReply, wrongRelease].map((lock) => lockSubject(lock)),
  ...['counter-semaphore', 'overwrite', 'list-pop', 'leased-list', 'plain-renewal', 'counted-readers'].map(named),
]
