/**
 * CRC-64 "Jones", with which Redis signs what DUMP answers.
 *
 * Source: crc64.c of Redis 7.0: width 64, polynomial ad93d235 94c935a9, reflected, no initial and no final value.
 * The check value of "123456789" is e9c6d914 c4b8d9ca.
 */
import { littleEndian } from './bytes.ts'

/** The polynomial with its bits the other way round, in two halves. */
const POLYNOMIAL_HIGH = 0x95ac9329
const POLYNOMIAL_LOW = 0xac4bc9b5

const HIGH = new Uint32Array(256)
const LOW = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let high = 0
  let low = byte
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) !== 0
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (isOdd) {
      high ^= POLYNOMIAL_HIGH
      low ^= POLYNOMIAL_LOW
    }
  }
  HIGH[byte] = high
  LOW[byte] = low
}

/** The checksum, eight bytes, little endian. */
export function crc64(bytes: string): string {
  let high = 0
  let low = 0
  for (let index = 0; index < bytes.length; index++) {
    const at = (low ^ bytes.charCodeAt(index)) & 255
    low = ((low >>> 8) | (high << 24)) ^ LOW[at]!
    high = (high >>> 8) ^ HIGH[at]!
  }
  return littleEndian((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), 8)
}
