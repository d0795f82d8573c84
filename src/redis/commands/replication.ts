/**
 * Commands of replication: who follows whom, the handshake of a replica, WAIT.
 *
 * Does not model  FAILOVER; SYNC of replicas older than Redis 2.8.
 *
 * Source: replication.c of Redis 7.0; https://redis.io/docs/latest/commands/replicaof/, /role/, /wait/
 */
import { isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import { BLOCKED, type Command, type CommandContext, type CommandFlag, NO_REPLY, type Outcome } from '../command.ts'
import { PRIMARY, REPLICA } from '../connection-mode.ts'
import { cText, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { OK, type Reply, status } from '../reply.ts'
import { NO_KEYS } from './key-positions.ts'

const BAD_TIMEOUT = errorOf('ERR timeout is not an integer or out of range')
const NEGATIVE_TIMEOUT = errorOf('ERR timeout is negative')
const BAD_PORT = errorOf('ERR Invalid master port')
const NO_PRIMARY_LINK = errorOf("NOMASTERLINK Can't SYNC while not connected with my master")
const NOT_IN_CLUSTER = errorOf('ERR REPLICAOF not allowed in cluster mode.')
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
  { name: 'psync', arity: -3, flags: syncing, ...NO_KEYS, execute: psync },
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
  const timeoutMs = parseInteger64(args[2]!)
  if (timeoutMs === null) return BAD_TIMEOUT
  if (timeoutMs < 0n) return NEGATIVE_TIMEOUT
  const untilMs = timeoutMs === 0n ? null : Number(timeoutMs)
  if (replication !== null) return replication.replicas.wait(connection, count, untilMs, mustNotBlock)
  // There are no replicas, so nothing is ever acknowledged: a client that wants more than none waits for the whole timeout.
  if (count <= 0 || mustNotBlock) return 0
  connection.block({ keys: [], timeoutMs: untilMs, retry: () => BLOCKED, onTimeout: 0 })
  return BLOCKED
}

function follow(args: readonly string[], { server }: CommandContext): Reply {
  if (server.cluster !== null) return NOT_IN_CLUSTER
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

function psync(args: readonly string[], { connection, server }: CommandContext): Outcome {
  if ((connection.mode & REPLICA) !== 0) return NO_REPLY
  const replication = server.replicate()
  if (replication.link !== null && !replication.link.isUp) return NO_PRIMARY_LINK
  const offset = parseInteger(args[2]!)
  if (offset === null) return NOT_AN_INTEGER
  replication.replicas.attach(connection, args[1]!.toLowerCase(), offset)
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
