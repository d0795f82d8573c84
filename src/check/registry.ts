/**
 * Every property that is judged. Adding one: write its file, add it here and to `PROPERTIES`.
 */
import { assert } from '../sim/assert.ts'
import type { Check } from './check.ts'
import { crash } from './crash.ts'
import { deadLock } from './dead-lock.ts'
import { fenceOrder } from './fence-order.ts'
import { foreignRelease } from './foreign-release.ts'
import { hang } from './hang.ts'
import { jobLost } from './job-lost.ts'
import { jobRunByTwo } from './job-run-by-two.ts'
import { jobRunTwice } from './job-run-twice.ts'
import { lateSignal } from './late-signal.ts'
import { linearizability } from './linearizability.ts'
import { livelock } from './livelock.ts'
import { mutualExclusion } from './mutual-exclusion.ts'
import { noLeader } from './no-leader.ts'
import { orphanedLock } from './orphaned-lock.ts'
import { overstatedLease } from './overstated-lease.ts'
import { releaseDenied } from './release-denied.ts'
import { sessionCrossed } from './session-crossed.ts'
import { sessionLostUpdate } from './session-lost-update.ts'
import { sessionResurrected } from './session-resurrected.ts'
import { sessionStaleRead } from './session-stale-read.ts'
import { sessionVanished } from './session-vanished.ts'
import { staleCache } from './stale-cache.ts'
import { staleWrite } from './stale-write.ts'
import { stampede } from './stampede.ts'
import { starvation } from './starvation.ts'
import { termGivenTwice } from './term-given-twice.ts'
import { tornRead } from './torn-read.ts'
import type { PropertyName } from './verdict.ts'

/** In the order of `PROPERTIES`. */
export const CHECKS: readonly Check[] = [
  mutualExclusion,
  staleWrite,
  fenceOrder,
  foreignRelease,
  sessionCrossed,
  sessionLostUpdate,
  sessionVanished,
  sessionResurrected,
  sessionStaleRead,
  staleCache,
  stampede,
  jobLost,
  jobRunByTwo,
  jobRunTwice,
  termGivenTwice,
  tornRead,
  deadLock,
  noLeader,
  orphanedLock,
  hang,
  overstatedLease,
  lateSignal,
  releaseDenied,
  livelock,
  starvation,
  linearizability,
  crash,
]

const byName = new Map(CHECKS.map((check) => [check.name, check]))

/** The check of this property. */
export function checkOf(property: PropertyName): Check {
  const check = byName.get(property)
  assert(check !== undefined, `a property has a check: ${property}`)
  return check
}
