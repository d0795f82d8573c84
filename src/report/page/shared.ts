/**
 * Data in which equal parts are told once. The deflate of pages sees 32 kB back: what repeats further apart, the code of a cure beside each of
 * its stories, would be told again each time.
 */

/** The parts that occur more than once, each before what refers to it, and the value; `{ $: 3 }` is the fourth of them. */
export type Shared = readonly [parts: readonly unknown[], value: unknown]

/** A shorter part is told again: a reference would be no shorter when it is deflated. */
const PART_MIN = 32

/** Tells equal parts once. */
export function share(value: unknown): Shared {
  const counts = new Map<string, number>()
  count(value, counts)
  const parts: unknown[] = []
  const places = new Map<string, number>()
  const shared = (part: unknown): unknown => {
    if (part === null || typeof part !== 'object') return part
    const text = JSON.stringify(part)
    const known = places.get(text)
    if (known !== undefined) return { $: known }
    const told = Array.isArray(part)
      ? part.map(shared)
      : Object.fromEntries(Object.entries(part).map(([key, each]) => [key, shared(each)]))
    if (text.length < PART_MIN || counts.get(text) === 1) return told
    places.set(text, parts.length)
    return { $: parts.push(told) - 1 }
  }
  const told = shared(value)
  return [parts, told]
}

/** How often each part occurs; inside of equal parts nothing is counted twice. */
function count(part: unknown, counts: Map<string, number>): void {
  if (part === null || typeof part !== 'object') return
  const text = JSON.stringify(part)
  const known = counts.get(text) ?? 0
  counts.set(text, known + 1)
  if (known === 0) for (const each of Object.values(part)) count(each, counts)
}

/** The value again. */
export function unshare([parts, value]: Shared): unknown {
  const known: unknown[] = []
  const whole = (part: unknown): unknown => {
    if (part === null || typeof part !== 'object') return part
    if (Array.isArray(part)) return part.map(whole)
    const { $: place } = part as { readonly $?: number }
    if (place !== undefined) return known[place]
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, whole(each)]))
  }
  for (const part of parts) known.push(whole(part))
  return whole(value)
}
