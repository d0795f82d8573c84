/**
 * The memory a key takes in a Redis on 64-bit Linux with jemalloc, for MEMORY USAGE.
 *
 * Models          strings, and sets and hashes that are hash tables, exactly, as measured on redis-server 7.0.15; of sorted sets the
 *                 usual height of a skip list.
 * Does not model  the layout of other collections: the bytes of their elements are counted, with two more for each.
 *
 * Source: object.c (`objectComputeSize`) of Redis 7.0
 */
import { parseInteger } from './arguments.ts'
import type { Value } from './value.ts'

const OBJECT_BYTES = 16
const DICT_BYTES = 56
const DICT_ENTRY_BYTES = 24
const POINTER_BYTES = 8
/** The smallest hash table has so many places, and each larger one twice as many. */
const PLACES_MIN = 4
/** Of a sorted set: itself, its skip list, and the first node of that, which has all levels. */
const SKIP_LIST_BYTES = 16 + 32 + 640
/** A node of 24 bytes and 16 for each level: one in four nodes has one level more than another. */
const NODE_BYTES = 160 / 3
/** Up to this length a string shares one block with its object. */
const EMBEDDED_BYTES_MAX = 44

export function memoryUsage(key: string, value: Value): number {
  return DICT_ENTRY_BYTES + blockBytes(stringBytes(key, { isKey: true })) + valueBytes(value)
}

function valueBytes(value: Value): number {
  switch (value.type) {
    case 'string':
      if (parseInteger(value.text) !== null) return OBJECT_BYTES
      return value.text.length <= EMBEDDED_BYTES_MAX
        ? blockBytes(OBJECT_BYTES + stringBytes(value.text))
        : OBJECT_BYTES + blockBytes(stringBytes(value.text))
    case 'hash':
      return value.isCompact ? collectionBytes([...value.fields].flat()) : hashTableBytes(value.fields)
    case 'set':
      return value.isCompact ? collectionBytes(value.members) : hashTableBytes(value.members)
    case 'list':
      return collectionBytes(value.items)
    case 'zset':
      return value.isCompact ? collectionBytes(value.scores.keys()) : skipListBytes(value.scores)
    case 'stream':
      return collectionBytes(value.nodes.flatMap(({ entries }) => entries.flatMap(({ fields }) => fields)))
  }
}

/** Of a set, or of a hash. */
function hashTableBytes(elements: ReadonlySet<string> | ReadonlyMap<string, string>): number {
  let bytes = OBJECT_BYTES + DICT_BYTES + placesFor(elements.size) * POINTER_BYTES + elements.size * DICT_ENTRY_BYTES
  for (const element of elements.keys()) bytes += elementBytes(element)
  if (elements instanceof Map) for (const text of elements.values()) bytes += elementBytes(text)
  return bytes
}

function skipListBytes(scores: ReadonlyMap<string, number>): number {
  const nodes = Math.round(scores.size * NODE_BYTES)
  let bytes = OBJECT_BYTES + DICT_BYTES + SKIP_LIST_BYTES + placesFor(scores.size) * POINTER_BYTES + nodes
  for (const member of scores.keys()) bytes += DICT_ENTRY_BYTES + elementBytes(member)
  return bytes
}

const elementBytes = (text: string): number => blockBytes(stringBytes(text, { isKey: text !== '' }))

function placesFor(count: number): number {
  let places = PLACES_MIN
  while (places < count) places *= 2
  return places
}

function collectionBytes(elements: Iterable<string>): number {
  let bytes = 7
  for (const element of elements) bytes += element.length + 2
  return OBJECT_BYTES + blockBytes(bytes)
}

/** Header, bytes and the zero at the end; short keys have the shortest header. */
function stringBytes(text: string, { isKey = false } = {}): number {
  const header = isKey && text.length < 32 ? 1 : text.length < 256 ? 3 : text.length < 65536 ? 5 : 9
  return header + text.length + 1
}

/** The size class of jemalloc that holds `bytes`: steps of 16 up to 128, then four steps to each doubling. */
function blockBytes(bytes: number): number {
  if (bytes <= 8) return 8
  if (bytes <= 128) return Math.ceil(bytes / 16) * 16
  let step = 32
  while (bytes > step * 8) step *= 2
  return Math.ceil(bytes / step) * step
}
