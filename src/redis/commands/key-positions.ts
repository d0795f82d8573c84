/**
 * Where the keys of a command stand among its arguments: the shapes that most commands share.
 *
 * Source: https://redis.io/docs/latest/develop/reference/key-specs/
 */
import { isWord, parseInteger } from '../arguments.ts'

/** `PING`. */
export const NO_KEYS = { firstKey: 0, lastKey: 0, keyStep: 0 } as const

/** `OBJECT ENCODING key`. */
export const SECOND_ARGUMENT = { firstKey: 2, lastKey: 2, keyStep: 1 } as const

/** `HGET key field`. */
export const ONE_KEY = { firstKey: 1, lastKey: 1, keyStep: 1 } as const

/** `SMOVE source destination member`. */
export const TWO_KEYS = { firstKey: 1, lastKey: 2, keyStep: 1 } as const

/** `SINTER key [key …]`. */
export const ONLY_KEYS = { firstKey: 1, lastKey: -1, keyStep: 1 } as const

/** `BLPOP key [key …] timeout`. */
export const KEYS_THEN_TIMEOUT = { firstKey: 1, lastKey: -2, keyStep: 1 } as const

/** `ZUNION numkeys key [key …]`: the table names no position, `keysOf` reads the number at `index`. */
export const numberedKeys = (
  index: number,
): {
  readonly firstKey: 0
  readonly lastKey: 0
  readonly keyStep: 0
  keysOf(args: readonly string[]): readonly string[] | null
} => ({
  firstKey: 0,
  lastKey: 0,
  keyStep: 0,
  keysOf: (args) => keysAfter(args, index),
})

/** `XREAD COUNT 2 STREAMS key [key …] id [id …]`: half of what follows the word. */
export const KEYS_AFTER_STREAMS = {
  firstKey: 0,
  lastKey: 0,
  keyStep: 0,
  keysOf: (args: readonly string[]): readonly string[] | null => {
    const first = args.findIndex((word, index) => index > 0 && isWord(word, 'streams')) + 1
    const count = (args.length - first) / 2
    return first === 0 || count === 0 || !Number.isInteger(count) ? null : args.slice(first, first + count)
  },
} as const

/** `ZUNIONSTORE destination numkeys key [key …]`. */
export const DESTINATION_AND_NUMBERED_KEYS = {
  ...ONE_KEY,
  keysOf: (args: readonly string[]): readonly string[] | null => {
    const sources = keysAfter(args, 2)
    return sources === null ? null : [args[1]!, ...sources]
  },
} as const

function keysAfter(args: readonly string[], index: number): readonly string[] | null {
  const count = parseInteger(args[index] ?? '')
  if (count === null || count < 1 || count > args.length - index - 1) return null
  return args.slice(index + 1, index + 1 + count)
}
