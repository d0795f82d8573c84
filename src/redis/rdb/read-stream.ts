/**
 * A stream as Redis writes it, read back.
 *
 * Source: rdb.c (`rdbLoadObject`) and t_stream.c of Redis 7.0
 */
import {
  emptyStream,
  firstEntry,
  type StreamEntry,
  type StreamGroup,
  type StreamNode,
  type StreamValue,
} from '../stream.ts'
import { newGroup } from '../stream-group.ts'
import { idOf, msOf, sequenceOf } from '../stream-id.ts'
import { fromBigEndian } from './bytes.ts'
import { elementBytes, readListpack } from './listpack.ts'
import type { RdbReader } from './reader.ts'

const ID_BYTES = 16
/** An entry whose fields are those of its node; one that was deleted. */
const SAME_FIELDS = 2n
const DELETED = 1n
const UNKNOWN = 2n ** 64n - 1n

/** The stream that comes next; null: it is damaged. Streams of servers before 7.0 have no counters. */
export function readStream(reader: RdbReader, { hasCounters }: { readonly hasCounters: boolean }): StreamValue | null {
  const stream = emptyStream()
  for (let count = reader.count(); count > 0; count--) {
    const id = reader.string()
    const elements = readListpack(reader.string())
    const node = id.length === ID_BYTES && elements !== null ? readNode(fromBigEndian(id), elements) : null
    if (node === null) return null
    stream.nodes.push(node)
  }
  stream.length = reader.length()
  stream.lastId = readId(reader)
  if (hasCounters) {
    // The id of the first entry, which is there to be seen.
    readId(reader)
    stream.maxDeletedId = readId(reader)
    stream.entriesAdded = reader.bigLength()
  } else {
    stream.entriesAdded = BigInt(stream.length)
  }
  const count = stream.nodes.reduce((sum, { entries }) => sum + entries.length, 0)
  if (reader.hasFailed || count !== stream.length) return null
  return readGroups(reader, stream, hasCounters) ? stream : null
}

const readId = (reader: RdbReader): bigint => idOf(reader.bigLength(), reader.bigLength())

/** The listpack of a node: the counts, the master's field names, and the entries. */
function readNode(masterId: bigint, elements: readonly string[]): StreamNode | null {
  let at = 0
  const next = (): string => elements[at++] ?? ''
  const number = (): bigint => BigInt(/^-?[0-9]+$/.test(elements[at] ?? '') ? next() : -1n)
  const liveCount = number()
  const deletedCount = number()
  const masterCount = number()
  if (liveCount < 1n || deletedCount < 0n || masterCount < 0n || masterCount > elements.length) return null
  const masterFields = Array.from({ length: Number(masterCount) }, next)
  if (number() !== 0n) return null
  const firstAt = at
  const entries: StreamEntry[] = []
  let lastId = masterId
  while (at < elements.length) {
    const flags = number()
    lastId = idOf(msOf(masterId) + number(), BigInt.asUintN(64, sequenceOf(masterId) + number()))
    const hasMasterFields = (flags & SAME_FIELDS) !== 0n
    const count = hasMasterFields ? masterFields.length : Number(number())
    if (flags < 0n || count < 0 || count > elements.length) return null
    const fields = Array.from({ length: count }, (_, index) => [
      hasMasterFields ? masterFields[index]! : next(),
      next(),
    ]).flat()
    if (number() !== BigInt(hasMasterFields ? count + 3 : 2 * count + 4)) return null
    if ((flags & DELETED) === 0n) entries.push({ id: lastId, fields })
  }
  if (BigInt(entries.length) !== liveCount) return null
  const entryBytes = elements.slice(firstAt).reduce((sum, element) => sum + elementBytes(element), 0)
  return { masterId, masterFields, entries, deletedCount: Number(deletedCount), entryBytes, lastId }
}

function readGroups(reader: RdbReader, stream: StreamValue, hasCounters: boolean): boolean {
  for (let count = reader.count(); count > 0; count--) {
    const name = reader.string()
    const lastId = readId(reader)
    const read = hasCounters ? reader.bigLength() : null
    const group = newGroup(lastId, read === null ? entriesUpTo(stream, lastId) : read === UNKNOWN ? null : read)
    if (stream.groups.has(name) || !readConsumers(reader, group)) return false
    stream.groups.set(name, group)
  }
  return !reader.hasFailed
}

/** What a group of an older server has read, where that can be told. */
function entriesUpTo(stream: StreamValue, id: bigint): bigint | null {
  const first = firstEntry(stream)
  if (id === stream.lastId || (first === undefined && id < stream.lastId)) return stream.entriesAdded
  if (first === undefined || id > stream.lastId || id > first.id) return null
  return id === first.id ? 1n : 0n
}

function readConsumers(reader: RdbReader, group: StreamGroup): boolean {
  const deliveries = new Map<bigint, { readonly timeMs: number; readonly count: bigint }>()
  for (let count = reader.count(); count > 0; count--) {
    const id = fromBigEndian(reader.take(ID_BYTES))
    deliveries.set(id, { timeMs: reader.milliseconds(), count: reader.bigLength() })
  }
  for (let count = reader.count(); count > 0; count--) {
    const name = reader.string()
    const consumer = { name, seenMs: reader.milliseconds(), pending: new Map() }
    if (group.consumers.has(name)) return false
    group.consumers.set(name, consumer)
    for (let pending = reader.count(); pending > 0; pending--) {
      const id = fromBigEndian(reader.take(ID_BYTES))
      const delivery = deliveries.get(id)
      if (delivery === undefined || group.pending.has(id)) return false
      const mine = { ...delivery, consumer }
      group.pending.set(id, mine)
      consumer.pending.set(id, mine)
    }
  }
  // An entry that is pending with no consumer belongs to nobody.
  return !reader.hasFailed && group.pending.size === deliveries.size
}
