import { describe, expect, it } from 'vitest'
import { encodeRequest } from '../../src/redis/resp/encode-request.ts'
import { createMockProvider } from '../../src/server/node/mock.ts'
import type { RedisServer } from '../../src/server/server.ts'

const T0_US = 1_800_000_000_000_000

async function start(): Promise<RedisServer> {
  const provider = await createMockProvider()
  return provider.node('redis-1', { seed: 's', nowUs: T0_US })
}

/** What ticks and microtasks bring; in a world the drain does this. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function connect(node: RedisServer): { call: (...args: string[]) => Promise<string>; take: () => string } {
  let bytes = ''
  const connection = node.connect({
    onBytes: (more) => {
      bytes += more
    },
    onClose: () => {
      bytes += '<closed>'
    },
  })
  const take = (): string => {
    const taken = bytes
    bytes = ''
    return taken
  }
  const call = async (...args: string[]): Promise<string> => {
    connection.receive(encodeRequest(args))
    await drained()
    return take()
  }
  return { call, take }
}

describe('ioredis-mock as a node', () => {
  it('answers in RESP, by the clock of its node', async () => {
    const node = await start()
    const { call } = connect(node)
    expect(await call('SET', 'k', 'v', 'PX', '500', 'NX')).toBe('+OK\r\n')
    expect(await call('SET', 'k', 'w', 'PX', '500', 'NX')).toBe('$-1\r\n')
    expect(await call('PTTL', 'k')).toBe(':500\r\n')
    expect(node.observe('k')).toEqual({ type: 'string', text: 'v', expireAtMs: T0_US / 1000 + 500 })
    node.setClock(T0_US + 501_000)
    expect(await call('GET', 'k')).toBe('$-1\r\n')
    expect(node.observe('k')).toBeNull()
    expect(await call('HSET', 'h', 'f', '1')).toBe(':1\r\n')
    expect(await call('HGETALL', 'h')).toBe('*2\r\n$1\r\nf\r\n$1\r\n1\r\n')
    node.stop()
  })

  it('forgets the subscribers of a world that is over', async () => {
    const provider = await createMockProvider()
    for (let world = 0; world < 3; world += 1) {
      const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
      const [subscriber, publisher] = [connect(node), connect(node)]
      await subscriber.call('SUBSCRIBE', 'a')
      expect(await publisher.call('PUBLISH', 'a', 'x')).toBe(':1\r\n')
      expect(subscriber.take()).toBe('*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n')
      node.stop()
    }
  })

  it('has run a command before its reply is out, so the truth lane sees it', async () => {
    const node = await start()
    const connection = node.connect({ onReply: () => {} })
    connection.execute(['SET', 'k', 'v'])
    expect(node.observe('k')).toEqual({ type: 'string', text: 'v', expireAtMs: null })
    node.stop()
  })

  it('keeps its mistakes: lower-case options are ignored, so a held lock is overwritten', async () => {
    const node = await start()
    const { call } = connect(node)
    await call('SET', 'lock', 'A')
    expect(await call('SET', 'lock', 'B', 'px', '1000', 'nx')).toBe('+OK\r\n')
    expect(node.observe('lock')).toEqual({ type: 'string', text: 'B', expireAtMs: null })
    node.stop()
  })

  it('says in its own words what it cannot do', async () => {
    const node = await start()
    const { call } = connect(node)
    expect(await call('BLPOP', 'list', '0')).toMatch(/^-Unsupported command: "blpop", please check the full list/)
    expect(await call('DISCONNECT')).toBe('-Unsupported command: "disconnect"\r\n')
    expect(await call('EVALSHA', 'f'.repeat(40), '0')).toBe('-NOSCRIPT No matching script. Please use EVAL.\r\n')
    node.stop()
  })

  it('runs scripts, transactions and publishes, in the order in which they were sent', async () => {
    const node = await start()
    const [a, b] = [connect(node), connect(node)]
    expect(await a.call('EVAL', "return redis.call('GET', KEYS[1])", '1', 'k')).toBe('$-1\r\n')
    expect(await a.call('MULTI')).toBe('+OK\r\n')
    expect(await a.call('INCR', 'n')).toBe('+QUEUED\r\n')
    expect(await a.call('EXEC')).toBe('*1\r\n:1\r\n')
    expect(await a.call('SUBSCRIBE', 'x', 'y')).toBe(
      '*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\ny\r\n:2\r\n',
    )
    expect(await b.call('PUBLISH', 'x', 'hello')).toBe(':1\r\n')
    expect(a.take()).toBe('*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$5\r\nhello\r\n')
    expect(await b.call('QUIT')).toBe('+OK\r\n<closed>')
    node.stop()
  })

  it('gives each world an empty node, and each node keys of its own', async () => {
    const provider = await createMockProvider()
    const [one, two] = ['redis-1', 'redis-2'].map((name) => provider.node(name, { seed: 's', nowUs: T0_US }))
    await connect(one!).call('SET', 'k', 'v')
    expect(await connect(two!).call('GET', 'k')).toBe('$-1\r\n')
    one!.stop()
    const again = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    expect(await connect(again).call('GET', 'k')).toBe('$-1\r\n')
    again.stop()
    two!.stop()
  })

  it('cuts connections on a restart and forgets its data unless it is to keep them', async () => {
    const node = await start()
    const a = connect(node)
    await a.call('SET', 'k', 'v')
    node.restart('all')
    expect(a.take()).toBe('<closed>')
    const b = connect(node)
    expect(await b.call('GET', 'k')).toBe('$1\r\nv\r\n')
    node.restart('nothing')
    expect(await connect(node).call('GET', 'k')).toBe('$-1\r\n')
    node.stop()
  })
})
