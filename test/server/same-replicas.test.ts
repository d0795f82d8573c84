/**
 * Trace equality with replicas: the same plan gives the same history, event for event, in memory and on real servers that replicate over the
 * network of the world; copies on replicas, promotions and lost writes included.
 *
 * Tolerance: a server that hung looks after its replicas late by as long as it hung, for Redis counts runs of its cron and had none meanwhile.
 * A server that was made a replica for a while (`read-only`), or flushed, tells its replicas so in more messages than ours.
 * From then on latencies are those of other messages: the same happens in the same order, by the same clients, with the same verdict.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { History } from '../../src/history/history.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { replicatingOf } from '../../src/world/topology.ts'
import { tries } from '../effort.ts'

const CLIENTS: readonly ClientKind[] = ['direct', 'ioredis']
const SEEDS = Array.from({ length: tries({ desk: 1, ci: 1, long: 10 }) }, (_, index) => `same-replicas/${index}`)

const scenarios = [...loadScenarios([]), ...loadScenarios(['articles'])].filter(
  (scenario) => replicatingOf(scenario.plan('', 'direct').topology) === 'replicas',
)
const memory = memoryProvider()
let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 0 })
})
afterAll(() => real.close())

interface Told {
  readonly lines: readonly string[]
  /** What became of keys, without times: where, what, by whom, which text. */
  readonly truth: readonly string[]
  readonly verdict: unknown
}

async function tell(plan: Plan, subject: Subject, client: ClientKind, provider: ServerProvider): Promise<Told> {
  const run = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, provider)))
  const { verdict } = judge(new History(run))
  return {
    lines: run.records.map(
      ({ atUs, process, type, op, value }) => `${atUs} ${process} ${type} ${op} ${JSON.stringify(value)}`,
    ),
    truth: run.records
      .filter(({ type, op }) => type === 'truth' || op === 'promoted' || op === 'demoted')
      .map(({ process, op, value }) => `${process} ${op} ${JSON.stringify([value].flat().slice(0, 4))}`),
    verdict:
      verdict.status === 'violated' ? verdict.violations.map(({ kind, cause }) => `${kind} ${cause.kind}`) : verdict,
  }
}

async function compare(plan: Plan, subject: Subject, client: ClientKind, isByOrder: boolean): Promise<Told> {
  const expected = await tell(plan, subject, client, memory)
  const got = await tell(plan, subject, client, real)
  expect(got.truth).toEqual(expected.truth)
  expect(got.verdict).toEqual(expected.verdict)
  if (!isByOrder) expect(got.lines).toEqual(expected.lines)
  return got
}

describe.each(CLIENTS)('with the %s client', (client) => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s is the same on both',
    async (_, scenario) => {
      for (const subject of subjectsFor(scenario, bundledSubjects())) {
        for (const seed of SEEDS) {
          const plan = scenario.plan(seed, client)
          const { truth } = await compare(plan, subject, client, false)
          expect(truth.length).toBeGreaterThan(0)
        }
      }
    },
  )
})

/** A server that hung; one that cut its replicas off, or told them more than ours did. */
const BY_ORDER = ['pause: { process: redis-1', 'read-only:', 'flush:']

/** What befalls servers that replicate, in the middle of a hold. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['nothing', '[]'],
  [
    'a failover that loses nothing',
    '[{ failover: { process: redis-1, to: redis-3, after: 50ms }, at: A before work }]',
  ],
  [
    'a failover that loses the lock',
    '[{ failover: { process: redis-1, to: redis-2, after: 50ms, unreplicated: 10ms }, at: A before send 1 }]',
  ],
  ['two primaries', '[{ promote: { process: redis-2, for: 1500ms }, at: A before work }]'],
  ['a replica that lags', '[{ replication-lag: { from: redis-1, to: redis-2, for: 700ms }, at: A before send 1 }]'],
  [
    'servers that do not reach each other',
    '[{ partition: { groups: [[redis-1], [redis-2, redis-3]], for: 700ms }, at: A before send 1 }]',
  ],
  ['a primary that hangs', '[{ pause: { process: redis-1, for: 700ms }, at: A before work }]'],
  ['a replica that hangs', '[{ pause: { process: redis-3, for: 700ms }, at: A before acquire }]'],
  ['a replica that dies', '[{ crash: { process: redis-2 }, at: A before work }]'],
  ['a clock that jumps', '[{ clock-step: { process: redis-2, by: 1500ms }, at: A before work }]'],
  [
    'a primary that restarts with its keys',
    '[{ restart: { process: redis-1, after: 50ms, keep-data: true }, at: A before work }]',
  ],
  [
    'a primary that restarts without',
    '[{ restart: { process: redis-1, after: 50ms, keep-data: false }, at: A before work }]',
  ],
  ['a replica that restarts', '[{ restart: { process: redis-2, after: 50ms, keep-data: false }, at: A before work }]'],
  ['a primary without power', '[{ half-open: { process: redis-1, for: 300ms }, at: A before work }]'],
  ['a primary that is told to follow nobody', '[{ read-only: { process: redis-1, for: 300ms }, at: A before work }]'],
  ['keys that are gone', '[{ flush: { process: redis-1 }, at: A before work }]'],
]

function plan(faults: string, client: ClientKind): Plan {
  const text = `
title: t
story: s
workload: { counter: { rounds: 2, work: 500ms, retry: 20ms } }
clients: 2
topology: { kind: replicated, replicas: 2 }
head-start: 100ms
ttl: 1s
faults: ${faults}
`
  return parseScenario(text, 'replicas.yaml').plan('same-replicas', client)
}

describe.each(FAULTS)('%s', (_, faults) => {
  const isByOrder = BY_ORDER.some((fault) => faults.includes(fault))
  const subject = lockSubject(fenced)

  it('gives the same history on both', async () => {
    for (const client of CLIENTS) await compare(plan(faults, client), subject, client, isByOrder)
  })
})

it('gives the same history on real servers each time', async () => {
  const subject = bundledSubjects().find(({ name }) => name === 'set-nx-wait') as Subject
  for (const [, faults] of FAULTS) {
    const once = await tell(plan(faults, 'direct'), subject, 'direct', real)
    expect(await tell(plan(faults, 'direct'), subject, 'direct', real)).toEqual(once)
  }
})
