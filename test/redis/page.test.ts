/** The committed page about the in-memory Redis is what its generator gives. */
import { expect, it } from 'vitest'
import { page } from './page.ts'

it('docs/in-memory-redis.md is up to date; `npx vitest run test/redis/page.test.ts -u` writes it', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/in-memory-redis.md')
})
