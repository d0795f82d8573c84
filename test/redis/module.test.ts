/** MODULE where it is allowed: nothing can be loaded, and nothing is there to be unloaded. */
import { expect, it } from 'vitest'
import { configurationOf } from '../../src/redis/config.ts'
import { ServedRedis } from '../../src/server/node/served-redis.ts'
import { RealRedis } from './real-redis.ts'
import { NodeClient } from './replication/node-client.ts'

it('answers as redis-server does that finds no module', async () => {
  const real = await RealRedis.start(['--enable-module-command', 'yes'])
  const ours = await ServedRedis.start({
    ...{ port: 0, clock: 'real', version: '7.0', seed: 'module' },
    configuration: configurationOf([['enable-module-command', 'yes']]),
  })
  const ask = async (port: number): Promise<unknown> => {
    const client = await NodeClient.open(port)
    const answers: unknown[] = []
    for (const args of ['LIST', 'LOAD', 'LOAD /no', 'LOAD /no a b', 'LOADEX /no', 'LOADEX /no CONFIG a', 'UNLOAD no']) {
      answers.push([args, await client.ask('MODULE', ...args.split(' '))])
    }
    client.close()
    return answers
  }
  const [truth, told] = await Promise.all([real, ours].map(({ port }) => ask(port)))
  expect(told).toEqual(truth)
  ours.close()
  await real.stop()
})
