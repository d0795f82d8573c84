/** A server that dies in the middle of a world ends the world; what there was of it is kept, and nobody in it is charged. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asOurselves } from '../../src/host/door.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import { ServerLostError } from '../../src/server/node/server-lost-error.ts'
import type { RedisServer, ServerConnection, ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld, unfinishedRun } from '../../src/world/run-world.ts'
import { counterPlan } from '../check/worlds.ts'

let real: ServerProvider

beforeAll(async () => {
  real = await createRedisServerProvider({ count: 2 })
})
afterAll(() => real.close())

/** The process id of a node's server, asked over a connection of its own. */
function pidOf(node: RedisServer): number {
  let info = ''
  const connection = node.connect({ onBytes: (bytes) => (info += bytes) })
  connection.execute(['INFO', 'server'])
  connection.close()
  return Number(/process_id:(\d+)/.exec(info)?.[1])
}

/** Nodes whose server is killed just before it gets its nth message. */
const killedBefore = (count: number): ServerProvider => ({
  ...real,
  node: (name, options) => {
    const node = real.node(name, options)
    const pid = pidOf(node)
    let messages = 0
    const counted = (connection: ServerConnection): ServerConnection => ({
      receive: (bytes) => {
        messages += 1
        if (messages === count) asOurselves(() => process.kill(pid, 'SIGKILL'))
        connection.receive(bytes)
      },
      execute: (args) => {
        messages += 1
        if (messages === count) asOurselves(() => process.kill(pid, 'SIGKILL'))
        connection.execute(args)
      },
      close: () => connection.close(),
    })
    return new Proxy(node, {
      get: (target, key) => {
        if (key === 'connect') return (sink: Parameters<RedisServer['connect']>[0]) => counted(target.connect(sink))
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  },
})

describe.each(['direct', 'ioredis'] as const)('kill -9 in the middle of a world, with the %s client', (client) => {
  it.each([4, 9, 14])('before message %d: the history so far is the one in memory, and nothing more', async (count) => {
    const workload = { kind: 'counter', rounds: 4, workUs: 20_000, retryUs: 10_000, checkFence: true } as const
    const plan = counterPlan({ client, seed: `killed/${count}`, workload })
    const subject = lockSubject(setNxLua)
    const error = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, killedBefore(count)))).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(ServerLostError)
    const lost = error as ServerLostError
    expect(lost.message).toMatch(/^the server of redis-1 has ended; it wrote last:\n/)
    const run = unfinishedRun(lost)
    const whole = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, memoryProvider())))
    const length = run?.records.length ?? 0
    expect(length).toBeLessThan(whole.records.length)
    expect(run?.records).toEqual(whole.records.slice(0, length))
    // The next world has a server again.
    const next = await inMacrotask(() => runWorld(plan, subject, nodeEnvironment(client, real)))
    expect(next.historyHash).toBe(whole.historyHash)
  })
})
