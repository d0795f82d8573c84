/**
 * The in-memory Redis in replication with real servers, in both directions, and beside a pair of real ones.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../../src/redis/config.ts'
import { ServedRedis } from '../../../src/server/node/served-redis.ts'
import { RealRedis } from '../real-redis.ts'
import { NodeClient } from './node-client.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-pair-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Each with a file of its own: a replica keeps the snapshot that it was sent. */
const quick = (file: string): readonly string[] => [
  ...['--repl-diskless-sync-delay', '0', '--hz', '100', '--dir', folder, '--dbfilename', file],
]

async function served(...pairs: (readonly [string, string])[]): Promise<ServedRedis> {
  const configuration = readConfiguration([['repl-diskless-sync-delay', '0'], ...pairs])
  if (typeof configuration === 'string') throw new Error(configuration)
  return ServedRedis.start({ port: 0, clock: 'real', version: '7.0', configuration, seed: 'pair' })
}

/** Data of every type, with and without deadlines, in two databases. */
const FILL: readonly (readonly string[])[] = [
  ['SET', 'string', 'v'],
  ['SET', 'ends', 'v', 'PX', '600000'],
  ['SET', 'number', '12345'],
  ['SET', 'long', 'x'.repeat(200)],
  ['RPUSH', 'list', 'a', 'b', '3'],
  ['SADD', 'numbers', '1', '2', '300000'],
  ['SADD', 'set', 'a', 'b', 'c'],
  ['HSET', 'hash', 'f', 'v', 'g', '5'],
  ['ZADD', 'zset', '1.5', 'a', '2', 'b'],
  ['XADD', 'stream', '1-1', 'f', 'v'],
  ['XGROUP', 'CREATE', 'stream', 'g', '0'],
  ['PFADD', 'log', 'a', 'b', 'c'],
  ['SELECT', '5'],
  ['SET', 'elsewhere', 'v'],
  ['SELECT', '0'],
]
const CHANGE: readonly (readonly string[])[] = [
  ['INCR', 'number'],
  ['PEXPIRE', 'string', '900000'],
  ['LPOP', 'list'],
  ['SPOP', 'set'],
  ['EVAL', "redis.call('set', 'lua', '1') return redis.call('incr', 'lua')", '0'],
  ['MULTI'],
  ['SET', 'm', '1'],
  ['HINCRBYFLOAT', 'hash', 'g', '0.5'],
  ['EXEC'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>'],
  ['SET', 'short', 'v', 'PX', '20'],
]

async function all(client: NodeClient, commands: readonly (readonly string[])[]): Promise<void> {
  for (const args of commands) await client.ask(...args)
}

/** How each type is read; what has no order is sorted. */
const READS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  string: [['GET', '$']],
  list: [['LRANGE', '$', '0', '-1']],
  set: [['SMEMBERS', '$']],
  hash: [['HGETALL', '$']],
  zset: [['ZRANGE', '$', '0', '-1', 'WITHSCORES']],
  stream: [
    ['XRANGE', '$', '-', '+'],
    ['XPENDING', '$', 'g', '-', '+', '10'],
  ],
}

/** What a server holds. */
async function contents(client: NodeClient): Promise<unknown> {
  const values: unknown[] = []
  for (const key of ((await client.ask('KEYS', '*')) as string[]).sort()) {
    values.push(key, await client.ask('PEXPIRETIME', key))
    for (const args of READS[String(await client.ask('TYPE', key))] ?? []) {
      const value = await client.ask(...args.map((arg) => (arg === '$' ? key : arg)))
      if (args[0] === 'SMEMBERS') (value as string[]).sort()
      // How long a delivery has been idle is a matter of the moment.
      values.push(
        args[0] === 'XPENDING' ? (value as unknown[][]).map(([id, name, , count]) => [id, name, count]) : value,
      )
    }
  }
  return values
}

/** A busy machine needs longer for a snapshot than a quiet one. */
const TRIES_MAX = 2_000

/** Asks both until they say the same. */
async function untilSame(one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (JSON.stringify(await one()) === JSON.stringify(await other())) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await one()).toEqual(await other())
}

const offsetOf = async (client: NodeClient, name: string): Promise<string> =>
  new RegExp(`${name}:(\\d+)`).exec(String(await client.ask('INFO', 'replication')))?.[1] ?? `no ${name}`

/** The primary may say something (PING) between the two answers. */
const untilInStep = (primary: NodeClient, replica: NodeClient): Promise<void> =>
  untilSame(
    () => offsetOf(primary, 'master_repl_offset'),
    () => offsetOf(replica, 'slave_repl_offset'),
  )

const untilSameContents = (one: NodeClient, other: NodeClient): Promise<void> =>
  untilSame(
    () => contents(one),
    () => contents(other),
  )

describe('with a real redis-server', () => {
  let redis: RealRedis
  beforeAll(async () => {
    redis = await RealRedis.start(quick('follower.rdb'))
  })
  afterAll(() => redis.stop())

  it('is followed by it: snapshot, stream, offsets, WAIT', async () => {
    const server = await served()
    const [ours, theirs] = [await NodeClient.open(server.port), await NodeClient.open(redis.port)]
    await theirs.ask('REPLICAOF', 'NO', 'ONE')
    await all(ours, FILL)
    await theirs.ask('REPLICAOF', '127.0.0.1', String(server.port))
    await untilSameContents(ours, theirs)
    await all(ours, CHANGE)
    expect(await ours.ask('WAIT', '1', '5000')).toBe(1)
    await untilSameContents(ours, theirs)
    await untilInStep(ours, theirs)
    ours.close()
    theirs.close()
    server.close()
  })

  it('follows it: snapshot, stream, offsets, WAIT', async () => {
    const server = await served()
    const [ours, theirs] = [await NodeClient.open(server.port), await NodeClient.open(redis.port)]
    await theirs.ask('REPLICAOF', 'NO', 'ONE')
    await theirs.ask('FLUSHALL')
    await all(theirs, FILL)
    await ours.ask('REPLICAOF', '127.0.0.1', String(redis.port))
    await untilSameContents(theirs, ours)
    await all(theirs, CHANGE)
    expect(await theirs.ask('WAIT', '1', '5000')).toBe(1)
    await untilSameContents(theirs, ours)
    await untilInStep(theirs, ours)
    ours.close()
    theirs.close()
    server.close()
  })

  it('answers on a replica and on a primary as two real servers do', async () => {
    const real = [await RealRedis.start(quick('one.rdb')), await RealRedis.start(quick('two.rdb'))] as const
    const ours = [await served(), await served()] as const
    const [theirs, answers] = await Promise.all([
      answersOfPair(real[0].port, real[1].port),
      answersOfPair(ours[0].port, ours[1].port),
    ])
    expect(answers).toEqual(theirs)
    for (const server of ours) server.close()
    for (const server of real) await server.stop()
  })
})

/** What a pair answers, with ports and ids blanked. */
async function answersOfPair(primaryPort: number, replicaPort: number): Promise<readonly string[]> {
  const primary = await NodeClient.open(primaryPort)
  const replica = await NodeClient.open(replicaPort)
  const answers: string[] = []
  const asked = async (client: NodeClient, ...args: string[]): Promise<void> => {
    const reply = JSON.stringify(await client.ask(...args))
    answers.push(
      `${args.join(' ')} → ${reply}`
        .replaceAll(String(primaryPort), '<primary>')
        .replaceAll(String(replicaPort), '<replica>')
        .replace(/[0-9a-f]{40}/g, '<id>')
        .replace(/(offset|histlen|seconds_ago)(["=:]+)\d+/g, '$1$2<n>')
        .replace(/(",)\d{2,}(,\[|\])/g, '$1<n>$2')
        .replace(/"\d{2,}"\]/g, '<n>]')
        .replace(/lag=\d+/, 'lag=<n>')
        .replace(/"id",\d+/, '"id",<n>'),
    )
  }
  await primary.ask('REPLICAOF', 'NO', 'ONE')
  await primary.ask('FLUSHALL')
  await primary.ask('CONFIG', 'SET', 'min-replicas-to-write', '0')
  await asked(replica, 'REPLICAOF', 'NO', 'ONE')
  await asked(replica, 'REPLICAOF', '127.0.0.1', 'x')
  await asked(replica, 'REPLICAOF', '127.0.0.1', String(primaryPort))
  await asked(replica, 'REPLICAOF', '127.0.0.1', String(primaryPort))
  for (;;) {
    if (String(await replica.ask('INFO', 'replication')).includes('master_link_status:up')) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await asked(primary, 'SET', 'k', 'v')
  await asked(primary, 'WAIT', '1', '5000')
  await asked(primary, 'ROLE')
  await asked(primary, 'INFO', 'replication')
  await asked(replica, 'ROLE')
  await asked(replica, 'INFO', 'replication')
  for (const args of [
    ['SET', 'k', 'w'],
    ['DEL', 'missing'],
    ['EXPIRE', 'k', '10'],
    ['BLPOP', 'l', '0'],
    ['FLUSHALL'],
    ['PFCOUNT', 'k2'],
    ['PUBLISH', 'c', 'm'],
    ['GET', 'k'],
    ['WAIT', '1', '10'],
    ['MULTI'],
    ['SET', 'k', 'w'],
    ['EXEC'],
    ['EVAL', "return redis.call('set', 'k', 'w')", '0'],
    ['EVAL', "return redis.pcall('set', 'k', 'w')", '0'],
    ['EVAL', "return redis.call('get', 'k')", '0'],
    ['EVAL', "#!lua\nreturn redis.call('get', 'k')", '0'],
    ['EVAL', "#!lua flags=no-writes\nreturn redis.call('get', 'k')", '0'],
    ['REPLCONF', 'foo', 'bar'],
    ['CLIENT', 'KILL', 'TYPE', 'replica'],
    ['HELLO', '2'],
  ]) {
    await asked(replica, ...args)
  }
  // Without a link.
  await replica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
  await asked(replica, 'REPLICAOF', '127.0.0.1', '1')
  for (const args of [
    ['GET', 'k'],
    ['PING'],
    ['SET', 'k', 'v'],
    ['EVAL', "return redis.call('get', 'k')", '0'],
    ['EVAL', 'return 1', '0'],
    ['EVAL', '#!lua flags=no-writes\nreturn 1', '0'],
    ['MULTI'],
    ['EXEC'],
    ['SUBSCRIBE', 'c'],
    ['UNSUBSCRIBE', 'c'],
    ['PSYNC', '?', '-1'],
  ]) {
    await asked(replica, ...args)
  }
  await replica.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
  await asked(primary, 'CONFIG', 'SET', 'min-replicas-to-write', '1')
  for (const args of [
    ['SET', 'k', 'v'],
    ['DEL', 'missing'],
    ['GET', 'k'],
    ['PUBLISH', 'c', 'm'],
    ['EVAL', "return redis.call('set', 'k', 'w')", '0'],
    ['MULTI'],
    ['SET', 'k', 'v'],
    ['EXEC'],
    ['INFO', 'replication'],
  ]) {
    await asked(primary, ...args)
  }
  await primary.ask('CONFIG', 'SET', 'min-replicas-to-write', '0')
  await replica.ask('REPLICAOF', 'NO', 'ONE')
  await asked(replica, 'SET', 'k', 'mine')
  primary.close()
  replica.close()
  return answers
}

describe('passwords', () => {
  const PRIMARY = ['secret', 'other'] as const
  /** As Redis's documentation lists it. */
  const FOLLOWER = ['follower', 'on', `>${PRIMARY[1]}`, '+psync', '+replconf', '+ping']

  /** What the replica says of its link after each step. */
  async function steps(primary: NodeClient, primaryPort: number, replica: NodeClient): Promise<void> {
    const link = async (): Promise<string> =>
      /master_link_status:(\w+)/.exec(String(await replica.ask('INFO', 'replication')))?.[1] ?? ''
    const becomes = async (status: string): Promise<void> => {
      await expect.poll(link, { timeout: 20_000, interval: 20 }).toBe(status)
    }
    const again = async (): Promise<void> => {
      await replica.ask('REPLICAOF', 'NO', 'ONE')
      await replica.ask('REPLICAOF', '127.0.0.1', String(primaryPort))
    }
    await primary.ask('AUTH', PRIMARY[0])
    expect(await primary.ask('ACL', 'SETUSER', ...FOLLOWER)).toBe('OK')
    await again()
    // It tries once a second.
    await new Promise((resolve) => setTimeout(resolve, 2200))
    expect(await link()).toBe('down')
    await replica.ask('CONFIG', 'SET', 'masterauth', 'wrong')
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(await link()).toBe('down')
    await replica.ask('CONFIG', 'SET', 'masterauth', PRIMARY[0])
    await becomes('up')
    await replica.ask('CONFIG', 'SET', 'masteruser', FOLLOWER[0] as string)
    expect(await link()).toBe('up')
    await again()
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(await link()).toBe('down')
    await replica.ask('CONFIG', 'SET', 'masterauth', PRIMARY[1])
    await becomes('up')
    await primary.ask('SET', 'k', 'v')
    await expect.poll(() => replica.ask('GET', 'k'), { timeout: 20_000 }).toBe('v')
  }

  it('ours logs in to a redis-server', async () => {
    const real = await RealRedis.start([...quick('asks.rdb'), '--requirepass', PRIMARY[0]])
    const ours = await served()
    const clients = await Promise.all([NodeClient.open(real.port), NodeClient.open(ours.port)])
    await steps(clients[0], real.port, clients[1])
    for (const client of clients) client.close()
    ours.close()
    await real.stop()
  }, 60_000)

  it('a redis-server logs in to ours', async () => {
    const real = await RealRedis.start(quick('logs-in.rdb'))
    const ours = await served(['requirepass', PRIMARY[0]])
    const clients = await Promise.all([NodeClient.open(ours.port), NodeClient.open(real.port)])
    await steps(clients[0], ours.port, clients[1])
    for (const client of clients) client.close()
    ours.close()
    await real.stop()
  }, 60_000)
})
