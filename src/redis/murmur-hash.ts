/**
 * MurmurHash64A, with the seed that Redis uses for HyperLogLogs.
 *
 * Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash2.cpp (public domain, by Austin Appleby)
 */
const MULTIPLIER = 0xc6a4a7935bd1e995n
const SHIFT = 47n
const SEED = 0xadc83b19n

const multiplied = (value: bigint): bigint => BigInt.asUintN(64, value * MULTIPLIER)
const mixed = (value: bigint): bigint => value ^ (value >> SHIFT)

/** The hash of some bytes: 64 bits. */
export function murmurHash64(bytes: string): bigint {
  let hash = SEED ^ multiplied(BigInt(bytes.length))
  const wholeBytes = bytes.length - (bytes.length % 8)
  for (let at = 0; at < wholeBytes; at += 8) {
    hash = multiplied(hash ^ multiplied(mixed(multiplied(littleEndian(bytes, at, at + 8)))))
  }
  if (wholeBytes < bytes.length) hash = multiplied(hash ^ littleEndian(bytes, wholeBytes, bytes.length))
  return mixed(multiplied(mixed(hash)))
}

function littleEndian(bytes: string, from: number, to: number): bigint {
  let value = 0n
  for (let at = to - 1; at >= from; at--) value = (value << 8n) | BigInt(bytes.charCodeAt(at))
  return value
}
