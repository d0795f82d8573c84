/**
 * The in-memory Redis by itself: textbook replies, time, blocked clients, pauses, restarts, determinism. What it answers
 * to each command is compared with redis-server elsewhere; here stands what only this server has, or promises.
 */
import { describe, expect, it } from 'vitest'
import { type ConnectionSink, MemoryRedis, type RedisConnection } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeCommand } from './encode-command.ts'

const START_MS = 1_700_000_000_000

/** A server with a clock that the test moves, and clients whose replies are kept. */
function makeServer(seed = 'test') {
  let nowUs = START_MS * 1000
  const server = new MemoryRedis({ nowUs: () => nowUs, seed })
  return {
    server,
    /** Lets time pass and ends what is due, as the world does. */
    pass(ms: number) {
      nowUs += ms * 1000
      server.wake()
    },
    /** Moves the clock alone. */
    setMs(ms: number) {
      nowUs = ms * 1000
    },
    client(sink: Omit<ConnectionSink, 'onReply' | 'onBytes'> = {}) {
      const replies: Reply[] = []
      const connection = server.connect({ ...sink, onReply: (reply) => replies.push(reply) })
      const call = (...args: string[]): Reply | undefined => {
        connection.execute(args)
        return replies.at(-1)
      }
      return { connection, replies, call }
    },
  }
}

const OK = { kind: 'status', text: 'OK' }

describe('the textbook lock', () => {
  it('is taken by SET NX PX, refused to the next, and free again after the TTL', () => {
    const world = makeServer()
    const { call } = world.client()
    expect(call('SET', 'lock', 'a', 'NX', 'PX', '30000')).toEqual(OK)
    expect(call('SET', 'lock', 'b', 'NX', 'PX', '30000')).toBeNull()
    expect(call('PTTL', 'lock')).toBe(30000)
    world.pass(30000)
    expect(call('PTTL', 'lock'), 'at exactly the deadline the key still stands').toBe(0)
    expect(call('GET', 'lock')).toBe('a')
    world.pass(1)
    expect(call('SET', 'lock', 'b', 'NX', 'PX', '30000')).toEqual(OK)
  })

  it('follows the clock of the server, also when it jumps', () => {
    const world = makeServer()
    const { call } = world.client()
    call('SET', 'lock', 'a', 'PX', '1000')
    world.setMs(START_MS - 60_000)
    expect(call('PTTL', 'lock'), 'a clock that was set back makes leases longer').toBe(61_000)
    world.setMs(START_MS + 1001)
    expect(call('EXISTS', 'lock')).toBe(0)
  })

  it('sends the bytes of RESP2', () => {
    const { server } = makeServer()
    let bytes = ''
    const connection = server.connect({
      onBytes: (sent) => {
        bytes += sent
      },
    })
    for (const args of [
      ['SET', 'k', 'v'],
      ['GET', 'k'],
      ['GET', 'missing'],
      ['INCR', 'n'],
      ['LPOP', 'l', '1'],
      ['INCR', 'k'],
    ]) {
      connection.receive(encodeCommand(args))
    }
    expect(bytes).toBe('+OK\r\n$1\r\nv\r\n$-1\r\n:1\r\n*-1\r\n-ERR value is not an integer or out of range\r\n')
  })
})

describe('connections', () => {
  it('answers a pipeline in one write, as Redis does', () => {
    const { server } = makeServer()
    const writes: string[] = []
    const connection = server.connect({ onBytes: (bytes) => writes.push(bytes) })
    connection.receive('PING\r\nPING\r\nPI')
    connection.receive('NG\r\n')
    expect(writes).toEqual(['+PONG\r\n+PONG\r\n', '+PONG\r\n'])
  })

  it('gives the same replies with and without RESP', () => {
    const { server } = makeServer()
    const direct: Reply[] = []
    const client = server.connect({ onReply: (reply) => direct.push(reply) })
    for (const args of [
      ['HELLO', '3'],
      ['CONFIG', 'GET', 'hz'],
      ['HELLO', '2'],
      ['CONFIG', 'GET', 'hz'],
      ['CLIENT', 'TRACKINGINFO'],
    ])
      client.execute(args)
    expect(direct[1]).toEqual({ kind: 'map', entries: [['hz', '10']] })
    expect(direct[3], 'a RESP2 client never sees a map').toEqual(['hz', '10'])
    expect(direct[4]).toEqual(['flags', ['off'], 'redirect', -1, 'prefixes', []])
  })

  it('takes bytes and commands on one connection in the order they came', () => {
    const world = makeServer()
    const { connection, replies } = world.client()
    connection.receive('SET k 1\r\n')
    connection.execute(['INCR', 'k'])
    connection.receive('INCR k\r\n')
    expect(replies).toEqual([OK, 2, 3])
  })

  it('runs what a reply makes its client send only after the present command', () => {
    const { server } = makeServer()
    const seen: string[] = []
    const replies: Reply[] = []
    const connection: RedisConnection = server.connect({
      onReply: (reply) => {
        replies.push(reply)
        if (replies.length < 3) {
          seen.push('sends')
          connection.execute(['INCR', 'n'])
          seen.push('has sent')
        }
      },
    })
    connection.execute(['INCR', 'n'])
    expect(replies).toEqual([1, 2, 3])
    expect(seen).toEqual(['sends', 'has sent', 'sends', 'has sent'])
  })

  it('tells the client when it closes, once, and takes nothing more', () => {
    const world = makeServer()
    let closedCount = 0
    const { connection, call, replies } = world.client({ onClose: () => closedCount++ })
    call('QUIT')
    connection.execute(['PING'])
    connection.receive('PING\r\n')
    connection.close()
    expect({ closedCount, replies }).toEqual({ closedCount: 1, replies: [OK] })
    expect(world.server.connections.size).toBe(0)
  })

  it('gives everything back when a client is gone', () => {
    const world = makeServer()
    const gone = world.client()
    gone.call('SUBSCRIBE', 'c')
    const watcher = world.client()
    watcher.call('WATCH', 'k')
    const waiting = world.client()
    waiting.call('BLPOP', 'l', '0')
    for (const { connection } of [gone, watcher, waiting]) connection.close()
    const { call } = world.client()
    expect(call('PUBLISH', 'c', 'x')).toBe(0)
    expect(call('RPUSH', 'l', 'x')).toBe(1)
    expect(call('LLEN', 'l'), 'nobody took it').toBe(1)
    expect(world.server.database(0).onChange, 'nobody listens any more').toBeNull()
    expect(world.server.waiting.blockedCount).toBe(0)
  })

  it('ends other connections on CLIENT KILL', () => {
    const world = makeServer()
    let isClosed = false
    const victim = world.client({ onClose: () => (isClosed = true) })
    const id = victim.call('CLIENT', 'ID')
    expect(world.client().call('CLIENT', 'KILL', 'ID', String(id))).toBe(1)
    expect(isClosed).toBe(true)
  })

  it('refuses 512 MB that were only claimed', () => {
    const { server } = makeServer()
    let bytes = ''
    let isClosed = false
    const connection = server.connect({
      onBytes: (sent) => {
        bytes += sent
      },
      onClose: () => {
        isClosed = true
      },
    })
    connection.receive('*2\r\n$3\r\nGET\r\n$536870913\r\n')
    expect(bytes).toBe('-ERR Protocol error: invalid bulk length\r\n')
    expect(isClosed).toBe(true)
  })

  it('shows MONITOR what runs, scripts before their commands, nothing administrative', () => {
    const world = makeServer()
    const monitor = world.client()
    monitor.call('MONITOR')
    const { call } = world.client({ address: '10.0.0.1:5000' })
    call('SET', 'k', 'a"b\n\x01')
    call('CONFIG', 'GET', 'hz')
    expect(monitor.call('GET', 'k')).toEqual({ kind: 'error', text: "ERR Replica can't interact with the keyspace" })
    expect(monitor.replies.slice(0, -1)).toEqual([
      OK,
      { kind: 'status', text: '1700000000.000000 [0 10.0.0.1:5000] "SET" "k" "a\\"b\\n\\x01"' },
    ])
  })
})

describe('blocked clients', () => {
  it('wait until somebody pushes, the longest first', () => {
    const world = makeServer()
    const [first, second, pusher] = [world.client(), world.client(), world.client()]
    first.call('BLPOP', 'l', '0')
    second.call('BLPOP', 'l', '0')
    expect(pusher.call('RPUSH', 'l', 'x')).toBe(1)
    expect(first.replies).toEqual([['l', 'x']])
    expect(second.replies).toEqual([])
  })

  it('give up one millisecond after their timeout, and the server says when that is', () => {
    const world = makeServer()
    const { call, replies } = world.client()
    expect(world.server.wakeAtMs()).toBeNull()
    call('BLPOP', 'l', '1.5')
    expect(world.server.wakeAtMs()).toBe(START_MS + 1501)
    world.pass(1500)
    expect(replies).toEqual([])
    world.pass(1)
    expect(replies).toEqual([{ kind: 'nullArray' }])
    expect(world.server.wakeAtMs()).toBeNull()
  })

  it('answer in the order of their timeouts', () => {
    const world = makeServer()
    const order: string[] = []
    for (const [name, seconds] of [
      ['late', '2'],
      ['early', '1'],
      ['never', '0'],
    ] as const) {
      world.server.connect({ onReply: () => order.push(name) }).execute(['BLPOP', 'l', seconds])
    }
    world.pass(3000)
    expect(order).toEqual(['early', 'late'])
  })

  it('run later what they sent while they waited', () => {
    const world = makeServer()
    const { call, replies } = world.client()
    call('BLPOP', 'l', '0')
    call('SET', 'k', 'v')
    const other = world.client()
    expect(other.call('GET', 'k')).toBeNull()
    other.call('RPUSH', 'l', 'x')
    expect(replies).toEqual([['l', 'x'], OK])
    expect(other.call('GET', 'k')).toBe('v')
  })

  it('are freed by CLIENT UNBLOCK, with a timeout or with an error', () => {
    const world = makeServer()
    const waiting = world.client()
    const id = String(waiting.call('CLIENT', 'ID'))
    const { call } = world.client()
    waiting.call('BLPOP', 'l', '0')
    expect(call('CLIENT', 'UNBLOCK', id)).toBe(1)
    waiting.call('BLPOP', 'l', '0')
    expect(call('CLIENT', 'UNBLOCK', id, 'ERROR')).toBe(1)
    expect(call('CLIENT', 'UNBLOCK', id)).toBe(0)
    expect(waiting.replies.slice(1)).toEqual([
      { kind: 'nullArray' },
      { kind: 'error', text: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' },
    ])
  })
})

describe('CLIENT PAUSE', () => {
  it('holds commands back until its time is up, then runs them in the order they came', () => {
    const world = makeServer()
    const [a, b] = [world.client(), world.client()]
    expect(a.call('CLIENT', 'PAUSE', '100')).toEqual(OK)
    a.call('SET', 'k', 'a')
    b.call('APPEND', 'k', 'b')
    b.call('GET', 'k')
    expect([a.replies.length, b.replies.length]).toEqual([1, 0])
    expect(world.server.wakeAtMs()).toBe(START_MS + 101)
    world.pass(100)
    expect(b.replies).toEqual([])
    world.pass(1)
    expect(b.replies).toEqual([2, 'ab'])
    expect(world.server.wakeAtMs()).toBeNull()
    expect(world.server.gate).toBe(0)
  })

  it('with WRITE lets reads through, holds writes (also when they are only queued) and PUBLISH, and ends with UNPAUSE', () => {
    const world = makeServer()
    const [a, b, c, d] = [world.client(), world.client(), world.client(), world.client()]
    a.call('CLIENT', 'PAUSE', '100000', 'WRITE')
    expect(a.call('GET', 'k')).toBeNull()
    for (const args of [['MULTI'], ['SET', 'k', '1'], ['EXEC']]) b.connection.execute(args)
    c.call('PUBLISH', 'x', 'y')
    for (const args of [['MULTI'], ['GET', 'k'], ['EXEC']]) d.connection.execute(args)
    expect([b.replies.length, c.replies.length, d.replies.length]).toEqual([1, 0, 3])
    expect(a.call('CLIENT', 'UNPAUSE')).toEqual(OK)
    expect([b.replies.at(-1), c.replies.at(-1)]).toEqual([[OK], 0])
  })

  it('grows with a second pause but never shrinks', () => {
    const world = makeServer()
    const { call } = world.client()
    call('CLIENT', 'PAUSE', '100', 'WRITE')
    call('CLIENT', 'PAUSE', '50', 'WRITE')
    expect(world.server.wakeAtMs()).toBe(START_MS + 101)
  })
})

describe('watching from outside', () => {
  it('observes a key without touching it', () => {
    const world = makeServer()
    const { call } = world.client()
    call('SET', 'lock', 'token', 'PX', '100')
    call('HSET', 'h', 'owner', 'me')
    call('RPUSH', 'l', 'first', 'second')
    expect(world.server.observe('lock')).toEqual({ type: 'string', text: 'token', expireAtMs: START_MS + 100 })
    expect(world.server.observe('h')).toEqual({ type: 'hash', text: 'owner', expireAtMs: null })
    expect(world.server.observe('l')?.text).toBe('first')
    expect(world.server.observe('none')).toBeNull()
    world.pass(101)
    expect(world.server.observe('lock')).toBeNull()
    expect(call('DBSIZE'), 'the expired key was not removed by looking').toBe(3)
  })

  it('observes it in the first database that has it', () => {
    const world = makeServer()
    const { call } = world.client()
    call('SELECT', '2')
    call('SET', 'lock', 'in 2', 'PX', '100')
    expect(world.server.observe('lock')).toEqual({ type: 'string', text: 'in 2', expireAtMs: START_MS + 100 })
    call('SELECT', '0')
    call('SET', 'lock', 'in 0')
    expect(world.server.observe('lock')?.text).toBe('in 0')
    call('DEL', 'lock')
    world.pass(101)
    expect(world.server.observe('lock')).toBeNull()
  })
})

describe('restarts', () => {
  it('close every connection and forget data, scripts, settings and waits', () => {
    const world = makeServer()
    let closedCount = 0
    const { call } = world.client({ onClose: () => closedCount++ })
    call('SET', 'k', 'v')
    call('CONFIG', 'SET', 'requirepass', 'secret')
    world.client({ onClose: () => closedCount++ }).call('BLPOP', 'l', '10')
    const before = world.server.runId
    world.server.restart({ keepData: false })
    expect(closedCount).toBe(2)
    expect(world.server.wakeAtMs()).toBeNull()
    expect(world.server.runId).not.toBe(before)
    expect(world.client().call('GET', 'k')).toBeNull()
  })

  it('keep the data when they are told to, with its TTL', () => {
    const world = makeServer()
    world.client().call('SET', 'k', 'v', 'PX', '1000')
    world.server.restart({ keepData: true })
    const { call } = world.client()
    expect(call('PTTL', 'k')).toBe(1000)
    expect(call('CLIENT', 'ID'), 'ids begin again').toBe(1)
  })

  it('come after SHUTDOWN, which lets nobody connect', () => {
    const world = makeServer()
    let closedCount = 0
    world.client({ onClose: () => closedCount++ }).call('SHUTDOWN', 'NOSAVE')
    const late = world.client({ onClose: () => closedCount++ })
    late.call('PING')
    expect({ closedCount, replies: late.replies }).toEqual({ closedCount: 2, replies: [] })
    world.server.restart({ keepData: false })
    expect(world.client().call('PING')).toEqual({ kind: 'status', text: 'PONG' })
  })
})

describe('determinism', () => {
  it('draws everything random from the seed', () => {
    const story = (seed: string): readonly (Reply | undefined)[] => {
      const { call } = makeServer(seed).client()
      for (let index = 0; index < 20; index++) call('SADD', 's', `member ${index}`)
      for (let index = 0; index < 20; index++) call('SET', `key ${index}`, 'v')
      return [
        call('SPOP', 's'),
        call('RANDOMKEY'),
        call('SRANDMEMBER', 's', '5'),
        call('INFO', 'server'),
        call('ACL', 'GENPASS'),
      ]
    }
    expect(story('a')).toEqual(story('a'))
    expect(story('a')).not.toEqual(story('b'))
  })

  it('keeps the servers of a process apart', () => {
    const [one, other] = [makeServer(), makeServer()]
    one.client().call('SET', 'k', 'v')
    expect(other.client().call('GET', 'k')).toBeNull()
    expect(other.client().call('CLIENT', 'ID')).toBe(2)
  })
})

describe('SCAN', () => {
  it('hands out every key that is there the whole time exactly once, whatever else comes and goes', () => {
    const { call } = makeServer().client()
    for (let index = 0; index < 200; index++) call('SET', `stays:${index}`, 'v')
    const seen: string[] = []
    let cursor = '0'
    let round = 0
    do {
      const [next, names] = call('SCAN', cursor, 'COUNT', '7') as [string, string[]]
      seen.push(...names.filter((name) => name.startsWith('stays:')))
      cursor = next
      call('SET', `comes:${round}`, 'v')
      call('DEL', `comes:${round - 1}`)
      round++
    } while (cursor !== '0')
    expect(seen.length).toBe(200)
    expect(new Set(seen).size).toBe(200)
  })
})

it('refuses strings beyond 64 MiB, which Redis would keep', () => {
  const replies: unknown[] = []
  const connection = new MemoryRedis({ nowUs: () => 0 }).connect({ onReply: (reply) => replies.push(reply) })
  for (const line of ['SETRANGE k 536870911 x', 'SETBIT k 536870912 0', 'EXISTS k']) connection.execute(line.split(' '))
  const refused = { kind: 'error', text: "OOM command not allowed when used memory > 'maxmemory'." }
  expect(replies).toEqual([refused, refused, 0])
})

it('tells a client which keys it has to forget when the table of readers is full', () => {
  const replies: Reply[] = []
  const connection = new MemoryRedis({ nowUs: () => 0 }).connect({ onReply: (reply) => replies.push(reply) })
  for (const line of [
    'HELLO 3',
    'CLIENT TRACKING ON NOLOOP',
    'MGET a b',
    'CONFIG SET tracking-table-max-keys 1',
    'GET c',
  ]) {
    connection.execute(line.split(' '))
  }
  const forget = (key: string): Reply => ({ kind: 'push', items: ['invalidate', [key]] })
  const ok = { kind: 'status', text: 'OK' }
  expect(replies.slice(1)).toEqual([ok, [null, null], ok, forget('a'), null, forget('b')])
})
