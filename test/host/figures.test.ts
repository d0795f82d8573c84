/** What a simulated machine says of its size and its load is the same in each run, on each host. */
import os from 'node:os'
import { performance } from 'node:perf_hooks'
import v8 from 'node:v8'
import { expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { runOnHost } from '../../src/host/watch.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'

installHost()

const look = () => [
  process.memoryUsage(),
  process.memoryUsage.rss(),
  process.resourceUsage(),
  process.cpuUsage(),
  v8.getHeapStatistics(),
  performance.eventLoopUtilization(),
  os.cpus(),
  os.totalmem(),
  os.freemem(),
  os.loadavg(),
]

async function seen(): Promise<unknown> {
  let answer: unknown
  const world = new World('figures', { events: 100, virtualUs: 1_000_000, records: 100 })
  world.schedule(0, world.addProcess('A'), 'timer', () => {
    answer = look()
  })
  await inMacrotask(() => runOnHost(world))
  return answer
}

it('is the same twice in a world, and the real thing outside', async () => {
  const first = await seen()
  const waste = Array.from({ length: 100_000 }, (_, index) => ({ index }))
  expect(await seen()).toEqual(first)
  expect(waste).toHaveLength(100_000)
  const real = look()
  expect(real[1]).not.toEqual((first as unknown[])[1])
  expect(os.cpus()[0]?.model).not.toBe('simulated')
})
