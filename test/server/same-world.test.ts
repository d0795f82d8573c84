/**
 * Trace equality: the same plan gives the same history, event for event, on the in-memory Redis and on a real server
 * under virtual time. It is the proof that neither is wrong about the other.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { History } from '../../src/history/history.ts'
import { evalsha } from '../../src/lock/evalsha.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { lackedBy, subjectsFor } from '../../src/scenario/suite.ts'
import { createMockProvider } from '../../src/server/node/mock.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { counterPlan, fault } from '../check/worlds.ts'
import { tries } from '../effort.ts'

/** Replication and disks are compared with real servers in test/redis: no world of theirs has them. */
const scenarios = [...loadScenarios([]), ...loadScenarios(['articles'])].filter(
  (scenario) => lackedBy({ description: 'a server' }, scenario) === null,
)
const subjects = bundledSubjects()
const memory = memoryProvider()

/** Ten seeds with each client in a long run. */
const PER_CLIENT = tries({ desk: 1, ci: 2, long: 10 })
const SEEDS = {
  direct: Array.from({ length: PER_CLIENT }, (_, index) => 2 * index),
  ioredis: Array.from({ length: PER_CLIENT }, (_, index) => 2 * index + 1),
}

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 2 })
})
afterAll(() => real.close())

/** The history as lines, so that a failing test shows the first differing event. */
async function history(plan: Plan, subject: Subject, client: ClientKind, provider: ServerProvider): Promise<string[]> {
  const run = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, provider)))
  return run.records.map(
    ({ atUs, process, type, op, value }) => `${atUs} ${process} ${type} ${op} ${JSON.stringify(value)}`,
  )
}

for (const client of ['direct', 'ioredis'] as const) {
  describe(`with the ${client} client`, () => {
    for (const scenario of scenarios) {
      it(`${scenario.name} has the same history on both`, async () => {
        for (const subject of subjectsFor(scenario, subjects)) {
          for (const seed of SEEDS[client]) {
            const plan = scenario.plan(`same-world/${seed}`, client)
            const expected = await history(plan, subject, client, memory)
            expect(expected.length).toBeGreaterThan(5)
            expect(await history(plan, subject, client, real), `${subject.name}, seed ${seed}`).toEqual(expected)
          }
        }
      })
    }

    it.each([false, true])('a restart of the server (keep-data: %s) has the same history on both', async (keepData) => {
      const plan = counterPlan({
        client,
        clients: 3,
        workload: { kind: 'counter', rounds: 3, workUs: 20_000, retryUs: 20_000, checkFence: true },
        faults: [fault('restart', { process: 'redis-1', after: '50ms', 'keep-data': keepData }, 'B after acquire')],
      })
      for (const lock of LOCKS) {
        const expected = await history(plan, lockSubject(lock), client, memory)
        expect(expected.some((line) => line.includes(' fault '))).toBe(true)
        expect(await history(plan, lockSubject(lock), client, real), lock.name).toEqual(expected)
      }
    })
  })
}

/** What happens inside a node, each in the middle of a hold, at a message, and at a time. */
const TROUBLES: readonly (readonly [string, Record<string, unknown>])[] = [
  ['script-flush', {}],
  ['flush', {}],
  ['evict', {}],
  ['evict', { key: 'orders/42:fence' }],
  ['client-pause', { for: '100ms' }],
  ['client-pause', { for: '300ms', only: 'write' }],
  ['oom', { for: '300ms' }],
  ['read-only', { for: '300ms' }],
  ['misconf', { for: '300ms' }],
  ['wrong-password', { for: '300ms' }],
  ['missing-right', { right: 'scripting', for: '300ms' }],
  ['missing-right', { right: 'write', for: '300ms' }],
]
const troubled = (kind: string, settings: Record<string, unknown>, at: string, client: ClientKind): Plan =>
  counterPlan({
    client,
    seed: `troubled/${kind}/${at}`,
    clients: 3,
    ttlMs: 200,
    settleUs: 600_000,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 3, workUs: 20_000, retryUs: 20_000, checkFence: true },
    faults: [fault(kind, { process: 'redis-1', ...settings }, at)],
  })

describe.each(TROUBLES)('%s %j', (kind, settings) => {
  it.each(['direct', 'ioredis'] as const)('has the same history on both, with the %s client', async (client) => {
    for (const at of [
      'B after acquire',
      'redis-1 before exec 5',
      'redis-1 before answer 9',
      'A before send 4',
      '12ms',
    ]) {
      const plan = troubled(kind, settings, at, client)
      for (const lock of LOCKS) {
        const expected = await history(plan, lockSubject(lock), client, memory)
        expect(expected.some((line) => line.includes(` world fault ${kind} `))).toBe(true)
        expect(await history(plan, lockSubject(lock), client, real), `${lock.name}, ${at}`).toEqual(expected)
      }
    }
  })
})

describe('what a kind of Redis cannot have', () => {
  it('is said, and the verdict is unknown: loading on a real server', async () => {
    const plan = troubled('loading', { for: '300ms' }, 'B after acquire', 'direct')
    const run = await inMacrotask(() => runWorld(plan, lockSubject(fenced), nodeEnvironment('direct', real)))
    const why = 'a real server is loading only while it starts, and nothing makes that last for a virtual time'
    expect(run.limitReached).toBe(`a fault had no effect: ${why}`)
    expect(run.records.find(({ op }) => op === 'no effect')?.value).toEqual(['redis-1', why])
    const { verdict } = judge(new History(run))
    expect(verdict).toEqual({ status: 'unknown', reason: run.limitReached })
  })

  it.each([
    ['script-flush', {}, 'ioredis-mock has no script cache that could be flushed'],
    ['oom', { for: '300ms' }, 'ioredis-mock never answers OOM'],
    ['read-only', { for: '300ms' }, 'ioredis-mock never answers READONLY'],
    ['misconf', { for: '300ms' }, 'ioredis-mock never answers MISCONF'],
    ['loading', { for: '300ms' }, 'ioredis-mock never answers LOADING'],
    ['busy', { for: '300ms' }, 'ioredis-mock never answers BUSY'],
    ['wrong-password', { for: '300ms' }, 'ioredis-mock never answers NOAUTH'],
    ['missing-right', { right: 'scripting', for: '300ms' }, 'ioredis-mock has no users'],
  ])('is said: %s on ioredis-mock', async (kind, settings, why) => {
    const mock = await createMockProvider()
    const plan = troubled(kind, settings, 'B after acquire', 'direct')
    const run = await inMacrotask(() => runWorld(plan, lockSubject(fenced), nodeEnvironment('direct', mock)))
    expect(run.limitReached).toBe(`a fault had no effect: ${why}`)
  })

  it.each([
    ['flush', {}, 'deleted', 'flush'],
    ['evict', {}, 'deleted', 'eviction'],
    ['client-pause', { for: '100ms' }, 'deleted', 'B'],
  ])('is not %s on ioredis-mock', async (kind, settings, op, by) => {
    const mock = await createMockProvider()
    const plan = troubled(kind, settings, 'B after acquire', 'direct')
    const run = await inMacrotask(() => runWorld(plan, lockSubject(setNxLua), nodeEnvironment('direct', mock)))
    expect(run.limitReached).toBeNull()
    const struck = run.records.findIndex(({ type, op: name }) => type === 'fault' && name === kind)
    const next = run.records.slice(struck).find(({ type }) => type === 'truth')
    expect([next?.op, (next?.value as readonly unknown[] | undefined)?.[1]]).toEqual([op, by])
  })
})

describe('with ioredis-mock as the server', () => {
  it.each(['direct', 'ioredis'] as const)(
    'a plan is told to its end, twice alike, with the %s client',
    async (client) => {
      const mock = await createMockProvider()
      for (const lock of LOCKS) {
        const plan = counterPlan({ client, seed: 'mock/0' })
        const once = await history(plan, lockSubject(lock), client, mock)
        // It has no SCRIPT LOAD: who loads its script first never takes the lock.
        expect(
          once.some((line) => line.includes(' truth ')),
          lock.name,
        ).toBe(lock !== evalsha)
        expect(await history(plan, lockSubject(lock), client, mock), lock.name).toEqual(once)
      }
    },
  )
})
