/**
 * A cell in words: its verdict, what was expected of it, what was found in it. The same words in every format.
 */
import { PROPERTIES } from '../../check/verdict.ts'
import type { Expectation } from '../../scenario/expectation.ts'
import type { Cell } from '../../scenario/report.ts'
import type { CellWord } from '../../text/status-word.ts'

/** The word of a cell. */
export function cellWord(cell: Pick<Cell, 'verdict' | 'violations'>): CellWord {
  if (cell.verdict !== 'violated') return cell.verdict
  const isLimit = cell.violations.length > 0 && cell.violations.every(({ kind }) => kind === 'limit')
  return isLimit ? 'limit' : 'bug'
}

/** What was expected of a cell: `valid`, or `mutual-exclusion (limit), perhaps stale-write (limit)`. */
export function expectationText(expected: Expectation | null): string {
  if (expected === null) return 'no bug'
  if (typeof expected === 'string') return expected
  const named = (kinds: Expectation & object): string[] =>
    PROPERTIES.flatMap((property) => {
      const kind = kinds[property]
      return kind === undefined ? [] : [`${property} (${kind})`]
    })
  const certain = named(expected)
  const possible = named(expected.may ?? {}).map((text) => `perhaps ${text}`)
  return [...(certain.length === 0 ? ['valid'] : certain), ...possible].join(', ')
}

/** What was found in a cell, in the same form. */
export function findingText(cell: Cell): string {
  if (cell.verdict !== 'violated') return cell.detail === '' ? cell.verdict : `${cell.verdict}: ${cell.detail}`
  return cell.violations.map(({ property, kind }) => `${property} (${kind})`).join(', ')
}
