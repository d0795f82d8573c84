/**
 * A cluster as `redis-cli --cluster create` leaves it: which node has which slots, and whose replica it is.
 */
import { Random } from '../random.ts'
import type { ReplicationOptions } from '../replication/replication.ts'
import type { KnownNode } from './cluster.ts'
import type { NodeAddress } from './cluster-node.ts'
import { slotsFor } from './slots.ts'

/** What one node knows when it begins. */
export interface PlannedMember {
  /** Itself first. */
  readonly nodes: readonly KnownNode[]
  readonly replication: ReplicationOptions
}

const ID_DIGITS = 40
/** Replicas are named in CLUSTER SLOTS once there is something in their stream: the first thing is PING. */
const FIRST_PING_BYTES = 14

/** The first ones are the primaries; the others are their replicas, in turn. The same seed gives the same names. */
export function clusterPlan(
  addresses: readonly Omit<NodeAddress, 'id'>[],
  primaries: number,
  seed: string,
): readonly PlannedMember[] {
  const random = new Random(`${seed}/cluster`)
  const ids = addresses.map(() => random.hex(ID_DIGITS))
  const streams = addresses.slice(0, primaries).map(() => random.hex(ID_DIGITS))
  const ranges = slotsFor(primaries)
  const nodes = addresses.map((address, index): KnownNode => {
    const isPrimary = index < primaries
    return {
      ...address,
      id: ids[index]!,
      primary: isPrimary ? null : ids[index % primaries]!,
      slots: isPrimary ? [ranges[index]!] : [],
      configEpoch: isPrimary ? index + 1 : 0,
    }
  })
  return nodes.map((node, index) => {
    const primary = node.primary === null ? undefined : nodes[index % primaries]
    return {
      nodes: [node, ...nodes.filter((other) => other !== node)],
      replication: {
        streamId: streams[index % primaries]!,
        offset: FIRST_PING_BYTES,
        ...(primary === undefined ? {} : { primary: { host: primary.host, port: primary.port } }),
      },
    }
  })
}
