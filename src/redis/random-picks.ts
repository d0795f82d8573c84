/**
 * Random elements of a collection: SRANDMEMBER, HRANDFIELD, ZRANDMEMBER, SPOP.
 *
 * Models          distinct elements for a positive count, independent draws for a negative one.
 * Does not model  Redis's own generator (the same seed gives the same picks here, which Redis does not promise); distinct
 *                 elements come in the order of the collection. More than ten million independent draws answer an
 *                 out-of-memory error, where Redis would go on building a reply of gigabytes.
 *
 * Source: https://redis.io/docs/latest/commands/srandmember/
 */
import { INT64_MAX, INT64_MIN, parseInteger, parseInteger64 } from './arguments.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER, OUT_OF_MEMORY } from './errors.ts'
import type { Random } from './random.ts'

const DRAWS_MAX = 10_000_000
const COUNT_RANGE = errorOf(`ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`)

/** The count argument: any 64-bit integer but the lowest, which has no opposite. */
export function parsePickCount(text: string): number | ErrorReply {
  const count = parseInteger(text)
  if (count === null) return NOT_AN_INTEGER
  return !Number.isSafeInteger(count) && parseInteger64(text) === INT64_MIN ? COUNT_RANGE : count
}

/** Whether twice the count fits 64 bits, as it must when every element brings its value or score. */
export function fitsTwice(text: string): boolean {
  const count = parseInteger64(text) ?? 0n
  return count >= -INT64_MAX / 2n && count <= INT64_MAX / 2n
}

/** Which of `size` elements are picked: positions in the collection. */
export function pick(size: number, count: number, random: Random): readonly number[] | ErrorReply {
  if (count >= size) return Array.from({ length: size }, (_, index) => index)
  if (count >= 0) return pickDistinct(size, count, random)
  if (-count > DRAWS_MAX) return OUT_OF_MEMORY
  return Array.from({ length: -count }, () => random.below(size))
}

/** Each element in turn is taken with probability (wanted ÷ left), which makes every choice of `count` equally likely. */
export function pickDistinct(size: number, count: number, random: Random): readonly number[] {
  const picked: number[] = []
  for (let index = 0; picked.length < count; index++) {
    if (random.below(size - index) < count - picked.length) picked.push(index)
  }
  return picked
}

/** The element at a position of a Map or Set, which have none by themselves. */
export function elementAt<T>(elements: Iterable<T>, position: number): T {
  let index = 0
  for (const element of elements) if (index++ === position) return element
  throw new RangeError(`no element ${position}`)
}
