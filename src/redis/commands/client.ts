/**
 * CLIENT: names, lists, killing, unblocking, pausing, silencing connections.
 *
 * Models          what CLIENT LIST shows of a connection's state.
 * Does not model  buffer sizes and memory (typical constants are shown).
 *
 * Source: https://redis.io/docs/latest/commands/?group=connection
 */
import type { User } from '../acl/user.ts'
import { isWord, parseInteger, rangeArgument, timeoutMsArgument } from '../arguments.ts'
import { type ClientType, clientLine, clientType } from '../client-line.ts'
import { type Command, type CommandContext, type CommandFlag, NO_REPLY, type Outcome } from '../command.ts'
import type { RedisConnection } from '../connection.ts'
import { CLOSE_AFTER_REPLY, REPLY_OFF, REPLY_SKIP, REPLY_SKIP_NEXT } from '../connection-mode.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { OK, type Reply } from '../reply.ts'
import { caching, redirection, tracking, trackingInfo } from './client-tracking.ts'
import { BAD_NAME, isClientName } from './connection.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS } from './key-positions.ts'

const NO_SUCH_CLIENT = errorOf('ERR No such client')
const BAD_CLIENT_ID = errorOf('ERR Invalid client ID')
const BAD_UNBLOCK_REASON = errorOf('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
const UNBLOCKED = errorOf('UNBLOCKED client unblocked via CLIENT UNBLOCK')
const BAD_PAUSE_MODE = errorOf('ERR CLIENT PAUSE mode must be WRITE or ALL')
const INT64_MAX_AS_NUMBER = 2 ** 63

const user: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
const admin: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const HELP = [
  'CACHING (YES|NO)',
  '    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.',
  'GETREDIR',
  '    Return the client ID we are redirecting to when tracking is enabled.',
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'KILL <ip:port>',
  '    Kill connection made from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Kill connections. Options are:',
  '    * ADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made from the specified address',
  '    * LADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made to specified local address',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Kill connections by type.',
  '    * USER <username>',
  '      Kill connections authenticated by <username>.',
  '    * SKIPME (YES|NO)',
  '      Skip killing current connection (default: yes).',
  'LIST [options ...]',
  '    Return information about client connections. Options:',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Return clients of specified type.',
  'UNPAUSE',
  '    Stop the current client pause, resuming traffic.',
  'PAUSE <timeout> [WRITE|ALL]',
  '    Suspend all, or just write, clients for <timeout> milliseconds.',
  'REPLY (ON|OFF|SKIP)',
  '    Control the replies sent to the current connection.',
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'UNBLOCK <clientid> [TIMEOUT|ERROR]',
  '    Unblock the specified blocked client.',
  'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
  '         [OPTIN] [OPTOUT] [NOLOOP]',
  '    Control server assisted client side caching.',
  'TRACKINGINFO',
  '    Report tracking status for the current connection.',
  'NO-EVICT (ON|OFF)',
  '    Protect current client connection from eviction.',
]

const sub = (
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  execute: (args: readonly string[], context: CommandContext) => Outcome,
): Command => ({ name: `client|${name}`, arity, flags, ...NO_KEYS, execute })

export const client: Command = {
  name: 'client',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    sub('id', 2, user, (_args, { connection }) => connection.id),
    sub('info', 2, user, (_args, { connection, nowMs }) => text(`${clientLine(connection, nowMs)}\n`)),
    sub('list', -2, admin, list),
    sub('setname', 3, user, setName),
    sub('getname', 2, user, (_args, { connection }) => (connection.name === '' ? null : connection.name)),
    sub('reply', 3, user, reply),
    sub('kill', -3, admin, kill),
    sub('unblock', -3, admin, unblock),
    sub('pause', -3, admin, pause),
    sub('unpause', 2, admin, unpause),
    sub('no-evict', 3, admin, noEvict),
    sub('tracking', -3, user, tracking),
    sub('caching', 3, user, caching),
    sub('getredir', 2, user, redirection),
    sub('trackinginfo', 2, user, trackingInfo),
    helpCommand('client', HELP),
  ],
}

const text = (lines: string): Reply => ({ kind: 'verbatim', format: 'txt', text: lines })

function list(args: readonly string[], { server, nowMs }: CommandContext): Reply {
  let chosen: readonly RedisConnection[] = [...server.connections]
  if (args.length === 4 && isWord(args[2]!, 'type')) {
    const type = parseType(args[3]!)
    if (typeof type !== 'string') return type
    chosen = chosen.filter((connection) => clientType(connection) === type)
  } else if (args.length > 3 && isWord(args[2]!, 'id')) {
    const ids = args.slice(3).map(parseInteger)
    if (ids.includes(null)) return BAD_CLIENT_ID
    const all = chosen
    chosen = ids.flatMap((id) => all.filter((connection) => connection.id === id))
  } else if (args.length !== 2) {
    return SYNTAX_ERROR
  }
  return text(chosen.map((connection) => `${clientLine(connection, nowMs)}\n`).join(''))
}

function parseType(name: string): ClientType | ErrorReply {
  const type = name.toLowerCase()
  if (type === 'slave') return 'replica'
  if (type === 'normal' || type === 'replica' || type === 'pubsub' || type === 'master') return type
  return errorOf(`ERR Unknown client type '${cText(name)}'`)
}

function setName(args: readonly string[], { connection }: CommandContext): Reply {
  if (!isClientName(args[2]!)) return BAD_NAME
  connection.name = args[2]!
  return OK
}

function reply(args: readonly string[], { connection }: CommandContext): Outcome {
  const choice = args[2]!.toLowerCase()
  if (choice === 'on') {
    connection.mode &= ~(REPLY_OFF | REPLY_SKIP)
    return OK
  }
  if (choice === 'off') connection.mode |= REPLY_OFF
  else if (choice !== 'skip') return SYNTAX_ERROR
  else if ((connection.mode & REPLY_OFF) === 0) connection.mode |= REPLY_SKIP_NEXT
  return NO_REPLY
}

/** What a connection must be to be killed. */
interface Victims {
  id: number | null
  address: string | null
  localAddress: string | null
  type: ClientType | null
  user: User | null
  skipsCaller: boolean
}

function kill(args: readonly string[], { connection, server }: CommandContext): Reply {
  const isOldForm = args.length === 3
  const victims = isOldForm
    ? { id: null, address: args[2]!, localAddress: null, type: null, user: null, skipsCaller: false }
    : parseVictims(args, server)
  if ('kind' in victims) return victims
  let count = 0
  for (const other of [...server.connections]) {
    if (!matches(other, victims) || (victims.skipsCaller && other === connection)) continue
    count++
    if (other === connection) connection.mode |= CLOSE_AFTER_REPLY
    else other.close()
  }
  if (!isOldForm) return count
  return count === 0 ? NO_SUCH_CLIENT : OK
}

function parseVictims(args: readonly string[], server: MemoryRedis): Victims | ErrorReply {
  const victims: Victims = { id: null, address: null, localAddress: null, type: null, user: null, skipsCaller: true }
  for (let index = 2; index < args.length; index += 2) {
    const value = args[index + 1]
    if (value === undefined) return SYNTAX_ERROR
    const option = args[index]!.toLowerCase()
    if (option === 'id') {
      const id = rangeArgument(value, 1, INT64_MAX_AS_NUMBER, 'client-id should be greater than 0')
      if (typeof id !== 'number') return id
      victims.id = id
    } else if (option === 'type') {
      const type = parseType(value)
      if (typeof type !== 'string') return type
      victims.type = type
    } else if (option === 'addr') victims.address = value
    else if (option === 'laddr') victims.localAddress = value
    else if (option === 'user') {
      const user = server.users.find(value)
      if (user === undefined) return errorOf(`ERR No such user '${cText(value)}'`)
      victims.user = user
    } else if (option === 'skipme' && (isWord(value, 'yes') || isWord(value, 'no'))) {
      victims.skipsCaller = isWord(value, 'yes')
    } else return SYNTAX_ERROR
  }
  return victims
}

const matches = (connection: RedisConnection, { id, address, localAddress, type, user }: Victims): boolean =>
  (id === null || connection.id === id) &&
  (address === null || connection.address === address) &&
  (localAddress === null || connection.server.address === localAddress) &&
  (type === null || clientType(connection) === type) &&
  (user === null || connection.user === user)

function unblock(args: readonly string[], { server }: CommandContext): Reply {
  if (args.length > 4) return unknownSubcommandOf(args)
  const reason = args[3]?.toLowerCase() ?? 'timeout'
  if (reason !== 'timeout' && reason !== 'error') return BAD_UNBLOCK_REASON
  const id = parseInteger(args[2]!)
  if (id === null) return NOT_AN_INTEGER
  for (const connection of server.connections) {
    if (connection.id !== id || !connection.isBlocked) continue
    if (reason === 'error') connection.unblock(UNBLOCKED)
    else connection.timeOut()
    return 1
  }
  return 0
}

function pause(args: readonly string[], { server, nowMs }: CommandContext): Reply {
  if (args.length > 4) return unknownSubcommandOf(args)
  const mode = args[3]?.toLowerCase() ?? 'all'
  if (mode !== 'write' && mode !== 'all') return BAD_PAUSE_MODE
  const durationMs = timeoutMsArgument(args[2]!)
  if (durationMs !== null && typeof durationMs !== 'number') return durationMs
  // A pause of nothing ends at time 0, which is long past.
  server.pause(durationMs === null ? 0 : nowMs + durationMs, mode === 'write')
  return OK
}

function unpause(_args: readonly string[], { server }: CommandContext): Reply {
  server.unpause()
  return OK
}

function noEvict(args: readonly string[], { connection }: CommandContext): Reply {
  const choice = args[2]!.toLowerCase()
  if (choice !== 'on' && choice !== 'off') return SYNTAX_ERROR
  connection.isProtectedFromEviction = choice === 'on'
  return OK
}
