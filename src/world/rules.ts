/** What a plan says of how its worlds are judged. */
import type { Driver } from '../client/driver.ts'
import type { Callers, Rules } from '../history/rules.ts'
import type { Workload } from '../workload/workload.ts'
import type { Plan } from './plan.ts'

/** How long a key may outlive its believers while its owner thinks that it is not its own: a tenth of the lease. */
const ORPHAN_RATIO = 10

export const rulesOf = (
  { workload: planned, ttlMs, latency, persistence }: Plan,
  workload: Workload,
  { pauseUs }: Driver,
  callers: Callers,
  limit: number | undefined,
): Rules => ({
  ttlMs,
  properties: workload.properties,
  doneBy: workload.doneBy,
  checkFence: false,
  // To take something back takes a message and its answer, however short the lease.
  orphanUs: Math.max(Math.floor((ttlMs * 1000) / ORPHAN_RATIO), 2 * latency.maxUs),
  firstReconnectUs: pauseUs(0),
  reconnectUs: pauseUs(Number.POSITIVE_INFINITY),
  ...(callers.length === 0 ? {} : { callers }),
  ...(limit === undefined ? {} : { limit }),
  ...(persistence === undefined ? {} : { persistence: persistence.kind }),
  ...workload.rules?.(planned),
})
