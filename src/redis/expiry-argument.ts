/**
 * The expiry options of SET, GETEX and their relatives, as an absolute time in milliseconds.
 *
 * Source: t_string.c (`getExpireMillisecondsOrReply`) of Redis 7.0.
 */
import { INT64_MAX, parseInteger, parseInteger64 } from './arguments.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER } from './errors.ts'
import type { Milliseconds } from './value.ts'

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** In which unit an expiry is given, and from when it counts. */
export type ExpiryUnit = 'ex' | 'px' | 'exat' | 'pxat'

/** When the key ends, or the error Redis answers; `command` names it in the text. */
export function expiryArgument(
  text: string,
  unit: ExpiryUnit,
  nowMs: number,
  command: string,
): Milliseconds | ErrorReply {
  const amount = parseInteger(text)
  if (amount === null) return NOT_AN_INTEGER
  if (amount <= 0) return invalidExpiry(command)
  const isSeconds = unit === 'ex' || unit === 'exat'
  const baseMs = unit === 'ex' || unit === 'px' ? nowMs : 0
  if (amount < 2 ** 42) return (isSeconds ? amount * 1000 : amount) + baseMs
  const exactMs = (parseInteger64(text) ?? 0n) * (isSeconds ? 1000n : 1n) + BigInt(baseMs)
  return exactMs > INT64_MAX ? invalidExpiry(command) : milliseconds(exactMs)
}

/** A number as far as it is exact. */
export const milliseconds = (exact: bigint): Milliseconds =>
  exact >= -MAX_SAFE && exact <= MAX_SAFE ? Number(exact) : exact

export const invalidExpiry = (command: string): ErrorReply => errorOf(`ERR invalid expire time in '${command}' command`)
