/** The committed page about ioredis-mock is what its generator gives, and Redis in memory is not wrong in the same places. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { createMemoryProvider } from '../../src/server/memory.ts'
import { createMockProvider } from '../../src/server/node/mock.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { leaveOut } from '../left-out.ts'
import { REFERENCE_VERSION } from '../redis/real-redis.ts'
import { ioredisMockPage, tellStory } from './ioredis-mock-page.ts'
import { PROBES } from './ioredis-mock-probes.ts'

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider()
})
afterAll(() => real.close())

describe('docs/ioredis-mock.md', () => {
  it('is what the generator gives; `npx vitest run test/server/ioredis-mock-page.test.ts -u` writes it', async (context) => {
    if (!real.description.includes(` ${REFERENCE_VERSION},`)) {
      return leaveOut(context, `redis-server ${REFERENCE_VERSION}`, real.description)
    }
    const page = await ioredisMockPage(real, await createMockProvider())
    await expect(page).toMatchFileSnapshot('../../docs/ioredis-mock.md')
  })
})

describe.each(PROBES)('the in-memory Redis, asked the same: $title', ({ stories }) => {
  it.each(stories.map((lines) => [lines.join(' · ').slice(0, 80), lines] as const))('%s', async (_, lines) => {
    expect(await tellStory(createMemoryProvider(loadLuaEngine()), lines)).toEqual(await tellStory(real, lines))
  })
})
