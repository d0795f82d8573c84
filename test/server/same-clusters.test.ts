/**
 * Worlds with a Redis Cluster of real servers beside those with one in memory: the same plan gives the same verdict, and the same truth in
 * the same order.
 *
 * Tolerance: a replica draws how long it waits before it asks for votes, and a node whom it pings, so times of a failover differ by some
 * hundred ms. How often a client tried in vain is not compared, what it got is. On real servers alone the same plan gives the same history,
 * event for event, but where a failover waits until the replica has the primary's last word: of 52 such worlds 4 waited for one cron more.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { History } from '../../src/history/history.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld, type WorldRun } from '../../src/world/run-world.ts'
import { replicatingOf } from '../../src/world/topology.ts'
import { nodeRedisLock } from '../client/node-redis-lock.ts'
import { tries } from '../effort.ts'

const CLIENTS: readonly ClientKind[] = ['direct', 'ioredis', 'node-redis']
const CLIENT_COUNT = tries({ desk: 1, ci: 1, long: 3 })
const SEEDS = Array.from({ length: tries({ desk: 1, ci: 1, long: 3 }) }, (_, index) => `same-clusters/${index}`)
const scenarios = [...loadScenarios([]), ...loadScenarios(['articles'])].filter(
  (scenario) => replicatingOf(scenario.plan('', 'direct').topology) === 'cluster',
)
const memory = memoryProvider()
let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 0 })
})
afterAll(() => real.close())

const run = (plan: Plan, subject: Subject, client: ClientKind, provider: ServerProvider): Promise<WorldRun> =>
  inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, provider)))

/** Until the faults have healed: what a probe tries after that takes as long as it takes. */
function outcome(world: WorldRun) {
  const healed = world.records.findIndex(({ op, type }) => type === 'fault' && op === 'healed')
  const records = world.records.slice(0, healed === -1 ? undefined : healed)
  const { verdict } = judge(new History(world))
  return {
    /** Where, what, key, by whom, whose it was: no times, and no numbers of attempts. */
    truth: records
      .filter(({ type, op }) => type === 'truth' || op === 'promoted')
      .map(({ process, op, value }) => `${process} ${op} ${JSON.stringify([value].flat().slice(0, 3))}`),
    verdict:
      verdict.status === 'violated' ? verdict.violations.map(({ kind, cause }) => `${kind} ${cause.kind}`) : verdict,
  }
}

async function compare(plan: Plan, subject: Subject, client: ClientKind): Promise<ReturnType<typeof outcome>> {
  const expected = outcome(await run(plan, subject, client, memory))
  expect(outcome(await run(plan, subject, client, real))).toEqual(expected)
  return expected
}

/** In a long run each with all clients, else in turn. */
const clientsAt = (index: number, among: readonly ClientKind[] = CLIENTS): readonly ClientKind[] =>
  among.filter((_, at) => CLIENT_COUNT > 1 || at === index % among.length)

const CELLS = scenarios
  .flatMap((scenario) => subjectsFor(scenario, bundledSubjects()).map((subject) => ({ scenario, subject })))
  .flatMap(({ scenario, subject }, index) =>
    clientsAt(index, ['direct', 'ioredis']).map(
      (client) => [scenario.name, subject.name, client, scenario, subject] as const,
    ),
  )

it.each(CELLS)('%s, %s, with the %s client: the same verdict and the same truth', async (...cell) => {
  const [, , client, scenario, subject] = cell
  for (const seed of SEEDS) await compare(scenario.plan(seed, client), subject, client)
})

const setNxLua = bundledSubjects().find(({ name }) => name === 'set-nx-lua') as Subject

const lockFor = (client: ClientKind): Subject => (client === 'node-redis' ? nodeRedisLock : setNxLua)

/** What befalls its nodes in the middle of a hold; the lock is on redis-1, whose replica is redis-4. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  [
    'a primary that is cut off',
    'partition: { groups: [[redis-1], [redis-2, redis-3, redis-4, redis-5, redis-6]], for: 4s }',
  ],
  ['a primary that hangs', 'pause: { process: redis-1, for: 4s }'],
  ['a replica that hangs', 'pause: { process: redis-4, for: 4s }'],
  ['a primary that dies', 'crash: { process: redis-1 }'],
  ['another primary that dies', 'crash: { process: redis-2 }'],
  ['a replica that dies', 'crash: { process: redis-4 }'],
  ['a primary that restarts with its keys', 'restart: { process: redis-1, after: 50ms, keep-data: true }'],
  ['a primary that restarts without', 'restart: { process: redis-1, after: 50ms, keep-data: false }'],
  ['a replica that restarts', 'restart: { process: redis-4, after: 50ms, keep-data: false }'],
  ['a primary without power', 'half-open: { process: redis-1, for: 4s }'],
  ['a clock that jumps', 'clock-step: { process: redis-1, by: 1500ms }'],
  ['a failover by hand', 'manual-failover: { process: redis-4 }'],
  ['a failover by force', 'manual-failover: { process: redis-4, how: forced }'],
  ['a replica that takes over', 'manual-failover: { process: redis-4, how: takeover }'],
  ['a slot that moves', 'migrate-slot: { to: redis-2, for: 400ms }'],
  ['a key that is evicted', 'evict: { process: redis-1 }'],
  ['keys that are gone', 'flush: { process: redis-1 }'],
  ['a replica that lags', 'replication-lag: { from: redis-1, to: redis-4, for: 2s }'],
  ['clients that are paused', 'client-pause: { process: redis-1, for: 1s }'],
  ['a primary without memory', 'oom: { process: redis-1, for: 1s }'],
]

interface Size {
  /** Of each primary. */
  readonly replicas: number
  readonly rounds: number
}

const planOf = (fault: string, client: ClientKind, { replicas, rounds }: Size = { replicas: 1, rounds: 2 }): Plan =>
  parseScenario(
    `
title: t
story: s
workload: { counter: { rounds: ${rounds}, work: 1s, retry: 100ms } }
clients: 2
topology: { kind: cluster, node-timeout: 1s, replicas: ${replicas} }
head-start: 100ms
ttl: 10s
faults: ${fault === '' ? '[]' : `[{ ${fault}, at: A before work }]`}
`,
    'cluster.yaml',
  ).plan('same-clusters', client)

/** Its history is the same but for times. */
const WAITS_FOR_OFFSET = 'a failover by hand'

describe.each(FAULTS.map(([name, fault], index) => [name, fault, index] as const))('%s', (name, fault, index) => {
  it('gives the same truth on both', async () => {
    for (const client of clientsAt(index)) {
      const { truth } = await compare(planOf(fault, client), lockFor(client), client)
      expect(truth.length).toBeGreaterThan(0)
    }
  })

  it('gives the same history on real servers each time', async () => {
    for (const client of clientsAt(index + 1)) {
      const once = await run(planOf(fault, client), lockFor(client), client, real)
      const again = await run(planOf(fault, client), lockFor(client), client, real)
      if (name === WAITS_FOR_OFFSET) expect(outcome(again)).toEqual(outcome(once))
      else expect(again.records).toEqual(once.records)
    }
  })
})

/**
 * Three primaries with two replicas each: those of redis-1 are redis-4 and redis-7. With one round each, who comes next after a failover does
 * not depend on how long that took.
 */
const TWO_REPLICAS: Size = { replicas: 2, rounds: 1 }

describe.each([
  ['nothing', ''],
  ['a primary that dies', 'crash: { process: redis-1 }'],
  ['a primary that hangs', 'pause: { process: redis-1, for: 4s }'],
  ['a replica that dies', 'crash: { process: redis-4 }'],
  ['a replica that lags', 'replication-lag: { from: redis-1, to: redis-4, for: 2s }'],
  ['a failover to the second replica', 'manual-failover: { process: redis-7, how: forced }'],
] as const)('with two replicas of each primary, %s', (name, fault) => {
  it('gives the same truth on both', async () => {
    // Which of two equal replicas asks first is drawn by each server for itself.
    const isDrawn = name === 'a primary that dies' || name === 'a primary that hangs'
    const either = ({ truth, verdict }: ReturnType<typeof outcome>) => ({
      verdict,
      truth: isDrawn ? truth.map((line) => line.replaceAll(/redis-[47]/g, 'a replica of redis-1')) : truth,
    })
    const plan = planOf(fault, 'direct', TWO_REPLICAS)
    const expected = either(outcome(await run(plan, setNxLua, 'direct', memory)))
    expect(either(outcome(await run(plan, setNxLua, 'direct', real)))).toEqual(expected)
    expect(expected.truth.some((line) => line.includes(' promoted '))).toBe(isDrawn || fault.startsWith('manual'))
  })
})

it('says of a fault that an operator of a Cluster cannot have that it had no effect', async () => {
  const world = await run(planOf('read-only: { process: redis-1, for: 1s }', 'direct'), setNxLua, 'direct', real)
  const { verdict } = judge(new History(world))
  expect(verdict).toMatchObject({ status: 'unknown', reason: expect.stringContaining('not allowed in cluster mode') })
})
