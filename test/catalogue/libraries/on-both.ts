/**
 * One world, told by the in-memory Redis (twice) and by a real redis-server on virtual time: a finding counts only when all
 * three histories are the same, event for event.
 */
import { expect } from 'vitest'
import type { AnyLock } from '../../../catalogue/libraries/any-lock.ts'
import { createRedisServerProvider, type RealServerProvider } from '../../../src/server/node/redis-server.ts'
import { inMacrotask } from '../../../src/sim/node/drain.ts'
import { lockSubject } from '../../../src/subject/subject.ts'
import { nodeEnvironment } from '../../../src/world/node/environment.ts'
import type { Plan } from '../../../src/world/plan.ts'
import { runWorld } from '../../../src/world/run-world.ts'
import { type Changes, counterPlan, type Shown, show } from '../../check/worlds.ts'

let real: RealServerProvider | null = null

/** Ends the real servers. */
export async function closeServers(): Promise<void> {
  await real?.close()
  real = null
}

/** Runs a plan three times; the same plan must be the same story. */
export async function onBoth(lock: AnyLock, plan: Plan): Promise<Shown> {
  const subject = lockSubject(lock)
  const shown = await show(subject, plan, plan.client)
  expect((await show(subject, plan, plan.client)).hash, 'the second time').toBe(shown.hash)
  real ??= await createRedisServerProvider({ count: 3 })
  const provider = real
  const run = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(plan.client, provider)))
  expect(run.records, 'on a real redis-server').toEqual(shown.history.records)
  expect(run.historyHash).toBe(shown.hash)
  return shown
}

/** Two clients, A well before B; `workMs` between reading and writing. */
export const story = (workMs: number, changes: Changes = {}): Plan =>
  counterPlan({
    client: 'ioredis',
    clients: 2,
    headStartUs: 20_000,
    ttlMs: 1000,
    workload: work(workMs, 1),
    ...changes,
  })

/** The counter workload. */
export const work = (workMs: number, rounds: number): Plan['workload'] => ({
  kind: 'counter',
  rounds,
  workUs: workMs * 1000,
  retryUs: 20_000,
  checkFence: true,
})

/** The sentences of what was violated. */
export const sentences = (shown: Shown): readonly string[] => shown.violations.map(({ sentence }) => sentence)

/** What became of a client's nth call: how it ended, after how many ms, and with what. */
export function call(shown: Shown, client: string, op: string, nth = 1) {
  const found = shown.history.operations.filter((operation) => operation.process === client && operation.op === op)[
    nth - 1
  ]
  if (found === undefined) throw new Error(`${client} never did ${op} ${nth} times`)
  return { outcome: found.outcome, ms: Math.round((found.endedUs - found.invokedUs) / 1000), answer: found.answer[1] }
}
