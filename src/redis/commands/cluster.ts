/**
 * CLUSTER and what clients of a cluster say: READONLY, READWRITE, ASKING. The node itself is in `cluster/`.
 *
 * Source: cluster.c (`clusterCommand`, `readonlyCommand`, `askingCommand`) of Redis 7.0; https://redis.io/docs/latest/commands/?group=cluster
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { ClusterNode } from '../cluster/cluster-node.ts'
import { describeInfo, describeLinks, describeNode, describeShards, describeSlots } from '../cluster/descriptions.ts'
import { keySlot, SLOT_COUNT, slotsIn } from '../cluster/slots.ts'
import type { Command, CommandContext, CommandFlag } from '../command.ts'
import { ASKING, READS_REPLICA } from '../connection-mode.ts'
import { CLUSTER_DISABLED, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, wrongArity } from '../errors.ts'
import { OK, type Reply, status } from '../reply.ts'
import { helpReply, unknownSubcommandOf } from './help.ts'
import { NO_KEYS } from './key-positions.ts'

type Args = readonly string[]
type Body = (args: Args, cluster: Cluster, context: CommandContext) => Reply

const BAD_SLOT = errorOf('ERR Invalid or out of range slot')
const NO_SUCH_SLOT = errorOf('ERR Invalid slot')
const BAD_COUNT = errorOf('ERR Invalid slot or number of keys')
const BAD_SETSLOT = errorOf('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP')
const BUS_PORT_OFFSET = 10_000
const PORT_MAX = 65_535

const text = (lines: string): Reply => ({ kind: 'verbatim', format: 'txt', text: lines })
const unknownNode = (id: string): Reply => errorOf(`ERR Unknown node ${id}`)

const administrative: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading']
const asking: readonly CommandFlag[] = ['stale']
const clientFlags: readonly CommandFlag[] = ['loading', 'stale', 'fast']

/** Of a server that is no part of a cluster each answers that. */
const sub = (name: string, arity: number, flags: readonly CommandFlag[], body: Body): Command => ({
  ...{ name: `cluster|${name}`, arity, flags, ...NO_KEYS },
  execute: (args, context) => {
    const { cluster } = context.server
    return cluster === null ? CLUSTER_DISABLED : body(args, cluster, context)
  },
})

/** What a client says about its own connection. */
const mode = (name: string, flags: readonly CommandFlag[], set: (before: number) => number): Command => ({
  ...{ name, arity: 1, flags, ...NO_KEYS },
  execute: (_args, { server, connection }) => {
    if (server.cluster === null) return CLUSTER_DISABLED
    connection.mode = set(connection.mode)
    return OK
  },
})

export const clusterCommands: readonly Command[] = [
  mode('readonly', clientFlags, (before) => before | READS_REPLICA),
  mode('readwrite', clientFlags, (before) => before & ~READS_REPLICA),
  mode('asking', ['fast'], (before) => before | ASKING),
  {
    name: 'cluster',
    arity: -2,
    flags: [],
    ...NO_KEYS,
    execute: () => null,
    subcommands: [
      sub('info', 2, asking, (_args, cluster) => text(describeInfo(cluster))),
      sub('nodes', 2, asking, (_args, cluster) => text(allNodes(cluster))),
      sub('slots', 2, asking, (_args, cluster) => describeSlots(cluster)),
      sub('shards', 2, asking, (_args, cluster) => describeShards(cluster)),
      sub('myid', 2, asking, (_args, { me }) => me.id),
      sub('links', 2, asking, (_args, cluster) => describeLinks(cluster)),
      sub('keyslot', 3, asking, (args) => keySlot(args[2]!)),
      sub('countkeysinslot', 3, asking, countKeys),
      sub('getkeysinslot', 4, asking, getKeys),
      sub('replicas', 3, ['admin', 'stale'], replicas),
      sub('slaves', 3, ['admin', 'stale'], replicas),
      sub('count-failure-reports', 3, ['admin', 'stale'], countReports),
      sub('flushslots', 2, administrative, flushSlots),
      sub('bumpepoch', 2, administrative, bumpEpoch),
      sub('saveconfig', 2, administrative, () => OK),
      sub('forget', 3, administrative, forget),
      sub('replicate', 3, administrative, replicate),
      sub('set-config-epoch', 3, administrative, setEpoch),
      sub('addslots', -3, administrative, (args, cluster) => assign(args, cluster, false, true)),
      sub('delslots', -3, administrative, (args, cluster) => assign(args, cluster, false, false)),
      sub('addslotsrange', -4, administrative, (args, cluster) => assign(args, cluster, true, true)),
      sub('delslotsrange', -4, administrative, (args, cluster) => assign(args, cluster, true, false)),
      sub('meet', -4, administrative, meet),
      sub('setslot', -4, administrative, setSlot),
      sub('failover', -2, administrative, failover),
      sub('reset', -2, ['admin', 'noscript', 'stale'], reset),
      sub('help', 2, ['loading', 'stale'], () => helpReply('CLUSTER', HELP)),
    ],
  },
]

const allNodes = (cluster: Cluster): string =>
  [...cluster.nodes.values()].map((node) => `${describeNode(cluster, node)}\n`).join('')

const slotOf = (word: string): number | null => {
  const slot = parseInteger(word)
  return slot === null || slot < 0 || slot >= SLOT_COUNT ? null : slot
}

function countKeys(args: Args, cluster: Cluster): Reply {
  const slot = parseInteger(args[2]!)
  if (slot === null) return NOT_AN_INTEGER
  return slotOf(args[2]!) === null ? NO_SUCH_SLOT : cluster.slots.keysIn(slot).length
}

function getKeys(args: Args, cluster: Cluster): Reply {
  const slot = parseInteger(args[2]!)
  const count = parseInteger(args[3]!)
  if (slot === null || count === null) return NOT_AN_INTEGER
  return slotOf(args[2]!) === null || count < 0 ? BAD_COUNT : cluster.slots.keysIn(slot).slice(0, count)
}

function replicas(args: Args, cluster: Cluster): Reply {
  const node = cluster.nodes.get(args[2]!)
  if (node === undefined) return unknownNode(args[2]!)
  if (!node.isPrimary) return errorOf('ERR The specified node is not a master')
  return node.replicas.map((replica) => describeNode(cluster, replica))
}

function countReports(args: Args, cluster: Cluster): Reply {
  const node = cluster.nodes.get(args[2]!)
  return node === undefined ? unknownNode(args[2]!) : cluster.hearing.reportsOf(node)
}

/** ADDSLOTS, DELSLOTS and their forms with ranges: all of them or none. */
function assign(args: Args, cluster: Cluster, byRange: boolean, isAdding: boolean): Reply {
  if (byRange && args.length % 2 === 1) return wrongArity(`cluster|${args[1]!.toLowerCase()}`)
  const named: number[] = []
  for (let index = 2; index < args.length; index += byRange ? 2 : 1) {
    const first = slotOf(args[index]!)
    const last = byRange ? slotOf(args[index + 1]!) : first
    if (first === null || last === null) return BAD_SLOT
    if (first > last) return errorOf(`ERR start slot number ${first} is greater than end slot number ${last}`)
    named.push(...slotsIn([[first, last]]))
  }
  const seen = new Set<number>()
  for (const slot of named) {
    const isBusy = cluster.slots.owners.of(slot) !== null
    if (isAdding && isBusy) return errorOf(`ERR Slot ${slot} is already busy`)
    if (!isAdding && !isBusy) return errorOf(`ERR Slot ${slot} is already unassigned`)
    if (seen.has(slot)) return errorOf(`ERR Slot ${slot} specified multiple times`)
    seen.add(slot)
  }
  for (const slot of named) {
    if (isAdding) cluster.slots.importing.delete(slot)
    cluster.slots.give(slot, isAdding ? cluster.me : null)
  }
  cluster.updateState()
  return OK
}

function flushSlots(_args: Args, cluster: Cluster, { keys }: CommandContext): Reply {
  if (keys.size > 0) return errorOf('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.')
  for (const slot of slotsIn()) if (cluster.slots.owners.of(slot) === cluster.me) cluster.slots.give(slot, null)
  cluster.updateState()
  return OK
}

function bumpEpoch(_args: Args, cluster: Cluster): Reply {
  const bumped = cluster.bumpEpoch()
  return status(bumped === null ? `STILL ${cluster.me.configEpoch}` : `BUMPED ${bumped}`)
}

function forget(args: Args, cluster: Cluster): Reply {
  const node = cluster.nodes.get(args[2]!)
  if (node === undefined) return unknownNode(args[2]!)
  if (node === cluster.me) return errorOf("ERR I tried hard but I can't forget myself...")
  if (node === cluster.me.primary) return errorOf("ERR Can't forget my master!")
  cluster.forgetForLong(node)
  cluster.updateState()
  return OK
}

function replicate(args: Args, cluster: Cluster, { keys }: CommandContext): Reply {
  const node = cluster.nodes.get(args[2]!)
  const { me } = cluster
  if (node === undefined) return unknownNode(args[2]!)
  if (node === me) return errorOf("ERR Can't replicate myself")
  if (!node.isPrimary) return errorOf('ERR I can only replicate a master, not a replica.')
  if (me.isPrimary && (me.slotCount > 0 || keys.size > 0)) {
    return errorOf('ERR To set a master the node must be empty and without assigned slots.')
  }
  cluster.follow(node)
  cluster.updateState()
  return OK
}

function setEpoch(args: Args, cluster: Cluster): Reply {
  const epoch = parseInteger(args[2]!)
  if (epoch === null) return NOT_AN_INTEGER
  if (epoch < 0) return errorOf(`ERR Invalid config epoch specified: ${epoch}`)
  if (cluster.nodes.size > 1) {
    return errorOf('ERR The user can assign a config epoch only when the node does not know any other node.')
  }
  if (cluster.me.configEpoch !== 0) return errorOf('ERR Node config epoch is already non-zero')
  cluster.me.configEpoch = epoch
  cluster.currentEpoch = Math.max(cluster.currentEpoch, epoch)
  return OK
}

function meet(args: Args, cluster: Cluster): Reply {
  if (args.length > 5) return unknownSubcommandOf(args)
  const [, , host = '', portText = '', busText] = args
  const port = parseInteger(portText)
  if (port === null) return errorOf(`ERR Invalid TCP base port specified: ${portText}`)
  const busPort = busText === undefined ? port + BUS_PORT_OFFSET : parseInteger(busText)
  if (busPort === null) return errorOf(`ERR Invalid TCP bus port specified: ${busText}`)
  const isAddress = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(host) || host.includes(':')
  const isPort = (each: number): boolean => each > 0 && each <= PORT_MAX
  if (!isAddress || !isPort(port) || !isPort(busPort)) {
    return errorOf(`ERR Invalid node address specified: ${host}:${portText}`)
  }
  cluster.meet(host, port, busPort, true)
  return OK
}

function setSlot(args: Args, cluster: Cluster): Reply {
  if (!cluster.me.isPrimary) return errorOf('ERR Please use SETSLOT only with masters.')
  const slot = slotOf(args[2]!)
  if (slot === null) return BAD_SLOT
  const action = args[3]!
  if (isWord(action, 'stable') && args.length === 4) {
    cluster.slots.importing.delete(slot)
    cluster.slots.migrating.delete(slot)
    return OK
  }
  if (args.length !== 5) return BAD_SETSLOT
  const node = cluster.nodes.get(args[4]!)
  if (isWord(action, 'migrating')) return beginMigrating(cluster, slot, node, args[4]!)
  if (isWord(action, 'importing')) return beginImporting(cluster, slot, node, args[4]!)
  return isWord(action, 'node') ? endMigration(cluster, slot, node, args[4]!) : BAD_SETSLOT
}

const NOT_A_PRIMARY = errorOf('ERR Target node is not a master')
const dontKnow = (id: string): Reply => errorOf(`ERR I don't know about node ${id}`)

function beginMigrating(cluster: Cluster, slot: number, node: ClusterNode | undefined, id: string): Reply {
  if (cluster.slots.owners.of(slot) !== cluster.me) return errorOf(`ERR I'm not the owner of hash slot ${slot}`)
  if (node === undefined) return dontKnow(id)
  if (!node.isPrimary) return NOT_A_PRIMARY
  cluster.slots.migrating.set(slot, node)
  return OK
}

function beginImporting(cluster: Cluster, slot: number, node: ClusterNode | undefined, id: string): Reply {
  if (cluster.slots.owners.of(slot) === cluster.me) return errorOf(`ERR I'm already the owner of hash slot ${slot}`)
  if (node === undefined) return dontKnow(id)
  if (!node.isPrimary) return NOT_A_PRIMARY
  cluster.slots.importing.set(slot, node)
  return OK
}

function endMigration(cluster: Cluster, slot: number, node: ClusterNode | undefined, id: string): Reply {
  if (node === undefined) return unknownNode(id)
  if (!node.isPrimary) return NOT_A_PRIMARY
  const isMine = cluster.slots.owners.of(slot) === cluster.me
  if (isMine && node !== cluster.me && cluster.slots.keysIn(slot).length > 0) {
    return errorOf(`ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`)
  }
  if (node !== cluster.me) cluster.slots.migrating.delete(slot)
  if (node === cluster.me && cluster.slots.importing.delete(slot)) {
    // A new epoch makes the others believe it at once.
    cluster.bumpEpoch()
  }
  cluster.slots.give(slot, node)
  cluster.updateState()
  cluster.links.announce()
  return OK
}

function failover(args: Args, cluster: Cluster): Reply {
  const [, , how] = args
  if (args.length > 3) return unknownSubcommandOf(args)
  const isTakeover = how !== undefined && isWord(how, 'takeover')
  const isForced = isTakeover || (how !== undefined && isWord(how, 'force'))
  if (how !== undefined && !isForced) return SYNTAX_ERROR
  const { primary, isPrimary } = cluster.me
  if (isPrimary) return errorOf('ERR You should send CLUSTER FAILOVER to a replica')
  if (primary === null) return errorOf("ERR I'm a replica but my master is unknown to me")
  if ((primary.hasFailed || primary.link === null) && !isForced) {
    return errorOf('ERR Master is down or failed, please use CLUSTER FAILOVER FORCE')
  }
  if (isTakeover) cluster.takeOver()
  else cluster.failover.begin(isForced)
  return OK
}

function reset(args: Args, cluster: Cluster, { keys, server }: CommandContext): Reply {
  const [, , how] = args
  if (args.length > 3) return unknownSubcommandOf(args)
  const isHard = how !== undefined && isWord(how, 'hard')
  if (how !== undefined && !isHard && !isWord(how, 'soft')) return SYNTAX_ERROR
  if (cluster.me.isPrimary && keys.size > 0) {
    return errorOf("ERR CLUSTER RESET can't be called with master nodes containing keys")
  }
  if (!cluster.me.isPrimary) server.flush(server.databases)
  cluster.reset(isHard)
  return OK
}

const HELP = [
  'ADDSLOTS <slot> [<slot> ...]',
  '    Assign slots to current node.',
  'ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]',
  '    Assign slots which are between <start-slot> and <end-slot> to current node.',
  'BUMPEPOCH',
  '    Advance the cluster config epoch.',
  'COUNT-FAILURE-REPORTS <node-id>',
  '    Return number of failure reports for <node-id>.',
  'COUNTKEYSINSLOT <slot>',
  '    Return the number of keys in <slot>.',
  'DELSLOTS <slot> [<slot> ...]',
  '    Delete slots information from current node.',
  'DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]',
  '    Delete slots information which are between <start-slot> and <end-slot> from current node.',
  'FAILOVER [FORCE|TAKEOVER]',
  '    Promote current replica node to being a master.',
  'FORGET <node-id>',
  '    Remove a node from the cluster.',
  'GETKEYSINSLOT <slot> <count>',
  '    Return key names stored by current node in a slot.',
  'FLUSHSLOTS',
  '    Delete current node own slots information.',
  'INFO',
  '    Return information about the cluster.',
  'KEYSLOT <key>',
  '    Return the hash slot for <key>.',
  'MEET <ip> <port> [<bus-port>]',
  '    Connect nodes into a working cluster.',
  'MYID',
  '    Return the node id.',
  'NODES',
  '    Return cluster configuration seen by node. Output format:',
  '    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...',
  'REPLICATE <node-id>',
  '    Configure current node as replica to <node-id>.',
  'RESET [HARD|SOFT]',
  '    Reset current node (default: soft).',
  'SET-CONFIG-EPOCH <epoch>',
  '    Set config epoch of current node.',
  'SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)',
  '    Set slot state.',
  'REPLICAS <node-id>',
  '    Return <node-id> replicas.',
  'SAVECONFIG',
  '    Force saving cluster configuration on disk.',
  'SLOTS',
  '    Return information about slots range mappings. Each range is made of:',
  '    start, end, master and replicas IP addresses, ports and ids',
  'SHARDS',
  '    Return information about slot range mappings and the nodes associated with them.',
  'LINKS',
  '    Return information about all network links between this node and its peers.',
  '    Output format is an array where each array element is a map containing attributes of a link',
]
