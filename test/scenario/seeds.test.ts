/**
 * What scenarios expect holds for every seed: the whole suite of bundled scenarios, and those of the articles, with the seeds
 * from 1 on. A hundred of them in CI; a few elsewhere.
 */
import { describe, expect, it } from 'vitest'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { surprises } from './surprises.ts'

const isCi = process.env.CI === 'true'
const provider = memoryProvider()

describe.each([
  ['the suite', [], 'direct', isCi ? 100 : 4],
  ['the suite', [], 'ioredis', isCi ? 10 : 1],
  ['the suite', [], 'iovalkey', isCi ? 5 : 1],
  ['the articles', ['articles'], 'direct', isCi ? 20 : 2],
  ['the articles', ['articles'], 'ioredis', isCi ? 5 : 1],
] as const)('%s %s with %s clients', (_, words, client, seedMax) => {
  it(`is as expected with each of ${seedMax} seeds`, async () => {
    const environment = nodeEnvironment(client, provider)
    expect(await surprises({ scenarios: loadScenarios(words), client, environment, seedMax })).toEqual([])
  })
})
