/** LATENCY GRAPH, drawn from the samples of a real server: the same bytes as its own graph. */
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { latencyGraph } from '../../src/redis/latency-graph.ts'
import { RealRedis } from './real-redis.ts'

it('is drawn as redis-server does it', async () => {
  const real = await RealRedis.start(['--enable-debug-command', 'yes', '--latency-monitor-threshold', '1'])
  const redis = new Redis(real.port)
  // One sample a second is kept.
  for (const seconds of ['0.005', '0.030', '0.012', '0.021']) {
    await redis.call('DEBUG', 'SLEEP', seconds)
    await setTimeout(1001)
    await expectSameGraph(redis)
  }
  redis.disconnect()
  await real.stop()
}, 30_000)

async function expectSameGraph(redis: Redis): Promise<void> {
  const read = redis.multi().time().call('LATENCY', 'HISTORY', 'command').call('LATENCY', 'LATEST')
  const [time, history, latest, graph, after] = (await read.call('LATENCY', 'GRAPH', 'command').time().exec())!.map(
    ([, reply]) => reply,
  ) as [[number], [number, number][], [[string, number, number, number]], string, [number]]
  // The second ended in between: the labels may be of either.
  if (time[0] !== after[0]) return expectSameGraph(redis)
  const samples = history.map(([seconds, ms]) => ({ seconds, ms }))
  expect(latencyGraph('command', samples, { highestMs: latest[0][3], nowSeconds: Number(time[0]) })).toBe(graph)
}

it('goes on below after 80 samples', () => {
  const samples = Array.from({ length: 82 }, (_, index) => ({ seconds: index * 1200, ms: 10 + index }))
  const graph = latencyGraph('command', samples, { highestMs: 100, nowSeconds: 81 * 1200 })
  const [title, , ...lines] = graph.split('\n')
  expect(title).toBe('command - high 91 ms, low 10 ms (all time high 100 ms)')
  // The last two are 20 minutes and no time ago, the first one a day.
  expect(lines.slice(-9)).toEqual(['##', '||', '||', '||', '  ', '20', '0s', 'm ', ''])
  expect(lines.slice(5, 8).map((line) => line[0])).toEqual(['1', 'd', ' '])
})
