/**
 * "Did you mean …?": the candidate that is nearest to a misspelt word.
 *
 * Distance is Levenshtein's with swaps of neighbours counted as one edit (optimal string alignment), because `puase`
 * is one slip and not two. A candidate farther away than a third of its length is a guess, and guesses mislead.
 */

/** Edits (insert, delete, replace, swap neighbours) that lead from one word to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1]
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (isSame ? 0 : 1),
      )
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[to.length] as number
}

/** The nearest candidate, the earlier one of two equally near; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  // A word of a megabyte is no slip of the finger, and its distance would take for ever.
  if (word.length > 64) return null
  let best: string | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` (did you mean "partition"?)`, or nothing when the word is no word or none is near. */
export function nearHint(word: unknown, candidates: readonly string[]): string {
  const near = typeof word === 'string' ? nearest(word, candidates) : null
  return near === null ? '' : ` (did you mean "${near}"?)`
}

/** More names than these are read where they are listed. */
const NAMED_MAX = 24

/** The same, or else what there is to choose from. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const hint = nearHint(word, candidates)
  if (hint !== '' || candidates.length === 0) return hint
  const more = candidates.length - NAMED_MAX
  if (more <= 0) return ` (there is ${candidates.join(', ')})`
  return ` (there is ${candidates.slice(0, NAMED_MAX).join(', ')} and ${more} more)`
}
