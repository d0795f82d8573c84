/** The difference of two texts, line by line: the longest common subsequence stays. */

export interface DiffLine {
  readonly sign: ' ' | '+' | '-'
  readonly line: string
}

/** From the first text to the second; of a change, what goes comes first. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  // kept[i][j]: how many lines the rest of `a` from i and the rest of `b` from j have in common.
  const kept = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  const at = (i: number, j: number): number => kept[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = kept[i] as number[]
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: DiffLine[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', line: a[i] as string })
      i += 1
      j += 1
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', line: a[i] as string })
      i += 1
    } else {
      lines.push({ sign: '+', line: b[j] as string })
      j += 1
    }
  }
  return lines
}

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')
