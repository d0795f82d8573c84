/**
 * Streams: adding, reading, deleting and trimming entries. Reading with BLOCK is in `stream-reads.ts`, consumer groups are in
 * `stream-groups.ts`, XINFO in `stream-info.ts`.
 *
 * Source: https://redis.io/docs/latest/commands/?group=stream
 */
import { isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import { MISMATCH, streamAt } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import type { CompactLimits } from '../compact.ts'
import {
  cText,
  type ErrorReply,
  errorOf,
  NO_SUCH_KEY,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from '../errors.ts'
import { NULL_ARRAY, OK, type Reply } from '../reply.ts'
import { append, emptyStream, lastEntry, nextId, range, removeEntry, type Trim, trim } from '../stream.ts'
import {
  ID_MAX,
  ID_MIN,
  idOf,
  idText,
  msOf,
  parseEnd,
  parseId,
  parseIds,
  parseNewId,
  parseStart,
  sequenceOf,
} from '../stream-id.ts'
import { ONE_KEY } from './key-positions.ts'
import { streamGroups } from './stream-groups.ts'
import { streamInfo } from './stream-info.ts'
import { streamReads } from './stream-reads.ts'
import { entryReply } from './stream-replies.ts'

type Args = readonly string[]

const UINT64_MAX = 2n ** 64n - 1n
/** The most that Redis puts into one listpack. */
const ENTRY_BYTES_MAX = 2 ** 30
const TWO_TRIMS = errorOf('ERR syntax error, MAXLEN and MINID options at the same time are not compatible')
const NEGATIVE_LENGTH = errorOf('ERR The MAXLEN argument must be >= 0.')
const NEGATIVE_LIMIT = errorOf('ERR The LIMIT argument must be >= 0.')
const LIMIT_OF_NOTHING = errorOf('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy')
const LIMIT_OF_EXACT = errorOf('ERR syntax error, LIMIT cannot be used without the special ~ option')
const TRIM_OF_NOTHING = errorOf('ERR syntax error, XTRIM must be called with a trimming strategy')
const ZERO_ID = errorOf('ERR The ID specified in XADD must be greater than 0-0')
const NO_MORE_IDS = errorOf('ERR The stream has exhausted the last possible ID, unable to add more items')
const SMALL_ID = errorOf('ERR The ID specified in XADD is equal or smaller than the target stream top item')
const LARGE_ENTRY = errorOf('ERR Elements are too large to be stored')
const NEGATIVE_COUNT = errorOf('ERR entries_added must be positive')
const BELOW_DELETED = errorOf('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id')
const BELOW_TOP = errorOf('ERR The ID specified in XSETID is smaller than the target stream top item')
const BELOW_LENGTH = errorOf('ERR The entries_added specified in XSETID is smaller than the target stream length')

export const streams: readonly Command[] = [
  { name: 'xadd', arity: -5, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: xadd },
  { name: 'xlen', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: xlen },
  { name: 'xrange', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: readRange(false) },
  { name: 'xrevrange', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: readRange(true) },
  { name: 'xdel', arity: -3, flags: ['write', 'fast'], ...ONE_KEY, execute: xdel },
  { name: 'xtrim', arity: -4, flags: ['write'], ...ONE_KEY, execute: xtrim },
  { name: 'xsetid', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: xsetid },
  ...streamReads,
  ...streamGroups,
  streamInfo,
]

/** The id a new entry asks for; null: the stream gives it. */
type WantedId = { readonly id: bigint; readonly hasSequence: boolean } | null

interface AddOrTrim {
  /** Where the id of XADD stands. */
  readonly idAt: number
  readonly wanted: WantedId
  readonly creates: boolean
  readonly trim: Trim | null
}

/** The options of XADD and XTRIM; those of XADD end at the id. */
function parseAddOrTrim(args: Args, isAdd: boolean, limits: CompactLimits): AddOrTrim | ErrorReply {
  let by: Trim['by'] | null = null
  let isApproximate = false
  let limit: number | null = null
  let creates = true
  let wanted: WantedId = null
  let index = 2
  for (; index < args.length; index++) {
    const option = args[index]!
    const left = args.length - 1 - index
    if (isAdd && cText(option) === '*') break
    const isLength = isWord(option, 'maxlen')
    if ((isLength || isWord(option, 'minid')) && left > 0) {
      if (by !== null) return TWO_TRIMS
      const sign = cText(args[index + 1]!)
      isApproximate = left >= 2 && sign === '~'
      if (isApproximate || (left >= 2 && sign === '=')) index++
      const bound: Trim['by'] | ErrorReply = isLength ? parseLength(args[++index]!) : parseMinimum(args[++index]!)
      if (!('max' in bound || 'min' in bound)) return bound
      by = bound
    } else if (isWord(option, 'limit') && left > 0) {
      limit = parseInteger(args[++index]!)
      if (limit === null) return NOT_AN_INTEGER
      if (limit < 0) return NEGATIVE_LIMIT
    } else if (isAdd && isWord(option, 'nomkstream')) {
      creates = false
    } else if (isAdd) {
      const parsed = parseNewId(option)
      if ('kind' in parsed) return parsed
      wanted = parsed
      break
    } else {
      return SYNTAX_ERROR
    }
  }
  if (by === null) {
    if (limit !== null && limit > 0) return LIMIT_OF_NOTHING
    if (!isAdd) return TRIM_OF_NOTHING
  }
  if (limit !== null && !isApproximate) return LIMIT_OF_EXACT
  const trimming =
    by === null ? null : { by, isApproximate, limit: limit ?? (isApproximate ? defaultLimit(limits) : 0) }
  return { idAt: index, wanted, creates, trim: trimming }
}

function parseLength(text: string): Trim['by'] | ErrorReply {
  const max = parseInteger(text)
  if (max === null) return NOT_AN_INTEGER
  return max < 0 ? NEGATIVE_LENGTH : { kind: 'length', max }
}

function parseMinimum(text: string): Trim['by'] | ErrorReply {
  const min = parseId(text)
  return typeof min === 'bigint' ? { kind: 'id', min } : min
}

const NODES_PER_TRIM = 100
const ENTRIES_PER_TRIM = 10_000
const ENTRIES_PER_TRIM_MAX = 1_000_000

/** An approximate trim without LIMIT does not take long either. */
function defaultLimit({ streamNodeEntries }: CompactLimits): number {
  const limit = NODES_PER_TRIM * streamNodeEntries
  return limit <= 0 ? ENTRIES_PER_TRIM : Math.min(limit, ENTRIES_PER_TRIM_MAX)
}

function xadd(args: Args, { keys, nowMs }: CommandContext): Reply {
  const options = parseAddOrTrim(args, true, keys.compactLimits)
  if ('kind' in options) return options
  const fields = args.slice(options.idAt + 1)
  if (fields.length < 2 || fields.length % 2 === 1) return wrongArity('xadd')
  const { wanted } = options
  if (wanted?.hasSequence && wanted.id === ID_MIN) return ZERO_ID
  const key = args[1]!
  const found = streamAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined && !options.creates) return null
  const stream = found ?? emptyStream()
  // Redis creates the key before it looks at the id, and leaves an empty stream behind when the id is refused.
  if (found === undefined) keys.put(key, stream)
  if (stream.lastId === ID_MAX) return NO_MORE_IDS
  const id = chooseId(stream.lastId, wanted, nowMs)
  if (id === null || id <= stream.lastId) return SMALL_ID
  if (fields.reduce((sum, text) => sum + text.length, 0) > ENTRY_BYTES_MAX) return LARGE_ENTRY
  append(stream, { id, fields }, keys.compactLimits)
  if (found !== undefined) keys.changed(key)
  keys.wrote('xadd', key)
  if (options.trim !== null && trim(stream, options.trim) > 0) keys.wrote('xtrim', key, 0)
  keys.ready(key)
  return idText(id)
}

/** The id of the new entry; null: the sequence numbers of its millisecond are used up. */
function chooseId(lastId: bigint, wanted: WantedId, nowMs: number): bigint | null {
  if (wanted === null) return nextId(lastId, nowMs)
  if (wanted.hasSequence || msOf(wanted.id) !== msOf(lastId)) return wanted.id
  return sequenceOf(lastId) === UINT64_MAX ? null : lastId + 1n
}

function xlen(args: Args, { keys }: CommandContext): Reply {
  const found = streamAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.length ?? 0
}

function readRange(isReverse: boolean) {
  return (args: Args, { keys }: CommandContext): Reply => {
    const start = parseStart(args[isReverse ? 3 : 2]!)
    if (typeof start !== 'bigint') return start
    const end = parseEnd(args[isReverse ? 2 : 3]!)
    if (typeof end !== 'bigint') return end
    let count: number | null = null
    for (let index = 4; index < args.length; index += 2) {
      if (!isWord(args[index]!, 'count') || index + 1 === args.length) return SYNTAX_ERROR
      const parsed = parseInteger(args[index + 1]!)
      if (parsed === null) return NOT_AN_INTEGER
      count = Math.max(parsed, 0)
    }
    const found = streamAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    if (found === undefined) return []
    return count === 0 ? NULL_ARRAY : range(found, { start, end, count: count ?? 0, isReverse }).map(entryReply)
  }
}

function xdel(args: Args, { keys }: CommandContext): Reply {
  const found = streamAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  const ids = parseIds(args, 2)
  if ('kind' in ids) return ids
  let removed = 0
  for (const id of ids) if (removeEntry(found, id)) removed++
  if (removed > 0) {
    keys.changed(args[1]!)
    keys.wrote('xdel', args[1]!, removed)
  }
  return removed
}

function xtrim(args: Args, { keys }: CommandContext): Reply {
  const options = parseAddOrTrim(args, false, keys.compactLimits)
  if ('kind' in options) return options
  const found = streamAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  const removed = trim(found, options.trim!)
  if (removed > 0) {
    keys.changed(args[1]!)
    keys.wrote('xtrim', args[1]!, removed)
  }
  return removed
}

function xsetid(args: Args, { keys }: CommandContext): Reply {
  const id = parseId(args[2]!)
  if (typeof id !== 'bigint') return id
  let entriesAdded: bigint | null = null
  let maxDeletedId = idOf(0n, 0n)
  for (let index = 3; index < args.length; index += 2) {
    const value = args[index + 1]
    if (value === undefined) return SYNTAX_ERROR
    if (isWord(args[index]!, 'entriesadded')) {
      entriesAdded = parseInteger64(value)
      if (entriesAdded === null) return NOT_AN_INTEGER
      if (entriesAdded < 0n) return NEGATIVE_COUNT
    } else if (isWord(args[index]!, 'maxdeletedid')) {
      const parsed = parseId(value)
      if (typeof parsed !== 'bigint') return parsed
      if (id < parsed) return BELOW_DELETED
      maxDeletedId = parsed
    } else {
      return SYNTAX_ERROR
    }
  }
  const found = streamAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return NO_SUCH_KEY
  const top = lastEntry(found)
  if (top !== undefined && id < top.id) return BELOW_TOP
  if (top !== undefined && entriesAdded !== null && BigInt(found.length) > entriesAdded) return BELOW_LENGTH
  found.lastId = id
  if (entriesAdded !== null) found.entriesAdded = entriesAdded
  if (maxDeletedId !== ID_MIN) found.maxDeletedId = maxDeletedId
  keys.wrote('xsetid', args[1]!)
  return OK
}
