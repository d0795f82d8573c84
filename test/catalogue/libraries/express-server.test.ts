/**
 * The same applications over a real redis-server on virtual time: the same histories, event for event.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisServerProvider } from '../../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../../src/server/server.ts'
import { inMacrotask } from '../../../src/sim/node/drain.ts'
import { appSubject, type Subject, sessionSubject } from '../../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../../src/world/node/environment.ts'
import type { Plan } from '../../../src/world/plan.ts'
import { runWorld } from '../../../src/world/run-world.ts'
import { cartPlan } from '../../check/worlds.ts'
import { cartModel } from '../../subjects/models/cart-model.ts'
import { impatientLock } from '../../subjects/models/impatient-lock.ts'
import { rotatingToken } from '../../subjects/models/rotating-token.ts'
import { CASES, worldOf } from './express-cases.ts'

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 1 })
})
afterAll(() => real.close())

async function history(plan: Plan, subject: Subject, provider: ServerProvider): Promise<string[]> {
  const run = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(plan.client, provider)))
  return run.records.map(
    ({ atUs, process, type, op, value }) => `${atUs} ${process} ${type} ${op} ${JSON.stringify(value)}`,
  )
}

async function isTheSame(plan: Plan, subject: Subject): Promise<void> {
  const expected = await history(plan, subject, memoryProvider())
  expect(expected.length).toBeGreaterThan(20)
  expect(await history(plan, subject, real)).toEqual(expected)
}

describe('on a real redis-server', () => {
  it.each(CASES)('$title', async (example) => {
    const { app, plan } = worldOf(example)
    await isTheSame(plan, appSubject(app))
  })

  it.each([
    appSubject(cartModel('cart')),
    appSubject(rotatingToken('rotating-token')),
    sessionSubject(impatientLock('impatient-lock')),
  ])('the model $name', async (model) => {
    for (const client of ['direct', 'ioredis'] as const) await isTheSame(cartPlan({ client }), model)
  })
})
