/**
 * Commands of replication: who follows whom, the handshake of a replica, SYNC of what speaks no handshake, WAIT, FAILOVER.
 *
 * Source: replication.c of Redis 7.0; https://redis.io/docs/latest/commands/replicaof/, /role/, /wait/, /failover/
 */
import { isWord, parseInteger, timeoutMsArgument } from '../arguments.ts'
import { BLOCKED, type Command, type CommandContext, type CommandFlag, NO_REPLY, type Outcome } from '../command.ts'
import { PRIMARY, REPLICA } from '../connection-mode.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { type HandoverOrder, isAt } from '../replication/handover.ts'
import { OK, type Reply, status } from '../reply.ts'
import { NO_KEYS } from './key-positions.ts'

const BAD_PORT = errorOf('ERR Invalid master port')
const NO_PRIMARY_LINK = errorOf("NOMASTERLINK Can't SYNC while not connected with my master")
const NOT_IN_CLUSTER = errorOf('ERR REPLICAOF not allowed in cluster mode.')
const NOT_WHILE_FAILING_OVER = errorOf('ERR REPLICAOF not allowed while failing over.')
const FAILOVER_TO_PRIMARY = errorOf("ERR PSYNC FAILOVER can't be sent to a master.")
const FAILOVER_OF_ANOTHER = errorOf('ERR PSYNC FAILOVER replid must match my replid.')
const FAILOVER_IN_CLUSTER = errorOf('ERR FAILOVER not allowed in cluster mode.')
const NO_FAILOVER = errorOf('ERR No failover in progress.')
const BAD_FAILOVER_TIMEOUT = errorOf('ERR FAILOVER timeout must be greater than 0')
const FAILOVER_BEGUN = errorOf('ERR FAILOVER already in progress.')
const FAILOVER_ON_REPLICA = errorOf('ERR FAILOVER is not valid when server is a replica.')
const FAILOVER_ALONE = errorOf('ERR FAILOVER requires connected replicas.')
const FORCE_NEEDS_MORE = errorOf('ERR FAILOVER with force option requires both a timeout and target HOST and IP.')
const TARGET_UNKNOWN = errorOf('ERR FAILOVER target HOST and PORT is not a replica.')
const TARGET_NOT_ONLINE = errorOf('ERR FAILOVER target replica is not online.')
const SAME_PRIMARY = status('OK Already connected to specified master')
const NOT_ON_REPLICA = errorOf(
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
)
/** A fault has made it a replica whose primary cannot be reached. */
const REPLICA_BY_FAULT: Reply = ['slave', '127.0.0.1', 1, 'connect', -1]

const following: readonly CommandFlag[] = ['admin', 'noscript', 'stale', 'no_async_loading']
const syncing: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading', 'no_multi']

export const replicationCommands: readonly Command[] = [
  { name: 'role', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast'], ...NO_KEYS, execute: role },
  { name: 'wait', arity: 3, flags: ['noscript'], ...NO_KEYS, execute: wait },
  { name: 'replicaof', arity: 3, flags: following, ...NO_KEYS, execute: follow },
  { name: 'slaveof', arity: 3, flags: following, ...NO_KEYS, execute: follow },
  { name: 'failover', arity: -1, flags: ['admin', 'noscript', 'stale'], ...NO_KEYS, execute: failOver },
  { name: 'psync', arity: -3, flags: syncing, ...NO_KEYS, execute: psync },
  { name: 'sync', arity: 1, flags: syncing, ...NO_KEYS, execute: sync },
  {
    name: 'replconf',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
    ...NO_KEYS,
    execute: replconf,
  },
]

function role(_args: readonly string[], { server }: CommandContext): Reply {
  const { replication, fault } = server
  const link = replication?.link ?? null
  if (link !== null) {
    return ['slave', link.host, link.port, link.state, link.isUp ? (replication?.offset ?? -1) : -1]
  }
  if (fault.readOnly) return REPLICA_BY_FAULT
  const replicas = replication?.replicas.online ?? []
  return [
    'master',
    replication?.offset ?? 0,
    replicas.map(({ host, port, ackedOffset }) => [host, String(port), String(ackedOffset)]),
  ]
}

function wait(args: readonly string[], { connection, mustNotBlock, server }: CommandContext): Outcome {
  const { replication, fault } = server
  if (fault.readOnly || replication?.isReplica) return NOT_ON_REPLICA
  const count = parseInteger(args[1]!)
  if (count === null) return NOT_AN_INTEGER
  const timeoutMs = timeoutMsArgument(args[2]!)
  if (timeoutMs !== null && typeof timeoutMs !== 'number') return timeoutMs
  if (replication !== null) return replication.replicas.wait(connection, count, timeoutMs, mustNotBlock)
  // There are no replicas, so nothing is ever acknowledged: a client that wants more than none waits for the whole timeout.
  if (count <= 0 || mustNotBlock) return 0
  connection.block({ keys: [], timeoutMs, retry: () => BLOCKED, onTimeout: 0 })
  return BLOCKED
}

function follow(args: readonly string[], { server }: CommandContext): Reply {
  if (server.cluster !== null) return NOT_IN_CLUSTER
  if (server.replication?.isHandingOver) return NOT_WHILE_FAILING_OVER
  const [, host = '', portText = ''] = args
  if (isWord(host, 'no') && isWord(portText, 'one')) {
    server.replication?.becomePrimary()
    return OK
  }
  const port = parseInteger(portText)
  if (port === null || port < 0 || port > 65_535) return BAD_PORT
  const replication = server.replicate()
  const { link } = replication
  if (link !== null && link.host.toLowerCase() === host.toLowerCase() && link.port === port) return SAME_PRIMARY
  replication.becomeReplicaOf({ host, port })
  return OK
}

function failOver(args: readonly string[], { server }: CommandContext): Reply {
  if (server.cluster !== null) return FAILOVER_IN_CLUSTER
  const { replication } = server
  if (args.length === 2 && isWord(args[1]!, 'abort')) {
    if (!replication?.isHandingOver) return NO_FAILOVER
    replication.handover?.abort()
    return OK
  }
  const order = readOrder(args)
  if ('kind' in order) return order
  if (replication?.isHandingOver) return FAILOVER_BEGUN
  if (replication?.isReplica || server.fault.readOnly) return FAILOVER_ON_REPLICA
  if (replication === null || replication.replicas.count === 0) return FAILOVER_ALONE
  const { target, timeoutMs, isForced } = order
  if (isForced && (timeoutMs === 0 || target === null)) return FORCE_NEEDS_MORE
  if (target !== null) {
    const replica = replication.replicas.all.find((each) => isAt(each, target))
    if (replica === undefined) return TARGET_UNKNOWN
    if (replica.state !== 'online') return TARGET_NOT_ONLINE
  }
  replication.handOver(order)
  return OK
}

/** The options of FAILOVER, in any order. */
function readOrder(args: readonly string[]): HandoverOrder | ErrorReply {
  let timeoutMs = 0
  let target: HandoverOrder['target'] = null
  let isForced = false
  for (let index = 1; index < args.length; index += 1) {
    const option = args[index]!
    if (isWord(option, 'timeout') && index + 1 < args.length && timeoutMs === 0) {
      const ms = parseInteger(args[index + 1]!)
      if (ms === null) return NOT_AN_INTEGER
      if (ms <= 0) return BAD_FAILOVER_TIMEOUT
      timeoutMs = ms
      index += 1
    } else if (isWord(option, 'to') && index + 2 < args.length && target === null) {
      const port = parseInteger(args[index + 2]!)
      if (port === null) return NOT_AN_INTEGER
      target = { host: args[index + 1]!, port }
      index += 2
    } else if (isWord(option, 'force') && !isForced) isForced = true
    else return SYNTAX_ERROR
  }
  return { target, timeoutMs, isForced }
}

function psync(args: readonly string[], { connection, server }: CommandContext): Outcome {
  if ((connection.mode & REPLICA) !== 0) return NO_REPLY
  const replication = server.replicate()
  if (isWord(args[3] ?? '', 'failover')) {
    // A former primary hands its role over to this server.
    if (replication.link === null) return FAILOVER_TO_PRIMARY
    if (args[1]!.toLowerCase() !== replication.id) return FAILOVER_OF_ANOTHER
    replication.becomePrimary()
    server.saveConfiguration()
  }
  if (replication.link !== null && !replication.link.isUp) return NO_PRIMARY_LINK
  const offset = parseInteger(args[2]!)
  if (offset === null) return NOT_AN_INTEGER
  replication.replicas.attach(connection, args[1]!.toLowerCase(), offset)
  return NO_REPLY
}

/** From what is older than PSYNC, or wants to see the stream: a snapshot without a word before it, then the stream. */
function sync(_args: readonly string[], { connection, server }: CommandContext): Outcome {
  if ((connection.mode & REPLICA) !== 0) return NO_REPLY
  const replication = server.replicate()
  if (replication.link !== null && !replication.link.isUp) return NO_PRIMARY_LINK
  replication.replicas.attachOld(connection)
  return NO_REPLY
}

/** From a replica, what it says of itself and how far it is; from a primary, the question how far this server is. */
function replconf(args: readonly string[], { connection, server }: CommandContext): Outcome {
  if (args.length % 2 === 0) return SYNTAX_ERROR
  for (let index = 1; index < args.length; index += 2) {
    const option = args[index]!
    const value = args[index + 1]!
    if (isWord(option, 'ack')) {
      const offset = parseInteger(value)
      if (offset !== null) server.replication?.replicas.acknowledge(connection, offset)
      return NO_REPLY
    }
    if (isWord(option, 'getack')) {
      if ((connection.mode & PRIMARY) !== 0) server.replication?.link?.acknowledge()
      return NO_REPLY
    }
    const introduction = server.replicate().replicas.introductionOf(connection)
    if (isWord(option, 'listening-port')) {
      const port = parseInteger(value)
      if (port === null) return NOT_AN_INTEGER
      introduction.port = port
    } else if (isWord(option, 'ip-address')) introduction.host = value
    else if (isWord(option, 'capa')) introduction.takesEndMark ||= isWord(value, 'eof')
    else if (!isWord(option, 'rdb-only') && !isWord(option, 'rdb-filter-only')) {
      return errorOf(`ERR Unrecognized REPLCONF option: ${cText(option)}`)
    }
  }
  return OK
}
