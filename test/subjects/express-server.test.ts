/**
 * The same applications over a real redis-server on virtual time: the same histories, event for event.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { appSubject } from '../../src/world/subject.ts'
import { CASES, type ExpressCase, worldOf } from './express-cases.ts'

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 1 })
})
afterAll(() => real.close())

async function history(example: ExpressCase, provider: ServerProvider): Promise<string[]> {
  const { app, plan } = worldOf(example)
  const run = await inMacrotask(() => runWorld(plan, appSubject(app), nodeEnvironment(plan.client, provider)))
  return run.records.map(
    ({ atUs, process, type, op, value }) => `${atUs} ${process} ${type} ${op} ${JSON.stringify(value)}`,
  )
}

describe('on a real redis-server', () => {
  it.each(CASES)('$title', async (example) => {
    const expected = await history(example, memoryProvider())
    expect(expected.length).toBeGreaterThan(20)
    expect(await history(example, real)).toEqual(expected)
  })
})
