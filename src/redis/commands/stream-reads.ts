/**
 * XREAD and XREADGROUP, also for clients that wait. How waiting works is told in `blocking-pop.ts`; a stream wakes all who
 * wait for it, not only the first.
 *
 * Source: https://redis.io/docs/latest/commands/xread/, /xreadgroup/; blocked.c (`serveClientsBlockedOnStreamKey`) of Redis 7.0.
 */
import { isWord, parseInteger, timeoutMsArgument } from '../arguments.ts'
import { MISMATCH, streamAt } from '../collections.ts'
import { BLOCKED, type Command, type CommandContext, type Outcome } from '../command.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { NULL_ARRAY, type Reply } from '../reply.ts'
import { entryWithId, lastEntry, range, type StreamGroup, type StreamValue } from '../stream.ts'
import { deliver, pendingFrom, seenConsumer } from '../stream-group.ts'
import { ID_MAX, ID_MIN, idText, parseId } from '../stream-id.ts'
import { KEYS_AFTER_STREAMS } from './key-positions.ts'
import { entryReply } from './stream-replies.ts'

type Args = readonly string[]

/** How many entries a client gets that has waited and named no COUNT. */
const COUNT_AFTER_WAITING = 1000
const UNBALANCED = errorOf("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
const GROUP_OF_XREAD = errorOf('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.')
const NOACK_OF_XREAD = errorOf('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.')
const NO_GROUP_OPTION = errorOf('ERR Missing GROUP option for XREADGROUP')
const NEWEST_OF_GROUP = errorOf(
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
)
const UNREAD_WITHOUT_GROUP = errorOf(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
)
const GROUP_GONE = errorOf('NOGROUP the consumer group this client was blocked on no longer exists')
const STREAM_GONE = errorOf('UNBLOCKED the stream key no longer exists')

export const streamReads: readonly Command[] = [
  {
    name: 'xread',
    arity: -4,
    flags: ['readonly', 'blocking', 'movablekeys'],
    ...KEYS_AFTER_STREAMS,
    execute: read(false),
  },
  {
    name: 'xreadgroup',
    arity: -7,
    flags: ['write', 'blocking', 'movablekeys'],
    ...KEYS_AFTER_STREAMS,
    execute: read(true),
  },
]

/** XREADGROUP GROUP group consumer. */
interface Reader {
  readonly group: string
  readonly consumer: string
}

interface Options {
  reader: Reader | null
  /** 0: all entries. */
  count: number
  /** ms to wait, null for ever; undefined: no BLOCK. */
  timeoutMs: number | null | undefined
  isAcknowledged: boolean
  /** Where the keys begin. */
  keysAt: number
}

/** One stream to read: entries after `after`; ID_MAX stands for `>`, what the group has not read. */
interface Source {
  readonly key: string
  readonly after: bigint
}

function read(isGroup: boolean) {
  return (args: Args, context: CommandContext): Outcome => {
    const options = parseOptions(args, isGroup, context.mustSort)
    if ('kind' in options) return options
    const sources = parseSources(args, options, context)
    if ('kind' in sources) return sources
    const replies = sources.flatMap((source) => {
      const reply = readNow(source, options, context)
      return reply === null ? [] : [[source.key, reply] as const]
    })
    if (replies.length > 0) return byKey(replies, context.resp)
    if (options.timeoutMs === undefined || context.mustNotBlock) return NULL_ARRAY
    wait(sources, options, context, options.timeoutMs)
    return BLOCKED
  }
}

const byKey = (replies: readonly (readonly [string, Reply])[], resp: 2 | 3): Reply =>
  resp === 2 ? replies : { kind: 'map', entries: replies }

function parseOptions(args: Args, isGroup: boolean, isScript: boolean): Options | ErrorReply {
  const options: Options = { reader: null, count: 0, timeoutMs: undefined, isAcknowledged: false, keysAt: 0 }
  for (let index = 1; index < args.length && options.keysAt === 0; index++) {
    const option = args[index]!
    const left = args.length - index - 1
    if (isWord(option, 'block') && left > 0) {
      if (isScript) {
        return errorOf(`ERR ${cText(args[0]!)} command is not allowed with BLOCK option from scripts`)
      }
      const timeoutMs = timeoutMsArgument(args[++index]!)
      if (timeoutMs !== null && typeof timeoutMs !== 'number') return timeoutMs
      options.timeoutMs = timeoutMs
    } else if (isWord(option, 'count') && left > 0) {
      const count = parseInteger(args[++index]!)
      if (count === null) return NOT_AN_INTEGER
      options.count = Math.max(count, 0)
    } else if (isWord(option, 'streams') && left > 0) {
      if (left % 2 !== 0) return UNBALANCED
      options.keysAt = index + 1
    } else if (isWord(option, 'group') && left >= 2) {
      if (!isGroup) return GROUP_OF_XREAD
      options.reader = { group: args[index + 1]!, consumer: args[index + 2]! }
      index += 2
    } else if (isWord(option, 'noack')) {
      if (!isGroup) return NOACK_OF_XREAD
      options.isAcknowledged = true
    } else {
      return SYNTAX_ERROR
    }
  }
  if (options.keysAt === 0) return SYNTAX_ERROR
  return isGroup && options.reader === null ? NO_GROUP_OPTION : options
}

function parseSources(args: Args, { reader, keysAt }: Options, { keys }: CommandContext): Source[] | ErrorReply {
  const count = (args.length - keysAt) / 2
  const sources: Source[] = []
  for (const [index, key] of args.slice(keysAt, keysAt + count).entries()) {
    const value = keys.read(key)?.value
    if (value !== undefined && value.type !== 'stream') return WRONG_TYPE
    if (reader !== null && !value?.groups.has(reader.group)) {
      return errorOf(
        `NOGROUP No such key '${cText(key)}' or consumer group '${cText(reader.group)}' in XREADGROUP with GROUP option`,
      )
    }
    const after = parseAfter(cText(args[keysAt + count + index]!), reader !== null, value)
    if (typeof after !== 'bigint') return after
    sources.push({ key, after })
  }
  return sources
}

function parseAfter(text: string, isGroup: boolean, stream: StreamValue | undefined): bigint | ErrorReply {
  if (text === '$') return isGroup ? NEWEST_OF_GROUP : (stream?.lastId ?? ID_MIN)
  if (text === '>') return isGroup ? ID_MAX : UNREAD_WITHOUT_GROUP
  return parseId(text)
}

/** What a stream has for the reader at once; null: nothing. */
function readNow({ key, after }: Source, options: Options, context: CommandContext): Reply | null {
  const { keys } = context
  const stream = keys.read(key)?.value
  if (stream?.type !== 'stream') return null
  const { reader, count } = options
  if (reader === null) return hasEntryAfter(stream, after) ? entriesAfter(stream, after, count) : null
  const group = stream.groups.get(reader.group)!
  if (after !== ID_MAX) {
    const consumer = seenConsumer(keys, key, group, reader.consumer)
    keys.changes++
    return historyOf(stream, group, consumer.name, { after, count, nowMs: context.nowMs })
  }
  return hasEntryAfter(stream, group.lastId) ? readUnread(key, stream, group, options, context) : null
}

function hasEntryAfter(stream: StreamValue, after: bigint): boolean {
  const last = lastEntry(stream)
  return last !== undefined && last.id > after
}

const entriesAfter = (stream: StreamValue, after: bigint, count: number): Reply =>
  range(stream, { start: after + 1n, end: ID_MAX, count, isReverse: false }).map(entryReply)

/** What the group has not read goes to the consumer. */
function readUnread(
  key: string,
  stream: StreamValue,
  group: StreamGroup,
  { reader, count, isAcknowledged }: Options,
  { keys, nowMs }: Pick<CommandContext, 'keys' | 'nowMs'>,
): Reply {
  const consumer = seenConsumer(keys, key, group, reader!.consumer)
  const entries = range(stream, { start: group.lastId + 1n, end: ID_MAX, count, isReverse: false })
  deliver({ stream, group, consumer }, entries, { nowMs, isPending: !isAcknowledged })
  keys.changes++
  return entries.map(entryReply)
}

/** What the consumer was given and has not acknowledged, delivered once more; a deleted entry is a null. */
function historyOf(
  stream: StreamValue,
  group: StreamGroup,
  name: string,
  { after, count, nowMs }: { readonly after: bigint; readonly count: number; readonly nowMs: number },
): Reply {
  const { pending } = group.consumers.get(name)!
  const ids = pendingFrom(pending, after + 1n)
  return ids.slice(0, count === 0 ? ids.length : count).map((id): Reply => {
    const entry = entryWithId(stream, id)
    if (entry === undefined) return [idText(id), NULL_ARRAY]
    const delivery = pending.get(id)!
    delivery.timeMs = nowMs
    delivery.count++
    return entryReply(entry)
  })
}

function wait(
  sources: readonly Source[],
  options: Options,
  { keys, connection }: CommandContext,
  timeoutMs: number | null,
): void {
  const limited = { ...options, count: options.count === 0 ? COUNT_AFTER_WAITING : options.count }
  connection.block({
    keys: sources.map(({ key }) => key),
    timeoutMs,
    retry: (key) => {
      // A key that was named twice waits for what came first.
      const reply = readLater(sources.find((source) => source.key === key)!, limited, { keys, nowMs: connection.nowMs })
      return typeof reply === 'symbol' || isErrorReply(reply) ? reply : byKey([[key, reply]], connection.resp)
    },
    onTimeout: NULL_ARRAY,
  })
}

const isErrorReply = (reply: Reply): boolean =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error'

/** What a stream that has changed has for a reader that waits. */
function readLater(
  { key, after }: Source,
  options: Options,
  context: Pick<CommandContext, 'keys' | 'nowMs'>,
): Reply | typeof BLOCKED {
  const stream = streamAt(context.keys, key)
  const { reader, count } = options
  if (stream === undefined || stream === MISMATCH) return reader === null ? BLOCKED : STREAM_GONE
  if (reader === null) return stream.lastId > after ? entriesAfter(stream, after, count) : BLOCKED
  const group = stream.groups.get(reader.group)
  if (group === undefined) return GROUP_GONE
  return stream.lastId > group.lastId ? readUnread(key, stream, group, options, context) : BLOCKED
}
