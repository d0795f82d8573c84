/**
 * Single bits of a byte string. Bit 0 is the most significant bit of the first byte; beyond the end there are zeros.
 */

/** The last bit that a string of `proto-max-bulk-len` bytes can have. */
export const maxBitOffset = 512 * 1024 * 1024 * 8 - 1

/** A byte, or 0 beyond the end. */
export const byteAt = (text: string, index: number): number => (index < text.length ? text.charCodeAt(index) : 0)

/** A bit, 0 or 1. */
export const bitAt = (text: string, offset: number): number =>
  (byteAt(text, Math.floor(offset / 8)) >> (7 - (offset % 8))) & 1

/** The string with `bits` written at `offset`; it grows with zeros as far as needed. */
export function withBits(text: string, offset: number, bits: readonly number[]): string {
  const firstByte = Math.floor(offset / 8)
  const lastByte = Math.floor((offset + bits.length - 1) / 8)
  let patch = ''
  for (let index = firstByte; index <= lastByte; index++) {
    let byte = byteAt(text, index)
    for (let bit = 0; bit < 8; bit++) {
      const value = bits[index * 8 + bit - offset]
      if (value !== undefined) byte = value === 1 ? byte | (0x80 >> bit) : byte & ~(0x80 >> bit)
    }
    patch += String.fromCharCode(byte)
  }
  return text.slice(0, firstByte).padEnd(firstByte, '\0') + patch + text.slice(lastByte + 1)
}
