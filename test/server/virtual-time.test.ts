import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Reply } from '../../src/redis/reply.ts'
import { createRedisServerProvider, type RealServerProvider } from '../../src/server/node/redis-server.ts'
import type { RedisServer, ServerConnection } from '../../src/server/server.ts'

const T0_US = 1_800_000_000_000_000
const T0_MS = T0_US / 1000

let provider: RealServerProvider
const nodes: RedisServer[] = []

beforeAll(async () => {
  provider = await createRedisServerProvider({ count: 2 })
})
afterEach(() => {
  for (const node of nodes.splice(0)) node.stop()
})
afterAll(() => provider.close())

function start(name = 'redis-1', seed = 'seed'): RedisServer {
  const node = provider.node(name, { seed, nowUs: T0_US })
  nodes.push(node)
  return node
}

class Client {
  readonly #replies: Reply[] = []
  readonly #connection: ServerConnection
  isClosed = false

  constructor(node: RedisServer) {
    this.#connection = node.connect({
      onReply: (reply) => this.#replies.push(reply),
      onClose: () => {
        this.isClosed = true
      },
    })
  }

  call(...args: string[]): Reply[] {
    this.#connection.execute(args)
    return this.take()
  }

  take(): Reply[] {
    return this.#replies.splice(0)
  }

  close(): void {
    this.#connection.close()
  }
}

const OK = { kind: 'status', text: 'OK' }

/** How much processor time the threads of a process have used that do not run commands (ticks of 10 ms). */
const idleThreadTicks = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .filter((thread) => thread !== String(pid))
    .map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
        .replace(/^.*\) /, '')
        .split(' '),
    )
    .reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0)

describe('virtual time', () => {
  it.runIf(existsSync('/proc/self/task'))('lets the threads of the server sleep that run no commands', async () => {
    const node = start()
    const client = new Client(node)
    const [info] = client.call('INFO', 'server')
    const pid = Number(/process_id:(\d+)/.exec(info as string)?.[1])
    // Freed memory is what the allocator's own thread gives back, after a time that it computes from the clock.
    for (let round = 0; round < 80; round += 1) {
      node.setClock(T0_US - 100_000_000_000_000 + round * 1_000_000)
      for (let key = 0; key < 50; key += 1) client.call('SET', `big:${key}`, 'x'.repeat(20_000))
      client.call('FLUSHALL')
      if (round % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(idleThreadTicks(pid)).toBeLessThan(5)
  })

  it('is what the provider says it is', () => {
    expect([provider.deterministic, provider.warning]).toEqual([true, null])
    expect(provider.description).toMatch(/^(redis|valkey)-server \d+\.\d+\.\d+, virtual time$/)
  })

  it('stands still while real time passes: TIME equals the counter, to the microsecond', () => {
    const node = start()
    const client = new Client(node)
    node.setClock(T0_US + 123_456)
    expect(client.call('TIME')).toEqual([['1800000000', '123456']])
    // 300 real milliseconds: three turns of the server's own cron, had its clock been running.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    expect(client.call('TIME')).toEqual([['1800000000', '123456']])
  })

  it('keeps a key of 500 ms up to and including its deadline, and not a millisecond longer', () => {
    const node = start()
    const client = new Client(node)
    expect(client.call('SET', 'k', 'v', 'PX', '500')).toEqual([OK])
    expect(client.call('PTTL', 'k')).toEqual([500])
    node.setClock(T0_US + 499_999)
    expect(client.call('PTTL', 'k')).toEqual([1])
    node.setClock(T0_US + 500_000)
    expect(client.call('PTTL', 'k')).toEqual([0])
    expect(client.call('GET', 'k')).toEqual(['v'])
    expect(node.observe('k')).toEqual({ type: 'string', text: 'v', expireAtMs: T0_MS + 500 })
    node.setClock(T0_US + 501_000)
    expect(client.call('PTTL', 'k')).toEqual([-2])
    expect(client.call('GET', 'k')).toEqual([null])
    expect(node.observe('k')).toBeNull()
  })

  it('may jump backwards: a key then lives longer, and the server goes on working', () => {
    const node = start()
    const client = new Client(node)
    client.call('SET', 'k', 'v', 'PX', '500')
    node.setClock(T0_US - 3_600_000_000)
    expect(client.call('PTTL', 'k')).toEqual([3_600_500])
    expect(client.call('TIME')).toEqual([[String(1_800_000_000 - 3600), '0']])
    node.setClock(T0_US + 501_000)
    expect(client.call('GET', 'k')).toEqual([null])
  })

  it('expires keys that nobody touches: DBSIZE falls to 0 once the cron is due', () => {
    const node = start()
    const client = new Client(node)
    for (let index = 0; index < 15; index++) client.call('SET', `k${index}`, 'v', 'PX', '500')
    expect(client.call('DBSIZE')).toEqual([15])
    node.setClock(T0_US + 10_000_000)
    expect(client.call('DBSIZE')).toEqual([0])
  })

  it('is a node its own: two nodes, two clocks', () => {
    const [one, two] = [start('redis-1'), start('redis-2')]
    const [a, b] = [new Client(one), new Client(two)]
    a.call('SET', 'k', 'v', 'PX', '500')
    b.call('SET', 'k', 'v', 'PX', '500')
    two.setClock(T0_US + 501_000)
    expect([a.call('GET', 'k'), b.call('GET', 'k')]).toEqual([['v'], [null]])
    expect([a.call('TIME'), b.call('TIME')]).toEqual([[['1800000000', '0']], [['1800000000', '501000']]])
  })
})

describe('blocked commands', () => {
  it('end when the virtual clock has passed their timeout', () => {
    const node = start()
    const client = new Client(node)
    expect(client.call('BLPOP', 'list', '5')).toEqual([])
    // Redis ends a wait when the clock is past the deadline, not at it.
    expect(node.wakeAtMs()).toBe(T0_MS + 5001)
    node.setClock(T0_US + 5_000_000)
    node.wake()
    expect(client.take()).toEqual([])
    node.setClock(T0_US + 5_001_000)
    node.wake()
    expect(client.take()).toEqual([{ kind: 'nullArray' }])
    expect(node.wakeAtMs()).toBeNull()
  })

  it('are answered in the exchange of whoever unblocks them', () => {
    const node = start()
    const [waiter, pusher] = [new Client(node), new Client(node)]
    expect(waiter.call('BLPOP', 'list', '0')).toEqual([])
    expect(node.wakeAtMs()).toBeNull()
    expect(pusher.call('RPUSH', 'list', 'x')).toEqual([1])
    expect(waiter.take()).toEqual([['list', 'x']])
  })

  it('run what was pipelined behind them, and what that causes elsewhere is heard too', () => {
    const node = start()
    const [waiter, pusher, subscriber] = [new Client(node), new Client(node), new Client(node)]
    subscriber.call('SUBSCRIBE', 'channel')
    waiter.call('BLPOP', 'list', '0')
    expect(waiter.call('PUBLISH', 'channel', 'hello')).toEqual([])
    pusher.call('RPUSH', 'list', 'x')
    expect(waiter.take()).toEqual([['list', 'x'], 1])
    expect(subscriber.take()).toEqual([['message', 'channel', 'hello']])
  })

  it('of a client that has gone take nothing', () => {
    const node = start()
    const [waiter, pusher] = [new Client(node), new Client(node)]
    waiter.call('BLPOP', 'list', '0')
    waiter.close()
    expect(pusher.call('RPUSH', 'list', 'x')).toEqual([1])
    expect(pusher.call('LLEN', 'list')).toEqual([1])
  })

  it('inside MULTI answer at once', () => {
    const client = new Client(start())
    client.call('MULTI')
    expect(client.call('BLPOP', 'list', '0')).toEqual([{ kind: 'status', text: 'QUEUED' }])
    expect(client.call('EXEC')).toEqual([[{ kind: 'nullArray' }]])
  })
})

describe('what other connections hear', () => {
  it('has arrived when the command that caused it returns', () => {
    const node = start()
    const [subscriber, other, publisher] = [new Client(node), new Client(node), new Client(node)]
    expect(subscriber.call('SUBSCRIBE', 'a', 'b')).toEqual([
      ['subscribe', 'a', 1],
      ['subscribe', 'b', 2],
    ])
    other.call('PSUBSCRIBE', '*')
    for (let round = 0; round < 200; round++) {
      expect(publisher.call('PUBLISH', 'a', String(round))).toEqual([2])
      expect(subscriber.take()).toEqual([['message', 'a', String(round)]])
      expect(other.take()).toEqual([['pmessage', '*', 'a', String(round)]])
    }
  })

  it('includes the end of a connection that another client killed', () => {
    const node = start()
    const [victim, killer] = [new Client(node), new Client(node)]
    const [id] = victim.call('CLIENT', 'ID')
    expect(killer.call('CLIENT', 'KILL', 'ID', String(id))).toEqual([1])
    expect([victim.isClosed, killer.isClosed]).toEqual([true, false])
  })

  it('survives the end of our own control connection', () => {
    const node = start()
    const client = new Client(node)
    expect(client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')).toEqual([1])
    expect(client.call('SET', 'k', 'v')).toEqual([OK])
    expect(node.observe('k')).toEqual({ type: 'string', text: 'v', expireAtMs: null })
  })

  it('includes the end after QUIT and after broken RESP', () => {
    const node = start()
    const [polite, broken] = [new Client(node), '']
    expect(polite.call('QUIT')).toEqual([OK])
    expect(polite.isClosed).toBe(true)
    let bytes = broken
    let isClosed = false
    const connection = node.connect({
      onBytes: (more) => {
        bytes += more
      },
      onClose: () => {
        isClosed = true
      },
    })
    connection.receive('*1\r\n$abc\r\n')
    expect([bytes, isClosed]).toEqual(['-ERR Protocol error: invalid bulk length\r\n', true])
  })

  it('includes every command of others after MONITOR', () => {
    const node = start()
    const [monitor, client] = [new Client(node), new Client(node)]
    expect(monitor.call('MONITOR')[0]).toEqual(OK)
    client.call('SET', 'k', 'v')
    // Our own PINGs are commands too, and are heard.
    const heard = monitor.take().map((line) => (line as { readonly text: string }).text.replace(/ \[.*?\] /, ' '))
    expect(heard.filter((line) => !line.endsWith('"PING"'))).toEqual(['1800000000.000000 "SET" "k" "v"'])
  })

  it('includes the invalidation of a key that a client tracks', () => {
    const node = start()
    const [tracker, writer] = [new Client(node), new Client(node)]
    tracker.call('HELLO', '3')
    tracker.call('CLIENT', 'TRACKING', 'ON')
    expect(tracker.call('GET', 'k')).toEqual([null])
    writer.call('SET', 'k', 'v')
    expect(tracker.take()).toEqual([{ kind: 'push', items: ['invalidate', ['k']] }])
  })

  it('is nothing after CLIENT REPLY OFF, and nobody waits for it', () => {
    const client = new Client(start())
    expect(client.call('CLIENT', 'REPLY', 'OFF')).toEqual([])
    expect(client.call('SET', 'k', 'v')).toEqual([])
    expect(client.call('CLIENT', 'REPLY', 'ON')).toEqual([OK])
    expect(client.call('GET', 'k')).toEqual(['v'])
  })

  it('waits for CLIENT PAUSE to be over', () => {
    const node = start()
    const [one, two] = [new Client(node), new Client(node)]
    one.call('SET', 'k', 'v')
    expect(node.observe('k')?.text).toBe('v')
    expect(one.call('CLIENT', 'PAUSE', '1000')).toEqual([OK])
    expect(two.call('GET', 'k')).toEqual([])
    expect(node.observe('k')?.text).toBe('v')
    expect(node.wakeAtMs()).toBe(T0_MS + 1001)
    node.setClock(T0_US + 500_000)
    node.wake()
    expect(two.take()).toEqual([])
    node.setClock(T0_US + 1_001_000)
    node.wake()
    expect(two.take()).toEqual(['v'])
    expect(node.wakeAtMs()).toBeNull()
  })

  it('holds back only writes after CLIENT PAUSE … WRITE', () => {
    const node = start()
    const [one, two, three] = [new Client(node), new Client(node), new Client(node)]
    one.call('CLIENT', 'PAUSE', '1000', 'WRITE')
    expect(two.call('GET', 'k')).toEqual([null])
    expect(three.call('SET', 'k', 'v')).toEqual([])
    node.setClock(T0_US + 1_001_000)
    node.wake()
    expect(three.take()).toEqual([OK])
  })
})

describe('bytes', () => {
  it('may be cut anywhere, and answers come whole', () => {
    const node = start()
    let bytes = ''
    const connection = node.connect({
      onBytes: (more) => {
        bytes += more
      },
    })
    const request = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\xff\x00\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n'
    for (const char of request) connection.receive(char)
    expect(bytes).toBe('+OK\r\n$2\r\n\xff\x00\r\n+PONG\r\n')
  })

  it('of 10 MB go there and come back', () => {
    const client = new Client(start())
    const text = '0123456789'.repeat(1_000_000)
    expect(client.call('SET', 'big', text)).toEqual([OK])
    const [reply] = client.call('GET', 'big')
    expect(reply === text).toBe(true)
  })

  it('of 10 MB reach a subscriber whole', () => {
    const node = start()
    const [subscriber, publisher] = [new Client(node), new Client(node)]
    subscriber.call('SUBSCRIBE', 'a')
    const text = '0123456789'.repeat(1_000_000)
    expect(publisher.call('PUBLISH', 'a', text)).toEqual([1])
    const [message] = subscriber.take() as [readonly string[]]
    expect(message[2] === text).toBe(true)
  })

  it('of a pipeline of 2,000 commands come back in order', () => {
    const node = start()
    let bytes = ''
    const connection = node.connect({
      onBytes: (more) => {
        bytes += more
      },
    })
    const numbers = Array.from({ length: 2000 }, (_, index) => index)
    connection.receive(numbers.map((n) => `*2\r\n$4\r\nECHO\r\n$${String(n).length}\r\n${n}\r\n`).join(''))
    expect(bytes).toBe(numbers.map((n) => `$${String(n).length}\r\n${n}\r\n`).join(''))
  })
})

describe('one world after another', () => {
  /** What depends on clocks, hash seeds and random numbers. */
  function story(seed: string): Reply[] {
    const node = provider.node('redis-1', { seed, nowUs: T0_US })
    const client = new Client(node)
    const members = Array.from({ length: 600 }, (_, index) => `m${index}`)
    client.call('SADD', 'set', ...members)
    const replies = [
      ...client.call('SRANDMEMBER', 'set', '5'),
      ...client.call('SPOP', 'set', '3'),
      ...client.call('SSCAN', 'set', '0'),
      ...client.call('EVAL', 'return {tostring(math.random()), math.random(100)}', '0'),
      ...client.call('DBSIZE'),
      ...client.call('SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'),
      ...client.call('TIME'),
    ]
    node.stop()
    return replies
  }

  it('finds an empty server, and the same seed gives the same random replies', async () => {
    const first = story('a')
    expect(story('a')).toEqual(first)
    expect(story('b')).not.toEqual(first)
    // A fresh process begins with these; 7.0.15 says the same when it is started by hand.
    expect(first.slice(-4)).toEqual([['0.39646477363839', 85], 1, [0], ['1800000000', '0']])
    // Another process, another provider.
    const other = await createRedisServerProvider()
    const saved = provider
    provider = other
    const elsewhere = story('a')
    provider = saved
    await other.close()
    expect(elsewhere).toEqual(first)
  })

  it('finds default settings after a world that changed them', () => {
    const node = provider.node('redis-1', { seed: 'a', nowUs: T0_US })
    new Client(node).call('CONFIG', 'SET', 'maxmemory', '100mb')
    node.stop()
    expect(new Client(start()).call('CONFIG', 'GET', 'maxmemory')).toEqual([['maxmemory', '0']])
  })
})
