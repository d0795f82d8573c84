/**
 * Worlds with a Redis Cluster: each client is an unmodified cluster client, and the truth about a key is that of its shard.
 */
import { describe, expect, it } from 'vitest'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { keySlot } from '../../src/redis/cluster/slots.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'
import { nodeRedisLock } from '../client/node-redis-lock.ts'

const provider = memoryProvider()

interface Options {
  readonly client?: ClientKind
  readonly topology?: string
  readonly ttl?: string
  readonly subject?: Subject
}

/** One world of two clients; A is 100 ms ahead. */
function world(
  faults: string,
  { client = 'ioredis', topology = '', ttl = '1s', subject = lockSubject(setNxLua) }: Options = {},
): Promise<JudgedWorld> {
  const text = `
title: t
story: s
workload: { counter: { rounds: 2, work: 500ms, retry: 20ms } }
clients: 2
topology: { kind: cluster${topology} }
head-start: 100ms
ttl: ${ttl}
faults: ${faults}
`
  const plan = parseScenario(text, 'cluster.yaml').plan('1', client)
  return inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment(client, provider)))
}

const status = ({ judgement }: JudgedWorld): string =>
  judgement.verdict.status === 'violated'
    ? [
        ...new Set(
          judgement.verdict.violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`),
        ),
      ].join(', ')
    : judgement.verdict.status

/** Whose key the lock of the built-in locks is. */
const owner = (key: string): string => `redis-${[5461, 10_923, 16_384].findIndex((end) => keySlot(key) < end) + 1}`
const keyOf = ({ history }: JudgedWorld): string => history.grants[0]?.key ?? ''

describe('without a fault', () => {
  it.each(['ioredis', 'node-redis', 'iovalkey', 'direct'] as const)(
    '%s finds the owner of the key, and its replica follows',
    async (client) => {
      const subject = client === 'node-redis' ? nodeRedisLock : lockSubject(setNxLua)
      const judged = await world('[]', { client, subject })
      expect(status(judged)).toBe('valid')
      const home = owner(keyOf(judged))
      expect(new Set(judged.history.grants.map(({ node }) => node))).toEqual(new Set([home]))
      expect(new Set(judged.history.copies.map(({ node }) => node))).toEqual(new Set([`redis-${Number(home[6]) + 3}`]))
      expect(judged.history.failovers).toEqual([])
    },
  )

  it('is the same world each time', async () => {
    expect((await world('[]')).run.historyHash).toBe((await world('[]')).run.historyHash)
  })
})

describe('a primary that ends', () => {
  it('is replaced by its replica, without anybody saying so, and the grant goes on there', async () => {
    const judged = await world('[{ crash: { process: redis-1 }, at: A before work }]', { ttl: '20s' })
    expect(owner(keyOf(judged))).toBe('redis-1')
    const [failover] = judged.history.failovers
    expect(failover).toMatchObject({ former: 'redis-1', primary: 'redis-4' })
    const struckUs = judged.history.lanes.faults.find(({ op }) => op === 'crash')?.atUs ?? 0
    const afterMs = ((failover?.fromUs ?? 0) - struckUs) / 1000
    expect(afterMs).toBeGreaterThan(1500)
    expect(afterMs).toBeLessThan(4000)
    expect(judged.history.grants[0]).toMatchObject({ node: 'redis-4', owner: 'A' })
  })

  it('of another shard takes nothing away from the lock', async () => {
    const judged = await world('[{ crash: { process: redis-3 }, at: A before work }]', { ttl: '20s' })
    expect(judged.history.failovers).toMatchObject([{ former: 'redis-3', primary: 'redis-6' }])
    expect(judged.history.grants.every(({ node }) => node === 'redis-1')).toBe(true)
    expect(judged.history.grants.every(({ endedBy }) => endedBy !== 'lost')).toBe(true)
  })
})

describe('a failover by hand', () => {
  it('that is agreed loses nothing', async () => {
    const judged = await world('[{ manual-failover: { process: redis-4 }, at: A before work }]')
    expect(judged.history.failovers).toMatchObject([{ former: 'redis-1', primary: 'redis-4' }])
    expect(status(judged)).toBe('valid')
  })

  it('that asks nobody takes what its replica had not got: two hold the lock, which is a limit', async () => {
    const judged = await world(
      '[{ replication-lag: { from: redis-1, to: redis-4, for: 400ms }, at: 0s }, { manual-failover: { process: redis-4, how: takeover }, at: A before work }]',
    )
    expect(judged.history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'lost', endedByWhom: 'failover' })
    expect(status(judged)).toContain('limit redis-lost-it')
  })
})

describe('a slot that moves', () => {
  const moving = '[{ migrate-slot: { to: redis-2, for: 400ms }, at: A before work }]'

  it.each(['ioredis', 'node-redis', 'iovalkey', 'direct'] as const)(
    'takes the lock with it, and %s gives it back at the new owner',
    async (client) => {
      const subject = client === 'node-redis' ? nodeRedisLock : lockSubject(setNxLua)
      const judged = await world(moving, { client, subject, ttl: '10s' })
      expect(owner(keyOf(judged))).toBe('redis-1')
      expect(status(judged)).toBe('valid')
      const [first, ...later] = judged.history.grants
      expect(first).toMatchObject({ node: 'redis-2', owner: 'A', endedBy: 'deleted', endedByWhom: 'A' })
      expect(first?.moved).toMatchObject([{ node: 'redis-1' }])
      // What came before it moved and what came after are one grant: nothing was given again.
      expect(Math.abs((first?.ttlUs ?? 0) - 10_000_000)).toBeLessThan(2_000)
      expect(later.length).toBeGreaterThan(0)
      expect(new Set(later.map(({ node }) => node))).toEqual(new Set(['redis-2']))
      expect(judged.history.copies.some(({ node, owner: whose }) => node === 'redis-5' && whose === 'A')).toBe(true)
    },
  )

  it('has what is new at its new owner while its keys are still where they were', async () => {
    const judged = await world('[{ migrate-slot: { to: redis-2, for: 4s }, at: 0s }]', { ttl: '10s' })
    expect(status(judged)).toBe('valid')
    expect(judged.history.grants[0]).toMatchObject({ node: 'redis-2', owner: 'A' })
    expect(judged.history.grants[0]?.moved).toBeUndefined()
  })

  it('keeps the end of a lease: what is left of it moves, too', async () => {
    const judged = await world(
      '[{ migrate-slot: { to: redis-2, for: 200ms }, at: A before work }, { crash: { process: A }, at: A before work }]',
      { ttl: '3s' },
    )
    const [first] = judged.history.grants
    expect(first).toMatchObject({ node: 'redis-2', owner: 'A', endedBy: 'expired' })
    expect(Math.abs((first?.untilUs ?? 0) - (first?.fromUs ?? 0) - 3_000_000)).toBeLessThan(2_000)
    expect(status(judged)).toBe('valid')
  })

  it('moves when both primaries are there again, and to the one that was promoted meanwhile', async () => {
    const away = await world(
      '[{ migrate-slot: { to: redis-2, for: 200ms }, at: A before work }, { pause: { process: redis-2, for: 500ms }, at: A before work }]',
      { ttl: '10s' },
    )
    expect(away.history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'deleted' })
    expect(away.history.grants.at(-1)).toMatchObject({ node: 'redis-2' })
    const replaced = await world(
      '[{ manual-failover: { process: redis-5 }, at: A before acquire }, { migrate-slot: { to: redis-2, for: 200ms }, at: B after acquire }]',
      { ttl: '10s' },
    )
    expect(replaced.history.failovers).toMatchObject([{ former: 'redis-2', primary: 'redis-5' }])
    expect(replaced.history.grants.at(-1)).toMatchObject({ node: 'redis-5' })
    expect(status(replaced)).toBe('valid')
  })

  it('that is there already does not move', async () => {
    const judged = await world('[{ migrate-slot: { to: redis-1, for: 200ms }, at: A before work }]')
    expect(judged.history.grants.every(({ node, moved }) => node === 'redis-1' && moved === undefined)).toBe(true)
    expect(status(judged)).toBe('valid')
  })
})

describe('what cannot have a Cluster', () => {
  it('a quorum lock', async () => {
    const quorum = world('[]', { subject: lockSubject(redlockByTheBook) })
    await expect(quorum).rejects.toThrow(UsageError)
    await expect(quorum).rejects.toThrow('independent servers for their votes')
  })
})
