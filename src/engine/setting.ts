/**
 * One setting of the command line: a flag, a variable of the environment, a key of `lockstorm.config.ts`, a default.
 *
 * A parser gets whatever one of these holds (a text, a number, a list) and either answers with the value or throws a
 * `UsageError` at the place it came from.
 */

import { nearHint } from '../scenario/nearest.ts'
import { shown } from '../sim/shown.ts'
import { parseDurationUs, parseRangeUs, parseSignedDurationUs } from '../sim/units.ts'
import { UsageError } from '../sim/usage-error.ts'

export interface Setting<Value> {
  /** `--redis-binary`; the key is `redisBinary`, the variable `LOCKSTORM_REDIS_BINARY`. */
  readonly flag: string
  /** `-q`. */
  readonly short?: string
  /** What the flag takes: `FILE`; none: it is a switch. */
  readonly argument?: string
  /** It may be given without its argument. */
  readonly isArgumentOptional?: true
  /** A switch that also has a `--no-…`. */
  readonly negatable?: true
  /** May be given more than once. */
  readonly isList?: true
  readonly default: Value
  /** The default in words, when the value does not tell. */
  readonly defaultText?: string
  parse(raw: unknown, place: string): Value
}

/** The variable of the environment that a flag is also found in. */
export const variableOf = (flag: string): string => `LOCKSTORM_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`

function refuse(place: string, expected: string, raw: unknown, hint = ''): never {
  throw new UsageError(place, `expected ${expected}, got ${shown(raw)}${hint}`)
}

/** A text that is not blank; a number will do. */
export function parseText(expected: string, lengthMax = 4_096) {
  return (raw: unknown, place: string): string => {
    const text = typeof raw === 'number' ? String(raw) : raw
    if (typeof text !== 'string' || text.trim() === '' || text.length > lengthMax) refuse(place, expected, raw)
    return text
  }
}

/** The name of a file or a folder. */
export function parsePath(expected: string) {
  const parse = parseText(expected)
  return (raw: unknown, place: string): string => {
    const text = parse(raw, place)
    return text.includes('\0') ? refuse(place, expected, raw) : text
  }
}

/** A whole number from `min` on, in digits. */
export function parseCount(min: number, max: number) {
  return (raw: unknown, place: string): number => {
    const count = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw
    if (typeof count !== 'number' || !Number.isInteger(count) || count < min || count > max) {
      refuse(place, `a whole number from ${min} to ${max}`, raw)
    }
    return count
  }
}

/** A duration such as 250ms, as whole units of `unitUs` microseconds. */
export function parseDuration(unitUs: number, { isZeroAllowed = false } = {}) {
  return (raw: unknown, place: string): number => {
    const us = typeof raw === 'string' ? parseDurationUs(raw) : null
    if (us === null || us % unitUs !== 0 || (us === 0 && !isZeroAllowed)) {
      const finest = unitUs === 1 ? '' : ', in whole milliseconds'
      refuse(place, `a duration such as 250ms, 30s or 2m${finest}`, raw)
    }
    return us / unitUs
  }
}

/** A duration with a sign such as -1s; 0s is none. */
export function parseSignedDuration(raw: unknown, place: string): number {
  const us = typeof raw === 'string' ? parseSignedDurationUs(raw) : null
  return us ?? refuse(place, 'a duration such as +1s, -1s or 0s', raw)
}

/** A range of durations such as 200us..900us. */
export function parseRange(raw: unknown, place: string): { readonly minUs: number; readonly maxUs: number } {
  const range = typeof raw === 'string' ? parseRangeUs(raw) : null
  return range ?? refuse(place, 'a range of durations such as 200us..900us', raw)
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
])

/** A switch: true or false, or a word for it in the environment. */
export function parseSwitch(raw: unknown, place: string): boolean {
  const value = typeof raw === 'string' ? SWITCH_WORDS.get(raw.toLowerCase()) : raw
  return typeof value === 'boolean' ? value : refuse(place, 'true or false', raw)
}

/** One of these words. */
export function parseWord<Word extends string>(words: readonly Word[], expected = words.join(', ')) {
  return (raw: unknown, place: string): Word =>
    words.find((word) => word === raw) ?? refuse(place, expected, raw, nearHint(raw, words))
}

/** A list: given more than once as a flag, with commas in the environment, as a list or one text in the config file. */
export function parseList<Item>(parseItem: (raw: unknown, place: string) => Item) {
  return (raw: unknown, place: string): readonly Item[] => {
    const items = Array.isArray(raw) ? raw.flatMap(inList) : splitAtCommas(raw)
    return items.map((item) => parseItem(item, place))
  }
}

/** Of a list one item alone stays as it is: a name may end in white space. */
const inList = (raw: unknown): readonly unknown[] =>
  typeof raw === 'string' && !raw.includes(',') ? [raw] : splitAtCommas(raw)

const splitAtCommas = (raw: unknown): readonly unknown[] =>
  typeof raw === 'string' ? raw.split(',').map((item) => item.trim()) : [raw]
