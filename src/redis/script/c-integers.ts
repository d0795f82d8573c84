/**
 * Numbers to integers as C does it on x86-64, where Redis's Lua was compiled with 64 bit integers.
 *
 * Towards zero; what does not fit becomes INT64_MIN, the "integer indefinite" of the processor. The WebAssembly build of
 * Lua has 32 bit integers instead, so whatever takes an integer from a script comes through here.
 */

const TWO_63 = 2 ** 63
const TWO_64 = 2 ** 64
const INT32_MAX = 2147483647

/** `(int)(ptrdiff_t)d`: the low 32 bits of the 64 bit integer. */
export function toInt32(value: number): number {
  // The remainder of doubles is exact; a value out of range is INT64_MIN, whose low bits are zero.
  return Math.abs(value) < TWO_63 ? (value % 4294967296) | 0 : 0
}

/** A position in a string, which is never as long as INT32_MAX: whatever lies beyond means the same as INT32_MAX. */
export function toPosition(value: number): number {
  if (value >= -INT32_MAX && value <= INT32_MAX) return Math.trunc(value)
  return value > 0 && value < TWO_63 ? INT32_MAX : -INT32_MAX
}

/** `(int64_t)d`. */
export function toInt64(value: number): bigint {
  return Math.abs(value) < TWO_63 ? BigInt(Math.trunc(value)) : -(2n ** 63n)
}

/** `(uint64_t)d`: negative values wrap, as gcc compiles it. */
export function toUint64(value: number): bigint {
  if (value >= TWO_63) return value < TWO_64 ? BigInt(value) : 0n
  return BigInt.asUintN(64, toInt64(value))
}
