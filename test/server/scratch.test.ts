/**
 * Laws of a node, told by random stories: the same story is the same, byte for byte, on a real server twice, and on the
 * in-memory Redis.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { createMemoryProvider } from '../../src/server/memory.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { RandomStream } from '../../src/sim/random.ts'
import { tell } from './story.ts'

const T0_US = 1_800_000_000_000_000
const SEEDS = Array.from({ length: 150 }, (_, index) => `more ${index}`)
const STEPS = 250

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 2 })
})
afterAll(() => real.close())

function story(provider: ServerProvider, seed: string): string[] {
  const node = provider.node('redis-1', { seed, nowUs: T0_US })
  try {
    return tell(node, new RandomStream(seed), STEPS, T0_US)
  } finally {
    node.stop()
  }
}

describe('a story', () => {
  it.each(SEEDS)('%s is the same when it is told twice on a real server', (seed) => {
    const once = story(real, seed)
    expect(once.length).toBeGreaterThan(STEPS)
    expect(story(real, seed)).toEqual(once)
  })

  it.each(SEEDS)('%s is the same on the in-memory Redis', (seed) => {
    expect(story(createMemoryProvider(loadLuaEngine()), seed)).toEqual(story(real, seed))
  })
})
