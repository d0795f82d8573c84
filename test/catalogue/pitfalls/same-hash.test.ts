/**
 * Every run of the catalogue has the same history on a real redis-server under virtual time as on the in-memory Redis: the
 * pitfalls are Redis's and the subject's, not the simulator's.
 *
 * Runs with a Cluster are named below: of these what is found is compared, for real nodes draw when they ask for votes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf, scenarioOf } from '../../../catalogue/pitfalls/running.ts'
import { label, SHOWN } from '../../../src/pitfall/registry.ts'
import { createRedisServerProvider } from '../../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../../src/server/server.ts'
import { memoryProvider } from '../../../src/world/node/environment.ts'
import { nodeCount, replicatingOf, type Topology } from '../../../src/world/topology.ts'

const memory = memoryProvider()
let real: ServerProvider

const topologyOf = ({ shows }: (typeof SHOWN)[number]): Topology => scenarioOf(shows).plan('', 'direct').topology
const COMPARED = SHOWN.filter((pitfall) => ['replicas', null].includes(replicatingOf(topologyOf(pitfall))))
const BY_FINDING = SHOWN.filter((pitfall) => !COMPARED.includes(pitfall))

beforeAll(async () => {
  const nodes = COMPARED.map(({ shows }) => nodeCount(scenarioOf(shows).plan('', 'direct').topology))
  real = await createRedisServerProvider({ count: Math.max(...nodes) })
})
afterAll(() => real.close())

describe('on a real redis-server', () => {
  it.each(BY_FINDING.map((pitfall) => [label(pitfall), pitfall.name, pitfall] as const))(
    '%s (%s) comes to the same',
    async (_label, _name, { shows, cure }) => {
      for (const run of [shows, cure]) {
        const { found, statuses } = await outcomeOf(run, memory, { worldsMax: 1 })
        expect(await outcomeOf(run, real, { worldsMax: 1 }), run.subject).toMatchObject({ found, statuses })
      }
    },
  )

  it('histories of all are compared but these', () => {
    expect(BY_FINDING.map((pitfall) => `${label(pitfall)} ${topologyOf(pitfall).kind}`)).toEqual(['P52 cluster'])
  })

  it.each(COMPARED.map((pitfall) => [label(pitfall), pitfall.name, pitfall] as const))(
    '%s (%s) has the same histories',
    async (_label, _name, { shows, cure }) => {
      for (const run of [shows, cure]) {
        const expected = await outcomeOf(run, memory, { worldsMax: 1 })
        expect((await outcomeOf(run, real, { worldsMax: 1 })).lines, run.subject).toEqual(expected.lines)
      }
    },
  )
})
