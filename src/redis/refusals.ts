/**
 * Why a command does not run: the errors that Redis gives before it looks at the arguments.
 *
 * Source: server.c (`processCommand`, `commandCheckExistence`) of Redis 7.0.
 */
import { isWord } from './arguments.ts'
import { redirection } from './cluster/redirection.ts'
import {
  ALLOW_BUSY,
  ALLOWED_TO_SUBSCRIBERS,
  type CommandRow,
  DENY_OOM,
  LOADING,
  MAY_REPLICATE,
  NO_AUTH,
  NO_MULTI,
  PROTECTED,
  READONLY,
  STALE,
  WRITE,
} from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import { IN_MULTI, MONITOR, RESTRICTED, SUBSCRIBED, UNAUTHENTICATED } from './connection-mode.ts'
import * as errors from './errors.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'
import type { MemoryRedis } from './memory-redis.ts'

const NO_PERMISSION_FOR = {
  key: errorOf('NOPERM this user has no permissions to access one of the keys used as arguments'),
  channel: errorOf('NOPERM this user has no permissions to access one of the channels used as arguments'),
}
const noPermission = (name: string): ErrorReply =>
  errorOf(`NOPERM this user has no permissions to run the '${name}' command`)
const SHOWN_BYTES_MAX = 128

const NOT_IN_TRANSACTION = errorOf('ERR Command not allowed inside a transaction')
const MONITOR_TOUCHES_NO_DATA = errorOf("ERR Replica can't interact with the keyspace")

/** What a client in MULTI may still call when there is no memory left to queue more. */
const ENDS_TRANSACTION: ReadonlySet<string> = new Set(['exec', 'discard', 'quit', 'reset'])

export function unknownCommand(args: readonly string[]): ErrorReply {
  let shown = ''
  for (let index = 1; index < args.length && shown.length < SHOWN_BYTES_MAX; index++) {
    shown += `'${cText(args[index]!).slice(0, SHOWN_BYTES_MAX - shown.length)}' `
  }
  const name = cText(args[0]!).slice(0, SHOWN_BYTES_MAX)
  return errorOf(`ERR unknown command '${name}', with args beginning with: ${shown}`)
}

export function unknownSubcommand(args: readonly string[]): ErrorReply {
  const name = cText(args[1]!).slice(0, SHOWN_BYTES_MAX)
  return errorOf(`ERR unknown subcommand '${name}'. Try ${args[0]!.toUpperCase()} HELP.`)
}

/** The first reason why this command may not run now, in Redis's order; `bits` are the flags it counts as. */
export function refusal(
  found: CommandRow,
  args: readonly string[],
  bits: number,
  connection: RedisConnection,
): ErrorReply | null {
  const { mode, server } = connection
  if ((found.bits & PROTECTED) !== 0 && !isEnabled(found, args, server)) return protectedCommand(found)
  if ((mode & UNAUTHENTICATED) !== 0 && (found.bits & NO_AUTH) === 0 && server.users.mustLogIn) return errors.NO_AUTH
  if ((mode & IN_MULTI) !== 0 && (found.bits & NO_MULTI) !== 0) return NOT_IN_TRANSACTION
  if ((mode & RESTRICTED) !== 0) {
    const denial = connection.denial(found, args, (mode & IN_MULTI) === 0 ? 'toplevel' : 'multi')
    if (denial !== null)
      return denial.reason === 'command' ? noPermission(found.name) : NO_PERMISSION_FOR[denial.reason]
  }
  const elsewhere = server.cluster === null ? null : redirection(server.cluster, found, args, bits, connection)
  if (elsewhere !== null) return elsewhere
  const fault = refusalByFault(found, bits, connection)
  if (fault !== null) return fault
  if ((mode & SUBSCRIBED) !== 0 && connection.resp === 2 && (found.bits & ALLOWED_TO_SUBSCRIBERS) === 0) {
    return errorOf(
      `ERR Can't execute '${found.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    )
  }
  if (server.replication?.isStale && (bits & STALE) === 0) return errors.STALE_REPLICA
  if (server.fault.loading && (bits & LOADING) === 0) return errors.LOADING
  if (server.busyScript !== null && (found.bits & ALLOW_BUSY) === 0) return server.busyReply
  const touchesData = (bits & (WRITE | READONLY | MAY_REPLICATE)) !== 0
  return (mode & MONITOR) !== 0 && touchesData ? MONITOR_TOUCHES_NO_DATA : null
}

/** Memory, disk and replica faults. */
function refusalByFault(found: CommandRow, bits: number, { mode, server }: RedisConnection): ErrorReply | null {
  const { misconf }: MemoryRedis['fault'] = server.fault
  const { isReadOnly } = server
  server.makeRoom()
  const wouldQueue = (mode & IN_MULTI) !== 0 && !ENDS_TRANSACTION.has(found.name)
  if (server.isOutOfMemory && ((bits & DENY_OOM) !== 0 || wouldQueue)) return errors.OUT_OF_MEMORY
  if (misconf && ((bits & WRITE) !== 0 || found.name === 'ping')) return errors.DISK_ERROR
  if (server.lacksReplicas && !isReadOnly && (bits & WRITE) !== 0) return errors.NO_REPLICAS
  return isReadOnly && (bits & WRITE) !== 0 ? errors.READ_ONLY_REPLICA : null
}

/** Every client is a local one. */
const isEnabled = (found: CommandRow, args: readonly string[], server: MemoryRedis): boolean =>
  found.name === 'debug'
    ? server.config.get('enable-debug-command') !== 'no' || (server.hasMovableClock && isWord(args[1]!, 'clock'))
    : server.config.get('enable-module-command') !== 'no'

function protectedCommand(found: CommandRow): ErrorReply {
  const name = found.name.split('|')[0]!.toUpperCase()
  const option = name === 'DEBUG' ? 'enable-debug-command' : 'enable-module-command'
  return errorOf(
    `ERR ${name} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`,
  )
}
