/**
 * A cell in words: its verdict, what was expected of it, what was found in it. The same words in every format.
 */
import { PROPERTIES, type PropertyName, type ViolationKind } from '../../check/verdict.ts'
import type { Expectation } from '../../scenario/expectation.ts'
import type { Cell } from '../../scenario/report.ts'
import type { Language } from '../../text/language.ts'
import { type CellWord, STATUS_WORDS } from '../../text/status-word.ts'
import { headingsOf } from '../../words/heading.ts'

/** The word of a cell. */
export function cellWord(cell: Pick<Cell, 'verdict' | 'violations'>): CellWord {
  if (cell.verdict !== 'violated') return cell.verdict
  const isLimit = cell.violations.length > 0 && cell.violations.every(({ kind }) => kind === 'limit')
  return isLimit ? 'limit' : 'bug'
}

/** What was expected of a cell: `valid`, or `mutual-exclusion (limit), perhaps stale-write (limit)`. */
export function expectationText(expected: Expectation | null, language: Language = 'en'): string {
  const say = EXPECTED[language]
  if (expected === null) return say.noBug
  if (typeof expected === 'string') return STATUS_WORDS[language][expected]
  const named = (kinds: Expectation & object): string[] =>
    PROPERTIES.flatMap((property) => {
      const kind = kinds[property]
      return kind === undefined ? [] : [say.violation(property, kind)]
    })
  const certain = named(expected)
  const possible = named(expected.may ?? {}).map(say.perhaps)
  return [...(certain.length === 0 ? [STATUS_WORDS[language].valid] : certain), ...possible].join(say.comma)
}

const EXPECTED = {
  en: {
    noBug: 'no bug',
    violation: (property: PropertyName, kind: ViolationKind) => `${property} (${kind})`,
    perhaps: (text: string) => `perhaps ${text}`,
    comma: ', ',
  },
  zh: {
    noBug: '没有缺陷',
    violation: (property: PropertyName, kind: ViolationKind) =>
      `${headingsOf(property).zh}（${STATUS_WORDS.zh[kind]}）`,
    perhaps: (text: string) => `可能${text}`,
    comma: '，',
  },
}

/** What was found in a cell, in the same form. */
export function findingText(cell: Cell): string {
  if (cell.verdict !== 'violated') return cell.detail === '' ? cell.verdict : `${cell.verdict}: ${cell.detail}`
  return cell.violations.map(({ property, kind }) => `${property} (${kind})`).join(', ')
}
