/**
 * FAILOVER: what is refused, and how a role is handed over, is compared with a pair of real servers; and a real server and one in memory hand their
 * roles over to each other.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../../src/redis/config.ts'
import { ServedRedis } from '../../../src/server/node/served-redis.ts'
import { RealRedis } from '../real-redis.ts'
import { NodeClient } from './node-client.ts'
import { Servers } from './pair.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-handover-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Stand {
  readonly port: number
  readonly stop: () => unknown
}

type Kind = 'real' | 'memory'
let started = 0

async function start(kind: Kind): Promise<Stand> {
  if (kind === 'real') {
    const settings = ['--repl-diskless-sync-delay', '0', '--hz', '100', '--dir', folder]
    started += 1
    const redis = await RealRedis.start([...settings, '--dbfilename', `${started}.rdb`])
    return { port: redis.port, stop: () => redis.stop() }
  }
  const configuration = readConfiguration([['repl-diskless-sync-delay', '0']])
  if (typeof configuration === 'string') throw new Error(configuration)
  const redis = await ServedRedis.start({ port: 0, clock: 'real', version: '7.0', configuration, seed: 'handover' })
  return { port: redis.port, stop: () => redis.close() }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(client: NodeClient, word: string): Promise<void> {
  let told = ''
  for (let asked = 0; asked < 1_000; asked += 1) {
    told = String(await client.ask('INFO', 'replication'))
    if (told.includes(word)) return
    await sleep(20)
  }
  throw new Error(`never ${word}: ${told}`)
}

/** What a pair answers while a role is handed over and back, with ports blanked. */
async function handedOver(kinds: readonly [Kind, Kind]): Promise<readonly string[]> {
  const stands = [await start(kinds[0]), await start(kinds[1])] as const
  const [first, second, waiting] = [
    await NodeClient.open(stands[0].port),
    await NodeClient.open(stands[1].port),
    await NodeClient.open(stands[0].port),
  ]
  const answers: string[] = []
  const asked = async (client: NodeClient, ...args: string[]): Promise<void> => {
    const told = `${args.join(' ')} → ${JSON.stringify(await client.ask(...args))}`
    answers.push(told.replaceAll(String(stands[0].port), '<first>').replaceAll(String(stands[1].port), '<second>'))
  }
  await asked(first, 'FAILOVER')
  await asked(first, 'FAILOVER', 'ABORT')
  await second.ask('REPLICAOF', '127.0.0.1', String(stands[0].port))
  await until(second, 'master_link_status:up')
  await until(first, 'state=online')
  for (const args of [
    ['FAILOVER', 'NOW'],
    ['FAILOVER', 'TO', '127.0.0.1'],
    ['FAILOVER', 'TO', '127.0.0.1', 'x'],
    ['FAILOVER', 'TO', '127.0.0.1', '1'],
    ['FAILOVER', 'TIMEOUT', '0'],
    ['FAILOVER', 'TIMEOUT', '-1'],
    ['FAILOVER', 'TIMEOUT', 'x'],
    ['FAILOVER', 'TIMEOUT', '10', 'TIMEOUT', '20'],
    ['FAILOVER', 'FORCE'],
    ['FAILOVER', 'FORCE', 'FORCE'],
    ['FAILOVER', 'FORCE', 'TIMEOUT', '10'],
    ['FAILOVER', 'ABORT', 'TIMEOUT', '10'],
    ['PSYNC', 'x', '1', 'FAILOVER'],
  ]) {
    await asked(first, ...args)
  }
  await asked(second, 'FAILOVER')
  await asked(second, 'FAILOVER', 'ABORT')
  await asked(second, 'PSYNC', 'x', '1', 'FAILOVER')
  await asked(first, 'SET', 'k', 'v')
  await asked(first, 'FAILOVER', 'to', '127.0.0.1', String(stands[1].port), 'timeout', '10000')
  const held = waiting.ask('SET', 'k', 'w')
  await until(second, 'role:master')
  await until(first, 'master_link_status:up')
  answers.push(`held back → ${JSON.stringify(await held)}`)
  await asked(first, 'GET', 'k')
  await asked(first, 'SET', 'k', 'w')
  await asked(second, 'SET', 'k', 'second')
  for (const client of [first, second]) {
    const info = String(await client.ask('INFO', 'replication'))
    answers.push(...(info.match(/^(?:role|master_failover_state|connected_slaves):.*/gm) ?? []))
  }
  // And back.
  await second.ask('WAIT', '1', '5000')
  await asked(second, 'FAILOVER')
  await until(first, 'role:master')
  await until(second, 'master_link_status:up')
  await asked(first, 'GET', 'k')
  for (const client of [first, second, waiting]) client.close()
  for (const stand of stands) await stand.stop()
  return answers.map((line) => line.trim())
}

describe('FAILOVER', () => {
  it('hands the role over as a pair of real servers does it, also between a real one and one in memory', async () => {
    const real = await handedOver(['real', 'real'])
    expect(await handedOver(['memory', 'memory'])).toEqual(real)
    expect(await handedOver(['real', 'memory'])).toEqual(real)
    expect(await handedOver(['memory', 'real'])).toEqual(real)
  })

  it('waits for a replica that is behind, holds writes back meanwhile, and can be given up', () => {
    const servers = new Servers()
    const primary = servers.add('p')
    const replica = servers.add('r1')
    replica.ask('REPLICAOF', 'p', '6379')
    servers.deliver()
    primary.ask('SET', 'k', 'v')
    const state = () => /master_failover_state:(\S+)/.exec(String(primary.ask('INFO', 'replication')))?.[1]
    expect(primary.ask('FAILOVER')).toMatchObject({ text: 'OK' })
    expect(state()).toBe('waiting-for-sync')
    expect(primary.ask('FAILOVER')).toMatchObject({ text: 'ERR FAILOVER already in progress.' })
    expect(primary.ask('REPLICAOF', 'x', '1')).toMatchObject({ text: 'ERR REPLICAOF not allowed while failing over.' })
    const other: unknown[] = []
    const writer = primary.server.connect({ onReply: (reply) => other.push(reply) })
    writer.execute(['SET', 'k', 'w'])
    expect(other).toEqual([])
    expect(primary.ask('FAILOVER', 'ABORT')).toMatchObject({ text: 'OK' })
    expect(other).toMatchObject([{ text: 'OK' }])
    expect(state()).toBe('no-failover')
  })

  it('is over when its time is up, or goes on without what the target lacks when it is forced', () => {
    for (const isForced of [false, true]) {
      const servers = new Servers()
      const primary = servers.add('p')
      const replica = servers.add('r1')
      replica.ask('REPLICAOF', 'p', '6379')
      servers.deliver()
      primary.ask('SET', 'k', 'lost')
      const forced = isForced ? ['TO', 'r1', '6379', 'FORCE'] : []
      expect(primary.ask('FAILOVER', ...forced, 'TIMEOUT', '500')).toMatchObject({ text: 'OK' })
      servers.nowMs += 501
      primary.server.tick()
      const roleOf = (server: typeof primary): unknown => (server.ask('ROLE') as readonly unknown[])[0]
      expect(roleOf(primary)).toBe(isForced ? 'slave' : 'master')
      servers.deliver()
      // What it had been sent by then arrives before it is asked to be the primary.
      expect(roleOf(replica)).toBe(isForced ? 'master' : 'slave')
    }
  })
})
