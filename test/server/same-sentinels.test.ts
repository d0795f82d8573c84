/**
 * Worlds with redis-sentinel processes beside those with Sentinels in memory: the same plan gives the same verdict, and the same truth in the
 * same order.
 *
 * Tolerance: a Sentinel draws how soon it looks again, and by which id it is known, so times of a failover differ by some hundred ms, and of
 * replicas that are equal another one may be promoted: replicas are told by the order in which they are promoted. After a failover a Sentinel
 * with `down-after` of a second may take the new primary for dead, too, while it connects to it (sentinel.c): seeds of which that comes are left
 * out, about one in ten of either. How often a client tried in vain is not compared, what it got is. On real servers alone the same plan
 * gives the same history, event for event.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { History } from '../../src/history/history.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'
import { runWorld, type WorldRun } from '../../src/world/run-world.ts'
import { replicatingOf } from '../../src/world/topology.ts'
import { tries } from '../effort.ts'

const CLIENTS: readonly ClientKind[] = ['direct', 'ioredis']
const CLIENT_COUNT = tries({ desk: 1, ci: 1, long: 2 })
const SEED_COUNT = tries({ desk: 1, ci: 1, long: 3 })
const scenarios = [...loadScenarios([]), ...loadScenarios(['articles'])].filter(
  (scenario) => replicatingOf(scenario.plan('', 'direct').topology) === 'sentinels',
)
const memory = memoryProvider()
let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 0 })
})
afterAll(() => real.close())

interface Outcome {
  readonly truth: readonly string[]
  readonly verdict: unknown
}

interface Cell {
  readonly scenario: Scenario
  readonly subject: Subject
  readonly client: ClientKind
  readonly seed: string
}

const run = ({ scenario, subject, client, seed }: Cell, provider: ServerProvider): Promise<WorldRun> =>
  inMacrotask(() => runWorld(scenario.plan(seed, client), subject, nodeEnvironment(client, provider)))

/** Until the faults have healed: what a probe tries after that takes as long as it takes. */
function outcome(world: WorldRun): Outcome {
  const healed = world.records.findIndex(({ op, type }) => type === 'fault' && op === 'healed')
  const records = world.records.slice(0, healed === -1 ? undefined : healed)
  const promoted = ['redis-1', ...records.filter(({ op }) => op === 'promoted').map(({ process }) => process)]
  const place = (name: string): string => (promoted.includes(name) ? `primary ${promoted.indexOf(name) + 1}` : name)
  const { verdict } = judge(new History(world))
  return {
    truth: records
      .filter(({ type, op }) => type === 'truth' || op === 'promoted')
      .map(({ process, op, value }) => `${place(process)} ${op} ${JSON.stringify(ofTruth(op, value, place))}`),
    verdict:
      verdict.status === 'violated' ? verdict.violations.map(({ kind, cause }) => `${kind} ${cause.kind}`) : verdict,
  }
}

const hasSecondFailover = ({ truth }: Outcome): boolean =>
  truth.filter((line) => line.includes(' promoted ')).length > 1

/** Key, by whom, whose it was: no times, and no numbers of attempts. */
const ofTruth = (op: string, value: unknown, place: (name: string) => string): unknown =>
  op === 'promoted' ? place(String(value)) : [value].flat().slice(0, 3)

/** In a long run each with both clients, else in turn. */
const CELLS = scenarios
  .flatMap((scenario) => subjectsFor(scenario, bundledSubjects()).map((subject) => ({ scenario, subject })))
  .flatMap(({ scenario, subject }, index) =>
    CLIENTS.filter((_, at) => CLIENT_COUNT > 1 || at === index % CLIENTS.length).map(
      (client) => [scenario.name, subject.name, client, scenario, subject] as const,
    ),
  )

it.each(CELLS)('%s, %s, with the %s client: the same verdict and the same truth', async (...cell) => {
  const [, , client, scenario, subject] = cell
  let compared = 0
  for (let number = 0; compared < SEED_COUNT; number++) {
    const seed = `same-sentinels/${number}`
    const expected = outcome(await run({ scenario, subject, client, seed }, memory))
    if (hasSecondFailover(expected)) continue
    const got = outcome(await run({ scenario, subject, client, seed }, real))
    if (hasSecondFailover(got)) continue
    compared += 1
    expect(got.truth.length).toBeGreaterThan(0)
    expect(got, seed).toEqual(expected)
  }
})

it('is the same history on real servers each time, events of Sentinels included', async () => {
  const scenario = scenarios.find(({ name }) => name === 'sentinel-paused-primary') as Scenario
  const [subject] = subjectsFor(scenario, bundledSubjects())
  const cell: Cell = { scenario, subject: subject as Subject, client: 'direct', seed: 'twice' }
  const once = await run(cell, real)
  expect(once.records.some(({ op }) => op === 'switch-master')).toBe(true)
  expect((await run(cell, real)).records).toEqual(once.records)
})

/** What befalls Sentinels while A works; the primary is redis-1. */
const OF_SENTINELS: readonly (readonly [string, boolean, readonly string[]])[] = [
  [
    'one starts again, with what its file says, before the primary dies',
    true,
    ['{ restart: { process: sentinel-1, after: 50ms }, at: A before work }', '{ crash: { process: redis-1 }, at: 3s }'],
  ],
  [
    'one dies: two are enough',
    true,
    ['{ crash: { process: sentinel-2 }, at: A before work }', '{ crash: { process: redis-1 }, at: 3s }'],
  ],
  [
    'two die: one alone promotes nobody',
    false,
    [
      '{ crash: { process: sentinel-1 }, at: A before work }',
      '{ crash: { process: sentinel-3 }, at: A before work }',
      '{ crash: { process: redis-1 }, at: 3s }',
    ],
  ],
  [
    'two die, and come back when the primary has been gone for two seconds',
    true,
    [
      '{ restart: { process: sentinel-1, after: 5s }, at: A before work }',
      '{ restart: { process: sentinel-3, after: 5s }, at: A before work }',
      '{ crash: { process: redis-1 }, at: 3s }',
    ],
  ],
  [
    'all start again together',
    true,
    [
      ...['sentinel-1', 'sentinel-2', 'sentinel-3'].map(
        (name) => `{ restart: { process: ${name}, after: 100ms }, at: A before work }`,
      ),
      '{ crash: { process: redis-1 }, at: 3s }',
    ],
  ],
]

const scenarioOf = (faults: readonly string[]): Scenario =>
  parseScenario(
    `
title: t
story: s
workload: { counter: { rounds: 1, work: 9s, retry: 100ms } }
clients: 2
topology: { kind: sentinel, down-after: 1s, failover-timeout: 10s }
head-start: 100ms
ttl: 12s
latency: 200us..900us
faults: [${faults.join(', ')}]
`,
    'of-sentinels.yaml',
  )

it.each(OF_SENTINELS)('of Sentinels %s', async (_, isPromoted, faults) => {
  const scenario = scenarioOf(faults)
  const subject = bundledSubjects().find(({ name }) => name === 'set-nx-lua') as Subject
  let compared = 0
  for (let number = 0; compared < SEED_COUNT; number++) {
    const cell: Cell = { scenario, subject, client: 'direct', seed: `of-sentinels/${number}` }
    const expected = outcome(await run(cell, memory))
    if (hasSecondFailover(expected)) continue
    const world = await run(cell, real)
    const got = outcome(world)
    if (hasSecondFailover(got)) continue
    compared += 1
    expect(got, cell.seed).toEqual(expected)
    expect(got.truth.some((line) => line.includes(' promoted '))).toBe(isPromoted)
    expect((await run(cell, real)).records).toEqual(world.records)
  }
})
