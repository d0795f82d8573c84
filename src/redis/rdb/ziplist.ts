/**
 * The ziplist, in which Redis before 7.0 kept small collections: for reading old payloads.
 *
 * Source: ziplist.c of Redis 7.0
 */
import { signedFromLittleEndian } from './bytes.ts'

const HEADER_BYTES = 10
const END = 0xff

/** The elements; null: it is damaged. */
export function readZiplist(bytes: string): string[] | null {
  if (bytes.length <= HEADER_BYTES || signedFromLittleEndian(bytes.slice(0, 4)) !== BigInt(bytes.length)) return null
  const elements: string[] = []
  let at = HEADER_BYTES
  while (bytes.charCodeAt(at) !== END) {
    // The length of the element before: one byte, or a mark and four.
    const element = readElement(bytes, at + (bytes.charCodeAt(at) < 254 ? 1 : 5))
    if (element === null || element.end >= bytes.length) return null
    elements.push(element.text)
    at = element.end
  }
  return at === bytes.length - 1 ? elements : null
}

const INTEGER_SIZES: Readonly<Record<number, number>> = { 192: 2, 208: 4, 224: 8, 240: 3, 254: 1 }

function readElement(bytes: string, at: number): { readonly text: string; readonly end: number } | null {
  const first = bytes.charCodeAt(at)
  const text = (from: number, length: number) => ({ text: bytes.slice(from, from + length), end: from + length })
  switch (first >> 6) {
    case 0:
      return text(at + 1, first & 63)
    case 1:
      return text(at + 2, ((first & 63) << 8) | bytes.charCodeAt(at + 1))
    case 2: {
      const length = [1, 2, 3, 4].reduce((sum, offset) => sum * 256 + bytes.charCodeAt(at + offset), 0)
      return text(at + 5, length)
    }
  }
  const size = INTEGER_SIZES[first]
  if (size !== undefined) {
    return { text: String(signedFromLittleEndian(bytes.slice(at + 1, at + 1 + size))), end: at + 1 + size }
  }
  // 0 to 12 in four bits.
  return first >= 0xf1 && first <= 0xfd ? { text: String((first & 15) - 1), end: at + 1 } : null
}
