/**
 * Virtual times and numbers as people read them: `350 µs`, `1.2 ms`, `40.0 s`, `12,400`.
 *
 * Invariants
 * - The unit is chosen after rounding: never `1000 ms`.
 */

/** A length of time. */
export function durationText(us: number): string {
  if (us < 0) return `-${durationText(-us)}`
  if (us < 999.5) return `${Math.round(us)} µs`
  if (us < 99_950) return `${(us / 1000).toFixed(1)} ms`
  if (us < 999_500) return `${Math.round(us / 1000)} ms`
  const seconds = us / 1_000_000
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  if (seconds < 599.5) return `${Math.round(seconds)} s`
  return `${(seconds / 60).toFixed(1)} min`
}

/** An instant, with as many digits as tell it from a neighbour `gapUs` away. */
export function instantText(us: number, gapUs: number): string {
  if (us === 0) return '0 s'
  const isSeconds = us >= 1_000_000
  const unitUs = isSeconds ? 1_000_000 : 1000
  const digitsMax = isSeconds ? 6 : 3
  let digits = isSeconds && us >= 100_000_000 ? 0 : 1
  // 30.001 s beside 30.002 s needs three digits: the step of the last one is at most the gap.
  for (let stepUs = unitUs / 10 ** digits; digits < digitsMax && stepUs > gapUs; stepUs /= 10) digits += 1
  return `${(us / unitUs).toFixed(digits)} ${isSeconds ? 's' : 'ms'}`
}

/** An instant in seconds, all digits: what the table of events shows. */
export function secondsText(us: number): string {
  return (us / 1_000_000).toFixed(6)
}

/** A number with commas, the same in every locale. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 world`, `12,400 worlds`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}
