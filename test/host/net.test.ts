/** `net.connect`, `tls.connect` and `dns.lookup` inside a world and outside of it. */
import dns from 'node:dns'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { VirtualSocket } from '../../src/host/socket.ts'
import { LOOPBACK } from '../../src/net/names.ts'
import { Network, networkOf } from '../../src/net/network.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { running, World } from '../../src/sim/world.ts'

const native = (await import(
  /* @vite-ignore */ `data:text/javascript,${encodeURIComponent("import { connect, createConnection } from 'node:net'; export const look = () => ({ connect, createConnection })")}`
)) as { look(): Record<string, unknown> }
const before = native.look()
installHost()

/** A world with two echo servers, redis-1 and other, that say their name first; and what a program says. */
async function inWorld(program: (say: (...values: unknown[]) => void) => unknown): Promise<unknown[]> {
  const world = new World('net')
  const network = new Network(world, { minUs: 100, maxUs: 100 })
  for (const name of ['redis-1', 'other']) {
    const process = world.addProcess(name)
    for (const port of [1, 6379, 6380]) {
      network.listen(process, port, (endpoint) => {
        endpoint.send(`I am ${name}`)
        return { onMessage: (message) => endpoint.send(message), onClose: () => {} }
      })
    }
  }
  for (const name of LOOPBACK) network.alias(name, { host: 'redis-1', port: 6379 })
  const said: unknown[] = []
  world.schedule(0, world.addProcess('A'), 'timer', () => {
    program((...values) => said.push(values.length === 1 ? values[0] : values))
  })
  await inMacrotask(() => runLoop(world))
  return said
}

const greeting = (socket: net.Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.once('data', (bytes) => resolve(String(bytes)))
    socket.once('error', reject)
  })

describe('inside a world', () => {
  it.each<[string, () => net.Socket, string]>([
    ['a port and a host', () => net.connect(6379, 'other'), 'I am other'],
    ['options', () => net.connect({ host: 'other', port: 6379 }), 'I am other'],
    ['createConnection', () => net.createConnection({ host: 'other', port: 1 }), 'I am other'],
    ['a port as a text', () => net.connect({ host: 'other', port: '6379' as unknown as number }), 'I am other'],
    ['a port alone', () => net.connect(6379), 'I am redis-1'],
    ['localhost', () => net.connect(6379, 'localhost'), 'I am redis-1'],
    ['127.0.0.1', () => net.connect({ host: '127.0.0.1', port: 6379 }), 'I am redis-1'],
    ['::1', () => net.connect({ host: '::1', port: 6379 }), 'I am redis-1'],
  ])('a socket leads into the simulated network: %s', async (_what, connect, expected) => {
    const said = await inWorld(async (say) => {
      const socket = connect()
      say(socket instanceof VirtualSocket, await greeting(socket))
    })
    expect(said).toEqual([[true, expected]])
  })

  it('a listener given to connect is called once, when the connection is there', async () => {
    const said = await inWorld((say) => {
      const socket = net.connect(6379, 'other', () => say('connected', socket.connecting, socket.remotePort))
      say(socket.connecting)
    })
    expect(said).toEqual([true, ['connected', false, 6379]])
  })

  it('a web server that listens ends the world, and is told what to do instead', async () => {
    const listening = inWorld(() => http.createServer().listen(3_000))
    await expect(listening).rejects.toThrow(
      /net\.test\.ts:\d+: net\.Server\.listen\(\): nobody outside .*\n.*require\.main === module.*`ask` of lockstorm/,
    )
    await expect(listening).rejects.toBeInstanceOf(UsageError)
  })

  it('an unknown host has no address', async () => {
    const said = await inWorld(async (say) => {
      say(await greeting(net.connect(6379, 'nowhere')).catch((error: NodeJS.ErrnoException) => error.message))
    })
    expect(said).toEqual(['getaddrinfo ENOTFOUND nowhere'])
  })

  it.each<[string, () => net.Socket]>([
    ['a name', () => net.connect({ host: 'cache.internal', port: 6380 })],
    ['an address', () => net.connect(6379, '10.1.2.3')],
    ['a path', () => net.connect('/run/redis.sock')],
    ['a path in options', () => net.connect({ path: '/run/redis.sock' })],
    ['TLS', () => tls.connect({ host: 'prod.example.com', port: 6380 })],
  ])('an unknown host leads to the machine that answers for it, where there is one: %s', async (_what, connect) => {
    const said = await inWorld(async (say) => {
      networkOf((running.process as SimProcess).world).substitute = { host: 'other', port: 6379 }
      say(await greeting(connect()))
    })
    expect(said).toEqual(['I am other'])
  })

  it('an unknown host leads where it was said to lead, also at the port of another service', async () => {
    const said = await inWorld(async (say) => {
      const network = networkOf((running.process as SimProcess).world)
      network.substitute = { host: 'redis-1', port: 6379 }
      network.alias('db.example.com', { host: 'other', port: 6379 })
      say(await greeting(net.connect({ host: 'db.example.com', port: 5432 })))
      say([...network.ledTo])
    })
    expect(said).toEqual(['I am other', [['db.example.com:5432', 'other']]])
  })

  it('the names that another machine answers for are kept', async () => {
    const said = await inWorld(async (say) => {
      const network = networkOf((running.process as SimProcess).world)
      network.substitute = { host: 'redis-1', port: 6379 }
      for (const host of ['cache.internal', 'other', 'cache.internal', 'localhost']) net.connect({ host, port: 6380 })
      net.connect('/run/redis.sock')
      say([...network.ledTo])
    })
    expect(said).toEqual([
      [
        ['cache.internal:6380', 'redis-1'],
        ['/run/redis.sock', 'redis-1'],
      ],
    ])
  })

  it('what is written while the socket is corked travels in one piece', async () => {
    const said = await inWorld(async (say) => {
      const socket = net.connect(6379, 'other')
      await greeting(socket)
      const pieces: string[] = []
      socket.on('data', (bytes) => pieces.push(String(bytes)))
      socket.cork()
      socket.cork()
      socket.write('a')
      socket.uncork()
      socket.write('b')
      socket.uncork()
      socket.write('c')
      socket.cork()
      socket.write('d')
      socket.end('e')
      await new Promise((resolve) => setTimeout(resolve, 10))
      say(pieces)
    })
    expect(said).toEqual([['ab', 'c', 'de']])
  })

  it('a name is its own address, also as a promise', async () => {
    const said = await inWorld(async (say) => {
      say(await dns.promises.lookup('other'), await dns.promises.lookup('other', { all: true }))
    })
    expect(said).toEqual([[{ address: 'other', family: 4 }, [{ address: 'other', family: 4 }]]])
  })

  it('TLS is a connection that calls itself secure', async () => {
    const said = await inWorld(async (say) => {
      const events: string[] = []
      const socket = tls.connect({ host: 'other', port: 6380 }, () => events.push('listener'))
      for (const event of ['connect', 'secureConnect']) socket.on(event, () => events.push(event))
      say(await greeting(socket), events, socket.encrypted, socket.authorized)
    })
    expect(said).toEqual([['I am other', ['connect', 'listener', 'secureConnect'], true, true]])
  })

  it('a name is its own address, in a later turn', async () => {
    const said = await inWorld((say) => {
      dns.lookup('other', (error, address, family) => say(error, address, family))
      dns.lookup('other', { all: true }, (error, addresses) => say(error, addresses))
      dns.lookup('other', 4, (error, address) => say(error, address))
      say('first')
    })
    expect(said).toEqual(['first', [null, 'other', 4], [null, [{ address: 'other', family: 4 }]], [null, 'other']])
  })

  it('every way in and out of a socket works', async () => {
    const said = await inWorld(async (say) => {
      const socket = net.connect(6379, 'other')
      say(await greeting(socket))
      const chains = [
        socket.setNoDelay(),
        socket.setKeepAlive(true, 1000),
        socket.ref(),
        socket.unref(),
        socket.pause(),
      ]
      say([...chains, socket.resume(), socket.setTimeout(0)].every((chained) => chained === socket))
      socket.cork()
      say(socket.write('text'), socket.write(Buffer.from([0, 128, 255])), socket.write(new Uint8Array([1, 2])))
      socket.uncork()
      const got: Buffer[] = []
      socket.on('data', (bytes) => got.push(bytes))
      await new Promise((resolve) => setTimeout(resolve, 1))
      say(Buffer.concat(got).toString('hex'), socket.bytesWritten, socket.bytesRead)
      socket.setEncoding('hex')
      socket.write('68c3', 'hex')
      say(await greeting(socket), socket.address())
    })
    expect(said).toEqual([
      'I am other',
      true,
      [true, true, true],
      ['746578740080ff0102', 9, 19],
      ['68c3', { address: '127.0.0.1', family: 'IPv4', port: 49152 }],
    ])
  })
})

describe('outside a world', () => {
  it('everything is the real thing', async () => {
    const server = net.createServer((socket) => socket.end('I am real')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    const socket = net.connect(port, '127.0.0.1')
    expect(socket).toBeInstanceOf(net.Socket)
    expect(await greeting(socket)).toBe('I am real')
    server.close()
    const address = await new Promise((resolve) => dns.lookup('127.0.0.1', (_error, found) => resolve(found)))
    expect(address).toBe('127.0.0.1')
  })

  it('modules that imported by name before it was installed see it', () => {
    const after = native.look()
    expect([after.connect === before.connect, after.createConnection === before.createConnection]).toEqual([
      false,
      false,
    ])
    expect(after.connect).toBe(net.connect)
  })
})
