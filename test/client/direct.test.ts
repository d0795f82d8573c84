/** The direct client beside ioredis: the same calls on both, over the same in-memory Redis, must give the same. */

import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { createDirectRedis, type DirectRedis, ReplyError } from '../../src/client/direct.ts'
import { installHost } from '../../src/host/install.ts'
import { CUT, PASS } from '../../src/net/fate.ts'
import { Network } from '../../src/net/network.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { createMemoryProvider } from '../../src/server/memory.ts'
import { RedisNode } from '../../src/server/redis-node.ts'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { World } from '../../src/sim/world.ts'
import { simulate } from './stage.ts'

installHost()

const provider = createMemoryProvider(loadLuaEngine())
type Client = Redis & Record<string, (...args: unknown[]) => Promise<unknown>>
/** What the programs need of either client. */
interface Table {
  connect(): Client
  say(...values: unknown[]): void
  sleep(ms: number): Promise<void>
}

interface Scene {
  readonly world: World
  readonly network: Network
  readonly client: SimProcess
  readonly node: SimProcess
  readonly open: () => DirectRedis
}

/** A world with one Redis and one process that uses the direct client. */
async function direct(main: (scene: Scene, say: (...values: unknown[]) => void) => Promise<void>): Promise<unknown[]> {
  const world = new World('direct')
  const network = new Network(world, { minUs: 150, maxUs: 150 })
  const node = world.addProcess('redis-1')
  const redisNode = new RedisNode(node, network, provider.node('redis-1', { seed: 'stage', nowUs: EPOCH_US }))
  node.onKilled = () => network.dropAll(node)
  const client = world.addProcess('A')
  const said: unknown[] = []
  const restart = node.restart.bind(node)
  node.restart = () => {
    restart()
    redisNode.restart('all')
  }
  world.schedule(0, client, 'timer', () => {
    main(
      { world, network, client, node, open: () => createDirectRedis(client, network, { host: 'redis-1', port: 6379 }) },
      (...values) => said.push(values.map(show)),
    ).then(
      () => world.stop(),
      (error) => {
        said.push(`failed: ${(error as Error).stack}`)
        world.stop()
      },
    )
  })
  await inMacrotask(() => runLoop(world))
  if (world.limitReached !== null) said.push(world.limitReached)
  return said
}

function show(value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  return Array.isArray(value) ? value.map(show) : value
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const withDirect = (program: (table: Table) => Promise<void>): Promise<unknown[]> =>
  direct((scene, say) => program({ connect: () => scene.open() as unknown as Client, say, sleep }))

const withIoredis = async (program: (table: Table) => Promise<void>): Promise<unknown[]> => {
  const said: unknown[] = []
  const log = await simulate(({ redis, sleep }) =>
    program({ connect: () => redis() as Client, say: (...values) => said.push(values.map(show)), sleep }),
  )
  const failure = log.find((line) => typeof line === 'string' && line.startsWith('the program failed'))
  return failure === undefined ? said : [...said, failure]
}

const refused = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: Error) => error)

/** One call each: method, arguments. The server's state goes on from one to the next. */
const CALLS: readonly (readonly [string, ...unknown[]])[] = [
  ['set', 'k', 'v'],
  ['set', 'k', 'w', 'NX'],
  ['set', 'lock', 'token', 'PX', 1000, 'NX'],
  ['set', 'lock', 'other', 'PX', 1000, 'NX'],
  ['set', 'k', 'x', 'GET'],
  ['get', 'k'],
  ['get', 'none'],
  ['getset', 'k', 'y'],
  ['append', 'k', 'z'],
  ['strlen', 'k'],
  ['setnx', 'k', '1'],
  ['setex', 'ttl', 100, 'v'],
  ['ttl', 'ttl'],
  ['ttl', 'none'],
  ['expire', 'k', 50],
  ['persist', 'k'],
  ['incr', 'n'],
  ['incrby', 'n', 9_007_199_254_740_000],
  ['incrbyfloat', 'n', '0.5'],
  ['decr', 'n'],
  ['incr', 'lock'],
  ['set', 'number', 3.25],
  ['get', 'number'],
  ['set', 'number', 1e21],
  ['get', 'number'],
  ['set', 'boolean', true],
  ['get', 'boolean'],
  ['set', 'null', null],
  ['get', 'null'],
  ['set', 'undefined', undefined],
  ['get', 'undefined'],
  ['set', 'bigint', 2n ** 70n],
  ['get', 'bigint'],
  ['set', 'object', { a: 1 }],
  ['get', 'object'],
  ['set', 'date', new Date(0)],
  ['get', 'date'],
  ['set', 'unicode', 'héllo € 🔒 \u0000'],
  ['get', 'unicode'],
  ['strlen', 'unicode'],
  ['set', 'ключ', 'значение'],
  ['keys', 'к*'],
  ['set', 'bytes', Buffer.from([0, 1, 127, 128, 200, 255, 0xe2, 0x82])],
  ['strlen', 'bytes'],
  ['get', 'bytes'],
  ['mset', { a: 1, b: 'two' }],
  ['mset', new Map([['c', 3]])],
  ['mset', 'd', '4', 'e', '5'],
  ['mset', ['f', '6']],
  ['msetnx', { a: 1, z: 1 }],
  ['mget', 'a', 'b', 'c', 'd', 'e', 'f', 'z'],
  ['mget', ['a', 'b']],
  ['exists', 'a', 'b', 'z'],
  ['del', ['a', 'b'], 'z'],
  ['unlink', 'c'],
  ['type', 'd'],
  ['hset', 'h', { f1: 'v1', f2: 2 }],
  ['hset', 'h', 'f3', 'v3', 'f4', 'v4'],
  ['hset', 'h', new Map([['f5', 'v5']])],
  ['hmset', 'h', { f6: '6' }],
  ['hset', 'h', ['f7', '7']],
  ['hget', 'h', 'f1'],
  ['hget', 'h', 'none'],
  ['hgetall', 'h'],
  ['hgetall', 'none'],
  ['hset', 'odd', '__proto__', 'p', 'constructor', 'c', 'toString', 't', '', 'empty', '1', 'one'],
  ['hgetall', 'odd'],
  ['hmget', 'h', 'f1', 'none'],
  ['hincrby', 'h', 'f2', 5],
  ['hlen', 'h'],
  ['hkeys', 'h'],
  ['hvals', 'h'],
  ['hdel', 'h', 'f1', 'none'],
  ['hexists', 'h', 'f2'],
  ['hgetall', 'k'],
  ['rpush', 'l', 'a', 'b', 'c'],
  ['lpush', 'l', ['x', 'y']],
  ['lrange', 'l', 0, -1],
  ['lpop', 'l'],
  ['rpop', 'l', 2],
  ['lpop', 'none'],
  ['lpop', 'none', 2],
  ['llen', 'l'],
  ['lindex', 'l', 0],
  ['blpop', 'l', 1],
  ['blpop', 'none', 0.01],
  ['sadd', 's', 'a', 'b'],
  ['smembers', 's'],
  ['sismember', 's', 'a'],
  ['srem', 's', 'a', 'x'],
  ['scard', 's'],
  ['smembers', 'none'],
  ['zadd', 'z', 1, 'one', '2.5', 'two', 'inf', 'many'],
  ['zadd', 'z', 'INCR', 2, 'one'],
  ['zscore', 'z', 'one'],
  ['zscore', 'z', 'none'],
  ['zrange', 'z', 0, -1, 'WITHSCORES'],
  ['zrangebyscore', 'z', '-inf', '(3'],
  ['zrank', 'z', 'two'],
  ['zrank', 'z', 'none'],
  ['zremrangebyscore', 'z', 0, 5],
  ['zcard', 'z'],
  ['scan', 0, 'COUNT', 1000, 'MATCH', 'h*'],
  ['eval', 'return {KEYS[1], ARGV[1], 1, 2.9, false, true, {1, {2}}}', 1, 'k', 'a'],
  ['eval', "return redis.call('GET', KEYS[1])", 1, 'none'],
  ['eval', "return redis.status_reply('FINE')", 0],
  ['eval', "return redis.error_reply('ERR mine')", 0],
  ['eval', "return redis.call('INCR', KEYS[1])", 1, 'lock'],
  ['eval', 'return this is no lua', 0],
  ['eval', "return redis.pcall('NOPE')", 0],
  ['eval', 'return ARGV[1]', 0, 'üñí'],
  ['eval', 'return ARGV', 0, 1, 2.5, true, null],
  ['evalsha', 'ffffffffffffffffffffffffffffffffffffffff', 0],
  ['script', 'LOAD', 'return 7'],
  ['script', 'EXISTS', 'ffffffffffffffffffffffffffffffffffffffff'],
  ['lpush', 'k', 'x'],
  ['get'],
  ['set', 'k'],
  ['set', 'k', 'v', 'PX', 'soon'],
  ['set', 'k', 'v', 'PX', 0],
  ['call', 'GET', 'k'],
  ['call', 'get', 'k'],
  ['call', 'NO-SUCH', 'x'],
  ['call', 'HGETALL', 'odd'],
  ['call', 'hgetall', 'odd'],
  ['call', 'CONFIG', 'GET', 'maxmemory'],
  ['ping'],
  ['ping', 'hello'],
  ['echo', ''],
  ['select', 1],
  ['dbsize'],
  ['select', 99],
  ['publish', 'nobody', 'x'],
  ['watch', 'k'],
  ['unwatch'],
  ['wait', 0, 1],
  ['time'],
  ['object', 'ENCODING', 'k'],
  ['flushall'],
]

describe('the direct client answers like ioredis', () => {
  it('call by call', async () => {
    const program = async ({ connect, say }: Table): Promise<void> => {
      const redis = connect()
      for (const [method, ...args] of CALLS) {
        const call = redis[method] as (...args: unknown[]) => Promise<unknown>
        // The two clients take a different time to connect: TIME tells that they have.
        const result = method === 'time' ? 'the time' : await refused(call.apply(redis, args))
        say(method, ...args.map((arg) => (Buffer.isBuffer(arg) ? 'bytes' : String(arg))), result)
      }
    }
    const expected = await withIoredis(program)
    expect(expected).toHaveLength(CALLS.length)
    expect(await withDirect(program)).toEqual(expected)
  })

  const PROGRAMS: Record<string, (table: Table) => Promise<void>> = {
    async 'in pipelines'({ connect, say }) {
      const redis = connect()
      await redis.set('text', 'x')
      say(await redis.pipeline().set('a', 1).incr('a').incr('text').hset('h', { f: 1 }).hgetall('h').exec())
      say(await redis.pipeline().exec())
      say(await redis.pipeline().call('GET', 'a').get('none').exec())
      say(await redis.pipeline().eval('return {ARGV[1]}', 0, 'x').call('NO-SUCH').get('a').exec())
    },
    async 'in transactions'({ connect, say }) {
      const [redis, other] = [connect(), connect()]
      say(await redis.multi().set('a', 1).incr('a').hset('h', { f: 1 }).hgetall('h').get('none').exec())
      say(await redis.multi().set('a', 'x').incr('a').set('after', 'the error').exec(), await redis.get('after'))
      say(await refused(redis.multi().call('NO-SUCH').set('never', 1).exec()), await redis.get('never'))
      say(await redis.multi().exec())
      await redis.watch('a')
      await other.set('a', 'changed')
      say(await redis.multi().set('a', 'mine').exec(), await redis.get('a'))
      await redis.watch('a')
      say(await redis.multi().set('a', 'mine').exec(), await redis.get('a'))
    },
    async 'in scripts of its own'({ connect, say }) {
      const redis = connect()
      redis.defineCommand('add', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" })
      redis.defineCommand('describe', { lua: 'return {#KEYS, #ARGV, KEYS[1], ARGV[1]}' })
      redis.defineCommand('fail', { numberOfKeys: 0, lua: "return redis.error_reply('OOPS no')" })
      const own = redis as unknown as Record<'add' | 'describe' | 'fail', (...args: unknown[]) => Promise<unknown>>
      say(
        await own.add('n', 2),
        await own.add('n', 3),
        await own.describe(1, 'k', 'ä'),
        await own.describe(0, 'x', 'y'),
      )
      say(await refused(own.fail()))
      await redis.script('FLUSH')
      say(await own.add('n', 1))
    },
    async 'when it subscribes'({ connect, say, sleep }) {
      const [subscriber, redis] = [connect(), connect()]
      for (const event of ['message', 'pmessage'])
        subscriber.on(event as 'message', (...args: string[]) => say(event, ...args))
      say(
        await subscriber.subscribe('news', 'more'),
        await subscriber.subscribe('news'),
        await subscriber.psubscribe('n*'),
      )
      for (const [channel, text] of [
        ['news', 'héllo'],
        ['more', ''],
        ['nobody', '1'],
        ['none', 'x'],
      ] as const) {
        const count = await redis.publish(channel, text)
        await sleep(1)
        say(count)
      }
      say(await subscriber.unsubscribe('more', 'never'), await subscriber.punsubscribe('n*'))
      say(await subscriber.unsubscribe(), await subscriber.get('k'), await redis.publish('news', 'x'))
      say(await subscriber.set('k', 'v'), await subscriber.lrange('none', 0, -1))
    },
    async 'when nobody listens to its messages'({ connect, say, sleep }) {
      const [subscriber, redis] = [connect(), connect()]
      await subscriber.subscribe('news')
      await redis.publish('news', 'unheard')
      await sleep(1)
      say(await subscriber.unsubscribe('news'), await subscriber.get('k'))
    },
    async 'when a list looks like a message'({ connect, say }) {
      const redis = connect()
      redis.on('message', (...args: string[]) => say('never', ...args))
      await redis.rpush('list', 'message', 'news', 'text')
      say(await redis.lrange('list', 0, -1), await redis.get('k'))
    },
    async 'with large values'({ connect, say }) {
      const redis = connect()
      const bytes = Buffer.alloc(200_000, 0xc3)
      say(await redis.set('large', bytes), await redis.strlen('large'))
      const text = 'ä'.repeat(200_000)
      say(await redis.set('large', text), (await redis.get('large')) === text)
    },
    async duplicated({ connect, say }) {
      const redis = connect()
      await redis.set('k', 'v')
      const copy = redis.duplicate()
      say(await copy.get('k'))
    },
    async 'after it has quit'({ connect, say }) {
      const redis = connect()
      await redis.set('k', 'v')
      const last = redis.get('k')
      say(await redis.quit(), await last, await refused(redis.get('k')))
    },
    async 'after it was disconnected'({ connect, say, sleep }) {
      const redis = connect()
      await redis.set('k', 'v')
      redis.disconnect()
      await sleep(10)
      say(await refused(redis.get('k')))
    },
  }

  it.each(Object.keys(PROGRAMS))('%s', async (name) => {
    const program = PROGRAMS[name] as (table: Table) => Promise<void>
    const expected = await withIoredis(program)
    expect(expected.length).toBeGreaterThan(0)
    expect(await withDirect(program)).toEqual(expected)
  })
})

describe('the direct client by itself', () => {
  it('says of an error that nothing was applied', async () => {
    const said = await direct(async ({ open }, say) => {
      const redis = open() as unknown as Client
      await redis.set('k', 'text')
      const error = (await refused(redis.incr('k'))) as ReplyError
      say(error instanceof ReplyError, error.definite)
    })
    expect(said).toEqual([[true, true]])
  })

  it('rejects what was in flight when the connection is cut, and opens a new one for the next command', async () => {
    const said = await direct(async ({ open, network, client }, say) => {
      const redis = open() as unknown as Client
      await redis.ping()
      const inFlight = [redis.set('a', '1'), redis.set('b', '2')].map(refused)
      for (const endpoint of network.endpointsOf(client)) network.reset(endpoint)
      const errors = (await Promise.all(inFlight)) as { definite?: boolean }[]
      say(...errors, ...errors.map(({ definite }) => definite))
      say(await redis.get('a'), await redis.set('a', '3'), await redis.get('a'))
    })
    const lost = 'ConnectionError: connection lost (ECONNRESET) before the reply: the request may have been applied'
    expect(said).toEqual([
      [lost, lost, false, false],
      [null, 'OK', '3'],
    ])
  })

  it('knows that what it never sent was not applied', async () => {
    const said = await direct(async ({ open, network }, say) => {
      network.setRefusing('redis-1', true)
      const redis = open() as unknown as Client
      const error = (await refused(redis.set('k', 'v'))) as { definite?: boolean }
      say(error, error.definite)
      network.setRefusing('redis-1', false)
      say(await redis.get('k'))
    })
    expect(said).toEqual([['ConnectionError: connect ECONNREFUSED', true], [null]])
  })

  it('sends nothing twice: a lost reply is executed once', async () => {
    const said = await direct(async ({ open, network }, say) => {
      const redis = open() as unknown as Client
      await redis.ping()
      let isCutting = true
      network.hooks = {
        beforeSend: ({ role }) => {
          if (role !== 'server' || !isCutting) return PASS
          isCutting = false
          return CUT
        },
        beforeDelivery: () => 'now',
      }
      say(await refused(redis.incr('n')), await redis.get('n'))
    })
    expect(said).toEqual([
      ['ConnectionError: connection lost (ECONNRESET) before the reply: the request may have been applied', '1'],
    ])
  })

  it('hears that its server was killed, and finds it again after its restart', async () => {
    const said = await direct(async ({ open, node, world }, say) => {
      const redis = open() as unknown as Client
      await redis.set('k', 'v')
      const blocked = refused(redis.blpop('list', 0))
      world.schedule(world.nowUs + 1000, null, 'timer', () => node.crash())
      world.schedule(world.nowUs + 5000, null, 'timer', () => node.restart())
      say(await blocked)
      say(await refused(redis.get('k')))
      await sleep(10)
      say(await redis.get('k'))
    })
    expect(said).toEqual([
      ['ConnectionError: connection lost (ECONNRESET) before the reply: the request may have been applied'],
      ['ConnectionError: connect ECONNREFUSED'],
      ['v'],
    ])
  })

  it('loses its subscriptions with its connection', async () => {
    const said = await direct(async ({ open, network, client }, say) => {
      const [subscriber, redis] = [open() as unknown as Client, open() as unknown as Client]
      subscriber.on('message', (...args: string[]) => say('heard', ...args))
      say(await subscriber.subscribe('a', 'b'))
      for (const endpoint of network.endpointsOf(client)) network.reset(endpoint)
      await sleep(5)
      say(await redis.publish('a', 'x'), await subscriber.get('k'), await subscriber.subscribe('c'))
      say(await subscriber.unsubscribe(), await subscriber.get('k'))
    })
    expect(said).toEqual([[2], [0, null, 1], [0, null]])
  })

  it('opens its connection when it is told to, or used', async () => {
    const said = await direct(async ({ open, network, node }, say) => {
      const redis = open()
      say(network.endpointsOf(node).length)
      await redis.connect()
      await redis.connect()
      say(network.endpointsOf(node).length, redis.status)
      redis.disconnect()
      say(redis.status, await refused(redis.call('ping')))
    })
    expect(said).toEqual([[0], [1, 'ready'], ['end', 'Error: Connection is closed.']])
  })
})
