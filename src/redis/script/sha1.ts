/**
 * SHA-1 of bytes (a latin-1 string), by which EVALSHA names scripts.
 *
 * Computed once per source: worlds send the same few scripts ten thousand times a second.
 *
 * Source: FIPS 180-4, section 6.1
 */

/** Sources whose digest is remembered; a client that sends endless different scripts pays for each. */
const REMEMBERED_MAX = 4096

const remembered = new Map<string, string>()

/** The digest as 40 lower case hexadecimal digits. */
export function sha1(bytes: string): string {
  const known = remembered.get(bytes)
  if (known !== undefined) return known
  const digest = compute(bytes)
  if (remembered.size < REMEMBERED_MAX) remembered.set(bytes, digest)
  return digest
}

function compute(bytes: string): string {
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  const words = new Int32Array(80)
  const blockCount = Math.floor((bytes.length + 8) / 64) + 1
  for (let block = 0; block < blockCount; block++) {
    words.fill(0)
    for (let offset = 0; offset < 64; offset++)
      words[offset >> 2]! |= byteAt(bytes, block * 64 + offset) << (24 - (offset & 3) * 8)
    if (block === blockCount - 1) {
      words[14] = Math.floor(bytes.length / 2 ** 29)
      words[15] = bytes.length << 3
    }
    addBlock(state, words)
  }
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The message, then a single 1 bit, then zeros. */
function byteAt(bytes: string, index: number): number {
  if (index < bytes.length) return bytes.charCodeAt(index)
  return index === bytes.length ? 0x80 : 0
}

function addBlock(state: Int32Array, words: Int32Array): void {
  for (let round = 16; round < 80; round++) {
    words[round] = rotate(words[round - 3]! ^ words[round - 8]! ^ words[round - 14]! ^ words[round - 16]!, 1)
  }
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number]
  for (let round = 0; round < 80; round++) {
    const next = (rotate(a, 5) + mix(round, b, c, d) + e + words[round]!) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
