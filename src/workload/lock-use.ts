/**
 * What all workloads with a lock have in common: the key that the clients fight for, what is recorded of it, and the
 * question when all is calm, whether the lock can be taken.
 */
import type { PropertyName } from '../check/verdict.ts'
import type { LockSubject } from '../subject/subject.ts'
import { record } from './client.ts'
import { LOCK_KEY, Locking } from './locking.ts'
import type { Life } from './workload.ts'

/** What can be broken wherever a lock is used. */
export const LOCK_PROPERTIES: readonly PropertyName[] = [
  'mutual-exclusion',
  'stale-write',
  'fence-order',
  'foreign-release',
  'dead-lock',
  'orphaned-lock',
  'hang',
  'overstated-lease',
  'late-signal',
  'release-denied',
  'linearizability',
  'crash',
]

type LockUse = Pick<Life<unknown, 'lock', unknown>, 'client' | 'subject' | 'ttlMs'>

/** The keys that this lock uses: their truth is recorded. */
export const lockKeys = ({ lock }: LockSubject): readonly string[] => lock.keys?.(LOCK_KEY) ?? [LOCK_KEY]

/** Takes the lock once more when all is calm: a free lock can be taken. */
export async function probeLock({ client, subject, ttlMs }: LockUse, isOver: () => boolean): Promise<void> {
  const locking = new Locking(client, subject.lock, ttlMs, '-probe')
  record(client, 'invoke', 'probe', null)
  const taken = await locking.take(Math.ceil(ttlMs * PROBE_RETRY_US_PER_MS), isOver)
  record(client, taken === null ? 'fail' : 'ok', 'probe', null)
  if (taken !== null) await locking.giveBack(taken.hold, taken.context)
}

/** It asks again after each tenth of a lease. */
const PROBE_RETRY_US_PER_MS = 100
