/**
 * Random command sequences on the in-memory Redis and on redis-server. Every difference that was ever found stands in
 * `tables/regressions.ts` as a sequence of its own.
 *
 *     DIFFERENTIAL_RUNS=20000 DIFFERENTIAL_SEED=7 npx vitest run test/redis/differential.test.ts
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { transcripts } from './differential.ts'
import { sequenceArbitrary } from './sequence-arbitrary.ts'
import { startVirtualRedis, type VirtualRedis } from './virtual-redis.ts'

const runs = Number(process.env.DIFFERENTIAL_RUNS ?? 150)
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20240501)

let real: VirtualRedis
beforeAll(async () => {
  real = await startVirtualRedis()
})
afterAll(() => real.close())

for (const resp of [2, 3] as const) {
  it(`answers random sequences like redis-server in RESP${resp}`, { timeout: 3_600_000 }, () => {
    const scripts = loadLuaEngine()
    fc.assert(
      fc.property(sequenceArbitrary, (sequence) => {
        const { memory, reality } = transcripts(real, sequence, { resp, scripts })
        expect(memory).toEqual(reality)
      }),
      { numRuns: runs, seed, endOnFailure: false },
    )
  })
}
