/**
 * What CLUSTER SLOTS, SHARDS, NODES, INFO and LINKS say.
 *
 * Does not model  the order of nodes, which in Redis is that of a hash table; hostnames.
 *
 * Source: cluster.c (`clusterReplyMultiBulkSlots`, `addShardReplyForClusterShards`, `clusterGenNodeDescription`) of Redis 7.0
 */
import type { Reply } from '../reply.ts'
import type { BusMessageKind } from './bus.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './cluster-node.ts'

const map = (...entries: (readonly [Reply, Reply])[]): Reply => ({ kind: 'map', entries })

const offsetOf = (cluster: Cluster, node: ClusterNode): number => (node === cluster.me ? cluster.offset : node.offset)

/** A replica is named once it has data. */
export function describeSlots(cluster: Cluster): Reply {
  const entry = ({ id, host, port }: ClusterNode): Reply => [host, port, id, map()]
  const ranges = [...cluster.nodes.values()].flatMap((node) =>
    cluster.slots.rangesOf(node).map(([first, last]) => ({ node, first, last })),
  )
  return ranges
    .sort((a, b) => a.first - b.first)
    .map(({ node, first, last }): Reply => {
      const replicas = node.replicas.filter((replica) => !replica.hasFailed && offsetOf(cluster, replica) !== 0)
      return [first, last, entry(node), ...replicas.map(entry)]
    })
}

export function describeShards(cluster: Cluster): Reply {
  const entry = (node: ClusterNode): Reply => {
    const isDown = node.isSuspected || node.hasFailed
    const offset = offsetOf(cluster, node)
    return map(
      ['id', node.id],
      ['port', node.port],
      ['ip', node.host],
      ['endpoint', node.host],
      ['role', node.isPrimary ? 'master' : 'replica'],
      ['replication-offset', offset],
      ['health', isDown ? 'fail' : !node.isPrimary && offset === 0 ? 'loading' : 'online'],
    )
  }
  return [...cluster.nodes.values()]
    .filter(({ isPrimary }) => isPrimary)
    .map((node) => map(['slots', cluster.slots.rangesOf(node).flat()], ['nodes', [node, ...node.replicas].map(entry)]))
}

/** A line of CLUSTER NODES. */
export function describeNode(cluster: Cluster, node: ClusterNode): string {
  const { me } = cluster
  const ranges = cluster.slots.rangesOf(node).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
  const open = node === me ? openSlots(cluster) : []
  return [
    node.id,
    `${node.host}:${node.port}@${node.busPort}`,
    flagsOf(cluster, node),
    node.primary?.id ?? '-',
    node.pingSentMs,
    node.pongReceivedMs,
    (node.primary ?? node).configEpoch,
    node === me || node.link !== null ? 'connected' : 'disconnected',
    ...ranges,
    ...open,
  ].join(' ')
}

function openSlots({ slots: { migrating, importing } }: Cluster): readonly string[] {
  const all = [
    ...[...migrating].map(([slot, { id }]) => ({ slot, shown: `[${slot}->-${id}]` })),
    ...[...importing].map(([slot, { id }]) => ({ slot, shown: `[${slot}-<-${id}]` })),
  ]
  return all.sort((a, b) => a.slot - b.slot).map(({ shown }) => shown)
}

function flagsOf({ me }: Cluster, node: ClusterNode): string {
  const flags: (readonly [boolean, string])[] = [
    [node === me, 'myself'],
    [node.isPrimary && !node.isInHandshake, 'master'],
    [!node.isPrimary, 'slave'],
    [node.isSuspected, 'fail?'],
    [node.hasFailed, 'fail'],
    [node.isInHandshake, 'handshake'],
    [node.hasNoFailover, 'nofailover'],
  ]
  return flags
    .filter(([isSet]) => isSet)
    .map(([, name]) => name)
    .join(',')
}

const KINDS: readonly BusMessageKind[] = [
  'ping',
  'pong',
  'meet',
  'fail',
  'publish',
  'auth-req',
  'auth-ack',
  'update',
  'mfstart',
  'publishshard',
]

export function describeInfo(cluster: Cluster): string {
  const { voters, me } = cluster
  const slots = (isCounted: (owner: ClusterNode) => boolean): number =>
    [...cluster.nodes.values()].filter(isCounted).reduce((sum, { slotCount }) => sum + slotCount, 0)
  const lines = [
    `cluster_state:${cluster.isOk ? 'ok' : 'fail'}`,
    `cluster_slots_assigned:${slots(() => true)}`,
    `cluster_slots_ok:${slots(({ isSuspected, hasFailed }) => !isSuspected && !hasFailed)}`,
    `cluster_slots_pfail:${slots(({ isSuspected }) => isSuspected)}`,
    `cluster_slots_fail:${slots(({ hasFailed }) => hasFailed)}`,
    `cluster_known_nodes:${cluster.nodes.size}`,
    `cluster_size:${voters.length}`,
    `cluster_current_epoch:${cluster.currentEpoch}`,
    `cluster_my_epoch:${(me.primary ?? me).configEpoch}`,
    ...counts('sent', cluster.links.sent),
    ...counts('received', cluster.links.received),
    'total_cluster_links_buffer_limit_exceeded:0',
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

function counts(way: 'sent' | 'received', byKind: ReadonlyMap<BusMessageKind, number>): readonly string[] {
  const lines = KINDS.filter((kind) => byKind.has(kind)).map(
    (kind) => `cluster_stats_messages_${kind}_${way}:${byKind.get(kind)}`,
  )
  const total = [...byKind.values()].reduce((sum, each) => sum + each, 0)
  return [...lines, `cluster_stats_messages_${way}:${total}`]
}

/** Connections that this node has opened; those that others did are not told apart here. */
export const describeLinks = (cluster: Cluster): Reply =>
  [...cluster.nodes.values()].flatMap(({ id, link }): Reply[] =>
    link === null
      ? []
      : [
          map(
            ['direction', 'to'],
            ['node', id],
            ['create-time', link.createdMs],
            ['events', 'r'],
            ['send-buffer-allocated', 0],
            ['send-buffer-used', 0],
          ),
        ],
  )
