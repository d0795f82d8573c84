/**
 * Every run of the catalogue has the same history on a real redis-server under virtual time as on the in-memory Redis: the
 * pitfalls are Redis's and the subject's, not the simulator's.
 *
 * Not compared  runs with a Cluster, whose nodes connect to each other by themselves, past the world's network. They are named below; what their
 *               nodes say to each other and to clients is compared in `test/redis/`.
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
const LEFT_OUT = SHOWN.filter((pitfall) => !COMPARED.includes(pitfall))

beforeAll(async () => {
  const nodes = COMPARED.map(({ shows }) => nodeCount(scenarioOf(shows).plan('', 'direct').topology))
  real = await createRedisServerProvider({ count: Math.max(...nodes) })
})
afterAll(() => real.close())

describe('on a real redis-server', () => {
  it.each(LEFT_OUT.map((pitfall) => [label(pitfall), pitfall.name, pitfall] as const))(
    '%s (%s) cannot be: it is refused, and no history is made up',
    async (_label, _name, { shows }) => {
      await expect(outcomeOf(shows, real, { worldsMax: 1 })).rejects.toThrow(/has no Cluster here/)
    },
  )

  it('all are compared but these', () => {
    expect(LEFT_OUT.map((pitfall) => `${label(pitfall)} ${topologyOf(pitfall).kind}`)).toEqual(['P52 cluster'])
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
