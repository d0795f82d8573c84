/**
 * Whole numbers as bytes, in either order.
 */

/** The lowest byte first; a negative number as its two's complement. */
export function littleEndian(value: bigint, size: number): string {
  let bytes = ''
  for (let rest = BigInt.asUintN(size * 8, value), index = 0; index < size; index++, rest >>= 8n) {
    bytes += String.fromCharCode(Number(rest & 255n))
  }
  return bytes
}

/** The highest byte first. */
export const bigEndian = (value: bigint, size: number): string => reversed(littleEndian(value, size))

export function fromLittleEndian(bytes: string): bigint {
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes.charCodeAt(index))
  return value
}

/** As a signed number. */
export const signedFromLittleEndian = (bytes: string): bigint =>
  BigInt.asIntN(bytes.length * 8, fromLittleEndian(bytes))

export const fromBigEndian = (bytes: string): bigint => fromLittleEndian(reversed(bytes))

const reversed = (bytes: string): string => [...bytes].reverse().join('')

/** A double as eight bytes, little endian. */
export function doubleBytes(value: number): string {
  return String.fromCharCode(...new Uint8Array(new Float64Array([value]).buffer))
}

export function doubleFrom(bytes: string): number {
  return new Float64Array(Uint8Array.from(bytes, (char) => char.charCodeAt(0)).buffer)[0]!
}
