/**
 * SHA-256 of bytes (a latin-1 string), as which Redis keeps passwords.
 *
 * Source: FIPS 180-4, section 6.2
 */

const BLOCK_BYTES = 64
const PRIMES = firstPrimes(64)
/** The first 32 bits of the fractional parts of roots of primes. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}

/** The digest as 64 lower case hexadecimal digits. */
export function sha256(bytes: string): string {
  const state = Int32Array.from(START)
  const words = new Int32Array(64)
  const blockCount = Math.floor((bytes.length + 8) / BLOCK_BYTES) + 1
  for (let block = 0; block < blockCount; block++) {
    words.fill(0)
    for (let offset = 0; offset < BLOCK_BYTES; offset++) {
      words[offset >> 2]! |= byteAt(bytes, block * BLOCK_BYTES + offset) << (24 - (offset & 3) * 8)
    }
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
  for (let round = 16; round < 64; round++) {
    const early = words[round - 15]!
    const late = words[round - 2]!
    const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    words[round] = words[round - 16]! + small0 + words[round - 7]! + small1
  }
  const mixed = Int32Array.from(state)
  for (let round = 0; round < 64; round++) {
    const [a, b, c, , e, f, g, h] = mixed as unknown as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const large1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + large1 + ((e & f) ^ (~e & g)) + CONSTANTS[round]! + words[round]!) | 0
    const large0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    mixed.copyWithin(1, 0, 7)
    mixed[4]! += first
    mixed[0] = first + second
  }
  for (let index = 0; index < 8; index++) state[index]! += mixed[index]!
}

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))
