/** redis-cli reshards a served Cluster: the keys of the slots that move are there for everybody afterwards, with their time to live. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keySlot } from '../../../src/redis/cluster/slots.ts'
import { readConfiguration } from '../../../src/redis/config.ts'
import { ServedCluster } from '../../../src/server/node/served-cluster.ts'
import { NodeClient } from '../replication/node-client.ts'

let memory: ServedCluster
beforeAll(async () => {
  const configuration = readConfiguration([])
  if (typeof configuration === 'string') throw new Error(configuration)
  memory = await ServedCluster.start({ port: 0, clock: 'real', version: '7.0', configuration, seed: 'reshard' })
})
afterAll(() => memory.close())

/** The first slots of the first primary. */
const SLOTS = 3

it('moves slots with their keys', { timeout: 60_000 }, async () => {
  const [first, second] = memory.nodes as [ServedCluster['nodes'][0], ServedCluster['nodes'][0]]
  const names = Array.from({ length: 200_000 }, (_, index) => `k${index}`).filter((key) => keySlot(key) < SLOTS)
  expect(names.length).toBeGreaterThan(5)
  const cluster = new Cluster([{ host: '127.0.0.1', port: first.port }])
  for (const name of names) await cluster.set(name, `v-${name}`, 'PX', 600_000)
  const [here, there] = [await NodeClient.open(first.port), await NodeClient.open(second.port)]
  const [from, to] = [await here.ask('CLUSTER', 'MYID'), await there.ask('CLUSTER', 'MYID')]
  const { stdout } = await promisify(execFile)('redis-cli', [
    ...['--cluster', 'reshard', `127.0.0.1:${first.port}`, '--cluster-from', String(from), '--cluster-to', String(to)],
    ...['--cluster-slots', String(SLOTS), '--cluster-yes'],
  ])
  expect(stdout).toContain(`Moving slot ${SLOTS - 1}`)
  expect(stdout).not.toContain('[ERR]')
  expect(await here.ask('DBSIZE')).toBe(0)
  expect(await there.ask('DBSIZE')).toBe(names.length)
  expect(String(await here.ask('GET', names[0] as string))).toContain('MOVED')
  for (const name of names) {
    expect(await cluster.get(name)).toBe(`v-${name}`)
    expect(await cluster.pttl(name)).toBeGreaterThan(500_000)
  }
  cluster.disconnect()
  for (const client of [here, there]) client.close()
})
