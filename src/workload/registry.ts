/**
 * Every workload. Adding one: make its folder, add it here.
 */
import { assert } from '../sim/assert.ts'
import { cache } from './cache/cache.ts'
import { cart } from './cart/cart.ts'
import { counter } from './counter/counter.ts'
import { idempotency } from './idempotency/idempotency.ts'
import { job } from './job/job.ts'
import { jobs } from './jobs/jobs.ts'
import { leader } from './leader/leader.ts'
import { queue } from './queue/queue.ts'
import { readWrite } from './read-write/read-write.ts'
import type { Workload } from './workload.ts'

/** Tokens hold the index: new workloads are added at the end. */
const BUILT_IN = [counter, cart, cache, job, queue, idempotency, jobs, leader, readWrite] as const

/** As everything but plans sees them. */
export const WORKLOADS: readonly Workload[] = BUILT_IN

/** A workload in a plan: which one, and its settings. */
export type WorkloadPlan = PlanOf<(typeof BUILT_IN)[number]>

type PlanOf<Each> =
  Each extends Workload<infer Settings, infer Kind, infer _Takes, infer _Shared>
    ? { readonly kind: Kind } & Settings
    : never

/** The workload that a plan names; `workloads`: those that there are. */
export function workloadOf({ kind }: { readonly kind: string }, workloads: readonly Workload[] = WORKLOADS): Workload {
  const workload = workloads.find((each) => each.kind === kind)
  assert(workload !== undefined, `a planned workload is registered: ${kind}`)
  return workload
}
