/**
 * The suite on a real redis-server under virtual time is as expected with other seeds too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { lackedBy } from '../../src/scenario/suite.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { nodeEnvironment } from '../../src/world/node/environment.ts'
import { tries } from '../effort.ts'
import { surprises } from '../scenario/surprises.ts'

const seedMax = tries({ desk: 1, ci: 1, long: 10 })
let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 3 })
})
afterAll(() => real.close())

describe('the suite on a real redis-server', () => {
  it(`is as expected with each of ${seedMax} seeds`, async () => {
    const environment = nodeEnvironment('direct', real)
    const scenarios = loadScenarios([]).filter((scenario) => lackedBy(real, scenario) === null)
    expect(await surprises({ scenarios, client: 'direct', environment, seedMax })).toEqual([])
  })
})
