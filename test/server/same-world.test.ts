/**
 * Trace equality: the same plan gives the same history, event for event, on the in-memory Redis and on a real server
 * under virtual time. It is the proof that neither is wrong about the other.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledSubjects } from '../../src/cli/subjects.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { createMockProvider } from '../../src/server/node/mock.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { lockSubject, type Subject } from '../../src/world/subject.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const scenarios = [...loadScenarios([]), ...loadScenarios(['articles'])]
const subjects = bundledSubjects()
const memory = memoryProvider()

/** Twenty seeds in CI, ten with each client; one with each otherwise. */
const PER_CLIENT = process.env.CI === 'true' ? 10 : 1
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

describe('with ioredis-mock as the server', () => {
  it.each(['direct', 'ioredis'] as const)(
    'a plan is told to its end, twice alike, with the %s client',
    async (client) => {
      const mock = await createMockProvider()
      for (const lock of LOCKS) {
        const plan = counterPlan({ client, seed: 'mock/0' })
        const once = await history(plan, lockSubject(lock), client, mock)
        expect(once.some((line) => line.includes(' truth '))).toBe(true)
        expect(await history(plan, lockSubject(lock), client, mock), lock.name).toEqual(once)
      }
    },
  )
})
