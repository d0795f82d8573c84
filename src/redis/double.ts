/**
 * Doubles as text, read and written as C does: scores, timeouts and increments cross this file.
 *
 * `parseDouble` accepts what `strtod` accepts (decimal, hexadecimal, inf) and refuses what Redis refuses (NaN, spaces,
 * overflow, underflow to zero). `formatDouble` is `%.17g`, which is how Redis 7.0 prints scores: 0.1 becomes
 * 0.10000000000000001.
 *
 * Source: util.c (`string2d`), networking.c (`addReplyDouble`) of Redis 7.0.
 */

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const INFINITE = /^([+-]?)inf(?:inity)?$/i
/** A number with a digit other than zero before its exponent. */
const NON_ZERO = /^[+-]?(?:0x[0.]*[1-9a-f]|[0.]*[1-9])/i
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?[0-9]+))?$/

/** The double in `text`, or null when Redis would say "not a valid float". */
export function parseDouble(text: string): number | null {
  const value = readDouble(text)
  if (value === null) return null
  const isOutOfRange = value === 0 ? NON_ZERO.test(text) : !Number.isFinite(value) && !INFINITE.test(text)
  return isOutOfRange ? null : value
}

/** What C's `strtod` makes of the whole text: too large is infinite, too small is zero; null: it is no number. */
export function readDouble(text: string): number | null {
  if (DECIMAL.test(text)) return Number(text)
  const infinite = INFINITE.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  const hexadecimal = HEXADECIMAL.exec(text)
  return hexadecimal === null ? null : readHexadecimal(hexadecimal)
}

/** `0x1.8p3`: the digits as one integer, scaled by a power of two; exact until the one rounding at the end. */
function readHexadecimal([, sign, whole, fraction, exponentText]: RegExpExecArray): number | null {
  const digits = `${whole}${fraction}`
  if (digits === '') return null
  const mantissa = BigInt(`0x${digits}`)
  const exponent = Math.max(-100_000, Math.min(100_000, Number(exponentText ?? '0'))) - 4 * fraction!.length
  const value = mantissa === 0n ? 0 : scale(mantissa, exponent)
  return sign === '-' ? -value : value
}

/** mantissa · 2^exponent, rounded once, half to even, subnormals included. */
function scale(mantissa: bigint, exponent: number): number {
  const bits = mantissa.toString(2).length
  const lowest = Math.max(exponent + bits - 53, -1074)
  if (lowest <= exponent) return Number(mantissa) * 2 ** Math.min(exponent, 1100)
  const shift = BigInt(lowest - exponent)
  const floor = mantissa >> shift
  const rest = mantissa - (floor << shift)
  const half = 1n << (shift - 1n)
  const rounded = rest > half || (rest === half && (floor & 1n) === 1n) ? floor + 1n : floor
  // Number(rounded) has at most 54 bits and 2^lowest is a double, so the product is exact (or overflows as it should).
  return lowest < -1000
    ? Number(rounded) * 2 ** (lowest + 500) * 2 ** -500
    : Number(rounded) * 2 ** Math.min(lowest, 1023)
}

/** `%.17g`, with `inf` and `-inf` as Redis writes them. */
export function formatDouble(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
    return Object.is(value, -0) ? '-0' : String(value)
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan'
  const negative = value < 0
  const [mantissa, exponentText] = roundHalfEven(Math.abs(value)).split('e') as [string, string]
  const exponent = Number(exponentText)
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  return (negative ? '-' : '') + layOut(digits, exponent)
}

/** 17 significant digits in exponent form. JavaScript rounds an exact half up, C to the even digit: correct that case. */
function roundHalfEven(value: number): string {
  const up = value.toExponential(16)
  const exact = value.toExponential(60)
  const tail = exact.slice(18, exact.indexOf('e'))
  if (!/^50*$/.test(tail)) return up
  const kept = exact.slice(0, 18)
  return Number(kept[17]) % 2 === 0 ? kept + exact.slice(exact.indexOf('e')) : up
}

/** Digits d₁d₂d₃… with value d₁.d₂d₃… · 10^exponent, laid out as `%g` does. */
function layOut(digits: string, exponent: number): string {
  if (exponent < -4 || exponent >= 17) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const size = Math.abs(exponent)
    return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size < 10 ? `0${size}` : size}`
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0')
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
