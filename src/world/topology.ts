/**
 * The topology of a world: which Redis servers there are, and what they are to each other.
 *
 * Models          one server, or several that know nothing of each other, as Redlock asks for.
 * Does not model  replication, Sentinel, Cluster: those are further members of the union.
 */
import { assertNever } from '../sim/assert.ts'

export type Topology = { readonly kind: 'single' } | { readonly kind: 'independent'; readonly nodes: number }

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
    default:
      return assertNever(topology)
  }
}
