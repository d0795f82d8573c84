/**
 * What DUMP answers and RESTORE takes: a type, a value, the version of the format and a checksum.
 *
 * Source: cluster.c (`createDumpPayload`, `verifyDumpPayload`) of Redis 7.0; https://redis.io/docs/latest/commands/dump/
 */
import { fromLittleEndian, littleEndian } from './bytes.ts'
import { crc64 } from './crc64.ts'

/** The version of RDB files that Redis 7.0 writes. */
const VERSION = 10
const VERSION_BYTES = 2
const CHECKSUM_BYTES = 8

/** Signs a body. */
export function sealPayload(body: string): string {
  const signed = body + littleEndian(BigInt(VERSION), VERSION_BYTES)
  return signed + crc64(signed)
}

/** The body; null: the version is newer than ours, or the checksum is wrong. */
export function openPayload(payload: string): string | null {
  const end = payload.length - CHECKSUM_BYTES
  if (end < VERSION_BYTES) return null
  const signed = payload.slice(0, end)
  const version = fromLittleEndian(signed.slice(-VERSION_BYTES))
  return version > VERSION || crc64(signed) !== payload.slice(end) ? null : signed.slice(0, -VERSION_BYTES)
}
