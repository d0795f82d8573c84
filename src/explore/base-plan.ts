/**
 * What a hunt runs before any fault: the plans that storms are added to, one for each way in which a subject is used.
 */
import type { Latency } from '../net/link.ts'
import { assertNever } from '../sim/assert.ts'
import type { Subject } from '../subject/subject.ts'
import type { ClientKind, Plan, WorkloadPlan } from '../world/plan.ts'

/** How the clients of a hunt work. Times are virtual. */
export interface HuntParameters {
  readonly seed: string
  readonly client: ClientKind
  readonly clients: number
  /** How often each client takes the lock. */
  readonly rounds: number
  /** The lease that the lock is asked for, or the session's time to live. */
  readonly ttlMs: number
  readonly workUs: number
  readonly retryUs: number
  readonly latency: Latency
  /** Whether Redis may forget what it acknowledged: no lock on one such server can be safe. */
  readonly isLossy: boolean
}

/**
 * Three clients, two rounds: with two clients nobody waits for a waiter, with one round nobody comes back. The lease is ten
 * times the work, so that nothing ends by itself, and short, so that few polls fit into one.
 */
export const DEFAULT_PARAMETERS: Omit<HuntParameters, 'client'> = {
  seed: '1',
  clients: 3,
  rounds: 2,
  ttlMs: 200,
  workUs: 20_000,
  retryUs: 20_000,
  latency: { minUs: 200, maxUs: 900 },
  isLossy: false,
}

/** A session lives so many times as long as a lease. */
const SESSION_LEASES = 10

const HEAD_START_US = 5_000

/** Everything has so many leases to settle when all has healed. */
export const SETTLE_LEASES = 3
/** Longer than any library from npm polls. */
const BLOCKING_SETTLE_US = 30_000_000

/** The fault-free plans of a subject. */
export function basePlans(subject: Subject, parameters: HuntParameters): readonly Plan[] {
  const isLock = subject.kind === 'lock'
  const nodes = isLock ? (subject.lock.nodes ?? 1) : 1
  const isBlocking = isLock && subject.lock.blocking === true
  return workloads(isLock, parameters).map((workload) => {
    const plan = basePlan(isLock, nodes, parameters, workload)
    // A lock that waits by itself may look again only every few seconds: that is slow, not dead.
    return isBlocking ? { ...plan, settleUs: Math.max(plan.settleUs, BLOCKING_SETTLE_US) } : plan
  })
}

function basePlan(isLock: boolean, nodes: number, parameters: HuntParameters, workload: WorkloadPlan): Plan {
  const ttlMs = isLock ? parameters.ttlMs : parameters.ttlMs * SESSION_LEASES
  return {
    scenario: 'hunt',
    seed: parameters.seed,
    client: parameters.client,
    clients: parameters.clients,
    nodes,
    ttlMs,
    latency: parameters.latency,
    // Stories are told of A: it comes first. Where nothing goes wrong they all come at once.
    headStartUs: isLock ? HEAD_START_US : 0,
    workload,
    faults: [],
    settleUs: SETTLE_LEASES * ttlMs * 1_000,
  }
}

/** The first fault-free plan of a hunt with default settings, for subjects that are used like this. */
export function defaultPlan(kind: 'counter' | 'cart'): Plan {
  const parameters: HuntParameters = { ...DEFAULT_PARAMETERS, client: 'ioredis' }
  return basePlan(kind === 'counter', 1, parameters, workloads(kind === 'counter', parameters)[0] as WorkloadPlan)
}

function workloads(isLock: boolean, parameters: HuntParameters): readonly WorkloadPlan[] {
  const { rounds, workUs, retryUs } = parameters
  // The storage checks fencing tokens: a lock that hands them out is protected, one that does not is no worse off.
  if (isLock) return [{ kind: 'counter', rounds, workUs, retryUs, checkFence: true }]
  return [false, true].map((logout) => ({ kind: 'cart', requests: rounds, workUs, logout }))
}

/** What a base plan exercises, in words: `counter, 3 clients × 2 rounds`. */
export function describeBase(plan: Plan): string {
  const { workload, clients } = plan
  const what = workload.kind === 'cart' && workload.logout ? 'cart with logout' : workload.kind
  return `${what}, ${clients} clients × ${roundsOf(workload)} ${workload.kind === 'cart' ? 'requests' : 'rounds'}`
}

/** How often each client does what its workload is about. */
export function roundsOf(workload: WorkloadPlan): number {
  switch (workload.kind) {
    case 'counter':
      return workload.rounds
    case 'cart':
      return workload.requests
    case 'cache':
      return workload.reads
    case 'job':
      return workload.ticks
    default:
      return assertNever(workload)
  }
}

/** The same workload, done so often. */
export function withRounds(workload: WorkloadPlan, rounds: number): WorkloadPlan {
  switch (workload.kind) {
    case 'counter':
      return { ...workload, rounds }
    case 'cart':
      return { ...workload, requests: rounds }
    case 'cache':
      return { ...workload, reads: rounds }
    case 'job':
      return { ...workload, ticks: rounds }
    default:
      return assertNever(workload)
  }
}
