/**
 * The listpack: how Redis writes a few short strings and integers into one block of memory.
 *
 * Models  the bytes of a listpack, as DUMP shows them, and their number, which decides when a stream begins a new node.
 *
 * Source: listpack.c of Redis 7.0; https://github.com/antirez/listpack/blob/master/listpack.md
 */
import { parseInteger64 } from './arguments.ts'

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
