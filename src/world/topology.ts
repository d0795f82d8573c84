/**
 * The topology of a world: which Redis servers there are, and what they are to each other.
 *
 * Models          one server; several that know nothing of each other, as Redlock asks for; a primary with replicas, and with Sentinels; a
 *                 Redis Cluster; a coordination service in place of a Redis.
 */

import type { FaultKind } from '../fault/fault.ts'
import type { Replicating } from '../server/server.ts'
import { assertNever } from '../sim/assert.ts'

/** A primary, which clients know by one name that moves with a failover, and replicas that follow it. */
export interface ReplicatedTopology {
  readonly kind: 'replicated'
  readonly replicas: number
  /** `min-replicas-to-write`; missing: 0, the primary writes whoever follows it. */
  readonly minReplicasToWrite?: number
  /** `min-replicas-max-lag`, seconds; missing: 10. */
  readonly minReplicasMaxLagS?: number
}

/** Several such primaries that know nothing of each other, each with replicas of its own: what a quorum lock asks when each may fail over. */
export interface QuorumTopology extends Omit<ReplicatedTopology, 'kind'> {
  readonly kind: 'independent'
  /** Primaries. */
  readonly nodes: number
}

/** The same with Sentinels, whom clients ask where the primary is, and who promote a replica when it is down. */
export interface SentinelTopology extends Omit<ReplicatedTopology, 'kind'> {
  readonly kind: 'sentinel'
  readonly sentinels: number
  readonly quorum: number
  /** `down-after-milliseconds`. */
  readonly downAfterMs: number
  readonly failoverTimeoutMs: number
  /** Missing: 1. */
  readonly parallelSyncs?: number
  /** `replica-priority` of each replica, in their order; missing: 100, of each. */
  readonly replicaPriorities?: readonly number[]
  /** By which clients ask for the primary; missing: mymaster. */
  readonly name?: string
}

/** What a hunt has: as many as the documentation of Redis begins with, and a primary that is soon missed. */
export const USUAL_SENTINEL: SentinelTopology = {
  ...{ kind: 'sentinel', replicas: 2, sentinels: 3, quorum: 2 },
  ...{ downAfterMs: 500, failoverTimeoutMs: 5000 },
}
/** A Redis Cluster: primaries that share the hash slots, and replicas of each, which take their places by themselves. */
export interface ClusterTopology {
  readonly kind: 'cluster'
  readonly primaries: number
  /** Of each primary. */
  readonly replicas: number
  /** `cluster-node-timeout`. */
  readonly nodeTimeoutMs: number
  /** As in redis.conf, for each primary; missing: 0. */
  readonly minReplicasToWrite?: number
}

/** What a hunt has: small enough to be quick, and each primary can be replaced. */
export const USUAL_CLUSTER: ClusterTopology = { kind: 'cluster', primaries: 3, replicas: 1, nodeTimeoutMs: 1000 }

export type Topology =
  | { readonly kind: 'single' }
  | { readonly kind: 'independent'; readonly nodes: number; readonly replicas?: undefined }
  | QuorumTopology
  | ReplicatedTopology
  | SentinelTopology
  | ClusterTopology
  /** No Redis: a coordination service (`keeper/keeper.ts`). */
  | { readonly kind: 'keeper' }

const SINGLE: Topology = { kind: 'single' }

/** A number of servers that know nothing of each other: what `nodes` of a scenario file means. */
export const topologyOf = (nodes: number): Topology => (nodes === 1 ? SINGLE : { kind: 'independent', nodes })

/** How many servers there are. */
export function nodeCount(topology: Topology): number {
  switch (topology.kind) {
    case 'single':
    case 'keeper':
      return 1
    case 'independent':
      return topology.nodes * (1 + (topology.replicas ?? 0))
    case 'replicated':
    case 'sentinel':
      return 1 + topology.replicas
    case 'cluster':
      return topology.primaries * (1 + topology.replicas)
    default:
      return assertNever(topology)
  }
}

/** How many of them a lock can ask for their votes: servers that replicate, and those of a Cluster, are one Redis to it. */
export const voterCount = (topology: Topology): number => (topology.kind === 'independent' ? topology.nodes : 1)

/** Whether a primary is followed by others. */
export const hasReplicas = (topology: Topology): topology is ReplicatedTopology | SentinelTopology | QuorumTopology =>
  topology.kind === 'replicated' ||
  topology.kind === 'sentinel' ||
  (topology.kind === 'independent' && topology.replicas !== undefined)

/** How its servers replicate; null: they do not. */
export function replicatingOf(topology: Topology): Replicating | null {
  if (topology.kind === 'cluster') return 'cluster'
  if (topology.kind === 'sentinel') return 'sentinels'
  return hasReplicas(topology) ? 'replicas' : null
}

/** How many Sentinels look after them. */
export const sentinelCount = (topology: Topology): number => (topology.kind === 'sentinel' ? topology.sentinels : 0)
/** How many of them clients write to. */
export const primaryCount = (topology: Topology): number =>
  topology.kind === 'cluster' ? topology.primaries : voterCount(topology)

/** Into how many parts its keys are divided, each of which is on a primary and its replicas; 0: its servers do not replicate. */
export const shardCount = (topology: Topology): number =>
  topology.kind === 'cluster' ? topology.primaries : hasReplicas(topology) ? voterCount(topology) : 0

/** Whether its servers are Redis. */
export const hasRedis = ({ kind }: Topology): boolean => kind !== 'keeper'

/** Whether there is what a fault is about. */
export function meets(needs: FaultKind['needs'], topology: Topology): boolean {
  switch (needs) {
    case undefined:
      return true
    case 'a Redis':
      return hasRedis(topology)
    case 'replicas':
      return hasReplicas(topology) || topology.kind === 'cluster'
    case 'an operator':
      return topology.kind !== 'sentinel' && hasReplicas(topology)
    case 'sentinels':
      return topology.kind === 'sentinel'
    case 'a cluster':
      return topology.kind === 'cluster'
    default:
      return assertNever(needs)
  }
}

/** Whether a number of nodes says all of it. */
export const isCounted = (topology: Topology): boolean =>
  topology.kind === 'single' || (topology.kind === 'independent' && topology.replicas === undefined)

/** The replicas of one of several primaries, by their places among all nodes. */
export const replicasOf = (
  { primaries, replicas }: { readonly primaries: number; readonly replicas: number },
  primary: number,
): readonly number[] => Array.from({ length: replicas }, (_, round) => primary + (round + 1) * primaries)

/** How long servers may need to serve everything again when nothing is in their way any more, µs. */
export const recoveryUs = (topology: Topology): number =>
  topology.kind === 'cluster' ? RESTART_US + RECOVERY_TIMEOUTS * topology.nodeTimeoutMs * 1000 : 0

/** A primary of a Cluster that starts again serves no keys before that. */
const RESTART_US = 2_000_000
/** To find out that a node failed, and to replace it. */
const RECOVERY_TIMEOUTS = 4
