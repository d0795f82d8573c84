/**
 * Which properties a cell was judged by: those that can be broken in its workload.
 */
import { CHECKS } from '../check/registry.ts'
import type { PropertyName } from '../check/verdict.ts'
import type { Cell } from '../scenario/report.ts'
import { workloadOf } from '../workload/registry.ts'

/** In the order of the registry, worst first; a property that was found violated is always among them. */
export function judgedProperties(cell: Pick<Cell, 'workload' | 'violations'>): readonly PropertyName[] {
  const judged = workloadOf({ kind: cell.workload }).properties
  return CHECKS.filter(
    (check) =>
      (judged.includes(check.name) && check.isForApps !== true) ||
      cell.violations.some(({ property }) => property === check.name),
  ).map((check) => check.name)
}
