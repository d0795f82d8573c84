/**
 * A value as Redis 7.0 writes it: its type, then its content.
 *
 * Models partly  the nodes of lists (as they come out of RPUSH), entries that were deleted from a stream (they are left out).
 *                Sets and hashes that are not compact are written in their order here; Redis's own is random.
 *
 * Source: rdb.c (`rdbSaveObject`) of Redis 7.0
 */
import { parseInteger64 } from '../arguments.ts'
import { membersInOrder } from '../compact.ts'
import { formatDouble } from '../double.ts'
import type { StreamConsumer, StreamGroup, StreamNode, StreamValue } from '../stream.ts'
import { firstIdOf, sharesFields } from '../stream.ts'
import { namesInOrder, pendingFrom } from '../stream-group.ts'
import { ID_MIN, msOf, sequenceOf } from '../stream-id.ts'
import type { HashValue, ListValue, SetValue, SortedSetValue, Value } from '../value.ts'
import { bigEndian, doubleBytes, littleEndian } from './bytes.ts'
import { elementBytes, LISTPACK_FRAME_BYTES, writeListpack } from './listpack.ts'
import * as types from './types.ts'
import { type WriteSettings, writeLength, writeString } from './writer.ts'

export function writeValue(value: Value, settings: WriteSettings): string {
  switch (value.type) {
    case 'string':
      return typed(types.STRING, writeString(value.text, settings))
    case 'list':
      return typed(types.LIST_QUICKLIST_2, writeList(value, settings))
    case 'set':
      return value.isCompact
        ? typed(types.SET_INTSET, writeString(intset(value), settings))
        : typed(types.SET, writeAll([...value.members], value.members.size, settings))
    case 'hash':
      return value.isCompact
        ? typed(types.HASH_LISTPACK, writeString(writeListpack([...value.fields].flat()), settings))
        : typed(types.HASH, writeHash(value, settings))
    case 'zset':
      return value.isCompact
        ? typed(types.SORTED_SET_LISTPACK, writeString(writeListpack(scoredElements(value)), settings))
        : typed(types.SORTED_SET, writeSortedSet(value, settings))
    case 'stream':
      return typed(types.STREAM, writeStream(value, settings))
  }
}

const typed = (type: number, content: string): string => String.fromCharCode(type) + content

const writeAll = (texts: readonly string[], count: number, settings: WriteSettings): string =>
  writeLength(count) + texts.map((text) => writeString(text, settings)).join('')

const writeHash = ({ fields }: HashValue, settings: WriteSettings): string =>
  writeAll([...fields].flat(), fields.size, settings)

const NODE_BYTES_MAX = 8192
/** What Redis reckons an element may need besides its bytes. */
const ELEMENT_OVERHEAD_BYTES = 8

function writeList({ items }: ListValue, settings: WriteSettings): string {
  const nodes: string[][] = []
  let bytes = Infinity
  for (const item of items) {
    if (bytes + item.length + ELEMENT_OVERHEAD_BYTES > NODE_BYTES_MAX) {
      nodes.push([])
      bytes = LISTPACK_FRAME_BYTES
    }
    nodes.at(-1)!.push(item)
    bytes += elementBytes(item)
  }
  return (
    writeLength(nodes.length) +
    nodes.map((node) => writeLength(types.PACKED_NODE) + writeString(writeListpack(node), settings)).join('')
  )
}

/** The size of each number, how many there are, the numbers. */
function intset(set: SetValue): string {
  const numbers = membersInOrder(set).map((member) => parseInteger64(member)!)
  const fits = (bits: bigint): boolean =>
    numbers.every((number) => number >= -(1n << (bits - 1n)) && number < 1n << (bits - 1n))
  const size = fits(16n) ? 2 : fits(32n) ? 4 : 8
  const header = littleEndian(BigInt(size), 4) + littleEndian(BigInt(numbers.length), 4)
  return header + numbers.map((number) => littleEndian(number, size)).join('')
}

const scoredElements = ({ order }: SortedSetValue): string[] =>
  order.flatMap(({ member, score }) => [member, formatDouble(score)])

/** From the highest score down, so that each one is put in front when it is read. */
function writeSortedSet({ order }: SortedSetValue, settings: WriteSettings): string {
  const parts = order.map(({ member, score }) => writeString(member, settings) + doubleBytes(score))
  return writeLength(order.length) + parts.reverse().join('')
}

const idBytes = (id: bigint): string => bigEndian(id, 16)
const writeId = (id: bigint): string => writeLength(msOf(id)) + writeLength(sequenceOf(id))

function writeStream(stream: StreamValue, settings: WriteSettings): string {
  const { nodes, groups } = stream
  let bytes = writeLength(nodes.length)
  for (const node of nodes) {
    bytes += writeString(idBytes(node.masterId), settings) + writeString(writeListpack(nodeElements(node)), settings)
  }
  bytes += writeLength(stream.length) + writeId(stream.lastId) + writeId(firstIdOf(stream))
  bytes += writeId(stream.maxDeletedId) + writeLength(stream.entriesAdded) + writeLength(groups.size)
  for (const name of namesInOrder(groups.keys())) bytes += writeGroup(name, groups.get(name)!, settings)
  return bytes
}

const SAME_FIELDS = '2'
const OWN_FIELDS = '0'

function nodeElements({ masterId, masterFields, entries }: StreamNode): string[] {
  const elements = [String(entries.length), '0', String(masterFields.length), ...masterFields, '0']
  for (const { id, fields } of entries) {
    const isSame = sharesFields(masterFields, fields)
    const content = isSame ? fields.filter((_, index) => index % 2 === 1) : [String(fields.length / 2), ...fields]
    const difference = [msOf(id) - msOf(masterId), sequenceOf(id) - sequenceOf(masterId)]
    elements.push(isSame ? SAME_FIELDS : OWN_FIELDS, ...difference.map((part) => String(BigInt.asIntN(64, part))))
    elements.push(...content, String(content.length + 3))
  }
  return elements
}

/** Written where the number of entries that a group has read is unknown: -1 as 64 bits. */
const UNKNOWN = 2n ** 64n - 1n

function writeGroup(name: string, group: StreamGroup, settings: WriteSettings): string {
  const ids = pendingFrom(group.pending, ID_MIN)
  let bytes = writeString(name, settings) + writeId(group.lastId) + writeLength(group.entriesRead ?? UNKNOWN)
  bytes += writeLength(ids.length)
  for (const id of ids) {
    const { timeMs, count } = group.pending.get(id)!
    bytes += idBytes(id) + littleEndian(BigInt(timeMs), 8) + writeLength(count)
  }
  const names = namesInOrder(group.consumers.keys())
  return (
    bytes +
    writeLength(names.length) +
    names.map((each) => writeConsumer(group.consumers.get(each)!, settings)).join('')
  )
}

function writeConsumer({ name, seenMs, pending }: StreamConsumer, settings: WriteSettings): string {
  const ids = pendingFrom(pending, ID_MIN)
  return (
    writeString(name, settings) + littleEndian(BigInt(seenMs), 8) + writeLength(ids.length) + ids.map(idBytes).join('')
  )
}
