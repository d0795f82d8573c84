/**
 * Consumer groups: XGROUP, XACK, XPENDING, XCLAIM, XAUTOCLAIM.
 *
 * Source: https://redis.io/docs/latest/commands/xgroup-create/, /xack/, /xpending/, /xclaim/, /xautoclaim/
 */
import { isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import { MISMATCH, streamAt } from '../collections.ts'
import type { Command, CommandContext, CommandFlag } from '../command.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import { integerReply, NULL_ARRAY, OK, type Reply } from '../reply.ts'
import { emptyStream, type StreamGroup, type StreamValue } from '../stream.ts'
import { createConsumer, namesInOrder, newGroup, pendingFrom, release, removeConsumer } from '../stream-group.ts'
import { ID_MIN, idText, parseBound, parseEnd, parseId, parseIds, parseStart } from '../stream-id.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS, ONE_KEY, SECOND_ARGUMENT } from './key-positions.ts'
import { claims } from './stream-claims.ts'

type Args = readonly string[]

const NEGATIVE_READ = errorOf('ERR value for ENTRIESREAD must be positive or -1')
const NO_STREAM = errorOf(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
)
const GROUP_EXISTS = errorOf('BUSYGROUP Consumer Group name already exists')

const HELP = [
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
]

const sub = (
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  execute: (args: Args, context: CommandContext) => Reply,
): Command => ({ name: `xgroup|${name}`, arity, flags, ...SECOND_ARGUMENT, execute })

export const streamGroups: readonly Command[] = [
  {
    name: 'xgroup',
    arity: -2,
    flags: [],
    ...NO_KEYS,
    execute: () => null,
    subcommands: [
      sub('create', -5, ['write', 'denyoom'], create),
      sub('setid', -5, ['write'], setId),
      sub('destroy', 4, ['write'], destroy),
      sub('createconsumer', 5, ['write', 'denyoom'], addConsumer),
      sub('delconsumer', 5, ['write'], deleteConsumer),
      helpCommand('xgroup', HELP),
    ],
  },
  { name: 'xack', arity: -4, flags: ['write', 'fast'], ...ONE_KEY, execute: xack },
  { name: 'xpending', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: xpending },
  ...claims,
]

/** The options of XGROUP CREATE and SETID. */
interface GroupOptions {
  readonly makesStream: boolean
  readonly entriesRead: bigint | null
}

function parseGroupOptions(args: Args, allowsStream: boolean): GroupOptions | ErrorReply {
  let makesStream = false
  let entriesRead = -1n
  for (let index = 5; index < args.length; index++) {
    if (allowsStream && isWord(args[index]!, 'mkstream')) {
      makesStream = true
    } else if (isWord(args[index]!, 'entriesread') && index + 1 < args.length) {
      const parsed = parseInteger64(args[++index]!)
      if (parsed === null) return NOT_AN_INTEGER
      if (parsed < -1n) return NEGATIVE_READ
      entriesRead = parsed
    } else {
      return unknownSubcommandOf(args)
    }
  }
  return { makesStream, entriesRead: entriesRead === -1n ? null : entriesRead }
}

const noGroup = (group: string, key: string): ErrorReply =>
  errorOf(`NOGROUP No such consumer group '${cText(group)}' for key name '${cText(key)}'`)

function create(args: Args, { keys }: CommandContext): Reply {
  const options = parseGroupOptions(args, true)
  if ('kind' in options) return options
  const key = args[2]!
  const found = streamAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined && !options.makesStream) return NO_STREAM
  // At most MKSTREAM and one ENTRIESREAD.
  if (args.length > 8) return unknownSubcommandOf(args)
  const lastId = cText(args[4]!) === '$' ? (found?.lastId ?? ID_MIN) : parseId(args[4]!)
  if (typeof lastId !== 'bigint') return lastId
  const stream = found ?? emptyStream()
  if (found === undefined) keys.put(key, stream)
  if (stream.groups.has(args[3]!)) return GROUP_EXISTS
  stream.groups.set(args[3]!, newGroup(lastId, options.entriesRead))
  keys.wrote('xgroup-create', key)
  return OK
}

/** What the other subcommands need: the stream and the group, which must be there. */
function groupAt(
  args: Args,
  keys: Keyspace,
): { readonly stream: StreamValue; readonly group: StreamGroup } | ErrorReply {
  const stream = streamAt(keys, args[2]!)
  if (stream === MISMATCH) return WRONG_TYPE
  if (stream === undefined) return NO_STREAM
  const group = stream.groups.get(args[3]!)
  return group === undefined ? noGroup(args[3]!, args[2]!) : { stream, group }
}

function setId(args: Args, { keys }: CommandContext): Reply {
  const options = parseGroupOptions(args, false)
  if ('kind' in options) return options
  const found = groupAt(args, keys)
  if ('kind' in found) return found
  if (args.length > 7) return unknownSubcommandOf(args)
  const lastId = cText(args[4]!) === '$' ? found.stream.lastId : parseBound(args[4]!, 0n)
  if (typeof lastId !== 'bigint') return lastId
  found.group.lastId = lastId
  found.group.entriesRead = options.entriesRead
  keys.wrote('xgroup-setid', args[2]!)
  return OK
}

function destroy(args: Args, { keys }: CommandContext): Reply {
  const stream = streamAt(keys, args[2]!)
  if (stream === MISMATCH) return WRONG_TYPE
  if (stream === undefined) return NO_STREAM
  if (!stream.groups.delete(args[3]!)) return 0
  keys.wrote('xgroup-destroy', args[2]!)
  keys.ready(args[2]!)
  return 1
}

function addConsumer(args: Args, { keys }: CommandContext): Reply {
  const found = groupAt(args, keys)
  if ('kind' in found) return found
  if (found.group.consumers.has(args[4]!)) return 0
  createConsumer(keys, args[2]!, found.group, args[4]!)
  return 1
}

function deleteConsumer(args: Args, { keys }: CommandContext): Reply {
  const found = groupAt(args, keys)
  if ('kind' in found) return found
  const consumer = found.group.consumers.get(args[4]!)
  if (consumer === undefined) return 0
  const { size } = consumer.pending
  removeConsumer(found.group, consumer)
  keys.wrote('xgroup-delconsumer', args[2]!)
  return size
}

function xack(args: Args, { keys }: CommandContext): Reply {
  const value = keys.read(args[1]!)?.value
  if (value !== undefined && value.type !== 'stream') return WRONG_TYPE
  const group = value?.groups.get(args[2]!)
  if (group === undefined) return 0
  const ids = parseIds(args, 3)
  if ('kind' in ids) return ids
  let count = 0
  for (const id of ids) if (release(group, id)) count++
  keys.changes += count
  return count
}

/** XPENDING with a range. */
interface PendingQuery {
  readonly start: bigint
  readonly end: bigint
  readonly count: number
  readonly idleMs: number
  readonly consumer: string | null
}

const PENDING_ARGUMENTS_MIN = 6
const PENDING_ARGUMENTS_MAX = 9

function xpending(args: Args, { keys, nowMs }: CommandContext): Reply {
  const isSummary = args.length === 3
  if (!isSummary && (args.length < PENDING_ARGUMENTS_MIN || args.length > PENDING_ARGUMENTS_MAX)) return SYNTAX_ERROR
  const query = isSummary ? null : parsePendingQuery(args)
  if (query !== null && 'kind' in query) return query
  const stream = streamAt(keys, args[1]!)
  if (stream === MISMATCH) return WRONG_TYPE
  const group = stream?.groups.get(args[2]!)
  if (group === undefined)
    return errorOf(`NOGROUP No such key '${cText(args[1]!)}' or consumer group '${cText(args[2]!)}'`)
  return query === null ? summary(group) : pendingOf(group, query, nowMs)
}

function parsePendingQuery(args: Args): PendingQuery | ErrorReply {
  let at = 3
  let idleMs: number | null = 0
  if (isWord(args[3]!, 'idle')) {
    idleMs = parseInteger(args[4]!)
    if (idleMs === null) return NOT_AN_INTEGER
    if (args.length < 8) return SYNTAX_ERROR
    at = 5
  }
  const count = parseInteger(args[at + 2]!)
  if (count === null) return NOT_AN_INTEGER
  const start = parseStart(args[at]!)
  if (typeof start !== 'bigint') return start
  const end = parseEnd(args[at + 1]!)
  if (typeof end !== 'bigint') return end
  return { start, end, count: Math.max(count, 0), idleMs, consumer: args[at + 3] ?? null }
}

function summary({ pending, consumers }: StreamGroup): Reply {
  const ids = pendingFrom(pending, ID_MIN)
  if (ids.length === 0) return [0, null, null, NULL_ARRAY]
  const counts = namesInOrder(consumers.keys())
    .map((name): [string, number] => [name, consumers.get(name)!.pending.size])
    .filter(([, size]) => size > 0)
    .map(([name, size]) => [name, String(size)])
  return [ids.length, idText(ids[0]!), idText(ids.at(-1)!), counts]
}

function pendingOf(group: StreamGroup, { start, end, count, idleMs, consumer }: PendingQuery, nowMs: number): Reply {
  const pending = consumer === null ? group.pending : group.consumers.get(consumer)?.pending
  if (pending === undefined) return []
  const rows: Reply[] = []
  for (const id of pendingFrom(pending, start)) {
    if (id > end || rows.length >= count) break
    const delivery = pending.get(id)!
    const idle = nowMs - delivery.timeMs
    if (idleMs !== 0 && idle < idleMs) continue
    rows.push([idText(id), delivery.consumer.name, Math.max(idle, 0), integerReply(delivery.count)])
  }
  return rows
}
