/**
 * RESP under attack: frames of every kind, whole, damaged, lying about their length, inline and binary, cut anywhere, sent to servers of each
 * version, replicas, Sentinels and nodes of a Cluster. The in-memory Redis answers Redis's own error or a reply, throws nothing, gives the
 * same bytes wherever the frames are cut, keeps serving others, and takes memory for what was sent and not for what was claimed. Samples go
 * to a real redis-server and through `lockstorm serve`. What a server is told by one that it asked itself is damaged, too.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterPlan } from '../../src/redis/cluster/plan.ts'
import type { CommandRow } from '../../src/redis/commands/command-row.ts'
import { newerCommands } from '../../src/redis/commands/newer.ts'
import { commandTable } from '../../src/redis/commands/table.ts'
import { configurationOf } from '../../src/redis/config.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { status } from '../../src/redis/reply.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { sentinelCommands } from '../../src/redis/sentinel/commands.ts'
import { Sentinel } from '../../src/redis/sentinel/sentinel.ts'
import { EVERY_FEATURE, REDIS_VERSIONS } from '../../src/redis/version.ts'
import { build } from '../cli/binary.ts'
import { type Served, serve } from '../cli/served.ts'
import { encodeCommand } from '../redis/encode-command.ts'
import { RealRedis } from '../redis/real-redis.ts'
import { Household } from '../redis/sentinel/household.ts'
import { SEED, tell, timeoutMs, tries } from './attack.ts'

/** Frames of one connection. */
const FRAMES = 10
/** Of 1,000,000 frames, one connection each ten of them. */
const CONNECTIONS = tries(500, 100_000)
const COMPARED = tries(500, 20_000)
const SERVED = tries(100, 10_000)
const HOUSEHOLDS = tries(3, 1_000)
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
/** Names of commands, of their parts, and what some of them take: without them most of what is sent would be a syntax error. */
const OPTIONS = (
  'nx xx gt lt get keepttl ex px exat pxat persist ifeq ifne ifdeq ifdne fields fvs fnx fxx block count streams limit withscores ' +
  'byscore bylex rev match type novalues maxlen minid ~ = id justid force replace copy db async sync left right before after weights ' +
  'aggregate sum min max store withcoord frommember fromlonlat byradius m km asc desc any u8 i64 overflow sat bit byte encoding freq ' +
  'addr laddr user skipme normal pubsub master replica on off skip bcast prefix optin noloop yes no error timeout abort to importing ' +
  'migrating node stable takeover hard soft version maxmemory appendonly 127.0.0.1 6379 26379 16384 > + ( [ (1 [a'
).split(' ')
const rowsOf = (table: ReadonlyMap<string, CommandRow>) => [...table.values()]
/** A command with its subcommands, if it has any. */
const EVERY_ROW = [
  ...new Map(
    [commandTable(), newerCommands(EVERY_FEATURE), sentinelCommands()].flatMap(rowsOf).map((row) => [row.command, row]),
  ).values(),
]
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
  fc.constantFrom(...OPTIONS),
)
/** Commands whose answers are the same on every server that was asked the same before. */
const PLAIN = (
  'get set del incr decrby append strlen getrange setrange getset mset mget lpush rpush lpop lrange llen lset hset hget hdel hlen zadd ' +
  'zscore zrange zrem sadd scard sismember srem exists type expire persist rename ping echo select multi exec discard watch unwatch setbit ' +
  'getbit bitcount incrbyfloat object quit auth nonsense'
).split(' ')
/** A call of a command, or of one of its subcommands. */
type Call = readonly string[]
const EVERY: readonly Call[] = EVERY_ROW.flatMap(({ name, subcommands }): readonly Call[] => [
  [name],
  ...[...(subcommands?.keys() ?? [])].map((subcommand) => [name, subcommand]),
])
/** What ends a server, keeps it from serving others as it should, or sends what it has elsewhere in real time. */
const ENDING = 'shutdown debug client migrate replicaof slaveof failover acl config auth function script hello'.split(
  ' ',
)
/** What makes a server of several another one to its clients, as it should. */
const MOVING = [...ENDING, 'sentinel', 'cluster', 'psync', 'sync', 'replconf']

const commandOf = (calls: readonly Call[]): fc.Arbitrary<readonly string[]> =>
  fc.tuple(fc.constantFrom(...calls), fc.array(word, { maxLength: 5 })).map(([call, args]) => [...call, ...args])

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

const frameOf = (calls: readonly Call[]): fc.Arbitrary<string> => {
  const whole = commandOf(calls).map(encodeCommand)
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    {
      weight: 5,
      arbitrary: fc
        .tuple(whole, fc.array(change, { minLength: 1, maxLength: 2 }))
        .map(([bytes, changes]) => changes.reduce(changed, bytes)),
    },
    { weight: 2, arbitrary: commandOf(calls).map((args) => `${args.join(' ')}\r\n`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('*', '$', ':', '%', '\r\n', '"', "'"), giant)
        .map(([mark, length]) => `${mark}${length}\r\n`),
    },
    { weight: 1, arbitrary: binary },
  )
}

const framesOf = (calls: readonly Call[]) => fc.array(frameOf(calls), { minLength: FRAMES, maxLength: FRAMES })
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

const NOW_US = 1_700_000_000_000_000
const nowUs = (): number => NOW_US
const ADDRESSES = [1, 2, 3, 4, 5, 6].map((index) => ({ host: `n${index}`, port: 6379, busPort: 16_379 }))
/** Whatever it asks others, nobody answers. */
const dial = () => ({ send: () => {}, close: () => {} })

/** What frames are sent to. */
const SERVERS: Readonly<Record<string, () => MemoryRedis>> = {
  ...Object.fromEntries(REDIS_VERSIONS.map((version) => [version, () => new MemoryRedis({ nowUs, scripts, version })])),
  'one whose clock and insides are shown': () =>
    new MemoryRedis({
      ...{ nowUs, scripts, dial, version: '8.4', hasMovableClock: true, passMs: () => {} },
      configuration: configurationOf([['enable-debug-command', 'yes']]),
    }),
  'a primary': () => new MemoryRedis({ nowUs, scripts, dial, hasDisk: true, replication: {} }),
  'a replica': () =>
    new MemoryRedis({ nowUs, scripts, dial, replication: { primary: { host: 'primary', port: 6379 } } }),
  'a node of a Cluster': () => {
    const [member] = clusterPlan(ADDRESSES, 3, 'attack')
    const { nodes, replication } = member as NonNullable<typeof member>
    return new MemoryRedis({
      ...{ nowUs, scripts, dial, replication },
      configuration: configurationOf([['cluster-enabled', 'yes']]),
      cluster: { dial, nodes, isRunning: true },
    })
  },
  'a Sentinel': () =>
    new Sentinel({
      ...{ nowUs, dial, seed: 'attack', address: { host: 'sentinel', port: 26_379 } },
      primaries: [
        {
          ...{ name: 'mymaster', address: { host: 'primary', port: 6379 }, quorum: 1, downAfterMs: 1_000 },
          replicas: [{ host: 'replica', port: 6379 }],
        },
      ],
    }).redis,
}

/** A server of its own, and what it answers to these pieces. */
function answered(chunks: readonly string[], kind = '7.0'): { readonly server: MemoryRedis; readonly bytes: string } {
  const server = (SERVERS[kind] as () => MemoryRedis)()
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
    fc.property(fc.constantFrom(...Object.keys(SERVERS)), framesOf(EVERY), cuts, (kind, frames, sizes) => {
      const sent = frames.join('')
      const whole = answered([sent], kind)
      errors += whole.bytes.includes('-ERR Protocol error') ? 1 : 0
      expect(answered(pieces(sent, sizes), kind).bytes).toBe(whole.bytes)
      whole.server.tick()
      // Another client is served, unless a command that was sent has its say about others.
      if (
        kind !== '7.0' ||
        /acl|config|auth|function|script|hello|replica|save|eval|client|debug|shutdown|failover/i.test(sent)
      )
        return
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

it('lives through whatever servers and Sentinels that it asked itself answer', { timeout: timeoutMs(600_000) }, () => {
  const rare = fc.record({ at: fc.nat(400), change })
  let meddled = 0
  fc.assert(
    fc.property(fc.array(rare, { minLength: 1, maxLength: 6 }), fc.boolean(), (changes, isNew) => {
      const household = new Household()
      const { servers, data, sentinels } = household
      let count = 0
      servers.meddle = (bytes) => {
        const due = changes.filter(({ at }) => at === count)
        count += 1
        meddled += due.length
        return due.reduce((text, { change }) => changed(text, change), bytes)
      }
      data.get('redis-1')?.ask('SET', 'k', 'v')
      // A snapshot and a handshake are damaged, or a failover.
      if (isNew) {
        data.get('redis-2')?.ask('REPLICAOF', 'NO', 'ONE')
        data.get('redis-2')?.ask('SET', 'k', 'another')
        data.get('redis-2')?.ask('REPLICAOF', 'redis-1', '6379')
      } else household.paused.add('redis-1')
      household.pass(4_000)
      servers.meddle = (bytes) => bytes
      household.paused.clear()
      household.pass(100)
      for (const name of [...data.keys(), ...sentinels.keys()])
        expect(household.ask(name, 'PING')).toEqual(status('PONG'))
    }),
    { numRuns: HOUSEHOLDS, seed: SEED },
  )
  expect(meddled).toBeGreaterThan(HOUSEHOLDS)
  tell('resp: what servers tell each other', meddled, [])
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
const served = new Map<string, { readonly by: Served; readonly ports: readonly number[] }>()
beforeAll(async () => {
  await build()
  real = await RealRedis.start()
  for (const flags of [[], ['--redis-version', '8.4'], ['--sentinel'], ['--cluster']]) {
    const by = await serve(...flags)
    served.set(flags.join(' '), {
      by,
      ports: [...(by.nodes ?? [by.port]), ...(by.replicas ?? []), ...(by.sentinels ?? [])],
    })
  }
}, 120_000)
afterAll(async () => {
  await real?.stop()
  for (const { by } of served.values()) await by.end('SIGTERM')
})

it('answers what redis-server answers', { timeout: timeoutMs(600_000) }, async () => {
  await fc.assert(
    fc.asyncProperty(framesOf(PLAIN.map((name) => [name])), async (frames) => {
      const sent = frames.join('')
      // What else would be sent, with ids of its own.
      fc.pre(!/sync/i.test(sent))
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

/** Its answer to PING, whether or not it would be served in the end. */
const alive = (port: number): Promise<string> => exchanged(port, ['PING\r\n'])

it.each(['', '--redis-version 8.4', '--sentinel', '--cluster'])(
  'is served to others by `lockstorm serve %s` after each attack',
  { timeout: timeoutMs(600_000) },
  async (flags) => {
    const { by, ports } = served.get(flags) as { by: Served; ports: readonly number[] }
    const pid = by.process.pid as number
    const before = residentBytes(pid)
    const calls = EVERY.filter(([name]) => !(ports.length === 1 ? ENDING : MOVING).includes(name as string))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ports), framesOf(calls), cuts, async (port, frames, sizes) => {
        await exchanged(port, pieces(frames.join(''), sizes))
        expect(await alive(port)).toBe('+PONG\r\n')
        if (ports.length === 1) expect(await exchanged(port, ['FLUSHALL\r\n'])).toBe('+OK\r\n')
      }),
      { numRuns: SERVED, seed: SEED },
    )
    for (const port of ports) expect(await alive(port)).toBe('+PONG\r\n')
    const grown = residentBytes(pid) - before
    expect(grown).toBeLessThan(GROWTH_BYTES_MAX)
    tell(
      `resp: frames through lockstorm serve ${flags}`,
      SERVED * FRAMES,
      [],
      `it grew by ${(grown / 1e6).toFixed(0)} MB`,
    )
  },
)
