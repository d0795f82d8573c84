/**
 * Which properties a cell was judged by: those of locks, or those of session stores.
 */
import { CHECKS } from '../check/registry.ts'
import type { PropertyName } from '../check/verdict.ts'
import { WORKLOAD_SUBJECTS, type WorkloadPlan } from '../world/plan.ts'
import type { Cell } from './report.ts'

/** In the order of the registry, worst first; a property that was found violated is always among them. */
export function judgedProperties(cell: Pick<Cell, 'workload' | 'violations'>): readonly PropertyName[] {
  const workload = cell.workload as WorkloadPlan['kind']
  const subject = WORKLOAD_SUBJECTS[workload]
  return CHECKS.filter(
    (check) =>
      (check.subjects.includes(subject) && check.isForApps !== true && (check.workloads?.includes(workload) ?? true)) ||
      cell.violations.some(({ property }) => property === check.name),
  ).map((check) => check.name)
}
