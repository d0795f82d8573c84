/**
 * redis-cli looks after a served Cluster: the keys of slots that it moves are there for everybody afterwards, with their time to live; it
 * finds what is wrong, and mends it.
 */
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

/** `redis-cli --cluster`; `typed`: the answer to its question. */
async function manage(
  verb: string,
  options: readonly string[] = [],
  typed = '',
): Promise<{ stdout: string; code: number }> {
  const address = `127.0.0.1:${memory.nodes[0]?.port}`
  const running = promisify(execFile)('redis-cli', ['--cluster', verb, address, ...options])
  running.child.stdin?.end(typed)
  return running.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => ({ stdout: error.stdout, code: error.code }),
  )
}

it('moves slots with their keys', { timeout: 60_000 }, async () => {
  const [first, second] = memory.nodes as [ServedCluster['nodes'][0], ServedCluster['nodes'][0]]
  const names = Array.from({ length: 200_000 }, (_, index) => `k${index}`).filter((key) => keySlot(key) < SLOTS)
  expect(names.length).toBeGreaterThan(5)
  const cluster = new Cluster([{ host: '127.0.0.1', port: first.port }])
  for (const name of names) await cluster.set(name, `v-${name}`, 'PX', 600_000)
  const [here, there] = [await NodeClient.open(first.port), await NodeClient.open(second.port)]
  const [from, to] = [await here.ask('CLUSTER', 'MYID'), await there.ask('CLUSTER', 'MYID')]
  const { stdout } = await manage('reshard', [
    ...['--cluster-from', String(from), '--cluster-to', String(to)],
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

it('is checked, told of, mended and balanced', { timeout: 120_000 }, async () => {
  const [first, second, third] = await Promise.all(memory.nodes.slice(0, 3).map(({ port }) => NodeClient.open(port)))
  const all = await Promise.all(memory.nodes.map(({ port }) => NodeClient.open(port)))
  const checked = async (): Promise<number> => (await manage('check')).code
  expect(await checked()).toBe(0)
  expect((await manage('info')).stdout).toContain('keys in 3 masters')
  // A slot that was being moved when who did it went away.
  const other = String(await second?.ask('CLUSTER', 'MYID'))
  await first?.ask('CLUSTER', 'SETSLOT', '100', 'MIGRATING', other)
  expect((await manage('check')).stdout).toContain('The following slots are open: 100')
  expect((await manage('fix')).stdout).toContain('Closing slot 100')
  expect((await manage('check')).stdout).not.toContain('slots are open')
  // A slot that is nobody's.
  for (const node of all) expect(await node.ask('CLUSTER', 'DELSLOTS', '16000')).toBe('OK')
  expect(await third?.ask('CLUSTER', 'COUNTKEYSINSLOT', '16000')).toBe(0)
  expect(await manage('check')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Not all 16384 slots are covered'),
  })
  expect((await manage('fix', [], 'yes\n')).stdout).toContain('Covering slot 16000')
  await expect.poll(checked, { timeout: 30_000 }).toBe(0)
  const { code } = await manage('rebalance', ['--cluster-weight', `${other}=1.1`])
  expect(code).toBe(0)
  await expect.poll(checked, { timeout: 30_000 }).toBe(0)
  const slots = /^127\.0\.0\.1:(\d+) .* \| (\d+) slots/gm
  const shares = [...(await manage('info')).stdout.matchAll(slots)].map(([, port, count]) => [
    Number(port),
    Number(count),
  ])
  const share = (16_384 * 1.1) / 3.1
  const count = shares.find(([port]) => port === memory.nodes[1]?.port)?.[1] ?? 0
  expect(Math.abs(count - share)).toBeLessThan(1)
  for (const client of [first, second, third, ...all]) client?.close()
})
