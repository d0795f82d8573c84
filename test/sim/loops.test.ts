/**
 * The two loops: the synchronous one, and the one that awaits a macrotask after each turn, for hosts without a
 * synchronous drain. The same plan must give the same story in both, record by record.
 */
import { describe, expect, it } from 'vitest'
import type { PlannedFault } from '../../src/fault/fault.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask, nextMacrotask } from '../../src/sim/node/drain.ts'
import type { World } from '../../src/sim/world.ts'
import { lockSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind, Plan } from '../../src/world/plan.ts'
import { runWorld, runWorldAwaiting, type WorldRun } from '../../src/world/run-world.ts'
import { cartPlan, counterPlan, fault } from '../check/worlds.ts'

const provider = memoryProvider()
const CLIENTS: readonly ClientKind[] = ['direct', 'ioredis']

const sync = (plan: Plan, subject: Subject): Promise<WorldRun> =>
  inMacrotask(() => runWorld(plan, subject, nodeEnvironment(plan.client, provider)))

const awaiting = (plan: Plan, subject: Subject): Promise<WorldRun> =>
  runWorldAwaiting(plan, subject, {
    ...nodeEnvironment(plan.client, provider),
    loop: (world: World) => world.runAwaiting(nextMacrotask),
  })

async function expectSameStory(plan: Plan, subject: Subject): Promise<WorldRun> {
  const one = await sync(plan, subject)
  const other = await awaiting(plan, subject)
  expect(other.records).toEqual(one.records)
  expect([other.historyHash, other.turns, other.endUs]).toEqual([one.historyHash, one.turns, one.endUs])
  expect(one.limitReached).toBeNull()
  return one
}

const STORMS: Record<string, readonly PlannedFault[]> = {
  'no faults': [],
  'a pause before a send and one before a reply': [
    fault('pause', { process: 'A', for: '2s' }, 'A before send 3'),
    fault('pause', { process: 'B', for: '1500ms' }, 'B before reply 2'),
  ],
  'a lost reply and a delayed one': [
    fault('lose-reply', { process: 'A' }, 'A before reply 1'),
    fault('delay-reply', { process: 'B', for: '1200ms' }, 'B before reply 2'),
  ],
  'a restart, a partition and a clock that is stepped': [
    fault('restart', { process: 'redis-1', after: '50ms', 'keep-data': true }, '30ms'),
    fault('partition', { groups: [['A'], ['redis-1']], for: '400ms' }, '5ms'),
    fault('clock-step', { process: 'B', by: '-800ms' }, 'B after acquire'),
  ],
}

describe.each(CLIENTS)('with the client %s', (client) => {
  it.each(LOCKS.map((lock) => [lock.name, lock] as const))(
    'the lock %s has the same story in both',
    async (_name, lock) => {
      for (const faults of Object.values(STORMS)) {
        const plan = counterPlan({ client, clients: 2, faults, ttlMs: 600, nodes: lock.nodes ?? 1 })
        const run = await expectSameStory(plan, lockSubject(lock))
        // They are stories: without faults everybody gets the lock.
        const grants = run.records.filter(({ type, op }) => type === 'ok' && op === 'acquire')
        if (faults.length === 0) expect(new Set(grants.map(({ process }) => process)).size).toBe(2)
      }
    },
  )

  it.each(SESSION_STORES.map((store) => [store.name, store] as const))(
    'the session store %s has the same story in both',
    async (_name, store) => {
      const run = await expectSameStory(cartPlan({ client }), sessionSubject(store))
      expect(run.records.length).toBeGreaterThan(10)
    },
  )
})

describe('a story', () => {
  it('is the same each time, and another with another seed', async () => {
    const subject = lockSubject(LOCKS[0] as (typeof LOCKS)[number])
    const hashes = new Set<string>()
    for (const seed of ['1', '1', '2']) hashes.add((await sync(counterPlan({ seed }), subject)).historyHash)
    expect(hashes.size).toBe(2)
  })

  it.each(LOCKS.map((lock) => [lock.name, lock] as const))(
    'of the lock %s is the same each time under every storm',
    async (_name, lock) => {
      for (const client of CLIENTS) {
        for (const faults of Object.values(STORMS)) {
          const plan = counterPlan({ client, faults, ttlMs: 600, nodes: lock.nodes ?? 1 })
          expect((await sync(plan, lockSubject(lock))).historyHash).toBe(
            (await sync(plan, lockSubject(lock))).historyHash,
          )
        }
      }
    },
  )
})
