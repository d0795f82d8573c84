/** MIGRATE between servers of both kinds: whoever gives and whoever takes, clients are told the same, and the same is where it should be. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { readConfiguration } from '../../src/redis/config.ts'
import { ServedRedis } from '../../src/server/node/served-redis.ts'
import { RealRedis } from './real-redis.ts'
import { NodeClient } from './replication/node-client.ts'

interface Server {
  readonly port: number
  stop(): unknown
}

const KINDS = ['real', 'served'] as const
type Kind = (typeof KINDS)[number]

/** A replica keeps the snapshot that it was sent. */
const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-migrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

const running: Server[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function start(kind: Kind, options: readonly string[] = []): Promise<Server> {
  if (kind === 'real') {
    const real = await RealRedis.start(options)
    running.push(real)
    return real
  }
  const pairs = options.flatMap((word, at): [string, string][] =>
    word.startsWith('--') ? [[word.slice(2), options[at + 1] as string]] : [],
  )
  const configuration = readConfiguration(pairs)
  if (typeof configuration === 'string') throw new Error(configuration)
  const served = await ServedRedis.start({ port: 0, clock: 'real', version: '7.0', configuration, seed: 'migrate' })
  const server = { port: served.port, stop: () => served.close() }
  running.push(server)
  return server
}

const FILL = [
  ['SET', 'string', 'v'],
  ['SET', 'bytes', '\r\n\x00\xff-ERR'],
  ['RPUSH', 'list', 'a', 'b', '3'],
  ['HSET', 'hash', 'f', 'v', 'g', '5'],
  ['ZADD', 'zset', '1.5', 'a', '2', 'b'],
  ['SADD', 'set', '1', '2', '300000'],
  ['XADD', 'stream', '1-1', 'f', 'v'],
  ['SET', 'ends', 'v', 'PX', '600000'],
]

/** What is told, and what is where in the end. */
async function told(from: Kind, to: Kind): Promise<unknown> {
  const [source, target] = [await start(from), await start(to, ['--requirepass', 'secret'])]
  const [here, there] = [await NodeClient.open(source.port), await NodeClient.open(target.port)]
  await there.ask('AUTH', 'secret')
  for (const args of FILL) await here.ask(...args)
  await here.ask('CONFIG', 'SET', 'notify-keyspace-events', 'KA')
  await there.ask('SET', 'set', 'in the way')
  const address = ['127.0.0.1', String(target.port)]
  const login = ['AUTH', 'secret']
  const events: unknown[] = []
  const listener = await NodeClient.open(source.port)
  await listener.ask('PSUBSCRIBE', '__keyspace@*__:*')
  listener.onPush = (reply) => events.push(reply)
  const answers: unknown[] = []
  const migrate = async (...args: readonly string[]): Promise<void> => {
    answers.push(await here.ask('MIGRATE', ...args))
  }
  await migrate(...address, 'string', '0', '5000')
  await migrate(...address, 'string', '0', '5000', 'AUTH', 'wrong')
  await migrate(...address, 'string', '0', '5000', 'COPY', ...login)
  await migrate(...address, 'string', '0', '5000', ...login)
  await migrate(...address, 'string', '0', '5000', 'REPLACE', ...login)
  await migrate(...address, 'nothing', '0', '5000', ...login)
  await migrate(...address, 'list', '99', '5000', ...login)
  await migrate(...address, 'bytes', '5', '5000', 'AUTH2', 'default', 'secret')
  await migrate(...address, '', '0', '0', ...login, 'KEYS', 'list', 'set', 'nothing', 'hash', 'zset', 'stream', 'ends')
  await migrate('127.0.0.1', '1', 'set', '0', '100')
  const left = await here.ask('PTTL', 'ends')
  const dump = async (client: NodeClient, names: readonly string[]): Promise<unknown[]> => {
    const all: unknown[] = []
    for (const name of names) all.push([name, await client.ask('DUMP', name)])
    return all
  }
  const names = FILL.map(([, name]) => name as string)
  const ttlMs = Number(await there.ask('PTTL', 'ends'))
  const ends = [left, ttlMs > 590_000 && ttlMs <= 600_000]
  const state = [await dump(here, names), await dump(there, names)]
  await there.ask('SELECT', '5')
  state.push(await dump(there, ['bytes']))
  await here.ask('PING')
  await listener.ask('PUNSUBSCRIBE')
  for (const client of [here, there, listener]) client.close()
  return { answers, events, ends, state }
}

it('tells and does what redis-server tells and does', { timeout: 60_000 }, async () => {
  const truth = await told('real', 'real')
  expect(truth).toMatchObject({ ends: [-2, true] })
  for (const [from, to] of [
    ['served', 'real'],
    ['real', 'served'],
    ['served', 'served'],
  ] as const) {
    expect(await told(from, to), `${from} to ${to}`).toEqual(truth)
  }
})

it.each(KINDS)(
  '%s: waits for an answer for as long as it may, and serves others then',
  { timeout: 60_000 },
  async (kind) => {
    const [source, target] = [await start(kind), await start('real')]
    const [here, there, other] = [
      await NodeClient.open(source.port),
      await NodeClient.open(target.port),
      await NodeClient.open(source.port),
    ]
    await here.ask('SET', 'k', 'v')
    await there.ask('CLIENT', 'PAUSE', '60000', 'ALL')
    const order: string[] = []
    const migrated = here.ask('MIGRATE', '127.0.0.1', String(target.port), 'k', '0', '400').then((reply) => {
      order.push('migrate')
      return reply
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const asked = other.ask('GET', 'k').then((reply) => {
      order.push('get')
      return reply
    })
    const failed = String(await migrated)
    expect(failed).toContain('IOERR error or timeout reading to target instance')
    expect(await asked).toBe('v')
    expect(order).toEqual(['migrate', 'get'])
    for (const client of [here, there, other]) client.close()
  },
)

it.each(KINDS)('%s: replicas are told that the key has left', { timeout: 60_000 }, async (kind) => {
  const [source, target] = [await start(kind, ['--repl-diskless-sync-delay', '0']), await start('real')]
  const replica = await start('real', ['--replicaof', `127.0.0.1 ${source.port}`, '--dir', folder])
  const [here, follows] = [await NodeClient.open(source.port), await NodeClient.open(replica.port)]
  for (const key of ['k', 'l']) await here.ask('SET', key, 'v')
  const isTold = () => vi.waitFor(async () => expect(await here.ask('WAIT', '1', '100')).toBe(1), { timeout: 20_000 })
  await isTold()
  expect(await follows.ask('DBSIZE')).toBe(2)
  expect(await here.ask('MIGRATE', '127.0.0.1', String(target.port), '', '0', '5000', 'KEYS', 'k', 'l')).toBe('OK')
  await isTold()
  expect(await follows.ask('DBSIZE')).toBe(0)
  for (const client of [here, follows]) client.close()
})
