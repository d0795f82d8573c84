/**
 * PING, ECHO, AUTH, HELLO, QUIT, RESET: the connection itself. CLIENT is in `client.ts`.
 *
 * Source: https://redis.io/docs/latest/commands/?group=connection
 */
import { DEFAULT_USER } from '../acl/users.ts'
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import type { RedisConnection } from '../connection.ts'
import { CLOSE_AFTER_REPLY, IN_MULTI, SUBSCRIBED, UNAUTHENTICATED } from '../connection-mode.ts'
import { cText, errorOf, SYNTAX_ERROR, wrongArity } from '../errors.ts'
import { OK, type Reply, status } from '../reply.ts'
import { NO_KEYS } from './key-positions.ts'

const PONG = status('PONG')
const RESET = status('RESET')
const WRONG_PASSWORD = errorOf('WRONGPASS invalid username-password pair or user is disabled.')
const NO_PASSWORD_SET = errorOf(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
)
const BAD_VERSION = errorOf('ERR Protocol version is not an integer or out of range')
const UNSUPPORTED_VERSION = errorOf('NOPROTO unsupported protocol version')
const HELLO_NEEDS_AUTH = errorOf(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
)
export const BAD_NAME = errorOf('ERR Client names cannot contain spaces, newlines or special characters.')

export const connectionCommands: readonly Command[] = [
  { name: 'ping', arity: -1, flags: ['fast'], ...NO_KEYS, execute: ping },
  { name: 'echo', arity: 2, flags: ['loading', 'stale', 'fast'], ...NO_KEYS, execute: (args) => args[1]! },
  {
    name: 'auth',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    ...NO_KEYS,
    execute: auth,
  },
  {
    name: 'hello',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    ...NO_KEYS,
    execute: hello,
  },
  {
    name: 'quit',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    ...NO_KEYS,
    execute: quit,
  },
  {
    name: 'reset',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    ...NO_KEYS,
    execute: reset,
  },
]

function ping(args: readonly string[], context: CommandContext): Reply {
  if (args.length > 2) return wrongArity('ping')
  const { connection } = context
  // A script is never a subscriber, whichever client called it.
  if (context === connection && (connection.mode & SUBSCRIBED) !== 0 && connection.resp === 2) {
    return ['pong', args[1] ?? '']
  }
  return args[1] ?? PONG
}

function auth(args: readonly string[], { connection, server }: CommandContext): Reply {
  if (args.length > 3) return SYNTAX_ERROR
  if (args.length === 2 && server.users.default.needsNoPassword) return NO_PASSWORD_SET
  const user = args.length === 2 ? DEFAULT_USER : args[1]!
  return authenticate(args[0]!, user, args.at(-1)!, connection) ? OK : WRONG_PASSWORD
}

/** `command` as it was spelled, for ACL LOG. */
function authenticate(command: string, name: string, password: string, connection: RedisConnection): boolean {
  const user = connection.server.users.authenticate(name, password)
  if (user !== null) connection.logIn(user)
  else {
    const context = (connection.mode & IN_MULTI) === 0 ? 'toplevel' : 'multi'
    connection.recordDenial({ reason: 'auth', context, object: command, user: name })
  }
  return user !== null
}

function hello(args: readonly string[], context: CommandContext): Reply {
  const { connection } = context
  const version = args.length > 1 ? parseInteger(args[1]!) : connection.resp
  if (version === null) return BAD_VERSION
  if (version !== 2 && version !== 3) return UNSUPPORTED_VERSION
  for (let index = 2; index < args.length; index++) {
    const option = args[index]!
    if (isWord(option, 'auth') && index + 2 < args.length) {
      if (!authenticate(args[0]!, args[index + 1]!, args[index + 2]!, connection)) return WRONG_PASSWORD
      index += 2
    } else if (isWord(option, 'setname') && index + 1 < args.length) {
      if (!isClientName(args[index + 1]!)) return BAD_NAME
      connection.name = args[index + 1]!
      index++
    } else {
      return errorOf(`ERR Syntax error in HELLO option '${cText(option)}'`)
    }
  }
  if ((connection.mode & UNAUTHENTICATED) !== 0) return HELLO_NEEDS_AUTH
  connection.speak(version)
  return {
    kind: 'map',
    entries: [
      ['server', context.server.kind],
      ['version', context.server.version],
      ['proto', version],
      ['id', connection.id],
      ['mode', context.server.mode],
      ...roleOf(context.server),
      ['modules', []],
    ],
  }
}

/** A Sentinel has none. */
const roleOf = ({ mode, replication }: CommandContext['server']): readonly (readonly [string, string])[] =>
  mode === 'sentinel' ? [] : [['role', replication?.isReplica ? 'replica' : 'master']]

/** Printable ASCII without spaces; empty removes the name. */
export const isClientName = (name: string): boolean => /^[!-~]*$/.test(name)

function quit(_args: readonly string[], { connection }: CommandContext): Reply {
  connection.mode |= CLOSE_AFTER_REPLY
  return OK
}

function reset(_args: readonly string[], { connection }: CommandContext): Reply {
  connection.reset()
  return RESET
}
