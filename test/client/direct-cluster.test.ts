/** The direct client and ioredis on a Redis Cluster: the same calls must give the same. */
import { describe, expect, it } from 'vitest'
import { defineLock } from '../../src/lock/lock.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'

const provider = memoryProvider()

/** What both clients have of what the programs call. */
interface Redis {
  set(key: string, value: string): Promise<string | null>
  get(key: string): Promise<string | null>
  incr(key: string): Promise<number>
  mget(...keys: string[]): Promise<(string | null)[]>
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
  multi(): { incr(key: string): { get(key: string): { exec(): Promise<unknown> } } }
  publish(channel: string, text: string): Promise<number>
  subscribe(channel: string): Promise<number>
  on(event: 'message', listener: (channel: string, text: string) => void): void
}
type Program = (redis: Redis, other: Redis, say: (...values: unknown[]) => void) => Promise<void>

/** What the program of a single client says; a fault may strike at its nth message. */
async function said(client: ClientKind, program: Program, faults: string): Promise<readonly unknown[]> {
  const heard: unknown[] = []
  let isFirst = true
  const subject = lockSubject(
    defineLock<Redis>({
      name: 'program',
      async acquire({ redis, connect }) {
        if (!isFirst) return null
        isFirst = false
        await program(redis, (await connect()) as Redis, (...values) => heard.push(values))
        return null
      },
      release: async () => true,
    }) as never,
  )
  const text = `
title: t
story: s
workload: { counter: { rounds: 1, work: 1ms, retry: 1s } }
clients: 1
topology: { kind: cluster }
ttl: 1s
faults: ${faults}
`
  const plan = parseScenario(text, 'cluster.yaml').plan('1', client)
  await inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment(client, provider)))
  return heard
}

const reason = (call: Promise<unknown>): Promise<unknown> => call.then(String, (error: Error) => error.message)
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One key of each of the three shards. */
const SPREAD = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

describe('on a Cluster the direct client answers as ioredis does', () => {
  const same = async (program: Program, faults = '[]'): Promise<readonly unknown[]> => {
    const direct = await said('direct', program, faults)
    expect(direct).toEqual(await said('ioredis', program, faults))
    return direct
  }

  it('keys of every shard are found, and what is sent to two slots is refused', async () => {
    const heard = await same(async (redis, other, say) => {
      for (const key of SPREAD) say(await redis.set(key, `of ${key}`))
      for (const key of SPREAD) say(await other.get(key))
      say(await redis.eval("return redis.call('get', KEYS[1])", 1, 'c'))
      say(await reason(redis.mget('{x}1', '{x}2')))
      say(await reason(redis.mget('a', 'b')))
    })
    expect(heard.slice(SPREAD.length)).toEqual([
      ...SPREAD.map((key) => [`of ${key}`]),
      ['of c'],
      [','],
      ["CROSSSLOT Keys in request don't hash to the same slot"],
    ])
  })

  it('a transaction goes to the node of its keys', async () => {
    const heard = await same(async (redis, _, say) => {
      for (const key of ['a', 'b', 'c']) say(await redis.multi().incr(key).get(key).exec())
    })
    const result = [
      [
        [null, 1],
        [null, '1'],
      ],
    ]
    expect(heard).toEqual([result, result, result])
  })

  it('messages are heard by a client that goes on sending commands elsewhere', async () => {
    const heard = await same(async (redis, other, say) => {
      other.on('message', (channel, text) => say(channel, text))
      say(await other.subscribe('news'))
      await redis.publish('news', 'hello')
      await wait(20)
    })
    expect(heard).toEqual([[1], ['news', 'hello']])
  })

  it('MOVED is followed after a failover by hand', async () => {
    const heard = await same(async (redis, _, say) => {
      for (const key of SPREAD) await redis.incr(key)
      await wait(2000)
      for (const key of SPREAD) say(await redis.incr(key))
    }, '[{ manual-failover: { process: redis-4 }, at: 500ms }, { manual-failover: { process: redis-5 }, at: 500ms }]')
    expect(heard).toEqual(SPREAD.map(() => [2]))
  })
})

describe('a primary that ends', () => {
  it('costs the direct client what was under way, and the next command finds its replica', async () => {
    const heard = await said(
      'direct',
      async (redis, _, say) => {
        for (const key of SPREAD) await redis.set(key, key)
        await wait(4000)
        const first: unknown[] = []
        for (const key of SPREAD) first.push(await reason(redis.get(key)))
        const second: unknown[] = []
        for (const key of SPREAD) second.push(await reason(redis.get(key)))
        say(first.filter((answer, index) => answer !== SPREAD[index]).length <= 1, second)
      },
      '[{ crash: { process: redis-1 }, at: 1s }]',
    )
    expect(heard).toEqual([[true, SPREAD]])
  })
})
