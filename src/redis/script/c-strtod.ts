/**
 * C's `strtod`: the longest beginning of a text that is a number, decimal or hexadecimal, infinity or NaN.
 *
 * Source: ISO C 7.22.1.3
 */
import { parseDouble } from '../double.ts'

const NUMBER =
  /([+-]?)(?:(inf(?:inity)?)|(nan(?:\([0-9a-z_]*\))?)|(0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?)|((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?))/iy

/** The number that begins at `at`, and how many chars it takes: 0 when there is none. */
export function parseDoublePrefix(
  text: string,
  at: number,
): { readonly value: number; readonly length: number; readonly isNegative: boolean } {
  NUMBER.lastIndex = at
  const match = NUMBER.exec(text)
  if (match === null) return { value: 0, length: 0, isNegative: false }
  const [{ length }, sign, infinity, nan, hexadecimal, decimal] = match
  const isNegative = sign === '-'
  let size: number
  if (infinity !== undefined) size = Infinity
  else if (nan !== undefined) size = NaN
  else if (hexadecimal !== undefined) size = hexadecimalValue(hexadecimal)
  else size = Number(decimal)
  return { value: isNegative ? -size : size, length, isNegative }
}

/** `parseDouble` refuses what overflows or underflows; C rounds it to infinity or to zero. */
function hexadecimalValue(text: string): number {
  const known = parseDouble(text)
  if (known !== null) return known
  return /p-/i.test(text) ? 0 : Infinity
}
