/**
 * XCLAIM and XAUTOCLAIM: a consumer takes over what another one got and did not acknowledge.
 *
 * Source: https://redis.io/docs/latest/commands/xclaim/, /xautoclaim/
 */
import { isWord, parseInteger64, rangeArgument } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { entryWithId, type StreamGroup, type StreamValue } from '../stream.ts'
import { hand, pendingFrom, release, seenConsumer } from '../stream-group.ts'
import { ID_MIN, idText, parseId, parseStart } from '../stream-id.ts'
import type { Value } from '../value.ts'
import { ONE_KEY } from './key-positions.ts'
import { entryReply } from './stream-replies.ts'

type Args = readonly string[]

const badIdle = (command: string): ErrorReply => errorOf(`ERR Invalid min-idle-time argument for ${command}`)
/** XAUTOCLAIM looks at ten times as many entries as it may claim. */
const ATTEMPTS_PER_ENTRY = 10
const COUNT_DEFAULT = 100
/** COUNT entries of 16 bytes must be countable in a long. */
const COUNT_MAX = Number((2n ** 63n - 1n) / 16n)
/** More than this Redis cannot get memory for. */
const COUNT_ALLOCATABLE = 2 ** 40

export const claims: readonly Command[] = [
  { name: 'xclaim', arity: -6, flags: ['write', 'fast'], ...ONE_KEY, execute: xclaim },
  { name: 'xautoclaim', arity: -6, flags: ['write', 'fast'], ...ONE_KEY, execute: xautoclaim },
]

interface Found {
  readonly stream: StreamValue
  readonly group: StreamGroup
}

function groupOf(stream: Value | undefined, args: Args): Found | ErrorReply {
  if (stream !== undefined && stream.type !== 'stream') return WRONG_TYPE
  const group = stream?.groups.get(args[2]!)
  if (stream === undefined || group === undefined) {
    return errorOf(`NOGROUP No such key '${cText(args[1]!)}' or consumer group '${cText(args[2]!)}'`)
  }
  return { stream, group }
}

interface ClaimOptions {
  /** When the entries count as delivered; null: now. */
  timeMs: bigint | null
  /** The number of deliveries; negative: one more. */
  count: bigint
  isForced: boolean
  onlyIds: boolean
  lastId: bigint
}

function xclaim(args: Args, context: CommandContext): Reply {
  const found = groupOf(context.keys.read(args[1]!)?.value, args)
  if ('kind' in found) return found
  const idleMs = parseInteger64(args[4]!)
  if (idleMs === null) return badIdle('XCLAIM')
  const ids: bigint[] = []
  let index = 5
  for (; index < args.length; index++) {
    const id = parseId(args[index]!)
    if (typeof id !== 'bigint') break
    ids.push(id)
  }
  const options = parseClaimOptions(args, index, context.nowMs)
  if ('kind' in options) return options
  const { stream, group } = found
  const { keys, nowMs } = context
  const movesOn = options.lastId > group.lastId
  if (movesOn) group.lastId = options.lastId
  const claimed: Reply[] = []
  let changes = 0
  for (const id of ids) {
    const entry = entryWithId(stream, id)
    const pending = group.pending.get(id)
    if (entry === undefined) {
      if (release(group, id)) changes++
      continue
    }
    if (pending === undefined && !options.isForced) continue
    if (pending !== undefined && idleMs > 0n && BigInt(nowMs - pending.timeMs) < idleMs) continue
    const consumer = seenConsumer(keys, args[1]!, group, args[3]!)
    const before = pending?.count ?? 1n
    hand(group, id, {
      consumer,
      timeMs: deliveryTime(options.timeMs, nowMs),
      count: options.count >= 0n ? options.count : options.onlyIds ? before : before + 1n,
    })
    claimed.push(options.onlyIds ? idText(id) : entryReply(entry))
    changes++
  }
  keys.changes += changes === 0 && movesOn ? 1 : changes
  return claimed
}

function deliveryTime(wantedMs: bigint | null, nowMs: number): number {
  return wantedMs === null || wantedMs < 0n || wantedMs > BigInt(nowMs) ? nowMs : Number(wantedMs)
}

function parseClaimOptions(args: Args, first: number, nowMs: number): ClaimOptions | ErrorReply {
  const options: ClaimOptions = { timeMs: null, count: -1n, isForced: false, onlyIds: false, lastId: ID_MIN }
  for (let index = first; index < args.length; index++) {
    const option = args[index]!
    const value = args[index + 1]
    if (isWord(option, 'force')) options.isForced = true
    else if (isWord(option, 'justid')) options.onlyIds = true
    else if (value === undefined) return unrecognized(option)
    else if (isWord(option, 'idle') || isWord(option, 'time')) {
      const ms = parseInteger64(value)
      if (ms === null) return errorOf(`ERR Invalid ${option.toUpperCase()} option argument for XCLAIM`)
      options.timeMs = BigInt.asIntN(64, isWord(option, 'idle') ? BigInt(nowMs) - ms : ms)
      index++
    } else if (isWord(option, 'retrycount')) {
      const count = parseInteger64(value)
      if (count === null) return errorOf('ERR Invalid RETRYCOUNT option argument for XCLAIM')
      options.count = count
      index++
    } else if (isWord(option, 'lastid')) {
      const id = parseId(value)
      if (typeof id !== 'bigint') return id
      options.lastId = id
      index++
    } else return unrecognized(option)
  }
  return options
}

const unrecognized = (option: string): ErrorReply => errorOf(`ERR Unrecognized XCLAIM option '${cText(option)}'`)

function xautoclaim(args: Args, context: CommandContext): Reply {
  const { keys, nowMs } = context
  const value = keys.read(args[1]!)?.value
  const idleMs = parseInteger64(args[4]!)
  if (idleMs === null) return badIdle('XAUTOCLAIM')
  const start = parseStart(args[5]!)
  if (typeof start !== 'bigint') return start
  let count = COUNT_DEFAULT
  let onlyIds = false
  for (let index = 6; index < args.length; index++) {
    if (isWord(args[index]!, 'count') && index + 1 < args.length) {
      const parsed = rangeArgument(args[++index]!, 1, COUNT_MAX, 'COUNT must be > 0')
      if (typeof parsed !== 'number') return parsed
      count = parsed
    } else if (isWord(args[index]!, 'justid')) {
      onlyIds = true
    } else {
      return SYNTAX_ERROR
    }
  }
  const found = groupOf(value, args)
  if ('kind' in found) return found
  const { stream, group } = found
  if (count > COUNT_ALLOCATABLE) {
    return errorOf('ERR Insufficient memory, failed allocating transient memory, COUNT too high.')
  }
  const ids = pendingFrom(group.pending, start)
  const claimed: Reply[] = []
  const deleted: string[] = []
  let at = 0
  for (; at < ids.length && at < count * ATTEMPTS_PER_ENTRY && claimed.length + deleted.length < count; at++) {
    const id = ids[at]!
    const entry = entryWithId(stream, id)
    const pending = group.pending.get(id)!
    if (entry === undefined) {
      release(group, id)
      deleted.push(idText(id))
      keys.changes++
      continue
    }
    if (idleMs > 0n && BigInt(nowMs - pending.timeMs) < idleMs) continue
    const consumer = seenConsumer(keys, args[1]!, group, args[3]!)
    hand(group, id, { consumer, timeMs: nowMs, count: onlyIds ? pending.count : pending.count + 1n })
    claimed.push(onlyIds ? idText(id) : entryReply(entry))
    keys.changes++
  }
  return [idText(ids[at] ?? ID_MIN), claimed, deleted]
}
