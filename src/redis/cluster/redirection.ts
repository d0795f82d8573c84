/**
 * Which commands a node of a cluster does not run, because their keys are another node's, or no node's.
 *
 * Source: cluster.c (`getNodeByQuery`, `clusterRedirectClient`, `clusterRedirectBlockedClientIfNeeded`), script.c
 * (`scriptVerifyClusterState`) of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 */
import { hasKeys, keysOfCall } from '../acl/key-access.ts'
import { type CommandRow, READONLY, WRITE } from '../commands/command-row.ts'
import type { RedisConnection } from '../connection.ts'
import { ASKING, READS_REPLICA } from '../connection-mode.ts'
import { type ErrorReply, errorOf } from '../errors.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './cluster-node.ts'
import { keySlot } from './slots.ts'

/** EXEC answers these as they are. */
const REDIRECTIONS = new WeakSet<ErrorReply>()
const redirectionOf = (text: string): ErrorReply => {
  const reply = errorOf(text)
  REDIRECTIONS.add(reply)
  return reply
}
export const isRedirection = (reply: ErrorReply): boolean => REDIRECTIONS.has(reply)

const CROSS_SLOT = redirectionOf("CROSSSLOT Keys in request don't hash to the same slot")
const TRY_AGAIN = redirectionOf('TRYAGAIN Multiple keys request during rehashing of slot')
const DOWN = redirectionOf('CLUSTERDOWN The cluster is down')
const DOWN_FOR_WRITES = redirectionOf('CLUSTERDOWN The cluster is down and only accepts read commands')
const NOT_SERVED = redirectionOf('CLUSTERDOWN Hash slot not served')
const toNode = (how: 'MOVED' | 'ASK', slot: number, { host, port }: ClusterNode): ErrorReply =>
  redirectionOf(`${how} ${slot} ${host}:${port}`)

const NOT_LOCAL = errorOf('ERR Script attempted to access a non local key in a cluster node')
const SCRIPT_WHEN_DOWN = errorOf('ERR Script attempted to execute a command while the cluster is down')
const SCRIPT_WRITE_WHEN_DOWN = errorOf(
  'ERR Script attempted to execute a write command while the cluster is down and readonly',
)
const OTHER_SLOT = errorOf('ERR Script attempted to access keys that do not hash to the same slot')

/** Their channels are hashed like keys. */
export const SHARD_PUB_SUB: ReadonlySet<string> = new Set(['spublish', 'ssubscribe', 'sunsubscribe'])

/** One command: what it touches, and what it is. */
interface Query {
  readonly name: string
  readonly keys: readonly string[]
}

interface Asked {
  readonly queries: readonly Query[]
  readonly writes: boolean
  /** It may be run on a slot that is being imported. */
  readonly isAsking: boolean
  readonly readsReplica: boolean
}

/** Why this command is not run here; null: it is. `bits` are the flags it counts as. */
export function redirection(
  cluster: Cluster,
  found: CommandRow,
  args: readonly string[],
  bits: number,
  connection: RedisConnection,
): ErrorReply | null {
  const isExec = found.name === 'exec'
  if (!isExec && !hasKeys(found.name) && !SHARD_PUB_SUB.has(found.name)) return null
  const queries = isExec
    ? connection.transaction.queue.map(({ row, args: queued }) => queryOf(row, queued))
    : [queryOf(found, args)]
  const asked = {
    ...{ queries, writes: (bits & WRITE) !== 0, isAsking: (connection.mode & ASKING) !== 0 },
    readsReplica: (connection.mode & READS_REPLICA) !== 0,
  }
  const answer = decide(cluster, asked)
  return answer.kind === 'error' ? answer : null
}

/** Why a script may not call this command here; null: it may. `slot`: that of its first keys, null: none yet. */
export function scriptRedirection(
  cluster: Cluster,
  row: CommandRow,
  args: readonly string[],
  connection: RedisConnection,
  script: { slot: number | null; readonly mayCrossSlots: boolean },
): ErrorReply | null {
  if (!hasKeys(row.name) && !SHARD_PUB_SUB.has(row.name)) return null
  const answer = decide(cluster, {
    queries: [queryOf(row, args)],
    writes: (row.bits & WRITE) !== 0,
    isAsking: (connection.mode & ASKING) !== 0,
    readsReplica: (connection.mode & READS_REPLICA) !== 0,
  })
  if (answer === DOWN) return SCRIPT_WHEN_DOWN
  if (answer === DOWN_FOR_WRITES) return SCRIPT_WRITE_WHEN_DOWN
  if (answer.kind === 'error') return NOT_LOCAL
  if (answer.slot === null || script.mayCrossSlots) return null
  script.slot ??= answer.slot
  return script.slot === answer.slot ? null : OTHER_SLOT
}

/** The slot of the keys that a script was given; null: none. */
export function slotOfCall(row: CommandRow, args: readonly string[]): number | null {
  const [key] = queryOf(row, args).keys
  return key === undefined ? null : keySlot(key)
}

function queryOf({ name, command }: CommandRow, args: readonly string[]): Query {
  if (SHARD_PUB_SUB.has(name)) return { name, keys: name === 'spublish' ? [args[1]!] : args.slice(1) }
  if (command.firstKey === 1 && command.lastKey === 1 && command.keysOf === undefined) return { name, keys: [args[1]!] }
  return { name, keys: (keysOfCall(name, args) ?? []).map(({ at }) => args[at]!) }
}

interface Here {
  readonly kind: 'here'
  /** Null: it has no keys. */
  readonly slot: number | null
}

function decide(cluster: Cluster, { queries, writes, isAsking, readsReplica }: Asked): Here | ErrorReply {
  const { me } = cluster
  const first = queries.find(({ keys }) => keys.length > 0)
  if (first === undefined) return { kind: 'here', slot: null }
  const firstKey = first.keys[0]!
  const slot = keySlot(firstKey)
  const owner = cluster.slots.owners.of(slot)
  if (owner === null) return NOT_SERVED
  const target = owner === me ? cluster.slots.migrating.get(slot) : undefined
  const isImporting = target === undefined && cluster.slots.importing.has(slot)
  const isOpen = target !== undefined || isImporting
  let missing = 0
  let existing = 0
  let isMultiple = false
  for (const { name, keys } of queries) {
    for (const key of keys) {
      if (key !== firstKey) {
        if (keySlot(key) !== slot) return CROSS_SLOT
        isMultiple = true
      }
      if (!isOpen || SHARD_PUB_SUB.has(name)) continue
      if (isThere(cluster.server, key)) existing += 1
      else missing += 1
    }
  }
  const isShardPubSub = queries.some(({ name }) => SHARD_PUB_SUB.has(name))
  const down = cluster.isOk ? null : whenDown(cluster.server, isShardPubSub, writes)
  if (down !== null) return down
  if (isOpen && queries.every(({ name }) => name === 'migrate')) return { kind: 'here', slot }
  if (target !== undefined && missing > 0) return existing > 0 ? TRY_AGAIN : toNode('ASK', slot, target)
  if (isImporting && (isAsking || queries.some(({ name }) => name === 'restore-asking'))) {
    return isMultiple && missing > 0 ? TRY_AGAIN : { kind: 'here', slot }
  }
  if ((readsReplica || isShardPubSub) && !me.isPrimary && !writes && me.primary === owner) return { kind: 'here', slot }
  return owner === me ? { kind: 'here', slot } : toNode('MOVED', slot, owner)
}

function whenDown({ config }: MemoryRedis, isShardPubSub: boolean, writes: boolean): ErrorReply | null {
  if (isShardPubSub) return config.get('cluster-allow-pubsubshard-when-down') === 'yes' ? null : DOWN
  if (config.get('cluster-allow-reads-when-down') === 'no') return DOWN
  return writes ? DOWN_FOR_WRITES : null
}

function isThere(server: MemoryRedis, key: string): boolean {
  const entry = server.database(0).peek(key)
  return entry !== undefined && (entry.expireAtMs === null || server.nowMs <= Number(entry.expireAtMs))
}

/** What a client that waits for this key is told now, if it waits at the wrong node. */
export function redirectionOfBlocked(cluster: Cluster, key: string, connection: RedisConnection): ErrorReply | null {
  if (!cluster.isOk) return DOWN
  const slot = keySlot(key)
  const owner = cluster.slots.owners.of(slot)
  if (owner === cluster.me || cluster.slots.importing.has(slot)) return null
  const reads = (connection.mode & READS_REPLICA) !== 0 && (connection.blockedBits & READONLY) !== 0
  if (reads && !cluster.me.isPrimary && cluster.me.primary === owner) return null
  return owner === null ? NOT_SERVED : toNode('MOVED', slot, owner)
}
