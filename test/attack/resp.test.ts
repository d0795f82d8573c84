/**
 * RESP under attack: frames of every kind, whole, damaged, lying about their length, inline and binary, cut anywhere. The in-memory Redis
 * answers Redis's own error or a reply, throws nothing, gives the same bytes wherever the frames are cut, keeps serving others, and takes
 * memory for what was sent and not for what was claimed. Samples go to a real redis-server and through `lockstorm serve`.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commandNames } from '../../src/redis/commands/table.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { build } from '../cli/binary.ts'
import { type Served, serve } from '../cli/served.ts'
import { encodeCommand } from '../redis/encode-command.ts'
import { RealRedis } from '../redis/real-redis.ts'
import { SEED, tell, timeoutMs, tries } from './attack.ts'

/** Frames of one connection. */
const FRAMES = 10
/** Of 1,000,000 frames, one connection each ten of them. */
const CONNECTIONS = tries(500, 100_000)
const COMPARED = tries(500, 20_000)
const SERVED = tries(100, 10_000)
/** The heap may grow by this much while all frames are sent: caches of spellings and scripts, and what is not collected yet. */
const GROWTH_BYTES_MAX = 150e6

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
const binary = fc.string({ unit: byte, maxLength: 20 })
const giant = fc.constantFrom(
  ...['-1', '-2', '0', '00', '+1', '1 ', '1e3', '0x10', '1048576', '1048577', '2147483647', '2147483648', '536870912'],
  ...[
    '536870913',
    '-2147483648',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '99999999999999999999999',
  ],
)
const word = fc.oneof(
  fc.constantFrom(
    'k',
    'l',
    'h',
    'z',
    's',
    'a',
    '',
    '0',
    '1',
    '-1',
    '1.5',
    'inf',
    'nan',
    '*',
    '$',
    '\r\n',
    '\0',
    '__proto__',
    'constructor',
  ),
  giant,
  binary,
)
/** Commands whose answers are the same on every server that was asked the same before. */
const PLAIN = (
  'get set del incr decrby append strlen getrange setrange getset mset mget lpush rpush lpop lrange llen lset hset hget hdel hlen zadd ' +
  'zscore zrange zrem sadd scard sismember srem exists type expire persist rename ping echo select multi exec discard watch unwatch setbit ' +
  'getbit bitcount incrbyfloat object quit auth nonsense'
).split(' ')
/** What ends the server, or makes it wait for real time. */
const ENDING = ['shutdown', 'debug', 'client', 'migrate', 'replicaof', 'slaveof', 'failover']
const EVERY = commandNames().filter((name) => !ENDING.includes(name))

const commandOf = (names: readonly string[]): fc.Arbitrary<readonly string[]> =>
  fc.tuple(fc.constantFrom(...names), fc.array(word, { maxLength: 5 })).map(([name, args]) => [name, ...args])

/** One change of some bytes. */
const change = fc.oneof(
  fc.tuple(fc.constant('flip' as const), fc.nat(200), byte),
  fc.tuple(fc.constant('insert' as const), fc.nat(200), binary),
  fc.tuple(fc.constant('drop' as const), fc.nat(200), fc.constant('')),
  fc.tuple(fc.constant('cut' as const), fc.nat(200), fc.constant('')),
  fc.tuple(fc.constant('length' as const), fc.nat(5), giant),
)

function changed(bytes: string, [kind, place, by]: [string, number, string]): string {
  const at = bytes.length === 0 ? 0 : place % bytes.length
  switch (kind) {
    case 'flip':
      return bytes.slice(0, at) + by + bytes.slice(at + 1)
    case 'insert':
      return bytes.slice(0, at) + by + bytes.slice(at)
    case 'drop':
      return bytes.slice(0, at) + bytes.slice(at + 1)
    case 'cut':
      return bytes.slice(0, at)
    default: {
      // The length of the array, or of one of its strings.
      let index = -1
      return bytes.replace(/([*$])-?\d+\r\n/g, (whole, mark) => (++index === place ? `${mark}${by}\r\n` : whole))
    }
  }
}

const frameOf = (names: readonly string[]): fc.Arbitrary<string> => {
  const whole = commandOf(names).map(encodeCommand)
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    {
      weight: 5,
      arbitrary: fc
        .tuple(whole, fc.array(change, { minLength: 1, maxLength: 2 }))
        .map(([bytes, changes]) => changes.reduce(changed, bytes)),
    },
    { weight: 2, arbitrary: commandOf(names).map((args) => `${args.join(' ')}\r\n`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('*', '$', ':', '%', '\r\n', '"', "'"), giant)
        .map(([mark, length]) => `${mark}${length}\r\n`),
    },
    { weight: 1, arbitrary: binary },
  )
}

const framesOf = (names: readonly string[]) => fc.array(frameOf(names), { minLength: FRAMES, maxLength: FRAMES })
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })

function pieces(bytes: string, sizes: readonly number[]): string[] {
  const found: string[] = []
  for (let start = 0; start < bytes.length; ) {
    const size = sizes[found.length % sizes.length] as number
    found.push(bytes.slice(start, start + size))
    start += size
  }
  return found
}

const scripts = loadLuaEngine()

/** A server of its own, and what it answers to these pieces. */
function answered(chunks: readonly string[]): { readonly server: MemoryRedis; readonly bytes: string } {
  const server = new MemoryRedis({ nowUs: () => 1_700_000_000_000_000, scripts })
  let bytes = ''
  const connection = server.connect({
    onBytes: (more) => {
      bytes += more
    },
  })
  for (const chunk of chunks) connection.receive(chunk)
  return { server, bytes }
}

const collect = (globalThis as { gc?: () => void }).gc
const heapBytes = (): number => {
  collect?.()
  return process.memoryUsage().heapUsed
}

it('answers every frame, the same wherever it is cut, throws nothing and stays small', {
  timeout: timeoutMs(600_000),
}, () => {
  const before = heapBytes()
  let errors = 0
  fc.assert(
    fc.property(framesOf(EVERY), cuts, (frames, sizes) => {
      const sent = frames.join('')
      const whole = answered([sent])
      errors += whole.bytes.includes('-ERR Protocol error') ? 1 : 0
      expect(answered(pieces(sent, sizes)).bytes).toBe(whole.bytes)
      // Another client is served, unless a command that was sent has its say about others.
      if (/acl|config|auth|function|script|hello|replica|save|eval/i.test(sent)) return
      let pong = ''
      whole.server
        .connect({
          onBytes: (bytes) => {
            pong += bytes
          },
        })
        .receive('PING\r\n')
      expect(pong).toBe('+PONG\r\n')
    }),
    { numRuns: CONNECTIONS, seed: SEED },
  )
  expect(errors).toBeGreaterThan(CONNECTIONS / 20)
  const grown = heapBytes() - before
  expect(grown).toBeLessThan(GROWTH_BYTES_MAX)
  tell(
    'resp: frames, in one piece and in many',
    CONNECTIONS * FRAMES,
    [],
    `heap grew by ${(grown / 1e6).toFixed(0)} MB`,
  )
})

it('takes no memory for what is only claimed', () => {
  const before = process.memoryUsage().rss
  const servers = Array.from(
    { length: 200 },
    () => answered(['*2\r\n$3\r\nGET\r\n$536870912\r\nabc', '*2147483647\r\n$1\r\na\r\n']).server,
  )
  expect(servers).toHaveLength(200)
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6)
})

/** Everything a server sends until it closes the connection, which it does when it has read the end of what was sent. */
function exchanged(port: number, chunks: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('latin1').setNoDelay(true)
    socket.on('data', (bytes: string) => {
      received += bytes
    })
    // A server that closes while it is still being sent to resets the connection.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error),
    )
    socket.on('close', () => resolve(received))
    for (const chunk of chunks) socket.write(chunk, 'latin1')
    socket.end()
  })
}

let real: RealRedis
let served: Served
beforeAll(async () => {
  await build()
  real = await RealRedis.start()
  served = await serve()
}, 120_000)
afterAll(async () => {
  await real?.stop()
  await served?.end('SIGTERM')
})

it('answers what redis-server answers', { timeout: timeoutMs(600_000) }, async () => {
  await fc.assert(
    fc.asyncProperty(framesOf(PLAIN), async (frames) => {
      const sent = frames.join('')
      const ours = answered([sent]).bytes
      // Documented: strings beyond 64 MiB, where redis-server takes up to 512.
      fc.pre(!ours.includes('-OOM '))
      await exchanged(real.port, ['FLUSHALL\r\n'])
      expect(ours).toBe(await exchanged(real.port, [sent]))
    }),
    { numRuns: COMPARED, seed: SEED },
  )
  tell('resp: frames compared with redis-server', COMPARED * FRAMES, [])
})

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

it('is served to others by `lockstorm serve` after each attack', { timeout: timeoutMs(600_000) }, async () => {
  const pid = served.process.pid as number
  const before = residentBytes(pid)
  const commands = EVERY.filter((name) => !['acl', 'config', 'function', 'auth', 'hello', 'script'].includes(name))
  await fc.assert(
    fc.asyncProperty(framesOf(commands), cuts, async (frames, sizes) => {
      await exchanged(served.port, pieces(frames.join(''), sizes))
      expect(await exchanged(served.port, ['FLUSHALL\r\nPING\r\n'])).toBe('+OK\r\n+PONG\r\n')
    }),
    { numRuns: SERVED, seed: SEED },
  )
  const grown = residentBytes(pid) - before
  expect(grown).toBeLessThan(GROWTH_BYTES_MAX)
  tell('resp: frames through lockstorm serve', SERVED * FRAMES, [], `it grew by ${(grown / 1e6).toFixed(0)} MB`)
})
