/**
 * The HyperLogLog: a string of 16,384 registers that estimates how many different elements were added.
 *
 * Models  the bytes of Redis's own strings, so that GET, SET and DUMP carry them over: the dense form (6 bits a register) and
 *         the sparse one (runs of equal registers) with its limit, and the cached estimate.
 *
 *         HYLL  form  3 zeros  estimate (8 bytes, little endian; the top bit set: no longer true)  registers …
 *
 * Source: hyperloglog.c of Redis 7.0; Otmar Ertl, https://arxiv.org/abs/1702.01284
 */
import { murmurHash64 } from './murmur-hash.ts'

export const REGISTER_COUNT = 16_384
const INDEX_BITS = 14
/** Bits of the hash behind the index: the longest run of zeros is one longer. */
const HASH_BITS_LEFT = 50
const REGISTER_BITS = 6
export const HEADER_BYTES = 16
export const DENSE_BYTES = HEADER_BYTES + (REGISTER_COUNT * REGISTER_BITS) / 8
const FORM_OFFSET = 4
const ESTIMATE_OFFSET = 8
const STALE_OFFSET = 15
const STALE = 0x80
export const DENSE = 0
export const SPARSE = 1

/** 0.5 / ln 2. */
const ALPHA = 0.7213475204444817

/** A string opened for reading and changing; `bytes` are its own. */
export interface HyperLogLog {
  bytes: number[]
}

/** What the sparse form cannot be read as. */
export const CORRUPTED: unique symbol = Symbol('corrupted')

/** A new one: a single run of zeros. */
export const emptyHyperLogLog = (): HyperLogLog => ({
  bytes: [...bytesOf('HYLL'), SPARSE, ...new Array<number>(11).fill(0), 0x7f, 0xff],
})

/** The string as a HyperLogLog; null: it is none. */
export function openHyperLogLog(text: string): HyperLogLog | null {
  if (text.length < HEADER_BYTES || !text.startsWith('HYLL')) return null
  const form = text.charCodeAt(FORM_OFFSET)
  if (form > SPARSE || (form === DENSE && text.length !== DENSE_BYTES)) return null
  return { bytes: bytesOf(text) }
}

export const isDense = ({ bytes }: HyperLogLog): boolean => bytes[FORM_OFFSET] === DENSE

/** An array that grows: one that is made with 2^25 places or more is a hash table in V8, a hundred times slower. */
function bytesOf(text: string): number[] {
  const bytes: number[] = []
  for (let index = 0; index < text.length; index++) bytes.push(text.charCodeAt(index))
  return bytes
}

const CHUNK = 4096

export function textOf({ bytes }: HyperLogLog): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.slice(at, at + CHUNK))
  return text
}

/** Adds an element; whether a register has grown. */
export function addElement(log: HyperLogLog, element: string, sparseBytesMax: number): boolean | typeof CORRUPTED {
  const hash = murmurHash64(element)
  let run = 1
  // The bit at the end makes sure that the run ends.
  const rest = (hash >> BigInt(INDEX_BITS)) | (1n << BigInt(HASH_BITS_LEFT))
  for (let bits = rest; (bits & 1n) === 0n; bits >>= 1n) run++
  return raise(log, Number(hash & BigInt(REGISTER_COUNT - 1)), run, sparseBytesMax)
}

/** Makes a register at least `count`; whether it has grown. */
export function raise(
  log: HyperLogLog,
  index: number,
  count: number,
  sparseBytesMax: number,
): boolean | typeof CORRUPTED {
  if (isDense(log)) return raiseDense(log.bytes, index, count)
  const result = count > RUN_VALUE_MAX ? TOO_LARGE : raiseSparse(log.bytes, index, count, sparseBytesMax)
  if (result !== TOO_LARGE) return result
  return makeDense(log) ? raiseDense(log.bytes, index, count) : CORRUPTED
}

/** Redis's own estimate of the number of elements; null: the registers cannot be read. */
export function estimate(log: HyperLogLog): bigint | null {
  const registers = registersOf(log)
  return registers === null ? null : estimateOf(registers)
}

/** The cached estimate; null: it is no longer true. */
export function cachedEstimate({ bytes }: HyperLogLog): bigint | null {
  if ((bytes[STALE_OFFSET]! & STALE) !== 0) return null
  let value = 0n
  for (let index = 7; index >= 0; index--) value = (value << 8n) | BigInt(bytes[ESTIMATE_OFFSET + index]!)
  return value
}

export function cacheEstimate({ bytes }: HyperLogLog, value: bigint): void {
  for (let index = 0; index < 8; index++) bytes[ESTIMATE_OFFSET + index] = Number((value >> BigInt(8 * index)) & 255n)
}

export function forgetEstimate({ bytes }: HyperLogLog): void {
  bytes[STALE_OFFSET]! |= STALE
}

/** All registers; null: the sparse form does not have that many. */
export function registersOf(log: HyperLogLog): Uint8Array | null {
  const registers = new Uint8Array(REGISTER_COUNT)
  if (isDense(log)) {
    readDense(log.bytes, registers)
    return registers
  }
  let index = 0
  for (const run of runsOf(log.bytes)) {
    if (run.value > 0) registers.fill(run.value, index, index + run.length)
    index += run.length
    if (index > REGISTER_COUNT) return null
  }
  return index === REGISTER_COUNT ? registers : null
}

/** Goes over to the dense form; false: the sparse one cannot be read. */
export function makeDense(log: HyperLogLog): boolean {
  if (isDense(log)) return true
  const registers = registersOf(log)
  if (registers === null) return false
  const bytes = [...log.bytes.slice(0, HEADER_BYTES), ...new Array<number>(DENSE_BYTES - HEADER_BYTES).fill(0)]
  bytes[FORM_OFFSET] = DENSE
  registers.forEach((value, index) => {
    if (value > 0) raiseDense(bytes, index, value)
  })
  log.bytes = bytes
  return true
}

/** Four registers are three bytes. */
function readDense(bytes: readonly number[], registers: Uint8Array): void {
  for (let index = 0, at = HEADER_BYTES; index < REGISTER_COUNT; index += 4, at += 3) {
    const three = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    registers[index] = three & 63
    registers[index + 1] = (three >> 6) & 63
    registers[index + 2] = (three >> 12) & 63
    registers[index + 3] = three >> 18
  }
}

/** A register of 6 bits that may lie across two bytes, the lower bits first. */
function denseRegister(bytes: readonly number[], index: number): number {
  const bit = index * REGISTER_BITS
  const at = HEADER_BYTES + (bit >> 3)
  return ((bytes[at]! | ((bytes[at + 1] ?? 0) << 8)) >> (bit & 7)) & 63
}

function raiseDense(bytes: number[], index: number, count: number): boolean {
  if (denseRegister(bytes, index) >= count) return false
  const bit = index * REGISTER_BITS
  const at = HEADER_BYTES + (bit >> 3)
  const shift = bit & 7
  const both = ((bytes[at]! | ((bytes[at + 1] ?? 0) << 8)) & ~(63 << shift)) | (count << shift)
  bytes[at] = both & 255
  if (at + 1 < bytes.length) bytes[at + 1] = (both >> 8) & 255
  return true
}

/** A run of equal registers in the sparse form: `00zzzzzz`, `01zzzzzz zzzzzzzz` (zeros), `1vvvvvll`. */
export interface Run {
  readonly at: number
  readonly bytes: 1 | 2
  readonly length: number
  /** 0: zeros. */
  readonly value: number
}

const RUN_VALUE_MAX = 32
const RUN_LENGTH_MAX = 4
const ZEROS_MAX = 64

export function* runsOf(bytes: readonly number[]): Generator<Run> {
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const run = runAt(bytes, at)
    yield run
    at += run.bytes
  }
}

function runAt(bytes: readonly number[], at: number): Run {
  const byte = bytes[at]!
  if ((byte & 0x80) !== 0) return { at, bytes: 1, length: (byte & 3) + 1, value: ((byte >> 2) & 31) + 1 }
  if ((byte & 0x40) === 0) return { at, bytes: 1, length: (byte & 63) + 1, value: 0 }
  return { at, bytes: 2, length: (((byte & 63) << 8) | (bytes[at + 1] ?? 0)) + 1, value: 0 }
}

const valueRun = (value: number, length: number): number => ((value - 1) << 2) | (length - 1) | 0x80

function zeroRun(length: number): number[] {
  return length > ZEROS_MAX ? [((length - 1) >> 8) | 0x40, (length - 1) & 255] : [length - 1]
}

const TOO_LARGE: unique symbol = Symbol('too large for the sparse form')

function raiseSparse(
  bytes: number[],
  index: number,
  count: number,
  bytesMax: number,
): boolean | typeof CORRUPTED | typeof TOO_LARGE {
  let first = 0
  let previousAt = HEADER_BYTES
  let found: Run | null = null
  for (const run of runsOf(bytes)) {
    if (index < first + run.length) {
      found = run
      break
    }
    previousAt = run.at
    first += run.length
  }
  if (found === null) return CORRUPTED
  if (found.value >= count) return false
  if (found.length === 1 && found.bytes === 1) {
    bytes[found.at] = valueRun(count, 1)
  } else {
    const part = (length: number): number[] =>
      length === 0 ? [] : found.value === 0 ? zeroRun(length) : [valueRun(found.value, length)]
    const runs = [...part(index - first), valueRun(count, 1), ...part(first + found.length - 1 - index)]
    const growth = runs.length - found.bytes
    if (growth > 0 && bytes.length + growth > bytesMax) return TOO_LARGE
    bytes.splice(found.at, found.bytes, ...runs)
  }
  mergeRuns(bytes, previousAt)
  return true
}

/** Makes one of neighbours with the same value, as far as Redis looks for them. */
function mergeRuns(bytes: number[], from: number): void {
  let at = from
  for (let steps = 0; steps < 5 && at < bytes.length; steps++) {
    const run = runAt(bytes, at)
    if (run.value > 0 && at + 1 < bytes.length) {
      const next = runAt(bytes, at + 1)
      if (next.value === run.value && run.length + next.length <= RUN_LENGTH_MAX) {
        bytes.splice(at, 2, valueRun(run.value, run.length + next.length))
        continue
      }
    }
    at += run.bytes
  }
}

export function estimateOf(registers: Uint8Array): bigint {
  const counts = new Array<number>(HASH_BITS_LEFT + 2).fill(0)
  for (const value of registers) counts[value]!++
  const m = REGISTER_COUNT
  let z = m * tau((m - counts[HASH_BITS_LEFT + 1]!) / m)
  for (let value = HASH_BITS_LEFT; value >= 1; value--) z = (z + counts[value]!) * 0.5
  z += m * sigma(counts[0]! / m)
  return BigInt(Math.round((ALPHA * m * m) / z))
}

function sigma(ratio: number): number {
  if (ratio === 1) return Infinity
  let x = ratio
  let y = 1
  let z = x
  for (let before = Number.NaN; before !== z; ) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(ratio: number): number {
  if (ratio === 0 || ratio === 1) return 0
  let x = ratio
  let y = 1
  let z = 1 - x
  for (let before = Number.NaN; before !== z; ) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) * (1 - x) * y
  }
  return z / 3
}
