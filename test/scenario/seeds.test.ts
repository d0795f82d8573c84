/**
 * What scenarios expect holds for every seed: the whole suite of bundled scenarios, and those of the articles, with the seeds
 * from 1 on: a hundred of them in a long run.
 */
import { describe, expect, it } from 'vitest'
import { loadIoredisDriver } from '../../src/client/node/ioredis-driver.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { tries } from '../effort.ts'
import { surprises } from './surprises.ts'

const provider = memoryProvider()

/** Drivers with their environments: `ioredis` is the one that is installed, `ioredis 6` the other major. */
const DRIVERS = {
  direct: nodeEnvironment('direct', provider),
  ioredis: nodeEnvironment('ioredis', provider),
  'ioredis 6': { ...nodeEnvironment('ioredis', provider), driver: loadIoredisDriver('ioredis-6') },
  iovalkey: nodeEnvironment('iovalkey', provider),
}

describe.each([
  ['the suite', [], 'direct', tries({ desk: 4, ci: 6, long: 100 })],
  ['the suite', [], 'ioredis', tries({ desk: 1, ci: 1, long: 10 })],
  ['the suite', [], 'ioredis 6', tries({ desk: 1, ci: 1, long: 10 })],
  ['the suite', [], 'iovalkey', tries({ desk: 1, ci: 1, long: 5 })],
  ['the articles', ['articles'], 'direct', tries({ desk: 2, ci: 2, long: 20 })],
  ['the articles', ['articles'], 'ioredis', tries({ desk: 1, ci: 1, long: 5 })],
  ['the articles', ['articles'], 'ioredis 6', tries({ desk: 1, ci: 1, long: 5 })],
] as const)('%s %s with %s clients', (_, words, driver, seedMax) => {
  it(`is as expected with each of ${seedMax} seeds`, async () => {
    const environment = DRIVERS[driver]
    const client = driver === 'ioredis 6' ? 'ioredis' : driver
    expect(await surprises({ scenarios: loadScenarios(words), client, environment, seedMax })).toEqual([])
  })
})
