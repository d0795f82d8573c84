/**
 * What a hunt runs before any fault: the plans that storms are added to, one for each way in which a subject is used.
 */
import type { Latency } from '../net/link.ts'
import type { Persistence } from '../redis/persistence/persistence.ts'
import type { RedisVersion } from '../redis/version.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { UsageError } from '../sim/usage-error.ts'
import { asksKeeper, isBlocking, nodesOf, SUBJECT_WORDS, type Subject } from '../subject/subject.ts'
import type { InLanguages } from '../text/language.ts'
import { WORKLOADS, type WorkloadPlan, workloadOf } from '../workload/registry.ts'
import type { Pace, Workload } from '../workload/workload.ts'
import { type ClientKind, type Plan, planFor, usualTopology } from '../world/plan.ts'
import { type Topology, topologyOf } from '../world/topology.ts'

/** How the clients of a hunt work. Times are virtual. */
export interface HuntParameters extends Pace {
  readonly seed: string
  readonly client: ClientKind
  readonly clients: number
  /** How many of them are callers in one process. */
  readonly callers: number
  /** The lease that the lock is asked for, or the session's time to live. */
  readonly ttlMs: number
  readonly latency: Latency
  /** Which Redis servers there are; missing: as many as the subject asks. */
  readonly topology?: Topology | undefined
  /** How these keep their data; missing: faults say what one has that starts again. */
  readonly persistence?: Persistence | undefined
  /** Which Redis or Valkey they are; missing: the one that answers. */
  readonly redisVersion?: RedisVersion | undefined
  /** What the clients do; missing: what clients of such a subject usually do. */
  readonly workload?: string | undefined
  /** Whether Redis may forget what it acknowledged: no lock on one such server can be safe. */
  readonly isLossy: boolean
  /** Lease, work or retries are as the user wants them: a trial does not look for others. */
  readonly isPaceGiven?: boolean
  /** The lock was seen to renew its leases by itself. */
  readonly renews?: boolean
}

/**
 * Three clients, two rounds: with two clients none waits for a waiter, with one round none comes back. The lease is ten
 * times the work, so that nothing ends by itself, and short, so that few polls fit into one.
 */
export const DEFAULT_PARAMETERS: Omit<HuntParameters, 'client'> = {
  seed: '1',
  clients: 3,
  callers: 1,
  rounds: 2,
  ttlMs: 200,
  workUs: 20_000,
  retryUs: 20_000,
  latency: { minUs: 200, maxUs: 900 },
  isLossy: false,
}

/**
 * With Sentinels a lease, and the work under it, are longer than they take to promote a replica and to send clients there: what ends
 * before that meets no failover. Two uses of the lock take longer than the eleven seconds after which a former primary is told to follow.
 */
export const SENTINEL_PACE = { ttlMs: 8_000, workUs: 6_000_000, retryUs: 250_000 }

/** In a Cluster they are longer than it takes until a primary that ended was replaced: what ends before that meets no failover. */
export const CLUSTER_PACE = { ttlMs: 6_000, workUs: 3_500_000, retryUs: 250_000 }

/** How many leases everything has to settle when all has healed. */
export const SETTLE_LEASES = 3
/** Longer than any library from npm polls, or looks for jobs whose worker has ended. */
const WAITING_SETTLE_US = 30_000_000

/**
 * The fault-free plans of a subject.
 * @throws UsageError when it cannot be used in the way that is asked for
 */
export function basePlans(subject: Subject, parameters: HuntParameters): readonly Plan[] {
  const { topology } = parameters
  if (topology !== undefined && asksKeeper(subject)) {
    throw new UsageError(
      '--topology',
      `${subject.name} asks a coordination service, and has one whatever is said of a Redis`,
      'leave --topology out',
    )
  }
  if (topology !== undefined && nodesOf(subject) > 1) {
    throw new UsageError(
      '--topology',
      `${subject.name} asks ${nodesOf(subject)} independent servers for their votes: it has no primary`,
      'leave --topology out',
    )
  }
  const plans = workloadsFor(subject, parameters.workload).flatMap((workload) =>
    plansOf(workload, usualTopology(subject), {
      ...parameters,
      clients: clientsFor(subject, parameters),
      canExtend: canExtend(subject) || parameters.renews === true,
    }).map((plan) => planFor(plan, subject)),
  )
  // What waits by itself may look again only every few seconds: that is slow, not dead.
  return isBlocking(subject) || subject.kind === 'job-queue' || subject.kind === 'leader-election'
    ? plans.map((plan) => ({ ...plan, settleUs: Math.max(plan.settleUs, WAITING_SETTLE_US) }))
    : plans
}

/** Where several may hold at once one more is needed to be in their way; one that is alone stays alone. */
const clientsFor = (subject: Subject, { clients, callers }: HuntParameters): number =>
  subject.kind === 'lock' && clients > 1 && callers === 1
    ? Math.max(clients, Math.min((subject.lock.limit ?? 0) + 1, CLIENTS_MAX))
    : clients

/** As many as have a letter. */
const CLIENTS_MAX = 26

const canExtend = (subject: Subject): boolean => subject.kind === 'lock' && subject.lock.extend !== undefined

function workloadsFor(subject: Subject, name: string | undefined): readonly Workload[] {
  const fitting = WORKLOADS.filter(({ takes, hunts }) => takes === subject.kind && hunts !== undefined)
  if (name === undefined) return fitting.filter(({ hunts }) => hunts?.isUsual)
  const named = fitting.filter(({ kind }) => kind === name)
  if (named.length > 0) return named
  const kinds = fitting.map(({ kind }) => kind)
  throw new UsageError(
    '--workload',
    `expected what a ${SUBJECT_WORDS[subject.kind]} is used for, got ${JSON.stringify(name)}${didYouMean(name, kinds)}`,
    `choose one of ${kinds.join(', ')}`,
  )
}

/** The first fault-free plan of a hunt with default settings, for subjects that are used like this. */
export const defaultPlan = (workload: Workload): Plan =>
  plansOf(workload, topologyOf(1), { ...DEFAULT_PARAMETERS, client: 'ioredis' })[0] as Plan

/** One plan for each way in which hunts use this workload. */
function plansOf({ kind, hunts }: Workload, usual: Topology, parameters: HuntParameters): readonly Plan[] {
  if (hunts === undefined) return []
  const ttlMs = parameters.ttlMs * hunts.ttlLeases
  return hunts.settings(parameters).map((settings) => ({
    scenario: 'hunt',
    seed: parameters.seed,
    client: parameters.client,
    clients: parameters.clients,
    ...(parameters.callers > 1 ? { callers: parameters.callers } : {}),
    topology: parameters.topology ?? usual,
    ...(parameters.persistence === undefined ? {} : { persistence: parameters.persistence }),
    ...(parameters.redisVersion === undefined ? {} : { redisVersion: parameters.redisVersion }),
    ttlMs,
    latency: parameters.latency,
    headStartUs: hunts.headStartUs,
    workload: { kind, ...settings } as WorkloadPlan,
    faults: [],
    settleUs: SETTLE_LEASES * ttlMs * 1_000,
  }))
}

/** What a base plan exercises, in words: `counter, 3 clients × 2 rounds`. */
export function describeBase({ workload, clients, callers = 1 }: Plan): InLanguages {
  const words = workloadOf(workload).describe(workload, clients)
  const { en, zh } = typeof words === 'string' ? { en: words, zh: words } : words
  if (callers === 1) return { en, zh }
  return { en: `${en}, ${callers} callers a process`, zh: `${zh}，每个进程 ${callers} 个调用者` }
}

/** How often each client does what its workload is about. */
export const roundsOf = (workload: WorkloadPlan): number => workloadOf(workload).roundsOf(workload)

/** The same workload by clients that do not ask their lease before they write; itself where they never ask. */
export const unasked = (workload: WorkloadPlan): WorkloadPlan =>
  (workloadOf(workload).unasked?.(workload) ?? workload) as WorkloadPlan

/** The same workload, done so often. */
export const withRounds = (workload: WorkloadPlan, rounds: number): WorkloadPlan =>
  workloadOf(workload).withRounds(workload, rounds) as WorkloadPlan
