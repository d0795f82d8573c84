/**
 * What makes two violations one finding, and which of several is the worst.
 */
import { causeKey } from './cause.ts'
import { checkOf } from './registry.ts'
import { PROPERTIES, type PropertyName, type Violation, type ViolationKind, WEIGHTS, type Weight } from './verdict.ts'

/** How much a violation matters: what its property says, but for a few ways in which that is broken. */
export function weightOf({ property, told }: Pick<Violation, 'property' | 'told'>): Weight {
  if (told.kind === 'lower-fence-accepted') return 'harm'
  if (told.kind === 'waited-for-minority') return 'blocked-until-expiry'
  return checkOf(property).weight
}

/** What makes two violations one finding: the property and the cause. */
export interface FindingName {
  readonly property: PropertyName
  readonly kind: ViolationKind
  /** What tells the cause from that of another bug. */
  readonly cause: string
}

/** The finding that a violation is one of. */
export const nameOf = ({ property, kind, cause }: Pick<Violation, 'property' | 'kind' | 'cause'>): FindingName => ({
  property,
  kind,
  cause: causeKey(cause),
})

/** A finding's name as one text. */
export const keyOf = ({ property, kind, cause }: FindingName): string => `${property} · ${kind} · ${cause}`

/** The finding that a violation is one of, as one text. */
export const findingKey = (violation: Pick<Violation, 'property' | 'kind' | 'cause'>): string =>
  keyOf(nameOf(violation))

/** The lower, the worse: bugs before limits, then by weight, then in the order of properties. */
export const rankOf = (violation: Violation): number =>
  ((violation.kind === 'bug' ? 0 : 1) * WEIGHTS.length + WEIGHTS.indexOf(weightOf(violation))) * PROPERTIES.length +
  PROPERTIES.indexOf(violation.property)
