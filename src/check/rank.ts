/**
 * What makes two violations one finding, and which of several is the worst.
 */
import { causeKey } from './cause.ts'
import { checkOf } from './registry.ts'
import { PROPERTIES, type Violation, WEIGHTS, type Weight } from './verdict.ts'

/** How much a violation matters: what its property says, but for a few ways in which that is broken. */
export function weightOf({ property, told }: Pick<Violation, 'property' | 'told'>): Weight {
  if (told.kind === 'lower-fence-accepted') return 'harm'
  if (told.kind === 'waited-for-minority') return 'blocked-until-expiry'
  return checkOf(property).weight
}

/** What makes two violations one finding: the property and the cause. */
export const findingKey = ({ property, kind, cause }: Violation): string => `${property} · ${kind} · ${causeKey(cause)}`

/** The lower, the worse: bugs before limits, then by weight, then in the order of properties. */
export const rankOf = (violation: Violation): number =>
  ((violation.kind === 'bug' ? 0 : 1) * WEIGHTS.length + WEIGHTS.indexOf(weightOf(violation))) * PROPERTIES.length +
  PROPERTIES.indexOf(violation.property)
