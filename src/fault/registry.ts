/**
 * Every kind of fault there is. Adding one: write its file, add it here. The schema of scenarios, `lockstorm list faults`,
 * hunts, checks and pictures follow from what it says of itself.
 */
import { blackHole } from './black-hole.ts'
import { busy } from './busy.ts'
import { clientPause } from './client-pause.ts'
import { clockOffset } from './clock-offset.ts'
import { clockRate } from './clock-rate.ts'
import { clockStep } from './clock-step.ts'
import { crash } from './crash.ts'
import { delayReply } from './delay-reply.ts'
import { delayRequest } from './delay-request.ts'
import { evict } from './evict.ts'
import { failover } from './failover.ts'
import type { FaultKind } from './fault.ts'
import { flush } from './flush.ts'
import { halfOpen } from './half-open.ts'
import { loading } from './loading.ts'
import { loseReply } from './lose-reply.ts'
import { manualFailover } from './manual-failover.ts'
import { migrateSlot } from './migrate-slot.ts'
import { misconf } from './misconf.ts'
import { missingRight } from './missing-right.ts'
import { oom } from './oom.ts'
import { partition } from './partition.ts'
import { pause } from './pause.ts'
import { promote } from './promote.ts'
import { readOnly } from './read-only.ts'
import { refuse } from './refuse.ts'
import { replicationLag } from './replication-lag.ts'
import { reset } from './reset.ts'
import { restart } from './restart.ts'
import { scriptFlush } from './script-flush.ts'
import { sentinelFailover } from './sentinel-failover.ts'
import { slowStart } from './slow-start.ts'
import { slowWork } from './slow-work.ts'
import { wrongPassword } from './wrong-password.ts'

export const FAULTS: readonly FaultKind[] = [
  pause,
  slowWork,
  crash,
  restart,
  halfOpen,
  clockStep,
  clockOffset,
  clockRate,
  delayRequest,
  delayReply,
  loseReply,
  reset,
  refuse,
  blackHole,
  partition,
  scriptFlush,
  flush,
  evict,
  clientPause,
  oom,
  readOnly,
  misconf,
  loading,
  busy,
  slowStart,
  wrongPassword,
  missingRight,
  failover,
  promote,
  replicationLag,
  sentinelFailover,
  manualFailover,
  migrateSlot,
]

const byName = new Map(FAULTS.map((fault) => [fault.name, fault]))

/** The fault of this name; undefined when there is none. */
export const faultKind = (name: string): FaultKind | undefined => byName.get(name)

/**
 * The order in which exhaustive hunts have tried faults since their first version. Which pairs fit into a budget, and which
 * of two storms of one size is reported, depends on it.
 */
const TRIED_FIRST: readonly FaultKind[] = [
  slowWork,
  clockRate,
  pause,
  delayRequest,
  delayReply,
  loseReply,
  crash,
  reset,
  partition,
  clockStep,
  restart,
]

/** In the order in which exhaustive hunts try them: a new fault comes last. */
export const inMenuOrder = (kinds: readonly FaultKind[]): readonly FaultKind[] => [
  ...TRIED_FIRST,
  ...kinds.filter((kind) => !TRIED_FIRST.includes(kind)),
]
