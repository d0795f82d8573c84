/** Scenarios chosen by their tags: `--tag session --tag '!clock'`. */
import { UsageError } from '../sim/usage-error.ts'
import { didYouMean } from './nearest.ts'
import type { Scenario } from './scenario.ts'

/**
 * The scenarios that have one of the tags, and none of those behind a `!`; no tag without `!`: all but these.
 * @throws UsageError at a tag that no scenario has, and when no scenario is left
 */
export function tagged(scenarios: readonly Scenario[], words: readonly string[]): readonly Scenario[] {
  const known = [...new Set(scenarios.flatMap(({ tags }) => tags))].sort()
  for (const word of words) {
    const tag = word.replace(/^!/, '')
    if (known.includes(tag)) continue
    throw new UsageError('--tag', `none of these scenarios has the tag ${JSON.stringify(tag)}${didYouMean(tag, known)}`)
  }
  const wanted = words.filter((word) => !word.startsWith('!'))
  const unwanted = words.filter((word) => word.startsWith('!')).map((word) => word.slice(1))
  const left = scenarios.filter(
    ({ tags }) =>
      (wanted.length === 0 || wanted.some((tag) => tags.includes(tag))) && !unwanted.some((tag) => tags.includes(tag)),
  )
  if (left.length > 0) return left
  throw new UsageError(
    '--tag',
    `no scenario is left: each that is ${wanted.join(' or ') || 'there'} is ${unwanted.join(' or ')}, too`,
  )
}
