/**
 * The range arguments of sorted set commands: `(1.5`, `-inf`, `[member`, `+`.
 *
 * Numbers are read with C's `strtod`, which is more generous than the one for scores: nothing at all is 0, spaces may
 * come first, too large a number is infinite.
 *
 * Source: https://redis.io/docs/latest/commands/zrange/
 */
import { readDouble } from './double.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'
import type { LexBound, LexRange, ScoreRange } from './sorted-set.ts'

const NOT_A_SCORE_RANGE = errorOf('ERR min or max is not a float')
const NOT_A_LEX_RANGE = errorOf('ERR min or max not valid string range item')

/** A range of scores, or the error Redis gives. */
export function parseScoreRange(min: string, max: string): ScoreRange | ErrorReply {
  const isMinExclusive = min.startsWith('(')
  const isMaxExclusive = max.startsWith('(')
  const low = parseBound(isMinExclusive ? min.slice(1) : min)
  const high = parseBound(isMaxExclusive ? max.slice(1) : max)
  if (low === null || high === null) return NOT_A_SCORE_RANGE
  return { min: low, max: high, isMinExclusive, isMaxExclusive }
}

/** A lexicographic range, or the error Redis gives. */
export function parseLexRange(min: string, max: string): LexRange | ErrorReply {
  const low = parseLexBound(min)
  const high = parseLexBound(max)
  return low === null || high === null ? NOT_A_LEX_RANGE : { min: low, max: high }
}

function parseLexBound(text: string): LexBound | null {
  const sign = cText(text)
  if (sign === '-' || sign === '+') return sign
  const first = text[0]
  return first === '(' || first === '[' ? { member: text.slice(1), isExclusive: first === '(' } : null
}

function parseBound(bytes: string): number | null {
  const text = cText(bytes)
  if (text === '') return 0
  if (text === '-inf') return -Infinity
  const number = text.replace(/^[ \t-\r]+/, '')
  return readDouble(number)
}
