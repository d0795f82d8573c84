/**
 * The topology of a world: which Redis servers there are, and what they are to each other.
 *
 * Models          one server; several that know nothing of each other, as Redlock asks for; a primary with replicas.
 * Does not model  Sentinel, Cluster: those are further members of the union.
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

export type Topology =
  | { readonly kind: 'single' }
  | { readonly kind: 'independent'; readonly nodes: number }
  | ReplicatedTopology

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
      return 1 + topology.replicas
    default:
      return assertNever(topology)
  }
}

/** How many of them a lock can ask for their votes. */
export const voterCount = (topology: Topology): number => (topology.kind === 'replicated' ? 1 : nodeCount(topology))

/** Whether a number of nodes says all of it. */
export const isCounted = ({ kind }: Topology): boolean => kind === 'single' || kind === 'independent'
