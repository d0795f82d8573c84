/**
 * Commands about the server itself: time, persistence, shutting down.
 *
 * Does not model  the time that a disk takes, and its failures: SAVE and its relatives are done at once.
 *
 * Source: https://redis.io/docs/latest/commands/?group=server
 */
import { isWord } from '../arguments.ts'
import { type Command, type CommandContext, type CommandFlag, NO_REPLY, type Outcome } from '../command.ts'
import { MONITOR } from '../connection-mode.ts'
import { errorOf, SYNTAX_ERROR } from '../errors.ts'
import { OK, type Reply, status } from '../reply.ts'
import { infoText } from '../server-info.ts'
import { NO_KEYS } from './key-positions.ts'

const NO_SHUTDOWN = errorOf('ERR No shutdown in progress.')
const SHUTDOWN_NEEDS_NOW = errorOf("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client")
const MONITOR_NEEDS_REPLIES = errorOf("ERR MONITOR isn't allowed for DENY BLOCKING client")

const persistenceFlags: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading']

export const serverCommands: readonly Command[] = [
  { name: 'time', arity: 1, flags: ['loading', 'stale', 'fast'], ...NO_KEYS, execute: time },
  { name: 'info', arity: -1, flags: ['loading', 'stale'], ...NO_KEYS, execute: info },
  { name: 'lastsave', arity: 1, flags: ['loading', 'stale', 'fast'], ...NO_KEYS, execute: lastSave },
  { name: 'save', arity: 1, flags: [...persistenceFlags, 'no_multi'], ...NO_KEYS, execute: save },
  { name: 'bgsave', arity: -1, flags: persistenceFlags, ...NO_KEYS, execute: backgroundSave },
  { name: 'bgrewriteaof', arity: 1, flags: persistenceFlags, ...NO_KEYS, execute: rewriteFile },
  {
    name: 'shutdown',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    ...NO_KEYS,
    execute: shutdown,
  },
  { name: 'monitor', arity: 1, flags: ['admin', 'noscript', 'loading', 'stale'], ...NO_KEYS, execute: monitor },
]

function time(_args: readonly string[], { server }: CommandContext): Reply {
  const nowUs = server.nowUs()
  return [String(Math.floor(nowUs / 1_000_000)), String(nowUs % 1_000_000)]
}

function info(args: readonly string[], { server, nowMs }: CommandContext): Reply {
  return { kind: 'verbatim', format: 'txt', text: infoText(server, nowMs, args.slice(1)) }
}

function lastSave(_args: readonly string[], { server }: CommandContext): Reply {
  return Math.floor(server.lastSaveMs / 1000)
}

function save(_args: readonly string[], { server, nowMs }: CommandContext): Reply {
  server.hasSaved(nowMs)
  return OK
}

function backgroundSave(args: readonly string[], { server, nowMs, mustNotBlock }: CommandContext): Reply {
  if (args.length > 2 || (args.length === 2 && !isWord(args[1]!, 'schedule'))) return SYNTAX_ERROR
  server.hasSaved(nowMs)
  return status(mustNotBlock ? 'Background saving scheduled' : 'Background saving started')
}

function rewriteFile(_args: readonly string[], { mustNotBlock }: CommandContext): Reply {
  return status(`Background append only file rewriting ${mustNotBlock ? 'scheduled' : 'started'}`)
}

function shutdown(args: readonly string[], { server, mustNotBlock }: CommandContext): Outcome {
  const options = new Set(args.slice(1).map((option) => option.toLowerCase()))
  const isKnown = [...options].every((option) => ['nosave', 'save', 'now', 'force', 'abort'].includes(option))
  const isContradiction = (options.has('abort') && options.size > 1) || (options.has('nosave') && options.has('save'))
  if (!isKnown || isContradiction) return SYNTAX_ERROR
  if (options.has('abort')) return NO_SHUTDOWN
  if (!options.has('now') && mustNotBlock) return SHUTDOWN_NEEDS_NOW
  if (!options.has('nosave') && server.busyScript !== null) return server.busyReply
  server.shutDown(options.has('save') || (!options.has('nosave') && server.config.get('save') !== ''))
  return NO_REPLY
}

function monitor(_args: readonly string[], { connection, mustNotBlock, server }: CommandContext): Outcome {
  if (mustNotBlock) return MONITOR_NEEDS_REPLIES
  if ((connection.mode & MONITOR) !== 0) return NO_REPLY
  connection.mode |= MONITOR
  server.addMonitor(connection)
  return OK
}
