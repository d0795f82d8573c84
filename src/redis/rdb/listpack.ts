/**
 * The listpack: how Redis writes a few short strings and integers into one block of memory.
 *
 * Models  the bytes of a listpack, as DUMP shows them, and their number, which decides when a stream or a list begins a new
 *         node.
 *
 * Source: listpack.c of Redis 7.0; https://github.com/antirez/listpack/blob/master/listpack.md
 */
import { parseInteger64 } from '../arguments.ts'
import { littleEndian, signedFromLittleEndian } from './bytes.ts'

/** Total bytes and number of elements in front, one byte at the end. */
export const LISTPACK_FRAME_BYTES = 7

const INT_7_MAX = 127n
const INT_13 = 1n << 12n
const INT_16 = 1n << 15n
const INT_24 = 1n << 23n
const INT_32 = 1n << 31n
const STRING_6_MAX = 64
const STRING_12_MAX = 4096

/** Bytes of an element: a text that is an integer is written as one. */
export function elementBytes(text: string): number {
  const integer = parseInteger64(text)
  return integer === null ? stringBytes(text.length) : integerBytes(integer)
}

/** Bytes of an integer element. */
export function integerBytes(value: bigint): number {
  return withBackLength(integerSize(value))
}

function stringBytes(length: number): number {
  return withBackLength((length < STRING_6_MAX ? 1 : length < STRING_12_MAX ? 2 : 5) + length)
}

function integerSize(value: bigint): number {
  if (value >= 0n && value <= INT_7_MAX) return 1
  if (value >= -INT_13 && value < INT_13) return 2
  if (value >= -INT_16 && value < INT_16) return 3
  if (value >= -INT_24 && value < INT_24) return 4
  return value >= -INT_32 && value < INT_32 ? 5 : 9
}

/** Each element ends with its own length, so that a listpack can be walked backwards. */
function withBackLength(size: number): number {
  return size + backLength(size).length
}

/** Up to which size a length takes one, two, three, four bytes (Redis leaves the last value of each but the first unused). */
const BACK_LENGTH_MAX = [127, 16_382, 2_097_150, 268_435_454]

/** 7 bits a byte, the most significant first; all but the first byte are marked. */
function backLength(size: number): string {
  const place = BACK_LENGTH_MAX.findIndex((max) => size <= max)
  const count = place === -1 ? BACK_LENGTH_MAX.length + 1 : place + 1
  let bytes = ''
  for (let shift = count - 1; shift >= 0; shift--) {
    const bits = Math.floor(size / 2 ** (7 * shift)) & 127
    bytes += String.fromCharCode(bytes === '' ? bits : bits | 128)
  }
  return bytes
}

/** The bytes of a listpack with these elements. */
export function writeListpack(elements: readonly string[]): string {
  let body = ''
  for (const element of elements) body += writeElement(element)
  const count = Math.min(elements.length, COUNT_UNKNOWN)
  return littleEndian(BigInt(body.length + LISTPACK_FRAME_BYTES), 4) + littleEndian(BigInt(count), 2) + body + END
}

const HEADER_BYTES = 6
const END = '\xff'
/** So many elements or more are counted by walking. */
const COUNT_UNKNOWN = 65_535

function writeElement(text: string): string {
  const integer = parseInteger64(text)
  const bytes = integer === null ? writeString(text) : writeInteger(integer)
  return bytes + backLength(bytes.length)
}

function writeString(text: string): string {
  const { length } = text
  if (length < STRING_6_MAX) return String.fromCharCode(0x80 | length) + text
  if (length < STRING_12_MAX) return String.fromCharCode(0xe0 | (length >> 8), length & 255) + text
  return `\xf0${littleEndian(BigInt(length), 4)}${text}`
}

function writeInteger(value: bigint): string {
  switch (integerSize(value)) {
    case 1:
      return String.fromCharCode(Number(value))
    case 2: {
      const bits = Number(BigInt.asUintN(13, value))
      return String.fromCharCode(0xc0 | (bits >> 8), bits & 255)
    }
    case 3:
      return `\xf1${littleEndian(value, 2)}`
    case 4:
      return `\xf2${littleEndian(value, 3)}`
    case 5:
      return `\xf3${littleEndian(value, 4)}`
    default:
      return `\xf4${littleEndian(value, 8)}`
  }
}

/** The elements of a listpack; null: it is damaged. */
export function readListpack(bytes: string): string[] | null {
  if (bytes.length < LISTPACK_FRAME_BYTES || !bytes.endsWith(END)) return null
  if (signedFromLittleEndian(bytes.slice(0, 4)) !== BigInt(bytes.length)) return null
  const elements: string[] = []
  let at = HEADER_BYTES
  while (at < bytes.length - 1) {
    const element = readElement(bytes, at)
    const next = element === null ? at : element.end + backLength(element.end - at).length
    if (element === null || next > bytes.length - 1) return null
    elements.push(element.text)
    at = next
  }
  return elements
}

interface ReadElement {
  readonly text: string
  /** Where its own length begins. */
  readonly end: number
}

function readElement(bytes: string, at: number): ReadElement | null {
  const first = bytes.charCodeAt(at)
  const integer = (size: number): ReadElement => ({
    text: String(signedFromLittleEndian(bytes.slice(at + 1, at + 1 + size))),
    end: at + 1 + size,
  })
  const text = (from: number, length: number): ReadElement | null =>
    from + length >= bytes.length ? null : { text: bytes.slice(from, from + length), end: from + length }
  if (first < 0x80) return { text: String(first), end: at + 1 }
  if (first < 0xc0) return text(at + 1, first & 63)
  const second = bytes.charCodeAt(at + 1)
  if (first < 0xe0) return { text: String(BigInt.asIntN(13, BigInt(((first & 31) << 8) | second))), end: at + 2 }
  if (first < 0xf0) return text(at + 2, ((first & 15) << 8) | second)
  const size = INTEGER_SIZES[first]
  if (size !== undefined) return integer(size)
  return first === 0xf0 ? text(at + 5, Number(signedFromLittleEndian(bytes.slice(at + 1, at + 5)))) : null
}

const INTEGER_SIZES: Readonly<Record<number, number>> = { 241: 2, 242: 3, 243: 4, 244: 8 }
