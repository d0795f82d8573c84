/** Worlds for the tests of the checks: a plan with defaults, run once, judged. */
import { judge } from '../../src/check/judge.ts'
import { readStorm } from '../../src/explore/storm-text.ts'
import type { PlannedFault } from '../../src/fault/fault.ts'
import { faultKind } from '../../src/fault/registry.ts'
import { History } from '../../src/history/history.ts'
import { parseAnchor } from '../../src/scenario/anchor.ts'
import { decodeToken } from '../../src/scenario/token.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { type ToldViolation, tellViolation } from '../../src/words/told-violation.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { topologyOf } from '../../src/world/topology.ts'

const provider = memoryProvider()

/** A fault as YAML would write it. */
export function fault(kind: string, settings: Record<string, unknown>, at: string): PlannedFault {
  const anchor = parseAnchor(at)
  if (anchor === null) throw new Error(`not an anchor: ${at}`)
  const parsed: unknown = faultKind(kind)?.schema.parse(settings)
  return { kind, settings: parsed as Record<string, unknown>, at: anchor }
}

/** The plan of a token that a hunt printed. */
export function planIn(token: string): Plan {
  const parts = decodeToken(token)
  if (!('storm' in parts)) throw new Error('it is the token of a storm')
  return readStorm(parts.storm, parts.seed, parts.client)
}

/** What a test wants otherwise; `nodes`: that many independent ones. */
export type Changes = Partial<Plan> & { readonly nodes?: number }

export const counterPlan = ({ nodes = 1, ...changes }: Changes = {}): Plan => ({
  scenario: 'test',
  seed: 'test/0',
  client: 'direct',
  clients: 2,
  topology: topologyOf(nodes),
  ttlMs: 1000,
  latency: { minUs: 200, maxUs: 900 },
  headStartUs: 0,
  workload: { kind: 'counter', rounds: 1, workUs: 20_000, retryUs: 20_000, checkFence: true },
  faults: [],
  settleUs: 3_000_000,
  ...changes,
})

export const cartPlan = (changes: Changes = {}): Plan =>
  counterPlan({
    clients: 3,
    ttlMs: 10_000,
    workload: { kind: 'cart', requests: 2, workUs: 10_000, logout: false },
    ...changes,
  })

/** Three readers and a writer. */
export const cachePlan = (
  workload: Partial<Extract<Plan['workload'], { kind: 'cache' }>> = {},
  changes: Changes = {},
): Plan =>
  counterPlan({
    clients: 4,
    workload: {
      kind: 'cache',
      reads: 3,
      writes: 1,
      workUs: 20_000,
      retryUs: 5_000,
      everyUs: 15_000,
      keepMs: 60_000,
      writerLocks: false,
      checkGeneration: false,
      ...workload,
    },
    ...changes,
  })

/** Three schedulers. */
export const jobPlan = (
  workload: Partial<Extract<Plan['workload'], { kind: 'job' }>> = {},
  changes: Changes = {},
): Plan =>
  counterPlan({
    clients: 3,
    ttlMs: 500,
    workload: {
      kind: 'job',
      ticks: 3,
      everyUs: 1_000_000,
      workUs: 20_000,
      keepLock: false,
      checkTick: false,
      ...workload,
    },
    ...changes,
  })

/** Workers of a queue, each of which adds jobs. */
export const queuePlan = ({
  workUs = 20_000,
  ...changes
}: Omit<Changes, 'workload'> & { readonly workUs?: number } = {}): Plan =>
  counterPlan({ clients: 3, ttlMs: 200, workload: { kind: 'jobs', jobs: 2, workUs }, settleUs: 2_000_000, ...changes })

/** What one world showed. */
export interface Shown {
  readonly history: History
  readonly status: string
  readonly violations: readonly ToldViolation[]
  /** `property: kind`, sorted, each once. */
  readonly kinds: readonly string[]
  readonly sometimes: readonly string[]
  readonly hash: string
}

export async function show(subject: Subject, plan: Plan, client: ClientKind = 'direct'): Promise<Shown> {
  const run = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, provider)))
  const history = new History(run)
  const { verdict, sometimes } = judge(history)
  const violations = verdict.status === 'violated' ? verdict.violations.map(tellViolation) : []
  return {
    history,
    status: verdict.status,
    violations,
    kinds: [...new Set(violations.map((violation) => `${violation.property}: ${violation.kind}`))].sort(),
    sometimes: [...sometimes],
    hash: run.historyHash,
  }
}
