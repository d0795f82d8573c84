/**
 * The smallest parts of an RDB file, for writing: lengths and strings.
 *
 * Source: rdb.c of Redis 7.0; https://rdb.fnordig.de/file_format.html
 */
import { parseInteger64 } from '../arguments.ts'
import { bigEndian, littleEndian } from './bytes.ts'
import { lzfCompress } from './lzf.ts'

const LENGTH_6_MAX = 64n
const LENGTH_14_MAX = 16_384n
const LENGTH_32_MAX = 2n ** 32n
/** Longer strings are tried as numbers no more. */
const NUMBER_BYTES_MAX = 11
/** Longer strings are compressed, if that saves four bytes. */
const PLAIN_BYTES_MAX = 20
const SAVED_BYTES_MIN = 4

export function writeLength(value: number | bigint): string {
  const length = BigInt(value)
  if (length < LENGTH_6_MAX) return bigEndian(length, 1)
  if (length < LENGTH_14_MAX) return bigEndian(length | 0x4000n, 2)
  return length < LENGTH_32_MAX ? `\x80${bigEndian(length, 4)}` : `\x81${bigEndian(length, 8)}`
}

/** Settings that change the bytes. */
export interface WriteSettings {
  readonly compresses: boolean
}

/** A string as it is best written. */
export function writeString(text: string, { compresses }: WriteSettings): string {
  const number = text.length <= NUMBER_BYTES_MAX ? parseInteger64(text) : null
  const asNumber = number === null ? null : writeNumber(number)
  if (asNumber !== null) return asNumber
  if (compresses && text.length > PLAIN_BYTES_MAX) {
    const compressed = lzfCompress(text, text.length - SAVED_BYTES_MIN)
    if (compressed !== null) return `\xc3${writeLength(compressed.length)}${writeLength(text.length)}${compressed}`
  }
  return writeLength(text.length) + text
}

/** A number of up to 32 bits; null: it is larger. */
function writeNumber(value: bigint): string | null {
  if (value >= -128n && value < 128n) return `\xc0${littleEndian(value, 1)}`
  if (value >= -32_768n && value < 32_768n) return `\xc1${littleEndian(value, 2)}`
  return value >= -(2n ** 31n) && value < 2n ** 31n ? `\xc2${littleEndian(value, 4)}` : null
}
