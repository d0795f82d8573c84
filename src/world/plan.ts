/**
 * A plan: everything that decides what happens in one world, except the code under test. Plain data: the same plan
 * and the same code give the same history, on every machine.
 */
import type { ClientKind } from '../client/kind.ts'
import type { PlannedFault } from '../fault/fault.ts'
import type { Latency } from '../net/link.ts'
import type { Persistence } from '../redis/persistence/persistence.ts'
import type { RedisVersion } from '../redis/version.ts'
import { UsageError } from '../sim/usage-error.ts'
import { asksKeeper, callersIn, leaseMsOf, nodesOf, type Subject } from '../subject/subject.ts'
import type { WorkloadPlan } from '../workload/registry.ts'
import { hasRedis, type Topology, topologyOf, voterCount } from './topology.ts'

export type { ClientKind } from '../client/kind.ts'
export type { WorkloadPlan } from '../workload/registry.ts'

export interface Plan {
  /** Name of the scenario it came from, for the report. */
  readonly scenario: string
  readonly seed: string
  /** What code under test is given, unless it says itself what it needs. */
  readonly client: ClientKind
  /** Number of clients; they are called A, B, C, … */
  readonly clients: number
  /** How many of them are callers in one process; missing: each is a process of its own. */
  readonly callers?: number
  /** Which Redis servers there are. */
  readonly topology: Topology
  /** How those that hold data keep it on their disks; missing: faults that start one again say what it has. */
  readonly persistence?: Persistence
  /** Which Redis or Valkey they are; missing: the one that answers. */
  readonly redisVersion?: RedisVersion
  /** The lease the lock asks for, or the session's time to live. */
  readonly ttlMs: number
  readonly latency: Latency
  /**
   * `beside`: each client stands beside a node of its own, in the order of both, and reaches that in the shortest time and all
   * others in the longest. Missing: any latency between any two.
   */
  readonly placement?: 'beside'
  /** How long before the others the first client begins, so that a story has a known first holder. */
  readonly headStartUs: number
  /** How long after each other the clients behind the first begin; missing: all at about the same time. */
  readonly staggerUs?: number
  /** What the clients do. Times are virtual. */
  readonly workload: WorkloadPlan
  readonly faults: readonly PlannedFault[]
  /**
   * Clients begin at once, and whenever messages of several connections reach a server in one moment, the next number says
   * which of them is first (0 when the list has ended). Without it they arrive in the order in which they were sent.
   */
  readonly order?: readonly number[]
  /** How long after the last fault healed everything must have settled. */
  readonly settleUs: number
}

/** Whether a subject can ask such servers. */
export const canHave = (topology: Topology, subject: Subject): boolean => objectionTo(topology, subject) === null

/**
 * Why it cannot, and what to do; null: it can. A lock that asks several servers for their votes cannot have a Cluster, which is one Redis; one that
 * asks a coordination service can have nothing else, and nothing else can have that.
 */
function objectionTo(topology: Topology, subject: Subject): { readonly why: string; readonly fix: string } | null {
  const { name } = subject
  if (!asksKeeper(subject)) {
    const nodes = nodesOf(subject)
    const leaveOut = 'leave the topology out'
    if (!hasRedis(topology))
      return { why: `${name} asks a Redis, and here is a coordination service in its place`, fix: leaveOut }
    return topology.kind !== 'cluster' || nodes === 1
      ? null
      : { why: `${name} asks ${nodes} independent servers for their votes, and a Cluster is one Redis`, fix: leaveOut }
  }
  return hasRedis(topology)
    ? { why: `${name} asks a coordination service, and there is none`, fix: 'say topology: { kind: keeper }' }
    : null
}

/** @throws UsageError when it cannot */
function checkTopology(topology: Topology, subject: Subject): void {
  const objection = objectionTo(topology, subject)
  if (objection !== null) throw new UsageError('topology', objection.why, objection.fix)
}

/** The servers that a subject has where nothing else is said. */
export const usualTopology = (subject: Subject): Topology =>
  asksKeeper(subject) ? { kind: 'keeper' } : topologyOf(nodesOf(subject))

/**
 * The plan as it is run: a lock that needs more nodes than the plan has gets them, and the callers that it is about; what is judged
 * by the lease is judged by the one that it really has.
 */
export function planFor(plan: Plan, subject: Subject): Plan {
  const nodes = nodesOf(subject)
  checkTopology(plan.topology, subject)
  const callers = callersIn(subject)
  const ttlMs = leaseMsOf(subject, plan.ttlMs)
  const leased =
    ttlMs === plan.ttlMs ? plan : { ...plan, ttlMs, settleUs: Math.ceil((plan.settleUs * ttlMs) / plan.ttlMs) }
  const roomy = voterCount(leased.topology) >= nodes ? leased : { ...leased, topology: topologyOf(nodes) }
  return callers === 1 || plan.callers !== undefined ? roomy : { ...roomy, callers }
}
