/**
 * What unmodified clients do with Sentinels: how long they are without a primary, when they leave a former one, and that they send a
 * command again whose answer was lost. The times were seen on redis-sentinel 7.0.15 with ioredis 5.11 and node-redis 6.3.
 */
import type { Redis } from 'ioredis'
import type { RedisSentinelType } from 'redis'
import { describe, expect, it } from 'vitest'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

const provider = memoryProvider()
const NODES = ['sentinel-1', 'sentinel-2', 'sentinel-3'].map((host) => ({ host, port: 26_379 }))

/** The few commands that are sent, whichever client sends them. */
interface Client {
  setNx(key: string, value: string): Promise<unknown>
  get(key: string): Promise<unknown>
  /** The run id of the server that answers. */
  server(): Promise<string>
}

const runId = (info: string): string => /run_id:(\w+)/.exec(info)?.[1] ?? ''

const CLIENTS = {
  async ioredis({ load }: LockContext): Promise<Client> {
    const { Redis: Make } = load('ioredis') as { Redis: new (options: object) => Redis }
    const redis = new Make({ sentinels: NODES, name: 'mymaster' })
    redis.on('error', () => {})
    await new Promise((resolve) => redis.once('ready', resolve))
    return {
      setNx: (key, value) => redis.set(key, value, 'PX', 30_000, 'NX'),
      get: (key) => redis.get(key),
      server: async () => runId(await redis.info('server')),
    }
  },
  async 'node-redis'({ load }: LockContext): Promise<Client> {
    const { createSentinel } = load('redis') as { createSentinel(options: object): RedisSentinelType }
    const sentinel = createSentinel({ name: 'mymaster', sentinelRootNodes: NODES })
    sentinel.on('error', () => {})
    await sentinel.connect()
    return {
      setNx: (key, value) => sentinel.set(key, value, { PX: 30_000, NX: true }),
      get: (key) => sentinel.get(key),
      server: async () => runId(String(await sentinel.sendCommand(false, ['INFO', 'server']))),
    }
  },
} as const

type Name = keyof typeof CLIENTS

/** One client in a world whose primary is missed after a second; `body` runs in its process, on virtual time. */
async function inWorld<Result>(name: Name, faults: string, body: (client: Client) => Promise<Result>): Promise<Result> {
  const results: Result[] = []
  const subject = lockSubject(
    defineLock({
      name: 'client-alone',
      title: 'a client',
      commands: 'its own',
      async acquire(context: LockContext) {
        if (results.length === 0) results.push(await body(await CLIENTS[name](context)))
        return { token: context.token }
      },
      release: async () => true,
    } as unknown as Parameters<typeof defineLock>[0]),
  )
  const text = `
title: t
story: s
workload: { counter: { rounds: 1, work: 1s } }
clients: 1
topology: { kind: sentinel, down-after: 1s, failover-timeout: 5s }
ttl: 20s
faults: ${faults}
`
  const plan = parseScenario(text, 'client.yaml').plan('1', 'direct')
  await inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment('direct', provider)))
  return results[0] as Result
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** When (s) another server answers than in the beginning. */
async function movedAtS(client: Client): Promise<number> {
  const first = await client.server()
  for (;;) {
    await sleep(20)
    if ((await client.server().catch(() => first)) !== first) return performance.now() / 1000
  }
}

const both = (ioredis: readonly [number, number], nodeRedis: readonly [number, number]) =>
  [
    ['ioredis', ...ioredis],
    ['node-redis', ...nodeRedis],
  ] as const

describe('another primary', () => {
  it.each(both([1.9, 4.5], [2.5, 6]))('is found by %s when the first one ends', async (name, least, most) => {
    const atS = (await inWorld(name, '[{ crash: { process: redis-1 }, at: 1s }]', movedAtS)) - 1
    expect(atS).toBeGreaterThan(least)
    expect(atS).toBeLessThan(most)
  })

  // ioredis leaves when the former one is told. node-redis is told by Sentinels: the one that has promoted ends its failover when its time is
  // up, for the other replica is still being sent a snapshot (`repl-diskless-sync-delay` is 5 s, and so is the time).
  it.each(both([9, 13], [1, 8.5]))('is found by %s when an operator wants one', async (name, least, most) => {
    const atS = (await inWorld(name, '[{ sentinel-failover: { process: sentinel-1 }, at: 1s }]', movedAtS)) - 1
    expect(atS).toBeGreaterThan(least)
    expect(atS).toBeLessThan(most)
  })
})

describe('SET NX', () => {
  it.each(['ioredis', 'node-redis'] as const)(
    'is sent again by %s when its reply was lost, and meets itself',
    async (name) => {
      const answers = await inWorld(
        name,
        '[{ lose-reply: { process: A }, at: 1s }]',
        async (client): Promise<unknown[]> => {
          await sleep(1010 - performance.now())
          const taken = await client.setNx('k', 'mine')
          return [taken, await client.get('k')]
        },
      )
      expect(answers).toEqual([null, 'mine'])
    },
  )

  it('that waits in the socket of a primary that hangs is answered OK by it when it has been replaced', async () => {
    const answers = await inWorld(
      'ioredis',
      '[{ pause: { process: redis-1, for: 6s }, at: 1s }]',
      async (client): Promise<unknown[]> => {
        await sleep(1010 - performance.now())
        const taken = await client.setNx('k', 'mine')
        const atS = performance.now() / 1000
        const before = await client.get('k')
        await sleep(14_000)
        return [taken, Math.floor(atS), before, await client.get('k')]
      },
    )
    // The one that took its place never heard of it.
    expect(answers).toEqual(['OK', 7, 'mine', null])
  })
})
