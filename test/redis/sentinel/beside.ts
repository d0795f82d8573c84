/**
 * Sentinels and servers of both kinds for a test, real and in memory, on ports of this machine; all of them end with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { readConfiguration } from '../../../src/redis/config.ts'
import type { MonitorOptions } from '../../../src/redis/sentinel/monitored-primary.ts'
import { ServedRedis } from '../../../src/server/node/served-redis.ts'
import { RealRedis } from '../real-redis.ts'
import { NodeClient } from '../replication/node-client.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-sentinel-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end()
})

export const DOWN_AFTER_MS = 500
/** Where nobody is to be missed, however busy the machine is. */
export const NEVER_DOWN_MS = 60_000
export const WAIT = { timeout: 20_000, interval: 50 }
const FAILOVER_TIMEOUT_MS = 5000

let files = 0

/** Each with a file of its own: a replica keeps the snapshot that it was sent, and CONFIG REWRITE whom it follows. */
export async function realRedis(...options: string[]): Promise<RealRedis> {
  const dump = ['--dir', folder, '--dbfilename', `${files++}.rdb`]
  const redis = await RealRedis.start(['--repl-diskless-sync-delay', '0', ...dump, ...options])
  ended.push(() => redis.stop())
  return redis
}

/** `more`: lines of its file. */
export async function realSentinel(
  primaryPort: number,
  downAfterMs = DOWN_AFTER_MS,
  more: readonly string[] = [],
): Promise<number> {
  const probe = await RealRedis.start()
  const { port } = probe
  await probe.stop()
  const file = path.join(folder, `${port}.conf`)
  const lines = [
    ...['bind 127.0.0.1', `port ${port}`, `sentinel monitor mymaster 127.0.0.1 ${primaryPort} 2`],
    `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
    `sentinel failover-timeout mymaster ${FAILOVER_TIMEOUT_MS}`,
    ...more,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child: ChildProcess = spawn(process.env.REDIS_SERVER ?? 'redis-server', [file, '--sentinel'], {
    stdio: 'ignore',
  })
  ended.push(() => child.kill('SIGKILL'))
  await expect.poll(() => ask(port, 'PING').catch(() => null), WAIT).toMatch(/^(?:PONG|NOAUTH)/)
  return port
}

type Pairs = readonly (readonly [string, string])[]

function configured(pairs: Pairs) {
  const configuration = readConfiguration([['repl-diskless-sync-delay', '0'], ...pairs])
  if (typeof configuration === 'string') throw new Error(configuration)
  return { port: 0, clock: 'real', version: '7.0', configuration } as const
}

export async function served(
  options: Partial<Parameters<typeof ServedRedis.start>[0]>,
  seed: string,
  pairs: Pairs = [],
): Promise<ServedRedis> {
  const redis = await ServedRedis.start({ ...configured(pairs), ...options, seed })
  ended.push(() => redis.close())
  return redis
}

export const servedSentinel = (
  primaryPort: number,
  downAfterMs = DOWN_AFTER_MS,
  more: Partial<MonitorOptions> = {},
  pairs: Pairs = [],
): Promise<ServedRedis> =>
  served(
    {
      monitors: [
        {
          ...{ name: 'mymaster', address: { host: '127.0.0.1', port: primaryPort }, quorum: 2 },
          ...{ downAfterMs, failoverTimeoutMs: FAILOVER_TIMEOUT_MS, ...more },
        },
      ],
    },
    'one-of-three',
    pairs,
  )

/** What AUTH says; null: the server is asked without it. */
export type Login = readonly string[] | null

async function open(port: number, login: Login): Promise<NodeClient> {
  const client = await NodeClient.open(port)
  if (login !== null) await client.ask('AUTH', ...login)
  return client
}

export async function askAs(port: number, login: Login, ...args: string[]): Promise<unknown> {
  const client = await open(port, login)
  const answer = await client.ask(...args)
  client.close()
  return answer
}

export const ask = (port: number, ...args: string[]): Promise<unknown> => askAs(port, null, ...args)

/** All events of a Sentinel, as its subscribers hear them. */
export async function listen(port: number, login: Login = null): Promise<string[]> {
  const events: string[] = []
  const client = await open(port, login)
  client.onPush = (reply) => {
    const [, , channel, text] = reply as readonly string[]
    events.push(`${channel} ${text}`)
  }
  await client.ask('PSUBSCRIBE', '*')
  ended.push(() => client.close())
  return events
}

export const addressFrom = (port: number, login: Login = null): Promise<unknown> =>
  askAs(port, login, 'SENTINEL', 'get-master-addr-by-name', 'mymaster')

const field = (fields: readonly string[], name: string): string | undefined => fields[fields.indexOf(name) + 1]

/** A field of the primary, of the replicas or of the other Sentinels, as a Sentinel sees them. */
export async function told(port: number, login: Login, what: string, name: string): Promise<unknown> {
  const answer = (await askAs(port, login, 'SENTINEL', what, 'mymaster')) as readonly string[] | readonly string[][]
  return what === 'master'
    ? field(answer as readonly string[], name)
    : (answer as readonly string[][]).map((each) => field(each, name))
}

/** It knows so many others and is connected to them, and has heard from the replica. */
export async function settled(port: number, others: string, login: Login = null): Promise<void> {
  await expect.poll(() => told(port, login, 'master', 'num-other-sentinels'), WAIT).toBe(others)
  await expect
    .poll(async () => [...new Set((await told(port, login, 'sentinels', 'flags')) as string[])], WAIT)
    .toEqual(['sentinel'])
  await expect.poll(() => told(port, login, 'replicas', 'master-link-status'), WAIT).toEqual(['ok'])
}

/** Each server has found the others. */
export async function acquainted(sentinels: readonly number[], login: Login = null): Promise<void> {
  for (const port of sentinels) await settled(port, '2', login)
}

/** The primary ends; what each Sentinel told, and where it sends clients. */
export async function failOver(
  sentinels: readonly number[],
  end: () => unknown,
  successor: number,
  login: Login = null,
): Promise<readonly (readonly string[])[]> {
  const events = await Promise.all(sentinels.map((port) => listen(port, login)))
  await end()
  for (const port of sentinels) {
    await expect.poll(() => addressFrom(port, login), WAIT).toEqual(['127.0.0.1', String(successor)])
  }
  await expect
    .poll(() => events.every((each) => each.some((event) => event.startsWith('+switch-master'))), WAIT)
    .toBe(true)
  return events
}
