/** `lockstorm serve` through the built binary, and the clients that must not notice what it is. */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Redis } from 'ioredis'
import { createClient, createCluster, createSentinel } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaveOut } from '../left-out.ts'
import { build, lockstorm } from './binary.ts'
import { exchange, type Served, serve } from './served.ts'

let server: Served
beforeAll(async () => {
  await build()
  server = await serve()
}, 60_000)
afterAll(async () => {
  await server?.end('SIGKILL')
})

describe('serve', () => {
  it('tells where it is', () => {
    const { process: _process, end: _end, ...told } = server
    expect(told).toEqual({
      url: `redis://127.0.0.1:${server.port}`,
      host: '127.0.0.1',
      port: server.port,
      version: '7.0.15',
      clock: 'real',
    })
  })

  it('answers redis-cli', (context) => {
    const cli = (...args: string[]) =>
      spawnSync('redis-cli', ['-p', String(server.port), ...args], { encoding: 'utf8' })
    const found = cli('ping')
    if (found.error !== undefined) leaveOut(context, 'redis-cli', found.error.message)
    expect(found.stdout).toBe('PONG\n')
    expect(cli('set', 'k', 'v', 'px', '60000').stdout).toBe('OK\n')
    expect(cli('eval', "return redis.call('get', KEYS[1])", '1', 'k').stdout).toBe('v\n')
    expect(cli('-3', 'hgetall', 'none').stdout).toBe('\n')
    expect(cli('info', 'server').stdout).toContain(`tcp_port:${server.port}\r\n`)
  })

  it('answers ioredis: pipelines, transactions, scripts, subscriptions, blocked reads', async () => {
    const redis = new Redis(server.url)
    const other = redis.duplicate()
    expect(await redis.pipeline().set('a', '1').incr('a').get('a').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
    ])
    expect(await redis.multi().lpush('l', 'x').llen('l').exec()).toEqual([
      [null, 1],
      [null, 1],
    ])
    redis.defineCommand('same', { numberOfKeys: 1, lua: 'return {KEYS[1], ARGV[1]}' })
    expect(await (redis as unknown as { same(...args: string[]): Promise<unknown> }).same('k', 'ä')).toEqual(['k', 'ä'])
    const message = new Promise((resolve) => other.on('message', (_channel, text) => resolve(text)))
    await other.subscribe('news')
    expect(await redis.publish('news', 'now')).toBe(1)
    expect(await message).toBe('now')
    const waiting = redis.duplicate()
    const popped = waiting.blpop('queue', 5)
    await redis.rpush('queue', 'item')
    expect(await popped).toEqual(['queue', 'item'])
    for (const each of [redis, other, waiting]) each.disconnect()
  })

  it('answers node-redis in both protocols', async () => {
    for (const RESP of [2, 3] as const) {
      const client = createClient({ url: server.url, RESP })
      await client.connect()
      await client.hSet('hash', { f: 'v' })
      expect({ ...(await client.hGetAll('hash')) }).toEqual({ f: 'v' })
      expect(await client.set('n', 'v', { condition: 'NX', expiration: { type: 'PX', value: 60_000 } })).toBe('OK')
      expect(await client.set('n', 'v', { condition: 'NX' })).toBe(null)
      await client.del(['hash', 'n'])
      await client.close()
    }
  })

  it('tells the cache of node-redis which keys have changed', async () => {
    const cached = createClient({ url: server.url, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 10 } })
    const other = createClient({ url: server.url })
    await Promise.all([cached.connect(), other.connect()])
    await other.set('cached', 'old')
    expect(await cached.get('cached')).toBe('old')
    const info = await other.info('clients')
    expect(info).toContain('tracking_clients:1')
    await other.set('cached', 'new')
    await expect.poll(() => cached.get('cached')).toBe('new')
    await Promise.all([cached.close(), other.close()])
  })

  it('answers bytes that no client wrote', async () => {
    expect(await exchange(server.port, 'PING\r\n', 7)).toBe('+PONG\r\n')
    expect(await exchange(server.port, '*1\r\n$4\r\nPING\r\n'.repeat(1000), 7000)).toBe('+PONG\r\n'.repeat(1000))
    expect(await exchange(server.port, '*1\r\n+x\r\n', 1000)).toBe("-ERR Protocol error: expected '$', got '+'\r\n")
    const large = 'x'.repeat(1 << 20)
    const answer = await exchange(
      server.port,
      `*2\r\n$4\r\nECHO\r\n$${large.length}\r\n${large}\r\n`,
      large.length + 12,
    )
    expect(answer).toBe(`$${large.length}\r\n${large}\r\n`)
  })

  it('lets real time pass: keys end, waiting clients too', async () => {
    const redis = new Redis(server.url)
    await redis.set('short', 'v', 'PX', 30)
    const before = Date.now()
    expect(await redis.blpop('nothing', 0.1)).toBe(null)
    expect(Date.now() - before).toBeGreaterThanOrEqual(99)
    expect(await redis.get('short')).toBe(null)
    const [seconds] = (await redis.time()) as unknown as [string]
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(2)
    redis.disconnect()
  })

  it('cannot be reached at another address of this machine', async (context) => {
    const other = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const address = other.find(({ internal, family }) => !internal && family === 'IPv4')?.address
    if (address === undefined) return leaveOut(context, 'a network')
    const redis = new Redis({ host: address, port: server.port, lazyConnect: true, retryStrategy: () => null })
    redis.on('error', () => {})
    await expect(redis.connect()).rejects.toThrow()
  })

  it('says that the port is taken, with exit code 69', () => {
    const { code, stdout, stderr } = lockstorm(['serve', '--port', String(server.port)])
    expect({ code, stdout, stderr }).toEqual({
      code: 69,
      stdout: '',
      stderr: `serve: port ${server.port} is taken: stop what listens there, or say --port 0 for a free one\n`,
    })
  })

  it.each([
    [['--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
    [['--clock', 'manuel'], '--clock: expected real, manual, got "manuel" (did you mean "manual"?)'],
    [['--redis-version', '8.5'], '--redis-version: expected 7.0, 7.4, 8.0, 8.4, valkey-8.1, valkey-9.0, got "8.5"'],
    [['--set', 'maxmemory'], '--set: expected NAME=VALUE, got "maxmemory"'],
    [['--set', 'maxmemry=1'], "--set: unknown parameter 'maxmemry'"],
    [['--set', 'maxmemory=much'], '--set: maxmemory: argument must be a memory value'],
  ])('refuses %j with exit code 64', (args, words) => {
    const { code, stdout, stderr } = lockstorm(['serve', ...args])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
  })
})

describe('a newer version', () => {
  it('has its commands, and says so', async () => {
    const newer = await serve('--redis-version', '8.4')
    expect(newer.version).toBe('8.4.0')
    const redis = new Redis(newer.url)
    await redis.set('lock', 'mine')
    expect(await redis.call('DELEX', 'lock', 'IFEQ', 'other')).toBe(0)
    expect(await redis.call('DELEX', 'lock', 'IFEQ', 'mine')).toBe(1)
    expect(await redis.info('server')).toContain('redis_version:8.4.0')
    redis.disconnect()
    await newer.end('SIGKILL')
  })
})

describe('a clock that a command moves', () => {
  it('stands still until then', async () => {
    const manual = await serve('--clock', 'manual')
    const redis = new Redis(manual.url)
    const other = redis.duplicate()
    await redis.set('k', 'v', 'PX', 500)
    const popped = other.blpop('nothing', 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await redis.pttl('k')).toBe(500)
    expect(await redis.call('DEBUG', 'CLOCK', 'ADVANCE', '500')).toBe('OK')
    expect(await redis.get('k')).toBe('v')
    await redis.call('DEBUG', 'CLOCK', 'ADVANCE', '1')
    expect(await redis.get('k')).toBe(null)
    await redis.call('DEBUG', 'CLOCK', 'ADVANCE', '500')
    expect(await popped).toBe(null)
    await expect(redis.call('DEBUG', 'SLEEP', '0')).rejects.toThrow('DEBUG command not allowed')
    await expect(redis.call('DEBUG', 'CLOCK', 'ADVANCE', 'x')).rejects.toThrow('not an integer')
    for (const each of [redis, other]) each.disconnect()
    expect(await manual.end('SIGTERM')).toBe(143)
  })

  it('is not there where time is real', async () => {
    const redis = new Redis(server.url)
    await expect(redis.call('DEBUG', 'CLOCK', 'ADVANCE', '1')).rejects.toThrow('DEBUG command not allowed')
    redis.disconnect()
  })
})

describe('several servers', () => {
  it('are not one: what follows another primary takes nothing over from the last', async () => {
    const args = ['--set', 'repl-diskless-sync-delay=0']
    const served = await Promise.all([serve(...args), serve(...args), serve(...args)])
    const [one, two, replica] = served.map(({ port }) => new Redis(port)) as [Redis, Redis, Redis]
    await one.set('of-one', '1')
    await replica.replicaof('127.0.0.1', served[0]!.port)
    await expect.poll(() => replica.keys('*'), { timeout: 20_000 }).toEqual(['of-one'])
    // The other primary has a stream, too, which goes on beyond where the replica has come with the first one.
    await one.replicaof('127.0.0.1', served[1]!.port)
    await expect.poll(async () => (await one.role())[3], { timeout: 20_000 }).toBe('connected')
    await two.set('of-two', 'longer'.repeat(100))
    await replica.replicaof('127.0.0.1', served[1]!.port)
    await expect.poll(() => replica.keys('of-two'), { timeout: 20_000 }).toEqual(['of-two'])
    expect(await replica.keys('*')).toEqual(['of-two'])
    for (const redis of [one, two, replica]) redis.disconnect()
    for (const each of served) await each.end('SIGKILL')
  }, 60_000)
})

describe('with Sentinels', () => {
  it('ioredis and node-redis find the primary, and the one that takes its place when it hangs', async () => {
    const told = await serve('--sentinel')
    const { name = '', replicas = [], sentinels: ports = [] } = told
    expect([replicas.length, ports.length, name]).toEqual([2, 3, 'mymaster'])
    const sentinels = ports.map((port) => ({ host: '127.0.0.1', port }))
    const redis = new Redis({ sentinels, name })
    const other = createSentinel({ name, sentinelRootNodes: sentinels })
    other.on('error', () => {})
    await other.connect()
    expect(await redis.set('k', 'v')).toBe('OK')
    expect(await other.get('k')).toBe('v')
    expect((await redis.role())[0]).toBe('master')
    const direct = new Redis(told.url)
    for (const port of ports) {
      const each = new Redis(port)
      await each.call('SENTINEL', 'SET', name, 'down-after-milliseconds', '300')
      each.disconnect()
    }
    await direct.client('PAUSE', 20_000)
    const former = told.port
    await expect
      .poll(
        async () => {
          const asked = new Redis(ports[0] as number)
          const [, port] = (await asked.call('SENTINEL', 'get-master-addr-by-name', name)) as [string, string]
          asked.disconnect()
          return Number(port)
        },
        { timeout: 10_000 },
      )
      .not.toBe(former)
    const moved = new Redis({ sentinels, name })
    expect(await moved.get('k')).toBe('v')
    expect(await moved.set('k', 'after')).toBe('OK')
    await expect.poll(() => other.get('k'), { timeout: 10_000 }).toBe('after')
    for (const each of [redis, direct, moved]) each.disconnect()
    other.destroy()
    expect(await told.end('SIGINT')).toBe(130)
  }, 30_000)

  it('have one password for all: with it ioredis and node-redis are let in, also after a failover, and without it refused', async () => {
    const password = 'secret'
    const told = await serve('--sentinel', '--set', `requirepass=${password}`)
    const { name = '', sentinels: ports = [] } = told
    const sentinels = ports.map((port) => ({ host: '127.0.0.1', port }))
    const refused = new Redis({
      sentinels,
      name,
      password,
      sentinelRetryStrategy: () => null,
      retryStrategy: () => null,
    })
    const reasons: string[] = []
    refused.on('error', (error) => reasons.push(error.message))
    await expect(refused.ping()).rejects.toThrow()
    refused.disconnect()
    expect(reasons.join()).toContain('NOAUTH')
    const half = new Redis({ sentinels, name, sentinelPassword: password })
    half.on('error', () => {})
    await expect(half.set('k', 'v')).rejects.toThrow('NOAUTH')
    half.disconnect()
    const open = () => new Redis({ sentinels, name, password, sentinelPassword: password })
    const redis = open()
    const other = createSentinel({
      ...{ name, sentinelRootNodes: sentinels },
      ...{ nodeClientOptions: { password }, sentinelClientOptions: { password } },
    })
    other.on('error', () => {})
    await other.connect()
    expect(await redis.set('k', 'v')).toBe('OK')
    expect(await other.get('k')).toBe('v')
    const direct = new Redis(ports[0] as number, { password })
    const primaryPort = async () =>
      Number(((await direct.call('SENTINEL', 'get-master-addr-by-name', name)) as string[])[1])
    const former = await primaryPort()
    await expect
      .poll(() => direct.call('SENTINEL', 'FAILOVER', name).catch((error) => error.message), { timeout: 20_000 })
      .toBe('OK')
    await expect.poll(primaryPort, { timeout: 20_000 }).not.toBe(former)
    const moved = open()
    await expect.poll(() => moved.set('k', 'after').catch(() => null), { timeout: 20_000 }).toBe('OK')
    await expect.poll(() => other.get('k').catch(() => null), { timeout: 20_000 }).toBe('after')
    // The former primary follows, and logs in for that.
    const demoted = new Redis(former, { password })
    await expect.poll(async () => (await demoted.role())[3], { timeout: 20_000 }).toBe('connected')
    for (const each of [redis, direct, moved, demoted]) each.disconnect()
    other.destroy()
    expect(await told.end('SIGINT')).toBe(130)
  }, 60_000)

  it('want real time', () => {
    const { code, stderr } = lockstorm(['serve', '--sentinel', '--clock', 'manual'])
    expect(code).toBe(64)
    expect(stderr).toContain('--sentinel')
  })
})

describe('as a Cluster', () => {
  it('ioredis and node-redis find the owner of a key, and the replica that takes its place', async () => {
    const told = await serve('--cluster', '--set', 'cluster-node-timeout=500')
    const { nodes = [] } = told
    expect(nodes).toHaveLength(6)
    const cluster = new Redis.Cluster(nodes.map((port) => ({ host: '127.0.0.1', port })))
    const other = createCluster({ rootNodes: nodes.map((port) => ({ socket: { host: '127.0.0.1', port } })) })
    other.on('error', () => {})
    await other.connect()
    // `b` is in slot 3300, of the first node.
    expect(await cluster.set('b', 'v')).toBe('OK')
    expect(await other.get('b')).toBe('v')
    await expect(cluster.mget('b', 'hello')).rejects.toThrow('CROSSSLOT')
    const first = new Redis(nodes[0] as number)
    first.on('error', () => {})
    cluster.on('error', () => {})
    expect(await first.call('CLUSTER', 'INFO')).toContain('cluster_state:ok')
    await first.shutdown('NOSAVE').catch(() => {})
    first.disconnect()
    await expect.poll(() => cluster.get('b').catch(() => null), { timeout: 20_000 }).toBe('v')
    const heir = new Redis(nodes[3] as number)
    expect((await heir.role())[0]).toBe('master')
    for (const each of [cluster, heir]) each.disconnect()
    other.destroy()
    expect(await told.end('SIGINT')).toBe(130)
  }, 30_000)

  it('is made anew of nodes that forget who they are', async () => {
    const told = await serve('--cluster')
    const nodes = (told.nodes ?? []).map((port) => new Redis(port))
    for (const node of nodes) await node.call('CLUSTER', 'RESET', 'HARD')
    const ids = await Promise.all(nodes.map((node) => node.call('CLUSTER', 'MYID')))
    expect(new Set(ids).size).toBe(6)
    const [first, second, replica] = nodes as [Redis, Redis, Redis]
    await first.call('CLUSTER', 'ADDSLOTSRANGE', 0, 8191)
    await second.call('CLUSTER', 'ADDSLOTSRANGE', 8192, 16_383)
    for (const node of [second, replica]) await node.call('CLUSTER', 'MEET', '127.0.0.1', told.port)
    const state = (node: Redis) => node.call('CLUSTER', 'INFO')
    await expect.poll(() => state(replica), { timeout: 20_000 }).toContain('cluster_known_nodes:3')
    await replica.call('CLUSTER', 'REPLICATE', ids[0] as string)
    await expect.poll(() => state(replica), { timeout: 20_000 }).toContain('cluster_state:ok')
    await expect.poll(() => state(second), { timeout: 20_000 }).toContain('cluster_state:ok')
    // `hello` is in slot 866.
    await expect(second.set('hello', 'v')).rejects.toThrow(`MOVED 866 127.0.0.1:${told.port}`)
    for (const node of nodes) node.disconnect()
    expect(await told.end('SIGINT')).toBe(130)
  }, 60_000)

  it('has one password for all: its replicas log in', async () => {
    const password = 'secret'
    const told = await serve('--cluster', '--set', `requirepass=${password}`)
    const { nodes = [] } = told
    const cluster = new Redis.Cluster(
      nodes.map((port) => ({ host: '127.0.0.1', port })),
      { redisOptions: { password } },
    )
    expect(await cluster.set('b', 'v')).toBe('OK')
    const replica = new Redis(nodes[3] as number, { password, readOnly: true })
    await expect.poll(() => replica.get('b'), { timeout: 20_000 }).toBe('v')
    const stranger = new Redis(nodes[0] as number)
    stranger.on('error', () => {})
    await expect(stranger.get('b')).rejects.toThrow('NOAUTH')
    for (const each of [cluster, replica, stranger]) each.disconnect()
    expect(await told.end('SIGINT')).toBe(130)
  }, 60_000)

  it('has ports above which there is room for those of a bus', () => {
    const { code, stderr } = lockstorm(['serve', '--cluster', '--port', '55531'])
    expect(code).toBe(64)
    expect(stderr).toContain('take 55530 or less')
  })

  it('wants real time and no Sentinels', () => {
    for (const args of [['--clock', 'manual'], ['--sentinel']]) {
      const { code, stderr } = lockstorm(['serve', '--cluster', ...args])
      expect(code).toBe(64)
      expect(stderr).toContain('--cluster')
    }
  })
})

describe('the end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('comes at once with %s, whatever clients do', async (signal, code) => {
    const served = await serve('--set', 'enable-debug-command=yes')
    const redis = new Redis(served.url, { retryStrategy: () => null })
    redis.on('error', () => {})
    const waiting = redis.blpop('nothing', 0).catch(() => 'cut off')
    await redis.duplicate({ lazyConnect: false }).ping()
    expect(await served.end(signal)).toBe(code)
    expect(await waiting).toBe('cut off')
  })

  it('comes with SHUTDOWN, and is no failure', async () => {
    const served = await serve('--set', 'requirepass=secret')
    expect(await exchange(served.port, 'PING\r\n', 34)).toBe('-NOAUTH Authentication required.\r\n')
    await exchange(served.port, 'AUTH secret\r\nSHUTDOWN NOSAVE\r\n', 1000)
    expect(await served.end()).toBe(0)
  })

  it('leaves the port free', async () => {
    const served = await serve()
    expect(await served.end('SIGINT')).toBe(130)
    const again = createServer()
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject)
      again.listen(served.port, '127.0.0.1', resolve)
    })
    again.close()
  })
})
