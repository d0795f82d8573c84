/**
 * Reading the arguments of commands: integers, floats and options, exactly as strictly as Redis does.
 *
 * Integers are what `string2ll` accepts: digits only, no plus, no leading zero, no space, within 64 bits.
 * A JavaScript number is exact up to 2^53; beyond that `parseInteger` gives the nearest double, which is right for
 * counts, offsets and comparisons, and `parseInteger64` gives the exact bigint, which arithmetic needs.
 *
 * Source: util.c (`string2ll`, `string2d`) and object.c (`get…FromObjectOrReply`) of Redis 7.0.
 */

import { parseDouble } from './double.ts'
import { type ErrorReply, errorOf, MUST_BE_POSITIVE, NOT_A_FLOAT, NOT_AN_INTEGER } from './errors.ts'
import { ceilMilliseconds, parseLongDouble } from './long-double.ts'

export const INT64_MAX = 9223372036854775807n
export const INT64_MIN = -9223372036854775808n

/** The integer in `text`, or null when Redis would say "not an integer"; the nearest double beyond ±2^53. */
export function parseInteger(text: string): number | null {
  const length = text.length
  if (length === 0 || length > 20) return null
  let index = 0
  const negative = text.charCodeAt(0) === 45
  if (negative) index = 1
  let code = text.charCodeAt(index)
  if (code === 48) return length === 1 ? 0 : null
  if (!(code > 48 && code <= 57)) return null
  let value = code - 48
  for (index++; index < length; index++) {
    code = text.charCodeAt(index)
    if (!(code >= 48 && code <= 57)) return null
    value = value * 10 + (code - 48)
  }
  if (value > Number.MAX_SAFE_INTEGER) {
    const exact = parseInteger64(text)
    return exact === null ? null : Number(exact)
  }
  return negative ? -value : value
}

/** The integer in `text` exactly, or null when it is none or does not fit 64 bits. */
export function parseInteger64(text: string): bigint | null {
  if (!/^(?:0|-?[1-9][0-9]{0,18})$/.test(text)) return null
  const value = BigInt(text)
  return value > INT64_MAX || value < INT64_MIN ? null : value
}

/** An integer argument or the error reply: `const n = integerArgument(args[2]!); if (typeof n !== 'number') return n`. */
export function integerArgument(text: string, otherwise: ErrorReply = NOT_AN_INTEGER): number | ErrorReply {
  return parseInteger(text) ?? otherwise
}

/** An integer within [min, max]; `message` (without `ERR`) replaces both of Redis's own texts. */
export function rangeArgument(text: string, min: number, max: number, message?: string): number | ErrorReply {
  const value = parseInteger(text)
  if (value === null) return message === undefined ? NOT_AN_INTEGER : errorOf(`ERR ${message}`)
  if (value >= min && value <= max) return value
  return errorOf(`ERR ${message ?? `value is out of range, value must between ${min} and ${max}`}`)
}

/** An integer ≥ 0 (`getPositiveLongFromObjectOrReply`): both failures say "value is out of range, must be positive", or `message`. */
export function positiveArgument(text: string, message?: string): number | ErrorReply {
  const value = parseInteger(text)
  if (value !== null && value >= 0) return value
  return message === undefined ? MUST_BE_POSITIVE : errorOf(`ERR ${message}`)
}

/** A float argument (`getDoubleFromObjectOrReply`), never NaN; `message` (without `ERR`) replaces "value is not a valid float". */
export function floatArgument(text: string, message?: string): number | ErrorReply {
  return parseDouble(text) ?? (message === undefined ? NOT_A_FLOAT : errorOf(`ERR ${message}`))
}

/** The timeout of a blocking command, in seconds: ms to wait, or null for ever (0). */
export function timeoutArgument(text: string): number | null | ErrorReply {
  const seconds = parseLongDouble(text)
  if (seconds === null) return errorOf('ERR timeout is not a float or out of range')
  const ms = ceilMilliseconds(seconds)
  // What does not fit 64 bits becomes the lowest integer when x86 converts it, so Redis calls it negative.
  if (ms === null || ms < 0n) return errorOf('ERR timeout is negative')
  return ms === 0n ? null : Number(ms)
}

/** The timeout of a blocking command, in whole milliseconds: null for ever (0). */
export function timeoutMsArgument(text: string): number | null | ErrorReply {
  const ms = parseInteger64(text)
  if (ms === null) return errorOf('ERR timeout is not an integer or out of range')
  if (ms < 0n) return errorOf('ERR timeout is negative')
  return ms === 0n ? null : Number(ms)
}

/** Whether `text` is `word` in any case; `word` is lower case ASCII. Makes no new string, because every option of SET comes here. */
export function isWord(text: string, word: string): boolean {
  if (text.length !== word.length) return false
  for (let index = 0; index < word.length; index++) {
    const code = text.charCodeAt(index)
    if ((code >= 65 && code <= 90 ? code + 32 : code) !== word.charCodeAt(index)) return false
  }
  return true
}
