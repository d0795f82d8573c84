/**
 * What scenarios expect holds for every seed: the whole suite of bundled scenarios, and those of the articles, with the seeds
 * from 1 on. A hundred of them in CI; a few elsewhere.
 */
import { describe, expect, it } from 'vitest'
import { loadIoredisDriver } from '../../src/client/node/ioredis-driver.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { surprises } from './surprises.ts'

const isCi = process.env.CI === 'true'
const provider = memoryProvider()

/** Drivers with their environments: `ioredis` is the one that is installed, `ioredis 6` the other major. */
const DRIVERS = {
  direct: nodeEnvironment('direct', provider),
  ioredis: nodeEnvironment('ioredis', provider),
  'ioredis 6': { ...nodeEnvironment('ioredis', provider), driver: loadIoredisDriver('ioredis-6') },
  iovalkey: nodeEnvironment('iovalkey', provider),
}

describe.each([
  ['the suite', [], 'direct', isCi ? 100 : 4],
  ['the suite', [], 'ioredis', isCi ? 10 : 1],
  ['the suite', [], 'ioredis 6', isCi ? 10 : 1],
  ['the suite', [], 'iovalkey', isCi ? 5 : 1],
  ['the articles', ['articles'], 'direct', isCi ? 20 : 2],
  ['the articles', ['articles'], 'ioredis', isCi ? 5 : 1],
  ['the articles', ['articles'], 'ioredis 6', isCi ? 5 : 1],
] as const)('%s %s with %s clients', (_, words, driver, seedMax) => {
  it(`is as expected with each of ${seedMax} seeds`, async () => {
    const environment = DRIVERS[driver]
    const client = driver === 'ioredis 6' ? 'ioredis' : driver
    expect(await surprises({ scenarios: loadScenarios(words), client, environment, seedMax })).toEqual([])
  })
})
