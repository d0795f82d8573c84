/**
 * XXH3, 64 bits: the digest of a string that DIGEST answers and IFDEQ compares.
 *
 * With big integers, because it is no code for hot paths.
 *
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
const MASK = (1n << 64n) - 1n
const PRIME32: readonly [bigint, bigint, bigint] = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn]
const PRIME64: readonly [bigint, bigint, bigint, bigint, bigint] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
]
const MIX_1 = 0x165667919e3779f9n
const MIX_2 = 0x9fb21c651e98df25n

/** The default secret, 192 bytes. */
const SECRET = bytesOf(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8' +
    'fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17' +
    '0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
)
const STRIPE_BYTES = 64
const SECRET_STEP = 8
const STRIPES_IN_BLOCK = 16

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function read(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n
  for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index]!)
  return value
}

const read32 = (bytes: Uint8Array, at: number): bigint => read(bytes, at, 4)
const read64 = (bytes: Uint8Array, at: number): bigint => read(bytes, at, 8)
const product = (a: bigint, b: bigint): bigint => (a * b) & MASK
const sum = (a: bigint, b: bigint): bigint => (a + b) & MASK
const rotated = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK

/** Both halves of a product, folded into one. */
function folded(a: bigint, b: bigint): bigint {
  const both = a * b
  return (both & MASK) ^ (both >> 64n)
}

function swapped(value: bigint, size: number): bigint {
  let result = 0n
  for (let index = 0; index < size; index++) result = (result << 8n) | ((value >> BigInt(8 * index)) & 255n)
  return result
}

function avalanche(value: bigint): bigint {
  const once = product(value ^ (value >> 37n), MIX_1)
  return once ^ (once >> 32n)
}

function oldAvalanche(value: bigint): bigint {
  let hash = product(value ^ (value >> 33n), PRIME64[1])
  hash = product(hash ^ (hash >> 29n), PRIME64[2])
  return hash ^ (hash >> 32n)
}

function upTo16(bytes: Uint8Array): bigint {
  const { length } = bytes
  const secret = (at: number): bigint => read64(SECRET, at)
  if (length > 8) {
    const low = read64(bytes, 0) ^ (secret(24) ^ secret(32))
    const high = read64(bytes, length - 8) ^ (secret(40) ^ secret(48))
    return avalanche(sum(sum(sum(BigInt(length), swapped(low, 8)), high), folded(low, high)))
  }
  if (length >= 4) {
    const both = read32(bytes, length - 4) | (read32(bytes, 0) << 32n)
    let hash = both ^ (secret(8) ^ secret(16))
    hash = product(hash ^ rotated(hash, 49n) ^ rotated(hash, 24n), MIX_2)
    hash ^= (hash >> 35n) + BigInt(length)
    hash = product(hash & MASK, MIX_2)
    return hash ^ (hash >> 28n)
  }
  if (length > 0) {
    const middle = BigInt(bytes[length >> 1]!)
    const both = (BigInt(bytes[0]!) << 16n) | (middle << 24n) | BigInt(bytes[length - 1]!) | (BigInt(length) << 8n)
    return oldAvalanche(both ^ (read32(SECRET, 0) ^ read32(SECRET, 4)))
  }
  return oldAvalanche(secret(56) ^ secret(64))
}

const mixed = (bytes: Uint8Array, at: number, secretAt: number): bigint =>
  folded(read64(bytes, at) ^ read64(SECRET, secretAt), read64(bytes, at + 8) ^ read64(SECRET, secretAt + 8))

function upTo128(bytes: Uint8Array): bigint {
  const { length } = bytes
  let hash = product(BigInt(length), PRIME64[0])
  for (let pair = Math.floor((length - 1) / 32); pair >= 0; pair--) {
    hash = sum(hash, mixed(bytes, pair * 16, pair * 32))
    hash = sum(hash, mixed(bytes, length - (pair + 1) * 16, pair * 32 + 16))
  }
  return avalanche(hash)
}

function upTo240(bytes: Uint8Array): bigint {
  const { length } = bytes
  let hash = product(BigInt(length), PRIME64[0])
  for (let part = 0; part < 8; part++) hash = sum(hash, mixed(bytes, part * 16, part * 16))
  hash = avalanche(hash)
  for (let part = 8; part < Math.floor(length / 16); part++) {
    hash = sum(hash, mixed(bytes, part * 16, (part - 8) * 16 + 3))
  }
  return avalanche(sum(hash, mixed(bytes, length - 16, 136 - 17)))
}

/** Any length beyond that: eight sums over stripes of 64 bytes, stirred after each block of 16. */
function long(bytes: Uint8Array): bigint {
  const { length } = bytes
  const sums = [PRIME32[2], ...PRIME64.slice(0, 4), PRIME32[1], PRIME64[4], PRIME32[0]]
  const blockBytes = STRIPE_BYTES * STRIPES_IN_BLOCK
  const add = (at: number, secretAt: number): void => {
    for (let lane = 0; lane < 8; lane++) {
      const value = read64(bytes, at + lane * 8)
      const key = value ^ read64(SECRET, secretAt + lane * 8)
      sums[lane ^ 1] = sum(sums[lane ^ 1]!, value)
      sums[lane] = sum(sums[lane]!, (key & 0xffffffffn) * (key >> 32n))
    }
  }
  const blocks = Math.floor((length - 1) / blockBytes)
  for (let block = 0; block < blocks; block++) {
    for (let stripe = 0; stripe < STRIPES_IN_BLOCK; stripe++) {
      add(block * blockBytes + stripe * STRIPE_BYTES, stripe * SECRET_STEP)
    }
    for (let lane = 0; lane < 8; lane++) {
      const value = sums[lane]!
      const key = read64(SECRET, SECRET.length - STRIPE_BYTES + lane * 8)
      sums[lane] = product(value ^ (value >> 47n) ^ key, PRIME32[0])
    }
  }
  const stripes = Math.floor((length - 1 - blockBytes * blocks) / STRIPE_BYTES)
  for (let stripe = 0; stripe < stripes; stripe++) {
    add(blocks * blockBytes + stripe * STRIPE_BYTES, stripe * SECRET_STEP)
  }
  add(length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7)
  let hash = product(BigInt(length), PRIME64[0])
  for (let pair = 0; pair < 4; pair++) {
    const at = 11 + pair * 16
    hash = sum(hash, folded(sums[pair * 2]! ^ read64(SECRET, at), sums[pair * 2 + 1]! ^ read64(SECRET, at + 8)))
  }
  return avalanche(hash)
}

/** The digest as 16 lower case hexadecimal digits. */
export function xxh3(text: string): string {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0))
  const { length } = bytes
  const hash =
    length <= 16 ? upTo16(bytes) : length <= 128 ? upTo128(bytes) : length <= 240 ? upTo240(bytes) : long(bytes)
  return hash.toString(16).padStart(16, '0')
}
