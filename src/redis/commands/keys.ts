/**
 * Commands about keys of any type: existence, names, moving and copying, whole databases.
 *
 * Source: https://redis.io/docs/latest/commands/?group=generic
 */
import { isWord, parseInteger, rangeArgument } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { DB_OUT_OF_RANGE, type ErrorReply, errorOf, NO_SUCH_KEY, SYNTAX_ERROR } from '../errors.ts'
import { globMatches } from '../glob.ts'
import type { Keyspace } from '../keyspace.ts'
import { elementAt } from '../random-picks.ts'
import { OK, type Reply, status } from '../reply.ts'
import { matchesPattern, parseCursor, parseScanOptions, scanPage } from '../scan-page.ts'
import { copyOf } from '../value-copy.ts'
import { NO_KEYS, ONE_KEY, ONLY_KEYS, TWO_KEYS } from './key-positions.ts'

const SAME_OBJECT = errorOf('ERR source and destination objects are the same')
const INT32 = 2 ** 31
const DATABASE_COUNT = 16
/** RANDOMKEY gives up looking for a key that has not expired after this many draws, as Redis does. */
const RANDOM_DRAWS_MAX = 100

export const keyCommands: readonly Command[] = [
  { name: 'del', arity: -2, flags: ['write'], ...ONLY_KEYS, execute: del },
  { name: 'unlink', arity: -2, flags: ['write', 'fast'], ...ONLY_KEYS, execute: del },
  { name: 'exists', arity: -2, flags: ['readonly', 'fast'], ...ONLY_KEYS, execute: exists },
  { name: 'touch', arity: -2, flags: ['readonly', 'fast'], ...ONLY_KEYS, execute: touch },
  { name: 'type', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: type },
  { name: 'keys', arity: 2, flags: ['readonly'], ...NO_KEYS, execute: keysCommand },
  { name: 'scan', arity: -2, flags: ['readonly'], ...NO_KEYS, execute: scan },
  { name: 'randomkey', arity: 1, flags: ['readonly'], ...NO_KEYS, execute: randomkey },
  { name: 'rename', arity: 3, flags: ['write'], ...TWO_KEYS, execute: rename },
  { name: 'renamenx', arity: 3, flags: ['write', 'fast'], ...TWO_KEYS, execute: renamenx },
  { name: 'copy', arity: -3, flags: ['write', 'denyoom'], ...TWO_KEYS, execute: copy },
  { name: 'move', arity: 3, flags: ['write', 'fast'], ...ONE_KEY, execute: move },
  { name: 'dbsize', arity: 1, flags: ['readonly', 'fast'], ...NO_KEYS, execute: dbsize },
  { name: 'flushdb', arity: -1, flags: ['write'], ...NO_KEYS, execute: flushdb },
  { name: 'flushall', arity: -1, flags: ['write'], ...NO_KEYS, execute: flushall },
  { name: 'swapdb', arity: 3, flags: ['write', 'fast'], ...NO_KEYS, execute: swapdb },
  { name: 'select', arity: 2, flags: ['loading', 'stale', 'fast'], ...NO_KEYS, execute: select },
]

function del(args: readonly string[], { keys }: CommandContext): Reply {
  let count = 0
  for (let index = 1; index < args.length; index++) {
    if (!keys.remove(args[index]!)) continue
    keys.wrote('del', args[index]!)
    count++
  }
  return count
}

function exists(args: readonly string[], { keys }: CommandContext): Reply {
  let count = 0
  for (let index = 1; index < args.length; index++) if (keys.glance(args[index]!) !== undefined) count++
  return count
}

function touch(args: readonly string[], { keys }: CommandContext): Reply {
  let count = 0
  for (let index = 1; index < args.length; index++) if (keys.find(args[index]!) !== undefined) count++
  return count
}

function type(args: readonly string[], { keys }: CommandContext): Reply {
  return status(keys.glance(args[1]!)?.value.type ?? 'none')
}

function keysCommand(args: readonly string[], { keys }: CommandContext): Reply {
  const pattern = args[1]!
  const names: string[] = []
  for (const [key] of keys.entries()) {
    if ((pattern === '*' || globMatches(pattern, key)) && !keys.isExpired(key)) names.push(key)
  }
  return names
}

function scan(args: readonly string[], { keys }: CommandContext): Reply {
  const cursor = parseCursor(args[1]!)
  if (typeof cursor !== 'number') return cursor
  const options = parseScanOptions(args, 2, { allowsType: true })
  if ('kind' in options) return options
  const page = scanPage(namesOf(keys), cursor, options.count)
  const found = page.names.filter((name) => {
    if (!matchesPattern(name, options.pattern)) return false
    const entry = keys.look(name)
    return entry !== undefined && (options.type === null || entry.value.type === options.type)
  })
  return [String(page.cursor), found]
}

function* namesOf(keys: Keyspace): Iterable<string> {
  for (const [key] of keys.entries()) yield key
}

function randomkey(_args: readonly string[], { keys, server }: CommandContext): Reply {
  for (let draw = 0; draw < RANDOM_DRAWS_MAX && keys.size > 0; draw++) {
    const key = elementAt(namesOf(keys), server.random.below(keys.size))
    if (keys.look(key) !== undefined) return key
  }
  return null
}

function rename([, from, to]: readonly string[], { keys }: CommandContext): Reply {
  const entry = keys.find(from!)
  if (entry === undefined) return NO_SUCH_KEY
  if (from === to) return OK
  renameEntry(keys, from!, to!)
  return OK
}

function renamenx([, from, to]: readonly string[], { keys }: CommandContext): Reply {
  if (keys.find(from!) === undefined) return NO_SUCH_KEY
  if (from === to || keys.find(to!) !== undefined) return 0
  renameEntry(keys, from!, to!)
  return 1
}

function renameEntry(keys: Keyspace, from: string, to: string): void {
  moveEntry(keys, from, keys, to)
  keys.wrote('rename_from', from)
  keys.wrote('rename_to', to, 0)
}

/** The value and its TTL, under another name or in another database; what was there is replaced. */
function moveEntry(source: Keyspace, from: string, target: Keyspace, to: string): void {
  const entry = source.find(from)
  if (entry === undefined) return
  target.hasEndingFields ||= source.hasEndingFields
  target.remove(to)
  source.remove(from)
  target.put(to, entry.value, entry.expireAtMs)
}

function move(args: readonly string[], context: CommandContext): Reply {
  if (context.server.cluster !== null) return notInCluster('MOVE')
  const target = databaseArgument(args[2]!, context)
  if ('kind' in target) return target
  if (target === context.keys) return SAME_OBJECT
  const key = args[1]!
  if (context.keys.find(key) === undefined || target.find(key) !== undefined) return 0
  moveEntry(context.keys, key, target, key)
  context.keys.wrote('move_from', key)
  target.wrote('move_to', key, 0)
  return 1
}

function copy(args: readonly string[], context: CommandContext): Reply {
  let target = context.keys
  let replaces = false
  for (let index = 3; index < args.length; index++) {
    if (isWord(args[index]!, 'replace')) {
      replaces = true
    } else if (isWord(args[index]!, 'db') && index + 1 < args.length) {
      const chosen = databaseArgument(args[++index]!, context)
      if ('kind' in chosen) return chosen
      target = chosen
      if (target.index !== 0 && context.server.cluster !== null) return COPY_ACROSS
    } else {
      return SYNTAX_ERROR
    }
  }
  const from = args[1]!
  const to = args[2]!
  if (target === context.keys && from === to) return SAME_OBJECT
  const entry = context.keys.read(from)
  if (entry === undefined) return 0
  if (target.find(to) !== undefined && !replaces) return 0
  // Redis deletes first: who is blocked on the key is woken by a list that appears, not by one that overwrites.
  target.hasEndingFields ||= context.keys.hasEndingFields
  target.remove(to)
  target.put(to, copyOf(entry.value), entry.expireAtMs)
  target.wrote('copy_to', to)
  return 1
}

function databaseArgument(text: string, { server, nowMs }: CommandContext): Keyspace | ErrorReply {
  const index = rangeArgument(text, -INT32, INT32 - 1)
  if (typeof index !== 'number') return index
  if (index < 0 || index >= DATABASE_COUNT) return DB_OUT_OF_RANGE
  const keys = server.database(index)
  keys.nowMs = nowMs
  keys.isReading = false
  return keys
}

function dbsize(_args: readonly string[], { keys, server }: CommandContext): Reply {
  server.removeExpired()
  return keys.size
}

function flushdb(args: readonly string[], { keys, server }: CommandContext): Reply {
  if (!isFlush(args)) return SYNTAX_ERROR
  server.removeExpired()
  server.flush([keys])
  return OK
}

function flushall(args: readonly string[], context: CommandContext): Reply {
  const { server } = context
  if (!isFlush(args)) return SYNTAX_ERROR
  server.removeExpired()
  server.flush(server.databases)
  // Where snapshots are configured, Redis writes one at once, so that the old data cannot come back.
  if (server.config.get('save') !== '') server.hasSaved(context.nowMs)
  return OK
}

/** FLUSHDB and FLUSHALL take SYNC or ASYNC, which makes no difference that a client could see. */
const isFlush = (args: readonly string[]): boolean =>
  args.length === 1 || (args.length === 2 && (isWord(args[1]!, 'sync') || isWord(args[1]!, 'async')))

function swapdb(args: readonly string[], { keys, server, nowMs }: CommandContext): Reply {
  if (server.cluster !== null) return notInCluster('SWAPDB')
  const first = databaseIndex(args[1]!, 'ERR invalid first DB index')
  if (typeof first !== 'number') return first
  const second = databaseIndex(args[2]!, 'ERR invalid second DB index')
  if (typeof second !== 'number') return second
  if (Math.min(first, second) < 0 || Math.max(first, second) >= DATABASE_COUNT) return DB_OUT_OF_RANGE
  if (first !== second) server.swapDatabases(first, second, nowMs)
  keys.changes++
  return OK
}

const COPY_ACROSS = errorOf('ERR Copying to another database is not allowed in cluster mode')
/** A cluster has one database. */
const notInCluster = (command: string): ErrorReply => errorOf(`ERR ${command} is not allowed in cluster mode`)

function databaseIndex(text: string, message: string): number | ErrorReply {
  const index = parseInteger(text)
  return index === null || index < -INT32 || index >= INT32 ? errorOf(message) : index
}

function select(args: readonly string[], context: CommandContext): Reply {
  const index = rangeArgument(args[1]!, -INT32, INT32 - 1)
  if (typeof index !== 'number') return index
  if (index !== 0 && context.server.cluster !== null) return notInCluster('SELECT')
  if (index < 0 || index >= DATABASE_COUNT) return DB_OUT_OF_RANGE
  context.select(index)
  return OK
}
