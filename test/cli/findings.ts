/** What a hunt found, told by property, kind and cause: what two hunts are compared by. */
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'

interface Told {
  readonly property: string
  readonly kind: string
  readonly cause: { readonly kind: string }
}

/** A finding as it is told here. */
export const findingText = ({ property, kind, cause }: Told): string => `${property} ${kind} ${cause.kind}`

/** The findings of a `hunt --json`, sorted; what only came along with others is among them. */
export const findingsIn = (json: string): readonly string[] =>
  (JSON.parse(json) as HuntReport).violations
    .flatMap((violation) => [violation, ...violation.consequences].map(findingText))
    .sort()

/** SET NX with a lease, and a release that compares: what a lock without fencing cannot prevent, and late grants. */
export const LATE_OR_LIMITS: readonly string[] = [
  'linearizability bug granted-too-late',
  'linearizability limit lease-ended',
  'linearizability limit redis-lost-it',
  'mutual-exclusion bug granted-too-late',
  'mutual-exclusion limit lease-ended',
  'mutual-exclusion limit redis-lost-it',
  'stale-write bug granted-too-late',
  'stale-write limit lease-ended',
  'stale-write limit redis-lost-it',
]
