/**
 * What all workloads with a lock have in common: the key that the clients fight for, what is recorded of it, and the
 * question when all is calm, whether the lock can be taken.
 */
import type { PropertyName } from '../check/verdict.ts'
import type { LockSubject } from '../subject/subject.ts'
import { record, sleep } from './client.ts'
import { LOCK_KEY, Locking, type Taken } from './locking.ts'
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
  'livelock',
  'linearizability',
  'crash',
]

type LockUse = Pick<Life<unknown, 'lock', unknown>, 'client' | 'subject' | 'ttlMs'>

/** The keys that this lock uses: their truth is recorded. */
export const lockKeys = ({ lock }: LockSubject): readonly string[] => lock.keys?.(LOCK_KEY) ?? [LOCK_KEY]

/** Takes the lock once more when all is calm: a free lock can be taken, and each permit of a semaphore be had. */
export async function probeLock({ client, subject, ttlMs }: LockUse, isOver: () => boolean): Promise<void> {
  const locking = new Locking(client, subject.lock, ttlMs, '-probe')
  const retryUs = Math.ceil(ttlMs * PROBE_RETRY_US_PER_MS)
  const permits = Math.min(subject.lock.limit ?? 1, PERMITS_MAX)
  record(client, 'invoke', 'probe', null)
  let had = permits === 1 ? listed(await locking.take(retryUs, isOver)) : await takeAll(locking, permits)
  while (permits > 1 && had.length < permits && !isOver()) {
    // What is missing may be had when its lease has ended; what is held meanwhile would end, too.
    for (const { hold, context } of had) await locking.giveBack(hold, context)
    await sleep(client, retryUs)
    had = await takeAll(locking, permits)
  }
  record(client, had.length === permits ? 'ok' : 'fail', 'probe', null)
  for (const { hold, context } of had) await locking.giveBack(hold, context)
}

/** Takes so many permits, one after the other; fewer, when one is not to be had. */
async function takeAll(locking: Locking, permits: number): Promise<readonly Taken[]> {
  const had: Taken[] = []
  while (had.length < permits) {
    const taken = await locking.attempt()
    if (taken === null) break
    had.push(taken)
  }
  return had
}

const listed = (taken: Taken | null): readonly Taken[] => (taken === null ? [] : [taken])

/** As many as clients that a hunt has: one after the other they are taken within a lease. */
const PERMITS_MAX = 26

/** It asks again after each tenth of a lease. */
const PROBE_RETRY_US_PER_MS = 100
