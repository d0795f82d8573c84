/**
 * The memory a key takes in a Redis on 64-bit Linux with jemalloc, for MEMORY USAGE.
 *
 * Models          strings exactly, as measured on redis-server 7.0.15.
 * Does not model  the layout of collections: their bytes are counted as if each element were a string of its own.
 */
import { parseInteger } from './arguments.ts'
import type { Value } from './value.ts'

const OBJECT_BYTES = 16
const DICT_ENTRY_BYTES = 24
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
      return collectionBytes([...value.fields].flat())
    case 'set':
      return collectionBytes(value.members)
    case 'list':
      return collectionBytes(value.items)
    case 'zset':
      return collectionBytes(value.scores.keys())
    case 'stream':
      return collectionBytes(value.nodes.flatMap(({ entries }) => entries.flatMap(({ fields }) => fields)))
  }
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
