/**
 * The 80-bit `long double` of x86, which INCRBYFLOAT, HINCRBYFLOAT and the timeouts of blocking commands compute with.
 *
 * Redis on x86-64 adds in 64-bit mantissas and prints 17 decimals, so 0.1 + 0.2 is 0.3 and not 0.30000000000000004.
 * A value here is m · 2^e with |m| < 2^64: every operation is exact in BigInt and then rounded once, half to even.
 *
 * Does not model  the sign of zero (Redis prints -0 as 0), 128-bit long doubles of other platforms.
 *
 * Source: util.c (`string2ld`, `ld2string` in mode LD_STR_HUMAN) of Redis 7.0.
 */

/** m · 2^e, or an infinity. */
export type LongDouble = { readonly m: bigint; readonly e: number } | 'inf' | '-inf'

const TEXT_LENGTH_MAX = 5 * 1024 - 1
const MANTISSA_BITS = 64
const EXPONENT_MIN = -16445
const EXPONENT_MAX = 16384
const DECIMAL = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?[0-9]+))?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i

/** The long double in `text`, or null when Redis would say "not a valid float". */
export function parseLongDouble(text: string): LongDouble | null {
  if (text.length > TEXT_LENGTH_MAX) return null
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? '-inf' : 'inf'
  const decimal = DECIMAL.exec(text)
  const match = decimal ?? HEXADECIMAL.exec(text)
  if (match === null) return null
  const digits = `${match[2]}${match[3]}`
  if (digits === '') return null
  const size = BigInt(decimal === null ? `0x${digits}` : digits)
  if (size === 0n) return { m: 0n, e: 0 }
  // Beyond these powers the value overflows or vanishes whatever its digits are; without a bound BigInt would try to write it out.
  const exponent = Math.max(-30_000, Math.min(30_000, Number(match[4] ?? '0')))
  const shift = exponent - match[3]!.length * (decimal === null ? 4 : 1)
  const base = decimal === null ? 2n : 10n
  const value = shift >= 0 ? round(size * base ** BigInt(shift), 1n) : round(size, base ** BigInt(-shift))
  if (typeof value === 'string' || value.m === 0n) return null
  return match[1] === '-' ? { m: -value.m, e: value.e } : value
}

/** A double, exactly. */
export function longDoubleOf(value: number): LongDouble {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  let e = 0
  let m = value
  // Doubling is exact; a double has no more than 1074 bits behind the point.
  while (!Number.isInteger(m)) {
    m *= 2
    e--
  }
  return { m: BigInt(m), e }
}

/** a + b; null when it is not a number or infinite, which Redis refuses. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | null {
  if (typeof a === 'string' || typeof b === 'string') return null
  const e = Math.min(a.e, b.e)
  const sum = (a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e))
  const value = rescale(sum, e)
  return typeof value === 'string' ? null : value
}

/** ceil(a · 1000), as the timeouts of blocking commands do it; null when it does not fit 64 bits. */
export function ceilMilliseconds(a: LongDouble): bigint | null {
  if (typeof a === 'string') return null
  const product = rescale(a.m * 1000n, a.e)
  if (typeof product === 'string') return null
  const whole = product.e >= 0 ? product.m << BigInt(product.e) : ceilShift(product.m, BigInt(-product.e))
  return whole >= -(1n << 63n) && whole < 1n << 63n ? whole : null
}

/** `%.17Lf` without trailing zeros: how Redis stores the result of INCRBYFLOAT. */
export function formatLongDouble(value: LongDouble): string {
  if (typeof value === 'string') return value
  const size = value.m < 0n ? -value.m : value.m
  const scaled = size * 10n ** 17n
  const digits = value.e >= 0 ? scaled << BigInt(value.e) : divideHalfEven(scaled, 1n << BigInt(-value.e))
  const text = digits.toString().padStart(18, '0')
  const whole = text.slice(0, -17)
  const fraction = text.slice(-17).replace(/0+$/, '')
  const magnitude = fraction === '' ? whole : `${whole}.${fraction}`
  return value.m < 0n && magnitude !== '0' ? `-${magnitude}` : magnitude
}

/** Signed m · 2^e with a mantissa of any length, rounded to a long double. */
function rescale(m: bigint, e: number): LongDouble {
  if (m === 0n) return { m: 0n, e: 0 }
  const size = m < 0n ? -m : m
  const value = e >= 0 ? round(size << BigInt(e), 1n) : round(size, 1n << BigInt(-e))
  if (typeof value === 'string') return m < 0n ? '-inf' : 'inf'
  return m < 0n ? { m: -value.m, e: value.e } : value
}

/** numerator / denominator (> 0) as the nearest long double. */
function round(numerator: bigint, denominator: bigint): LongDouble {
  const estimate = bitLength(numerator) - bitLength(denominator) - MANTISSA_BITS
  for (let e = Math.max(estimate, EXPONENT_MIN); ; e++) {
    const m =
      e >= 0
        ? divideHalfEven(numerator, denominator << BigInt(e))
        : divideHalfEven(numerator << BigInt(-e), denominator)
    if (bitLength(m) > MANTISSA_BITS) continue
    return e + bitLength(m) > EXPONENT_MAX ? 'inf' : { m, e }
  }
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twice = (numerator - quotient * denominator) * 2n
  return twice > denominator || (twice === denominator && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}

const ceilShift = (m: bigint, shift: bigint): bigint => -(-m >> shift)

const bitLength = (value: bigint): number => value.toString(2).length
