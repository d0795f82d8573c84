/**
 * Identifiers of stream entries: milliseconds and a sequence number of 64 bits each, in one bigint of 128 bits, so that ids
 * compare as integers do.
 *
 * Source: t_stream.c (`streamGenericParseIDOrReply`) of Redis 7.0; https://redis.io/docs/latest/commands/xadd/
 */
import { parseInteger64 } from './arguments.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'

export const ID_MIN = 0n
export const ID_MAX = 2n ** 128n - 1n

const SEQUENCE_BITS = 64n
const UINT64_MAX = 2n ** 64n - 1n
const TEXT_BYTES_MAX = 127
const BAD_ID = errorOf('ERR Invalid stream ID specified as stream command argument')
const BAD_START = errorOf('ERR invalid start ID for the interval')
const BAD_END = errorOf('ERR invalid end ID for the interval')

export const idOf = (ms: bigint, sequence: bigint): bigint => (ms << SEQUENCE_BITS) | sequence

export const msOf = (id: bigint): bigint => id >> SEQUENCE_BITS

export const sequenceOf = (id: bigint): bigint => id & UINT64_MAX

export const idText = (id: bigint): string => `${msOf(id)}-${sequenceOf(id)}`

/** An id in full, or milliseconds alone, which then get `sequence`. */
export function parseId(text: string, sequence = 0n): bigint | ErrorReply {
  const parsed = text.length > TEXT_BYTES_MAX ? null : parse(cText(text), sequence)
  return parsed ?? BAD_ID
}

function parse(text: string, sequence: bigint): bigint | null {
  const dash = text.indexOf('-')
  const ms = unsigned64(dash === -1 ? text : text.slice(0, dash))
  const rest = dash === -1 ? sequence : unsigned64(text.slice(dash + 1))
  return ms === null || rest === null ? null : idOf(ms, rest)
}

/** `string2ull`: a whole number that is not negative, else whatever C's `strtoull` takes (blanks, a sign, leading zeros). */
function unsigned64(text: string): bigint | null {
  const plain = parseInteger64(text)
  if (plain !== null) return plain < 0n ? null : plain
  const match = /^[ \t-\r]*([+-]?)([0-9]+)$/.exec(text)
  if (match === null) return null
  const size = BigInt(match[2]!)
  if (size > UINT64_MAX) return null
  return match[1] === '-' ? BigInt.asUintN(64, -size) : size
}

/** The id of XADD: `<ms>-*` leaves the sequence number to the stream. */
export function parseNewId(text: string): { readonly id: bigint; readonly hasSequence: boolean } | ErrorReply {
  const bytes = cText(text)
  const hasSequence = !(bytes.endsWith('-*') && bytes.indexOf('-') === bytes.length - 2)
  const id = parseId(hasSequence ? text : `${bytes.slice(0, -1)}0`)
  return typeof id === 'bigint' ? { id, hasSequence } : id
}

/** The start of an interval: `-`, an id, or `(` and an id that is not in it. */
export function parseStart(text: string): bigint | ErrorReply {
  if (isExclusive(text)) {
    const id = parseId(text.slice(1))
    if (typeof id !== 'bigint') return id
    return id === ID_MAX ? BAD_START : id + 1n
  }
  return parseBound(text, 0n)
}

/** The end of an interval: `+`, an id, or `(` and an id that is not in it. */
export function parseEnd(text: string): bigint | ErrorReply {
  if (isExclusive(text)) {
    const id = parseId(text.slice(1), UINT64_MAX)
    if (typeof id !== 'bigint') return id
    return id === ID_MIN ? BAD_END : id - 1n
  }
  return parseBound(text, UINT64_MAX)
}

const isExclusive = (text: string): boolean => text.length > 1 && text.startsWith('(')

/** `-` and `+` stand for the smallest and the largest id, at either end. */
export function parseBound(text: string, sequence: bigint): bigint | ErrorReply {
  const bound = cText(text)
  if (bound === '-') return ID_MIN
  return bound === '+' ? ID_MAX : parseId(text, sequence)
}

/** The ids at `args[from]` and after. */
export function parseIds(args: readonly string[], from: number): bigint[] | ErrorReply {
  const ids: bigint[] = []
  for (const text of args.slice(from)) {
    const id = parseId(text)
    if (typeof id !== 'bigint') return id
    ids.push(id)
  }
  return ids
}
