/** The published JSON Schema is the one that the loader follows. */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'

describe('scenarios/scenario.schema.json', () => {
  it('is what the zod schema says; `npx vitest run test/scenario/json-schema.test.ts -u` writes it', async () => {
    await expect(scenarioJsonSchema()).toMatchFileSnapshot('../../scenarios/scenario.schema.json')
  })

  it('describes the file as it is written, not as it is read', () => {
    const schema = JSON.parse(scenarioJsonSchema()) as {
      required: string[]
      properties: Record<
        string,
        { default?: unknown; pattern?: string; items?: { properties: Record<string, unknown> } }
      >
    }
    // What has a default may be left out, and a duration is a text.
    expect(schema.required).toEqual(['title', 'story', 'workload'])
    expect(schema.properties.ttl).toMatchObject({ type: 'string', default: '1s' })
    expect(schema.properties.latency).toMatchObject({ type: 'string', default: '200us..900us' })
    expect(schema.properties.faults?.items?.properties.at).toMatchObject({ type: 'string' })
  })
})

describe('the bundled scenarios', () => {
  it('load', () => {
    expect(loadScenarios([]).every(({ path }) => existsSync(path))).toBe(true)
  })
})
