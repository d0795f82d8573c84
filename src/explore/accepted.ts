/**
 * Why a finding fails nothing: the project lives with it (its baseline), or it is a limit and there are no more limits than may be.
 *
 * The one rule of `--baseline`, `--max-limit N` and `--allow limit`: findings of the baseline fail nothing; of the others each bug
 * fails, and the limits do, all of them, when they are more than N.
 */
import { type FindingName, findingKey, keyOf, nameOf } from '../check/rank.ts'
import { lostViolation } from '../world/lost-world.ts'
import { worstFirst } from './finding.ts'
import type { Explored } from './hunt.ts'

export type Accepted = 'limit' | 'baseline'

/** What a project accepts. */
export interface Terms {
  /** At most this many limits fail nothing, besides those of the baseline. */
  readonly limitMax: number
  /** What the project lives with; missing: there is no baseline. */
  readonly known?: readonly FindingName[]
}

/** What these terms make of findings. */
export interface Acceptance {
  /** How many limits the baseline does not know; what only came along with a worse finding is not counted. */
  readonly limitCount: number
  /** How many of all findings fail. */
  readonly failing: number
  /** Null: the finding fails. */
  of(finding: FindingName): Accepted | null
}

type Found = Pick<Explored, 'tally' | 'lost'>

export function acceptanceOf(found: Found, { limitMax, known = [] }: Terms): Acceptance {
  const knownKeys = new Set(known.map(keyOf))
  const isKnown = (finding: FindingName): boolean => knownKeys.has(keyOf(finding))
  const { tally } = found
  const told = worstFirst(tally.findings.values(), tally).map(({ violation }) => nameOf(violation))
  const limitCount = told.filter((finding) => finding.kind === 'limit' && !isKnown(finding)).length
  const of = (finding: FindingName): Accepted | null => {
    if (isKnown(finding)) return 'baseline'
    return finding.kind === 'limit' && limitCount <= limitMax ? 'limit' : null
  }
  return { limitCount, failing: foundBy(found).filter((finding) => of(finding) === null).length, of }
}

/** Everything that a hunt has found, each once, also what it does not explain. */
export const foundBy = ({ tally, lost }: Found): readonly FindingName[] => {
  const violations = [
    ...[...tally.findings.values()].map((finding) => finding.violation),
    ...lost.map(({ reason }) => lostViolation(reason)),
  ]
  return [...new Map(violations.map((violation) => [findingKey(violation), nameOf(violation)])).values()]
}
