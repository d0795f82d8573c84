/**
 * XINFO: a stream, its groups, their consumers.
 *
 * Models  also the number of radix tree nodes, which follows from the ids that the tree holds.
 *
 * Source: https://redis.io/docs/latest/commands/xinfo-stream/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, NO_SUCH_KEY, WRONG_TYPE } from '../errors.ts'
import { integerReply, type Reply } from '../reply.ts'
import {
  type Delivery,
  firstEntry,
  firstIdOf,
  lastEntry,
  range,
  type StreamConsumer,
  type StreamGroup,
  type StreamValue,
} from '../stream.ts'
import { lagOf, namesInOrder, pendingFrom } from '../stream-group.ts'
import { ID_MAX, ID_MIN, idText } from '../stream-id.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS, SECOND_ARGUMENT } from './key-positions.ts'
import { entryReply } from './stream-replies.ts'

type Args = readonly string[]
type Pairs = [string, Reply][]

const COUNT_DEFAULT = 10

const HELP = [
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
]

const sub = (
  name: string,
  arity: number,
  answer: (stream: StreamValue, args: Args, context: CommandContext) => Reply,
): Command => ({
  name: `xinfo|${name}`,
  arity,
  flags: ['readonly'],
  ...SECOND_ARGUMENT,
  execute(args, context) {
    const value = context.keys.find(args[2]!)?.value
    if (value === undefined) return NO_SUCH_KEY
    return value.type === 'stream' ? answer(value, args, context) : WRONG_TYPE
  },
})

export const streamInfo: Command = {
  name: 'xinfo',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    sub('stream', -3, (stream, args) => describeStream(stream, args)),
    sub('groups', 3, (stream) => groupsOf(stream)),
    sub('consumers', 4, consumersOf),
    helpCommand('xinfo', HELP),
  ],
}

const map = (entries: Pairs): Reply => ({ kind: 'map', entries })

function describeStream(stream: StreamValue, args: Args): Reply {
  const count = args.length === 3 ? null : parseFull(args)
  if (count !== null && typeof count !== 'number') return count
  const pairs: Pairs = [
    ['length', stream.length],
    ['radix-tree-keys', stream.nodes.length],
    ['radix-tree-nodes', radixTreeNodes(stream.nodes.map(({ masterId }) => masterId))],
    ['last-generated-id', idText(stream.lastId)],
    ['max-deleted-entry-id', idText(stream.maxDeletedId)],
    ['entries-added', integerReply(stream.entriesAdded)],
    ['recorded-first-entry-id', idText(firstIdOf(stream))],
  ]
  if (count !== null) {
    const entries = range(stream, { start: ID_MIN, end: ID_MAX, count, isReverse: false })
    const groups = namesInOrder(stream.groups.keys()).map((name) => fullGroup(stream, name, count))
    return map([...pairs, ['entries', entries.map(entryReply)], ['groups', groups]])
  }
  const first = firstEntry(stream)
  const last = lastEntry(stream)
  return map([
    ...pairs,
    ['groups', stream.groups.size],
    ['first-entry', first === undefined ? null : entryReply(first)],
    ['last-entry', last === undefined ? null : entryReply(last)],
  ])
}

/** `FULL [COUNT count]`; 0: all entries. */
function parseFull(args: Args): number | ErrorReply {
  if ((args.length !== 4 && args.length !== 6) || !isWord(args[3]!, 'full')) return unknownSubcommandOf(args)
  if (args.length === 4) return COUNT_DEFAULT
  if (!isWord(args[4]!, 'count')) return unknownSubcommandOf(args)
  const count = parseInteger(args[5]!)
  if (count === null) return errorOf('ERR value is not an integer or out of range')
  return count < 0 ? COUNT_DEFAULT : count
}

function fullGroup(stream: StreamValue, name: string, count: number): Reply {
  const group = stream.groups.get(name)!
  return map([
    ['name', name],
    ['last-delivered-id', idText(group.lastId)],
    ...readPairs(stream, group),
    ['pel-count', group.pending.size],
    [
      'pending',
      firstPending(group.pending, count).map(([id, delivery]) => [
        idText(id),
        delivery.consumer.name,
        delivery.timeMs,
        integerReply(delivery.count),
      ]),
    ],
    ['consumers', namesInOrder(group.consumers.keys()).map((each) => fullConsumer(group.consumers.get(each)!, count))],
  ])
}

const fullConsumer = ({ name, seenMs, pending }: StreamConsumer, count: number): Reply =>
  map([
    ['name', name],
    ['seen-time', seenMs],
    ['pel-count', pending.size],
    [
      'pending',
      firstPending(pending, count).map(([id, { timeMs, count: times }]) => [idText(id), timeMs, integerReply(times)]),
    ],
  ])

/** The first `count` deliveries, 0: all. */
function firstPending(pending: ReadonlyMap<bigint, Delivery>, count: number): readonly (readonly [bigint, Delivery])[] {
  const ids = pendingFrom(pending, ID_MIN)
  return ids.slice(0, count === 0 ? ids.length : count).map((id) => [id, pending.get(id)!] as const)
}

function readPairs(stream: StreamValue, group: StreamGroup): Pairs {
  const lag = lagOf(stream, group)
  return [
    ['entries-read', group.entriesRead === null ? null : integerReply(group.entriesRead)],
    ['lag', lag === null ? null : integerReply(lag)],
  ]
}

function groupsOf(stream: StreamValue): Reply {
  return namesInOrder(stream.groups.keys()).map((name) => {
    const group = stream.groups.get(name)!
    return map([
      ['name', name],
      ['consumers', group.consumers.size],
      ['pending', group.pending.size],
      ['last-delivered-id', idText(group.lastId)],
      ...readPairs(stream, group),
    ])
  })
}

function consumersOf(stream: StreamValue, args: Args, { nowMs }: CommandContext): Reply {
  const group = stream.groups.get(args[3]!)
  if (group === undefined) {
    return errorOf(`NOGROUP No such consumer group '${cText(args[3]!)}' for key name '${cText(args[2]!)}'`)
  }
  return namesInOrder(group.consumers.keys()).map((name) => {
    const { seenMs, pending } = group.consumers.get(name)!
    return map([
      ['name', name],
      ['pending', pending.size],
      ['idle', Math.max(nowMs - seenMs, 0)],
    ])
  })
}

const ID_BITS = 128n

/**
 * Nodes of a radix tree of these ids (ascending): what ids have in common is one node, each place where they part is one, and
 * so is each end.
 *
 *   one id      root with 16 bytes → end                                   2
 *   two ids     root with the 15 bytes they share → fork → end, end        4
 */
export function radixTreeNodes(ids: readonly bigint[]): number {
  return ids.length === 0 ? 1 : nodesFrom(ids, ID_BITS)
}

/** `bitsLeft` bits of each id are still to come. */
function nodesFrom(ids: readonly bigint[], bitsLeft: bigint): number {
  if (ids.length === 1) return bitsLeft === 0n ? 1 : 2
  let shared = 0n
  while (byteAt(ids[0]!, bitsLeft - shared) === byteAt(ids.at(-1)!, bitsLeft - shared)) shared += 8n
  const forkAt = bitsLeft - shared
  let nodes = shared === 0n ? 1 : 2
  for (let from = 0; from < ids.length; ) {
    const byte = byteAt(ids[from]!, forkAt)
    let to = from + 1
    while (to < ids.length && byteAt(ids[to]!, forkAt) === byte) to++
    nodes += nodesFrom(ids.slice(from, to), forkAt - 8n)
    from = to
  }
  return nodes
}

const byteAt = (id: bigint, bitsLeft: bigint): bigint => (id >> (bitsLeft - 8n)) & 255n
