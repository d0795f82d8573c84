/**
 * The digests of DEBUG DIGEST: two servers with the same data have the same one, whatever the order of their hash tables.
 *
 * Source: debug.c (`xorObjectDigest`, `computeDatasetDigest`) of Redis 7.0
 */

import { formatDouble } from './double.ts'
import { bigEndian } from './rdb/bytes.ts'
import { sha1 } from './script/sha1.ts'
import { msOf, sequenceOf } from './stream-id.ts'
import type { Entry, Value } from './value.ts'

const DIGEST_BYTES = 20
const NOTHING = '\0'.repeat(DIGEST_BYTES)
/** The numbers of types, as TYPE's C constants have them. */
const TYPES: Readonly<Record<Value['type'], bigint>> = { string: 0n, list: 1n, set: 2n, zset: 3n, hash: 4n, stream: 6n }

const bytesOfHex = (hex: string): string => hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
const hexOfBytes = (bytes: string): string =>
  [...bytes].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')

/** Adds in a way in which the order does not count. */
function crossed(digest: string, bytes: string): string {
  const other = bytesOfHex(sha1(bytes))
  let result = ''
  for (let index = 0; index < DIGEST_BYTES; index++) {
    result += String.fromCharCode(digest.charCodeAt(index) ^ other.charCodeAt(index))
  }
  return result
}

/** Adds in a way in which the order counts. */
const mixed = (digest: string, ...parts: readonly string[]): string =>
  parts.reduce((sum, bytes) => bytesOfHex(sha1(crossed(sum, bytes))), digest)

function valueAdded(before: string, { value, expireAtMs }: Entry): string {
  const typed = mixed(before, bigEndian(TYPES[value.type], 4))
  const digest = contentAdded(typed, value)
  return expireAtMs === null ? digest : crossed(digest, '!!expire!!')
}

function contentAdded(digest: string, value: Value): string {
  switch (value.type) {
    case 'string':
      return mixed(digest, value.text)
    case 'list':
      return mixed(digest, ...value.items)
    case 'set':
      return [...value.members].reduce(crossed, digest)
    case 'zset':
      return value.order.reduce(
        (sum, { member, score }) => crossed(sum, mixed(NOTHING, member, formatDouble(score))),
        digest,
      )
    case 'hash':
      return [...value.fields].reduce((sum, field) => crossed(sum, mixed(NOTHING, ...field)), digest)
    case 'stream':
      return value.nodes
        .flatMap(({ entries }) => entries)
        .reduce((sum, { id, fields }) => mixed(sum, `${msOf(id)}.${sequenceOf(id)}`, ...fields), digest)
  }
}

/** Of one value, as 40 hexadecimal digits; without a value all are 0. */
export const valueDigest = (entry: Entry | undefined): string =>
  hexOfBytes(entry === undefined ? NOTHING : valueAdded(NOTHING, entry))

/** Of all databases. */
export function dataDigest(
  databases: Iterable<{ readonly index: number; entries(): Iterable<[string, Entry]>; readonly size: number }>,
): string {
  let digest = NOTHING
  for (const database of databases) {
    if (database.size === 0) continue
    digest = mixed(digest, bigEndian(BigInt(database.index), 4))
    for (const [key, entry] of database.entries()) digest = crossed(digest, valueAdded(mixed(NOTHING, key), entry))
  }
  return hexOfBytes(digest)
}
