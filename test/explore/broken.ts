/**
 * Broken subjects of every kind, for laws of the search: what one search finds in them, another one has to find.
 */
import { plainRenewal } from '../../src/leader/plain-renewal.ts'
import { ARTICLE_LOCKS } from '../../src/lock/articles/registry.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { counterSemaphore } from '../../src/lock/semaphore/counter-semaphore.ts'
import { leasedList } from '../../src/queue/leased-list.ts'
import { listPop } from '../../src/queue/list-pop.ts'
import { countedReaders } from '../../src/read-write/counted-readers.ts'
import { overwrite } from '../../src/session/overwrite.ts'
import {
  leaderSubject,
  lockSubject,
  queueSubject,
  readWriteSubject,
  type Subject,
  sessionSubject,
} from '../../src/subject/subject.ts'
import { countsFromReply, lateFence, wrongRelease } from '../check/mutants.ts'

/** A built-in lock by its name. */
export const named = (name: string): Subject => {
  const lock = [...LOCKS, ...ARTICLE_LOCKS].find((each) => each.name === name)
  if (lock === undefined) throw new Error(`there is no ${name}`)
  return lockSubject(lock)
}

/** Each is broken in several ways. */
export const BROKEN: readonly Subject[] = [
  ...['naive', 'plain-set', 'setnx-expire', 'nx-plain-del', 'wall-deadline', 'evalsha', 'set-nx-lua'].map(named),
  ...['constant-value', 'eval-set', 'reentrant-hash', 'expire-on-arrival', 'setnx-formulas', 'pubsub-wake-up'].map(
    named,
  ),
  ...[lateFence, countsFromReply, wrongRelease, counterSemaphore].map((lock) => lockSubject(lock)),
  sessionSubject(overwrite),
  queueSubject(listPop),
  queueSubject(leasedList),
  leaderSubject(plainRenewal),
  readWriteSubject(countedReaders),
]
