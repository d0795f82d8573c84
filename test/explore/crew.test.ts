/** Workers that are lost while they measure a frontier: a lock that spins in the storms of a point, and not without them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCrew } from '../../src/engine/crew.ts'
import { DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { measureFrontier } from '../../src/explore/frontier.ts'
import { build, ROOT } from '../cli/binary.ts'

/** Spins when it finds that it was paused for a long time. */
const SPINNING = `export default {
  name: 'spinning',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token, fromMs: performance.now() } : null
  },
  async release({ redis, key }, lease) {
    while (performance.now() - lease.fromMs > 10_000);
    return (await redis.del(key)) === 1
  },
}
`

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-crew-'))
  writeFileSync(path.join(folder, 'spinning-lock.ts'), SPINNING)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('counts storms that nobody survives as bugs, and gives up a point that costs too many workers', async () => {
  const job = {
    kind: 'hunt',
    lock: path.join(folder, 'spinning-lock.ts'),
    only: [],
    choice: { redis: 'memory', redisBinary: null, image: null, hosts: {} },
    parameters: { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2, rounds: 1 },
  } as const
  const module = pathToFileURL(path.join(ROOT, 'dist', 'worker.js'))
  const crew = await startCrew(job, { module, workers: 1, spinMs: 2_500, memoryMb: 512 })
  try {
    const { combinations } = await measureFrontier({
      grid: {
        ttlsMs: [30_000],
        pausesUs: [1_000_000, 20_000_000],
        skewsUs: [0],
        latencies: [{ minUs: 1_000, maxUs: 1_000 }],
      },
      crew,
      interrupted: new Promise(() => {}),
    })
    const [short, long] = combinations.map(({ points }) => points[0]!)
    expect([short!.bugs, combinations[0]!.safeTtlMs]).toEqual([0, 30_000])
    expect([long!.bugs, long!.storms, combinations[1]!.safeTtlMs]).toEqual([2, 2, null])
  } finally {
    await crew.close()
  }
}, 120_000)
