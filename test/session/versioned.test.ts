/** The session store to copy: nothing is lost and nothing comes back, whatever single fault befalls a web server. */
import { describe, expect, it } from 'vitest'
import { optimistic } from '../../src/session/optimistic.ts'
import { versioned } from '../../src/session/versioned.ts'
import { sessionSubject } from '../../src/subject/subject.ts'
import { singleStorms } from '../check/storms.ts'
import { cartPlan, show } from '../check/worlds.ts'

const PLACES = [
  ...['add', 'load', 'remove'].flatMap((op) => [`B before ${op}`, `B after ${op}`]),
  ...[2, 3, 4, 5, 6, 7, 8].map((count) => `B before send ${count}`),
]

async function broken(store: typeof versioned, client: 'direct' | 'ioredis', logout: boolean): Promise<string[]> {
  const found: string[] = []
  for (const [name, faults] of singleStorms('B', PLACES)) {
    const plan = cartPlan({ client, faults, workload: { kind: 'cart', requests: 2, workUs: 10_000, logout } })
    const { status, kinds } = await show(sessionSubject(store), plan, client)
    if (status !== 'valid') found.push(`${name}: ${status} ${kinds.join(', ')}`)
  }
  return found
}

describe('versioned', () => {
  it.each([
    ['direct', false],
    ['direct', true],
    ['ioredis', false],
    ['ioredis', true],
  ] as const)('keeps every acknowledged change (%s, logout: %s)', { timeout: 120_000 }, async (client, logout) => {
    expect(await broken(versioned, client, logout)).toEqual([])
  })

  it('where WATCH does not: it is forgotten with the connection', { timeout: 120_000 }, async () => {
    const found = await broken(optimistic, 'ioredis', false)
    expect(found.filter((line) => /^reset {} at B after load: violated .*session-lost-update/.test(line))).toHaveLength(
      1,
    )
  })
})
