/**
 * A value as Redis writes it, read back: everything that a server of version 2.6 to 7.0 puts into DUMP.
 *
 * Does not model  hashes of very old servers (zipmaps), values of modules.
 *
 * Source: rdb.c (`rdbLoadObject`) of Redis 7.0
 */
import { type CompactLimits, setField, setOf } from '../compact.ts'
import { parseDouble } from '../double.ts'
import { sortedSetOf } from '../sorted-set.ts'
import type { HashValue, Value } from '../value.ts'
import { fromLittleEndian, signedFromLittleEndian } from './bytes.ts'
import { readListpack } from './listpack.ts'
import { readStream } from './read-stream.ts'
import type { RdbReader } from './reader.ts'
import * as types from './types.ts'
import { readZiplist } from './ziplist.ts'

/** The value that comes next; null: it is damaged, or of a kind that is unknown. */
export function readValue(reader: RdbReader, limits: CompactLimits): Value | null {
  return readTyped(reader.byte(), reader, limits)
}

/** The same where the type has been read: in a file the key stands between it and the value. */
export function readTyped(type: number, reader: RdbReader, limits: CompactLimits): Value | null {
  const value = read(type, reader, limits)
  return reader.hasFailed || value === null || isEmpty(value) ? null : value
}

/** No key holds an empty collection, except for streams. */
function isEmpty(value: Value): boolean {
  switch (value.type) {
    case 'list':
      return value.items.length === 0
    case 'set':
      return value.members.size === 0
    case 'hash':
      return value.fields.size === 0
    case 'zset':
      return value.order.length === 0
    case 'string':
    case 'stream':
      return false
  }
}

function read(type: number, reader: RdbReader, limits: CompactLimits): Value | null {
  switch (type) {
    case types.STRING:
      return { type: 'string', text: reader.string(), form: 'chosen' }
    case types.LIST:
      return { type: 'list', items: strings(reader, reader.count()) }
    case types.LIST_ZIPLIST:
      return listOf([readZiplist(reader.string())])
    case types.LIST_QUICKLIST:
      return listOf(Array.from({ length: reader.count() }, () => readZiplist(reader.string())))
    case types.LIST_QUICKLIST_2:
      return listOf(Array.from({ length: reader.count() }, () => readNode(reader)))
    case types.SET:
      return setFrom(strings(reader, reader.count()), limits)
    case types.SET_INTSET:
      return setFrom(readIntset(reader.string()), limits)
    case types.HASH:
      return hashFrom(strings(reader, 2 * reader.count()), limits)
    case types.HASH_ZIPLIST:
      return packedHash(readZiplist(reader.string()), limits)
    case types.HASH_LISTPACK:
      return packedHash(readListpack(reader.string()), limits)
    case types.OLD_SORTED_SET:
      return scoredFrom(reader, limits, oldScore)
    case types.SORTED_SET:
      return scoredFrom(reader, limits, () => reader.double())
    case types.SORTED_SET_ZIPLIST:
      return packedSortedSet(readZiplist(reader.string()), limits)
    case types.SORTED_SET_LISTPACK:
      return packedSortedSet(readListpack(reader.string()), limits)
    case types.OLD_STREAM:
      return readStream(reader, { hasCounters: false })
    case types.STREAM:
      return readStream(reader, { hasCounters: true })
    default:
      return null
  }
}

const strings = (reader: RdbReader, count: number): string[] => Array.from({ length: count }, () => reader.string())

function listOf(nodes: readonly (readonly string[] | null)[]): Value | null {
  return nodes.includes(null) ? null : { type: 'list', items: nodes.flat() as string[] }
}

function readNode(reader: RdbReader): string[] | null {
  const container = reader.length()
  const content = reader.string()
  return container === types.PLAIN_NODE ? [content] : container === types.PACKED_NODE ? readListpack(content) : null
}

function setFrom(members: readonly string[] | null, limits: CompactLimits): Value | null {
  if (members === null) return null
  const set = new Set(members)
  return set.size === members.length ? setOf(set, limits) : null
}

function readIntset(bytes: string): string[] | null {
  const size = Number(fromLittleEndian(bytes.slice(0, 4)))
  const count = Number(fromLittleEndian(bytes.slice(4, 8)))
  if (![2, 4, 8].includes(size) || bytes.length !== 8 + size * count) return null
  return Array.from({ length: count }, (_, index) =>
    String(signedFromLittleEndian(bytes.slice(8 + index * size, 8 + (index + 1) * size))),
  )
}

function hashFrom(pairs: readonly string[], limits: CompactLimits): HashValue | null {
  const hash: HashValue = { type: 'hash', fields: new Map(), isCompact: true }
  for (let index = 0; index < pairs.length; index += 2) setField(hash, pairs[index]!, pairs[index + 1]!, limits)
  return hash.fields.size * 2 === pairs.length ? hash : null
}

/** What was packed stays so, unless it has too many elements; their lengths are not looked at. */
function packedHash(pairs: readonly string[] | null, limits: CompactLimits): Value | null {
  const hash = pairs === null || pairs.length % 2 === 1 ? null : hashFrom(pairs, limits)
  if (hash !== null) hash.isCompact = hash.fields.size <= limits.hashEntries
  return hash
}

function scoredFrom(reader: RdbReader, limits: CompactLimits, score: (reader: RdbReader) => number): Value | null {
  const count = reader.count()
  const scores = new Map<string, number>()
  for (let index = 0; index < count; index++) scores.set(reader.string(), score(reader))
  return scoresOf(scores, count, limits)
}

function scoresOf(scores: Map<string, number>, count: number, limits: CompactLimits): Value | null {
  for (const score of scores.values()) if (Number.isNaN(score)) return null
  return scores.size === count ? sortedSetOf(scores, limits) : null
}

/** A text with its length in front; three lengths stand for what has no digits. */
function oldScore(reader: RdbReader): number {
  const length = reader.byte()
  if (length === 255) return -Infinity
  if (length === 254) return Infinity
  return length === 253 ? Number.NaN : (parseDouble(reader.take(length)) ?? Number.NaN)
}

function packedSortedSet(pairs: readonly string[] | null, limits: CompactLimits): Value | null {
  if (pairs === null || pairs.length % 2 === 1) return null
  const scores = new Map<string, number>()
  for (let index = 0; index < pairs.length; index += 2) {
    scores.set(pairs[index]!, parseDouble(pairs[index + 1]!) ?? Number.NaN)
  }
  const zset = scoresOf(scores, pairs.length / 2, limits)
  if (zset?.type === 'zset') zset.isCompact = zset.order.length <= limits.sortedSetEntries
  return zset
}
