/**
 * INFO of a primary and of its two replicas after replicas came, were cut off, came back and could not go on: in memory as of
 * redis-server.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { configurationOf } from '../../../src/redis/config.ts'
import { ServedRedis } from '../../../src/server/node/served-redis.ts'
import { RealRedis } from '../real-redis.ts'
import { NodeClient } from './node-client.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-info-'))
afterAll(() => rmSync(folder, { recursive: true }))

const WAIT = { timeout: 20_000, interval: 20 }

/** What does not depend on how long things took. */
const SAME = [
  ...['sync_full', 'sync_partial_ok', 'sync_partial_err', 'total_connections_received', 'connected_clients'],
  ...['expired_keys', 'evicted_keys', 'keyspace_hits', 'keyspace_misses', 'total_error_replies', 'blocked_clients'],
  ...['pubsub_channels', 'pubsub_patterns', 'role', 'connected_slaves', 'master_link_status', 'slave_priority'],
  ...['slave_read_only', 'master_sync_in_progress', 'second_repl_offset', 'repl_backlog_active', 'repl_backlog_size'],
  ...['repl_backlog_first_byte_offset', 'db0'],
]
/** What is 0 where nothing was sent, and only there. */
const SENT = [
  ...['total_net_input_bytes', 'total_net_output_bytes', 'total_net_repl_input_bytes', 'total_net_repl_output_bytes'],
  ...['total_reads_processed', 'total_writes_processed'],
]

interface Server {
  readonly port: number
}

async function fields(client: NodeClient): Promise<ReadonlyMap<string, string>> {
  const lines = String(await client.ask('INFO', 'everything')).split('\r\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

/** What three servers tell after the same commands. */
async function story(servers: readonly Server[]): Promise<unknown> {
  const [primary, one, other] = (await Promise.all(servers.map(({ port }) => NodeClient.open(port)))) as [
    NodeClient,
    NodeClient,
    NodeClient,
  ]
  const port = String(servers[0]?.port)
  const isUp = async (replica: NodeClient): Promise<void> => {
    await expect
      .poll(async () => {
        const [there, here] = await Promise.all([fields(primary), fields(replica)])
        return [here.get('master_link_status'), here.get('slave_repl_offset') === there.get('master_repl_offset')]
      }, WAIT)
      .toEqual(['up', true])
  }
  // One after the other: two that come together share a snapshot.
  for (const replica of [one, other]) {
    await replica.ask('REPLICAOF', '127.0.0.1', port)
    await isUp(replica)
  }
  for (const command of [
    'SET k v',
    'GET k',
    'GET nothing',
    'LPUSH k 1',
    'NOTHING',
    'SET ends v PX 1',
    'RPUSH list a b c',
    'EXISTS k nothing list',
    'PEXPIREAT later 1',
    'HSET h f v',
  ]) {
    await primary.ask(...command.split(' '))
  }
  // It has ended for sure when it is asked for: of its one millisecond the commands in between may take less.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await primary.ask('GET', 'ends')
  await expect.poll(async () => (await fields(primary)).get('expired_keys'), WAIT).toBe('1')
  await isUp(one)
  await isUp(other)
  expect(await one.ask('SET', 'k', 'w')).toContain('READONLY')
  expect(await one.ask('GET', 'k')).toBe('v')
  // They come back at once, and go on where they were.
  expect(await primary.ask('CLIENT', 'KILL', 'TYPE', 'replica')).toBe(2)
  await expect.poll(async () => (await fields(primary)).get('sync_partial_ok'), WAIT).toBe('2')
  await isUp(one)
  await isUp(other)
  // It has written something of its own, so it cannot.
  await one.ask('REPLICAOF', 'NO', 'ONE')
  await one.ask('SET', 'own', 'v')
  await one.ask('REPLICAOF', '127.0.0.1', port)
  await isUp(one)
  const listener = await NodeClient.open(Number(port))
  await listener.ask('SUBSCRIBE', 'a')
  const blocked = await NodeClient.open(Number(port))
  const never = blocked.ask('BLPOP', 'q', '0')
  await expect.poll(async () => (await fields(primary)).get('blocked_clients'), WAIT).toBe('1')
  const told = await Promise.all([primary, one, other].map(fields))
  // A rate is over the last 1.6 seconds, in which it was asked at least once.
  for (let more = 0; more < 40; more++) {
    await primary.ask('PING')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  const rates = await fields(primary)
  await primary.ask('CONFIG', 'RESETSTAT')
  const reset = await fields(primary)
  for (const client of [primary, one, other, listener, blocked]) client.close()
  await never
  return {
    told: told.map((each) => [
      ...SAME.map((name) => [name, each.get(name)]),
      ...SENT.map((name) => [name, Number(each.get(name)) > 0]),
      // The last snapshot is what the changes count from.
      ['rdb_changes_since_last_save', each.get('rdb_changes_since_last_save')],
    ]),
    rates: ['instantaneous_ops_per_sec', 'instantaneous_output_kbps'].map((name) => Number(rates.get(name)) > 0),
    reset: ['sync_full', 'sync_partial_ok', 'sync_partial_err', 'total_net_repl_output_bytes'].map((name) =>
      reset.get(name),
    ),
  }
}

it('counts the same', async () => {
  const real = await Promise.all(
    [1, 2, 3].map((index) =>
      RealRedis.start(['--repl-diskless-sync-delay', '0', '--dir', folder, '--dbfilename', `${index}.rdb`]),
    ),
  )
  const ours = await Promise.all(
    [1, 2, 3].map((index) =>
      ServedRedis.start({
        ...{ port: 0, clock: 'real', version: '7.0', seed: `info ${index}` },
        configuration: configurationOf([['repl-diskless-sync-delay', '0']]),
      }),
    ),
  )
  const [truth, told] = await Promise.all([story(real), story(ours)])
  expect(told).toEqual(truth)
  for (const each of ours) each.close()
  for (const each of real) await each.stop()
}, 120_000)
