/**
 * Between a scenario file and the plan of its worlds, both ways: a storm that was found can be written down as a scenario
 * would write it, which is what replay files and the tokens of storms hold, and what people read.
 *
 * Invariants
 * - Reading what was written gives the same plan.
 * - What equals the default of scenario files is left out, so that only what matters is there to be read.
 */
import { z } from 'zod'
import type { FaultKind, PlannedFault } from '../fault/fault.ts'
import { faultKind } from '../fault/registry.ts'
import { assert, assertNever } from '../sim/assert.ts'
import { writeUs } from '../sim/units.ts'
import type { Plan, WorkloadPlan } from '../world/plan.ts'
import { describeAnchor } from './anchor.ts'
import { type ScenarioFile, scenarioSchema } from './schema.ts'

/** A plan without what each world has of its own. */
export type StormPlan = Omit<Plan, 'seed' | 'client'>

/** In the words of scenario files: what decides a storm, without title, story and expectations. */
export type WrittenPlan = Readonly<Record<string, unknown>>

/** The plan that a checked scenario file describes. */
export function planOf(name: string, file: ScenarioFile, kinds: readonly FaultKind[]): StormPlan {
  return {
    scenario: name,
    clients: file.clients,
    nodes: file.nodes,
    ttlMs: file.ttl / 1_000,
    latency: file.latency,
    workload: workloadPlan(file.workload),
    faults: file.faults.map((fault) => plannedFault(fault, kinds)),
    headStartUs: file['head-start'],
    ...(file.stagger > 0 ? { staggerUs: file.stagger } : {}),
    settleUs: file.settle ?? SETTLE_RATIO * file.ttl,
    ...(file.order === undefined ? {} : { order: file.order }),
  }
}

/** How many leases everything has to settle, unless a scenario says otherwise. */
const SETTLE_RATIO = 3

/** A plan, as a scenario file would write it. */
export function writePlan(plan: StormPlan): WrittenPlan {
  const ttlUs = plan.ttlMs * 1_000
  const file: ScenarioFile = {
    ...UNTOLD,
    workload: workloadFile(plan.workload),
    clients: plan.clients,
    nodes: plan.nodes,
    ttl: ttlUs,
    latency: plan.latency,
    'head-start': plan.headStartUs,
    stagger: plan.staggerUs ?? 0,
    ...(plan.settleUs === SETTLE_RATIO * ttlUs ? {} : { settle: plan.settleUs }),
    faults: [],
    ...(plan.order === undefined ? {} : { order: [...plan.order] }),
  }
  const written = z.encode(SCHEMA, file) as Readonly<Record<string, unknown>>
  const kept = Object.entries(written).filter(([key, value]) => !isDefault(key, value))
  const faults = plan.faults.map(writeFault)
  return { ...Object.fromEntries(kept), ...(faults.length === 0 ? {} : { faults }) }
}

/** One fault, as a scenario file writes it: `{ pause: { process: A, for: 2s }, at: A before send 3 }`. */
export function writeFault({ kind: name, settings, at }: PlannedFault): Readonly<Record<string, unknown>> {
  const kind = faultKind(name)
  assert(kind !== undefined, `a planned fault is registered: ${name}`)
  return { [name]: z.encode(kind.schema as z.ZodType, settings), at: describeAnchor(at, writeUs) }
}

const SCHEMA = scenarioSchema([])

/** Of a scenario file, what is told and not run. */
const UNTOLD = {
  title: '-',
  story: '-',
  teaches: [],
  subjects: 'all' as const,
  runs: 1,
  expect: {},
  'expect-direct': {},
}

/** What a file says that says nothing. */
const DEFAULTS = z.encode(SCHEMA, SCHEMA.parse({ ...UNTOLD, workload: { counter: {} } })) as Record<string, unknown>

const isDefault = (key: string, value: unknown): boolean =>
  key in UNTOLD || (key !== 'workload' && JSON.stringify(value) === JSON.stringify(DEFAULTS[key]))

function plannedFault(fault: ScenarioFile['faults'][number], kinds: readonly FaultKind[]): PlannedFault {
  const { at, ...byKind } = fault
  const kind = kinds.find(({ name }) => Object.hasOwn(byKind, name))
  assert(kind !== undefined, 'a checked fault has one kind')
  const settings = (byKind as Record<string, unknown>)[kind.name] as Readonly<Record<string, unknown>>
  return { kind: kind.name, settings, at }
}

function workloadPlan({ counter, cart, cache, job }: ScenarioFile['workload']): WorkloadPlan {
  if (counter !== undefined) {
    const { rounds, work, retry, nested, bypasses } = counter
    return {
      kind: 'counter',
      rounds,
      workUs: work,
      retryUs: retry,
      checkFence: counter['check-fence'],
      // What is not asked for is not in the plan, so that tokens of older files stay good.
      ...(nested ? { nested } : {}),
      ...(bypasses === undefined ? {} : { bypasses }),
    }
  }
  if (cache !== undefined) {
    const { reads, writes, work, retry, every, keep } = cache
    return {
      kind: 'cache',
      reads,
      writes,
      workUs: work,
      retryUs: retry,
      everyUs: every,
      keepMs: keep / 1_000,
      writerLocks: cache['writer-locks'],
      checkGeneration: cache['check-generation'],
    }
  }
  if (job !== undefined) {
    const { ticks, every, work } = job
    return {
      kind: 'job',
      ticks,
      everyUs: every,
      workUs: work,
      keepLock: job['keep-lock'],
      checkTick: job['check-tick'],
    }
  }
  assert(cart !== undefined, 'a checked workload is one of those that the schema knows')
  return { kind: 'cart', requests: cart.requests, workUs: cart.work, logout: cart.logout }
}

function workloadFile(plan: WorkloadPlan): ScenarioFile['workload'] {
  switch (plan.kind) {
    case 'counter': {
      const { rounds, workUs, retryUs, checkFence, nested = false, bypasses } = plan
      const asked = bypasses === undefined ? {} : { bypasses }
      return { counter: { rounds, work: workUs, retry: retryUs, 'check-fence': checkFence, nested, ...asked } }
    }
    case 'cart': {
      const { requests, workUs, logout } = plan
      return { cart: { requests, work: workUs, logout } }
    }
    case 'cache': {
      const { reads, writes, workUs, retryUs, everyUs, keepMs, writerLocks, checkGeneration } = plan
      const times = { work: workUs, retry: retryUs, every: everyUs, keep: keepMs * 1_000 }
      return {
        cache: { reads, writes, ...times, 'writer-locks': writerLocks, 'check-generation': checkGeneration },
      }
    }
    case 'job': {
      const { ticks, everyUs, workUs, keepLock, checkTick } = plan
      return { job: { ticks, every: everyUs, work: workUs, 'keep-lock': keepLock, 'check-tick': checkTick } }
    }
    default:
      return assertNever(plan)
  }
}
