/**
 * Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET use them.
 *
 * Models  `*`, `?`, `[abc]`, `[^a]`, `[a-z]` (also written backwards), `\x`, and what Redis does with unfinished
 *         brackets and a backslash at the end, patterns with more than 1,000 stars, which match nothing beyond them.
 *
 * Source: https://redis.io/docs/latest/commands/keys/
 */

/** Redis looks no deeper. */
const STARS_MAX = 1000

/** Whether the whole of `text` matches `pattern`. */
export function globMatches(pattern: string, text: string, { ignoreCase = false } = {}): boolean {
  return ignoreCase
    ? matchFrom(pattern.toLowerCase(), 0, text.toLowerCase(), 0, 0).matched
    : matchFrom(pattern, 0, text, 0, 0).matched
}

/** `giveUp` ends the search of every outer `*`: the text ran out, so a longer skip cannot help (it keeps `*a*a*a*b` linear). */
interface Attempt {
  readonly matched: boolean
  readonly giveUp: boolean
}

const MATCHED: Attempt = { matched: true, giveUp: false }
const FAILED: Attempt = { matched: false, giveUp: false }
const GAVE_UP: Attempt = { matched: false, giveUp: true }

function matchFrom(pattern: string, patternStart: number, text: string, textStart: number, depth: number): Attempt {
  if (depth > STARS_MAX) return FAILED
  let p = patternStart
  let t = textStart
  while (p < pattern.length && t < text.length) {
    const char = pattern[p]
    if (char === '*') {
      while (pattern[p + 1] === '*') p++
      if (p + 1 === pattern.length) return MATCHED
      for (; t < text.length; t++) {
        const attempt = matchFrom(pattern, p + 1, text, t, depth + 1)
        if (attempt.matched || attempt.giveUp) return attempt
      }
      return GAVE_UP
    }
    if (char === '?') {
      t++
    } else if (char === '[') {
      const set = matchSet(pattern, p, text.charCodeAt(t))
      if (!set.matched) return FAILED
      p = set.end
      t++
    } else {
      if (char === '\\' && p + 1 < pattern.length) p++
      if (pattern[p] !== text[t]) return FAILED
      t++
    }
    p++
    if (t === text.length) {
      while (pattern[p] === '*') p++
      break
    }
  }
  return p === pattern.length && t === text.length ? MATCHED : FAILED
}

/** Matches one char against `[…]` at `start`; `end` is where the closing bracket (or the end of the pattern) is. */
function matchSet(pattern: string, start: number, code: number): { readonly matched: boolean; readonly end: number } {
  let p = start + 1
  const negated = pattern[p] === '^'
  if (negated) p++
  let matched = false
  for (;;) {
    if (pattern[p] === '\\' && p + 1 < pattern.length) {
      p++
      if (pattern.charCodeAt(p) === code) matched = true
    } else if (pattern[p] === ']') {
      break
    } else if (p >= pattern.length) {
      p--
      break
    } else if (p + 2 < pattern.length && pattern[p + 1] === '-') {
      const low = signed(pattern.charCodeAt(p))
      const high = signed(pattern.charCodeAt(p + 2))
      p += 2
      if (signed(code) >= Math.min(low, high) && signed(code) <= Math.max(low, high)) matched = true
    } else if (pattern.charCodeAt(p) === code) {
      matched = true
    }
    p++
  }
  return { matched: matched !== negated, end: p }
}

/** Redis compares the ends of a range as C chars, which are signed: byte 0xff lies before `a`. */
const signed = (code: number): number => (code < 128 ? code : code - 256)
