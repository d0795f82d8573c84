/** Invalidations that go to another client: on the in-memory Redis and on redis-server. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { encodeCommand, RealRedis } from './real-redis.ts'

let real: RealRedis
beforeAll(async () => {
  real = await RealRedis.start()
})
afterAll(() => real.stop())

/** `C: GET a`: client C sends it; `$D` is the id of D; `C: bye` closes its connection. */
const LINES = [
  'D: SUBSCRIBE __redis__:invalidate',
  'C: CLIENT TRACKING ON REDIRECT $D',
  'C: CLIENT GETREDIR',
  'C: CLIENT TRACKINGINFO',
  'C: GET a',
  'B: SET a 1',
  'C: GET a',
  'C: SET a 2',
  'C: MGET a b',
  'B: FLUSHALL',
  'E: HELLO 3',
  'E: CLIENT TRACKING ON REDIRECT $D BCAST',
  'B: MSET x 1 y 2',
  'D: bye',
  'C: GET a',
  'B: SET a 1',
  'C: CLIENT TRACKINGINFO',
  'E: CLIENT TRACKINGINFO',
]

interface Client {
  send(args: readonly string[]): Promise<string>
  /** What came besides. */
  rest(): Promise<string>
  close(): void
}

async function conversation(open: () => Promise<Client>): Promise<readonly string[]> {
  const clients = new Map<string, Client>()
  const ids = new Map<string, string>()
  for (const name of 'BCDE') {
    const client = await open()
    clients.set(name, client)
    ids.set(name, /\d+/.exec(await client.send(['CLIENT', 'ID']))![0])
  }
  const told: string[] = []
  for (const line of LINES) {
    const client = clients.get(line[0]!)!
    const args = line
      .slice(3)
      .split(' ')
      .map((word) => ids.get(word.slice(1)) ?? word)
    if (line.endsWith('bye')) {
      client.close()
      clients.delete(line[0]!)
    } else {
      const reply = await client.send(args)
      // That of HELLO has an id of its own.
      if (!line.includes('HELLO')) told.push(`${line} → ${reply}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (const [name, { rest }] of clients) told.push(`${line} → ${name} hears ${await rest()}`)
  }
  for (const client of clients.values()) client.close()
  return told.map((text) => text.replaceAll(`:${ids.get('D')}\r\n`, ':<D>\r\n'))
}

it('reach the client that was named, if it is there', { timeout: 20_000 }, async () => {
  const server = new MemoryRedis({ nowUs: () => 0 })
  const memory = await conversation(async () => {
    let received = ''
    const connection = server.connect({
      onBytes: (bytes) => {
        received += bytes
      },
    })
    const take = (): string => {
      const all = received
      received = ''
      return all
    }
    return {
      send: async (args) => {
        connection.receive(encodeCommand(args))
        return take()
      },
      rest: async () => take(),
      close: () => connection.close(),
    }
  })
  const reality = await conversation(async () => {
    const connection = await real.connect()
    const pending: string[] = []
    return {
      send: async (args) => {
        connection.send(encodeCommand(args))
        const replies = await connection.replies(1)
        pending.push(...replies.slice(1))
        return replies[0]!
      },
      rest: async () => [...pending.splice(0), ...(await connection.replies(0))].join(''),
      close: () => connection.close(),
    }
  })
  expect(memory).toEqual(reality)
})
