/**
 * The stream: entries in the order of their ids, in nodes as Redis packs them, and the groups that read them.
 *
 * Models  nodes, because approximate trimming (`MAXLEN ~ n`) removes whole nodes only: a node is full by bytes or by
 *         entries, deleted ones included.
 *
 * Invariants
 * - `nodes` are in the order of their ids and none is without entries; `length` is the number of all entries.
 * - No entry has an id above `lastId`.
 * - A delivery is pending in its group and in its consumer, or in neither.
 *
 * Source: t_stream.c of Redis 7.0; https://redis.io/docs/latest/develop/data-types/streams/
 */
import type { CompactLimits } from './compact.ts'
import { elementBytes, integerBytes, LISTPACK_FRAME_BYTES } from './rdb/listpack.ts'
import { ID_MIN, idOf, msOf, sequenceOf } from './stream-id.ts'

/** Fields and values in turn. */
export interface StreamEntry {
  readonly id: bigint
  readonly fields: readonly string[]
}

/** A part of a stream that Redis keeps in one listpack. */
export interface StreamNode {
  /** The id of the first entry it ever held, and its field names, which entries with the same ones need not repeat. */
  readonly masterId: bigint
  readonly masterFields: readonly string[]
  readonly entries: StreamEntry[]
  /** Entries that were deleted and still take their bytes. */
  deletedCount: number
  /** Bytes of all entries, deleted ones included. */
  entryBytes: number
  /** The id of the last entry it ever held. */
  lastId: bigint
}

/** An entry that was delivered to a consumer and not yet acknowledged. */
export interface Delivery {
  consumer: StreamConsumer
  timeMs: number
  count: bigint
}

export interface StreamConsumer {
  readonly name: string
  seenMs: number
  readonly pending: Map<bigint, Delivery>
}

export interface StreamGroup {
  lastId: bigint
  /** How many entries were read, as far as that is known; null: it is not. */
  entriesRead: bigint | null
  readonly pending: Map<bigint, Delivery>
  readonly consumers: Map<string, StreamConsumer>
}

export interface StreamValue {
  readonly type: 'stream'
  readonly nodes: StreamNode[]
  length: number
  lastId: bigint
  maxDeletedId: bigint
  /** Entries that were ever added. */
  entriesAdded: bigint
  readonly groups: Map<string, StreamGroup>
}

export const emptyStream = (): StreamValue => ({
  type: 'stream',
  nodes: [],
  length: 0,
  lastId: ID_MIN,
  maxDeletedId: ID_MIN,
  entriesAdded: 0n,
  groups: new Map(),
})

/** The id after the last one at `nowMs`: its own millisecond, unless the clock is behind the stream. */
export function nextId(lastId: bigint, nowMs: number): bigint {
  return BigInt(nowMs) > msOf(lastId) ? idOf(BigInt(nowMs), 0n) : lastId + 1n
}

/** Appends an entry; its id is above the last one. */
export function append(stream: StreamValue, entry: StreamEntry, limits: CompactLimits): void {
  const last = stream.nodes.at(-1)
  const node = last === undefined || isFull(last, entry, limits) ? newNode(stream, entry) : last
  node.entries.push(entry)
  node.entryBytes += entryBytes(node, entry)
  node.lastId = entry.id
  stream.length++
  stream.entriesAdded++
  stream.lastId = entry.id
}

/** The longest listpack Redis makes. */
const NODE_BYTES_MAX = 2 ** 30

function isFull(
  node: StreamNode,
  { fields }: StreamEntry,
  { streamNodeBytes, streamNodeEntries }: CompactLimits,
): boolean {
  const bytesMax = streamNodeBytes === 0 ? NODE_BYTES_MAX : Math.min(streamNodeBytes, NODE_BYTES_MAX)
  let added = 0
  for (const text of fields) added += text.length
  if (nodeBytes(node) + added >= bytesMax) return true
  return streamNodeEntries > 0 && node.entries.length + node.deletedCount >= streamNodeEntries
}

/** The listpack of a node: how many entries, how many deleted ones, the master's field names; then the entries. */
function nodeBytes({ masterFields, entries, deletedCount, entryBytes }: StreamNode): number {
  let bytes = LISTPACK_FRAME_BYTES + entryBytes + integerBytes(0n)
  for (const count of [entries.length, deletedCount, masterFields.length]) bytes += integerBytes(BigInt(count))
  for (const field of masterFields) bytes += elementBytes(field)
  return bytes
}

function newNode(stream: StreamValue, { id, fields }: StreamEntry): StreamNode {
  const masterFields = fields.filter((_, index) => index % 2 === 0)
  const node = { masterId: id, masterFields, entries: [], deletedCount: 0, entryBytes: 0, lastId: id }
  stream.nodes.push(node)
  return node
}

/** Flags, the id's difference to the master's, field names (unless they are the master's), values, the number of elements. */
function entryBytes({ masterId, masterFields }: StreamNode, { id, fields }: StreamEntry): number {
  const hasMasterFields = sharesFields(masterFields, fields)
  const count = fields.length / 2
  let bytes = integerBytes(hasMasterFields ? 2n : 0n)
  bytes += integerBytes(msOf(id) - msOf(masterId))
  bytes += integerBytes(BigInt.asIntN(64, sequenceOf(id) - sequenceOf(masterId)))
  if (!hasMasterFields) bytes += integerBytes(BigInt(count))
  for (let index = hasMasterFields ? 1 : 0; index < fields.length; index += hasMasterFields ? 2 : 1) {
    bytes += elementBytes(fields[index]!)
  }
  return bytes + integerBytes(BigInt(hasMasterFields ? count + 3 : 2 * count + 4))
}

export const sharesFields = (masterFields: readonly string[], fields: readonly string[]): boolean =>
  masterFields.length * 2 === fields.length && masterFields.every((field, index) => field === fields[index * 2])

export const firstEntry = ({ nodes }: StreamValue): StreamEntry | undefined => nodes[0]?.entries[0]

export const lastEntry = ({ nodes }: StreamValue): StreamEntry | undefined => nodes.at(-1)?.entries.at(-1)

/** The id of the first entry, 0-0 in an empty stream. */
export const firstIdOf = (stream: StreamValue): bigint => firstEntry(stream)?.id ?? ID_MIN

/** The entry with this id. */
export function entryWithId(stream: StreamValue, id: bigint): StreamEntry | undefined {
  const node = stream.nodes[nodeBefore(stream, id)]
  const entry = node?.entries[positionFrom(node, id)]
  return entry?.id === id ? entry : undefined
}

/** Which entries a range asks for: both ends are in it; `count` entries at most, 0: all. */
export interface StreamRange {
  readonly start: bigint
  readonly end: bigint
  readonly count: number
  readonly isReverse: boolean
}

/** The entries of a range in the order of the walk. */
export function range(stream: StreamValue, { start, end, count, isReverse }: StreamRange): StreamEntry[] {
  const found: StreamEntry[] = []
  if (start > end) return found
  const { nodes } = stream
  const wanted = count === 0 ? Infinity : count
  const step = isReverse ? -1 : 1
  for (let at = Math.max(0, nodeBefore(stream, isReverse ? end : start)); at >= 0 && at < nodes.length; at += step) {
    const node = nodes[at]!
    if (isReverse ? node.lastId < start : node.masterId > end) break
    const first = positionFrom(node, start)
    const entries = node.entries.slice(first, positionFrom(node, end + 1n))
    if (isReverse) entries.reverse()
    for (const entry of entries) {
      found.push(entry)
      if (found.length >= wanted) return found
    }
  }
  return found
}

/** The last node that begins at or before `id`; -1: all begin after it. */
function nodeBefore({ nodes }: StreamValue, id: bigint): number {
  let low = 0
  let high = nodes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (nodes[middle]!.masterId <= id) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Where in a node the first entry from `id` on is. */
function positionFrom({ entries }: StreamNode, id: bigint): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.id < id) low = middle + 1
    else high = middle
  }
  return low
}

/** XDEL of one entry; false when there is none with this id. */
export function removeEntry(stream: StreamValue, id: bigint): boolean {
  const at = nodeBefore(stream, id)
  const node = stream.nodes[at]
  if (node === undefined) return false
  const position = positionFrom(node, id)
  if (node.entries[position]?.id !== id) return false
  node.entries.splice(position, 1)
  node.deletedCount++
  if (node.entries.length === 0) stream.nodes.splice(at, 1)
  stream.length--
  if (id > stream.maxDeletedId) stream.maxDeletedId = id
  return true
}

/** What a stream is trimmed to; `limit` entries are removed at most, 0: any number. */
export interface Trim {
  readonly by: { readonly kind: 'length'; readonly max: number } | { readonly kind: 'id'; readonly min: bigint }
  readonly isApproximate: boolean
  readonly limit: number
}

/** Removes entries from the front and tells how many: whole nodes, then (unless it is approximate) entries of one more. */
export function trim(stream: StreamValue, { by, isApproximate, limit }: Trim): number {
  const { nodes } = stream
  let removed = 0
  for (let node = nodes[0]; node !== undefined; node = nodes[0]) {
    if (by.kind === 'length' && stream.length <= by.max) break
    const { length } = node.entries
    if (limit > 0 && removed + length > limit) break
    const isWhole = by.kind === 'length' ? stream.length - length >= by.max : node.lastId < by.min
    if (isWhole) {
      nodes.shift()
      stream.length -= length
      removed += length
      continue
    }
    if (isApproximate) break
    const count = by.kind === 'length' ? stream.length - by.max : positionFrom(node, by.min)
    node.entries.splice(0, count)
    node.deletedCount += count
    stream.length -= count
    return removed + count
  }
  return removed
}
