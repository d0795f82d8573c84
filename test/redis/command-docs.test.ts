/**
 * COMMAND DOCS is redis-server's own, byte for byte, of every command and subcommand that the in-memory Redis has. The order of
 * the subcommands of a container is one of a hash table whose seed is random: of these every part is compared.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadCommandDocs } from '../../src/redis/docs/node/load.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { RealRedis } from './real-redis.ts'

let real: RealRedis
beforeAll(async () => {
  real = await RealRedis.start()
})
afterAll(() => real.stop())

/** Asks the in-memory Redis. */
function asking(resp: 2 | 3, docs: typeof loadCommandDocs | null = loadCommandDocs): (...args: string[]) => Reply {
  const replies: Reply[] = []
  const memory = new MemoryRedis({ nowUs: () => 0, ...(docs === null ? {} : { docs }) })
  const connection = memory.connect({ onReply: (reply) => replies.push(reply) })
  connection.execute(['HELLO', String(resp)])
  return (...args) => {
    connection.execute(args)
    return replies.pop() as Reply
  }
}

const NAMES = asking(2)('COMMAND', 'LIST') as readonly string[]

it.each([2, 3] as const)('of each command, in RESP%i', async (resp) => {
  const connection = await real.connect()
  await connection.command('HELLO', String(resp))
  const ask = asking(resp)
  const containers: string[] = []
  for (const name of NAMES) {
    const bytes = encodeReply(ask('COMMAND', 'DOCS', name), resp)
    const told = await connection.command('COMMAND', 'DOCS', name)
    if (NAMES.some((other) => other.startsWith(`${name}|`))) {
      containers.push(name)
      expect(parts(bytes), name).toEqual(parts(told))
    } else expect(bytes, name).toBe(told)
  }
  connection.close()
  expect(NAMES.length).toBeGreaterThan(350)
  expect(containers.length).toBeGreaterThan(10)
})

/** What a reply is made of, in no order. */
const parts = (bytes: string): readonly string[] => bytes.split('\r\n').sort()

it('of several, of a name in capitals, of one that is not there', () => {
  const [first, , second, ...more] = asking(2)(
    ...['COMMAND', 'DOCS', 'SET', 'nope', 'object|encoding', 'get|encoding', '__proto__'],
  ) as readonly Reply[]
  expect([first, second, more.length]).toEqual(['set', 'object|encoding', 1])
})

it('is empty where a server was not given the documentation', () => {
  expect(asking(2, null)('COMMAND', 'DOCS', 'get')).toEqual(['get', []])
})
