/** The report of a replay: what `replay --json` prints. */
import type { Sometimes } from '../../check/sometimes.ts'
import type { Verdict } from '../../check/verdict.ts'
import { firstDifference, type Reading } from '../../host/readings.ts'
import { type WrittenPlan, writePlan } from '../../scenario/plan-file.ts'
import type { TraceRecord } from '../../sim/trace.ts'
import { secondsText } from '../../text/time.ts'
import type { ClientKind, Plan } from '../../world/plan.ts'
import { voterCount } from '../../world/topology.ts'

/** One world, run once: plain data. */
export interface ReplayedWorld {
  /** As it was run: with the nodes that the subject needs. */
  readonly plan: Plan
  readonly verdict: Verdict
  readonly sometimes: readonly Sometimes[]
  readonly historyHash: string
  readonly records: readonly TraceRecord[]
  /** Where connections led to hosts that are no machines of the world: `cache.internal:6380` to `redis-1`. */
  readonly hosts: Readonly<Record<string, string>>
  /** What the code under test read of its host. */
  readonly readings: readonly Reading[]
}

export interface ReplayReport {
  readonly token: string
  readonly scenario: string
  readonly subject: string
  readonly client: ClientKind
  readonly redis: string
  readonly seed: string
  readonly nodes: number
  readonly hosts: Readonly<Record<string, string>>
  readonly storm: WrittenPlan
  readonly verdict: Verdict
  readonly sometimes: readonly Sometimes[]
  readonly historyHash: string
  readonly records: readonly TraceRecord[]
}

/** The report of a world; `plan` is the one that was asked for. */
export function replayReport(
  {
    token,
    subject,
    redis,
    plan,
  }: { readonly token: string; readonly subject: string; readonly redis: string; readonly plan: Plan },
  world: ReplayedWorld,
): ReplayReport {
  const { scenario, seed, client } = plan
  const { verdict, sometimes, historyHash, records, hosts } = world
  const nodes = voterCount(world.plan.topology)
  return {
    token,
    scenario,
    subject,
    client,
    redis,
    seed,
    nodes,
    hosts,
    storm: writePlan(plan),
    verdict,
    sometimes,
    historyHash,
    records,
  }
}

/** A record as a line. */
export function recordText(record: TraceRecord): string {
  const value = record.value === null ? '' : ` ${JSON.stringify(record.value)}`
  return `${secondsText(record.atUs)}  ${record.process}  ${record.type} ${record.op}${value}`
}

/** The first event that differs in two runs of one plan. */
export function divergence(first: ReplayedWorld, second: ReplayedWorld): string {
  const [one = [], two = []] = [first, second].map(({ records }) => records.map(recordText))
  const length = Math.max(one.length, two.length)
  const index = Array.from({ length }, (_, at) => at).find((at) => one[at] !== two[at]) ?? length
  return [
    'The same plan gave two histories: lockstorm, or the code under test, is not deterministic.',
    `  first differing event: ${index + 1} of ${length}`,
    `  first run   ${one[index] ?? '(ended)'}`,
    `  second run  ${two[index] ?? '(ended)'}`,
    readingsText(firstDifference(first.readings, second.readings)),
  ].join('\n')
}

const readingsText = (difference: string | null): string =>
  difference === null
    ? 'All that it read from files was the same. What is left is memory that outlives a world: prototypes, what it hangs on objects\nof packages that all processes share (ioredis, redis), WeakRef, SharedArrayBuffer.'
    : `What it read differs: ${difference}`
