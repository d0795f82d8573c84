/**
 * The topology of a world: which Redis servers there are, and what they are to each other.
 *
 * Models          one server; several that know nothing of each other, as Redlock asks for; a primary with replicas, and with Sentinels.
 * Does not model  Cluster: that is a further member of the union.
 */
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

export type Topology =
  | { readonly kind: 'single' }
  | { readonly kind: 'independent'; readonly nodes: number }
  | ReplicatedTopology
  | SentinelTopology

const SINGLE: Topology = { kind: 'single' }

/** A number of servers that know nothing of each other: what `nodes` of a scenario file means. */
export const topologyOf = (nodes: number): Topology => (nodes === 1 ? SINGLE : { kind: 'independent', nodes })

/** How many servers there are. */
export function nodeCount(topology: Topology): number {
  switch (topology.kind) {
    case 'single':
      return 1
    case 'independent':
      return topology.nodes
    case 'replicated':
    case 'sentinel':
      return 1 + topology.replicas
    default:
      return assertNever(topology)
  }
}

/** How many of them a lock can ask for their votes. */
export const voterCount = (topology: Topology): number => (isCounted(topology) ? nodeCount(topology) : 1)

/** Whether a primary is followed by others. */
export const hasReplicas = (topology: Topology): topology is ReplicatedTopology | SentinelTopology =>
  topology.kind === 'replicated' || topology.kind === 'sentinel'

/** How many Sentinels look after them. */
export const sentinelCount = (topology: Topology): number => (topology.kind === 'sentinel' ? topology.sentinels : 0)

/** Whether a number of nodes says all of it. */
export const isCounted = ({ kind }: Topology): boolean => kind === 'single' || kind === 'independent'
