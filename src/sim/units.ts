/**
 * Durations, ranges and ratios as people write them, and back: `250us`, `1.5s`, `-5s`, `100us..400us`, `3/100`.
 *
 * A parser answers null for what it cannot read; who called it knows the place and says what was expected.
 *
 * Invariants
 * - Times are whole microseconds; what is not whole is refused, not rounded (`0.5us`).
 * - Arithmetic on decimals is done on digits, so that `1.1s` is 1,100,000 and not 1,100,000.0000000002.
 */

/** What a duration looks like, for schemas; `parseDurationUs` is stricter (whole microseconds). */
export const DURATION_PATTERN = /^\d+(\.\d+)?(us|ms|s|m|h)$/
export const SIGNED_DURATION_PATTERN = /^[+-]?\d+(\.\d+)?(us|ms|s|m|h)$/
/** One duration, or two with `..` between them. */
export const RANGE_PATTERN = /^\d+(\.\d+)?(us|ms|s|m|h)(\.\.\d+(\.\d+)?(us|ms|s|m|h))?$/
export const RATIO_PATTERN = /^\d+\/\d+$/

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 }

/** `250ms` → 250000. Null: not a duration, not whole microseconds, or beyond 2^53. */
export function parseDurationUs(text: string): number | null {
  const match = /^(\d+)(?:\.(\d+))?(us|ms|s|m|h)$/.exec(text)
  if (match === null) return null
  const [, whole = '', fraction = '', unit = ''] = match
  const digits = Number(whole + fraction) * (UNIT_US[unit] as number)
  const us = digits / 10 ** fraction.length
  return Number.isSafeInteger(digits) && Number.isInteger(us) ? us : null
}

/** `-5s` → -5000000, `+5s` and `5s` → 5000000. */
export function parseSignedDurationUs(text: string): number | null {
  const us = parseDurationUs(text.replace(/^[+-]/, ''))
  return us === null || !text.startsWith('-') ? us : 0 - us
}

/** `100us..400us`, both ends included; one duration is a range of one. Null also when it runs backwards. */
export function parseRangeUs(text: string): { readonly minUs: number; readonly maxUs: number } | null {
  const ends = text.split('..')
  const minUs = parseDurationUs(ends[0] as string)
  const maxUs = ends.length === 1 ? minUs : parseDurationUs(ends.slice(1).join('..'))
  return minUs === null || maxUs === null || maxUs < minUs ? null : { minUs, maxUs }
}

/** `3/100` → { num: 3, den: 100 }. Null also when it is more than the whole. */
export function parseRatio(text: string): { readonly num: number; readonly den: number } | null {
  if (!RATIO_PATTERN.test(text)) return null
  const [num, den] = text.split('/').map(Number) as [number, number]
  return den > 0 && num <= den && Number.isSafeInteger(den) ? { num, den } : null
}

/** For reports: `350 µs`, `2.1 s`, `2 min`. Never rounded below a second, to the millisecond above. */
export function formatUs(us: number): string {
  const sign = us < 0 ? '-' : ''
  const size = Math.abs(us)
  if (size < 1_000) return `${sign}${size} µs`
  if (size < 1_000_000) return `${sign}${size / 1_000} ms`
  if (size >= 120_000_000 && size % 60_000_000 === 0) return `${sign}${size / 60_000_000} min`
  return `${sign}${Math.round(size / 1_000) / 1_000} s`
}

/** As a scenario writes it, without loss: `350us`, `2100ms`, `2s`. */
export function writeUs(us: number): string {
  const size = Math.abs(us)
  const [unit, name] =
    size % 1_000_000 === 0 ? [1_000_000, 's'] : size % 1_000 === 0 ? [1_000, 'ms'] : ([1, 'us'] as const)
  return `${us / unit}${name}`
}
