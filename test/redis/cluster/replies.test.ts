/**
 * The replies of a cluster in memory beside those of one of real servers, byte for byte: the same commands to the same nodes.
 */
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfiguration } from '../../../src/redis/config.ts'
import { ServedCluster } from '../../../src/server/node/served-cluster.ts'
import { RealConnection } from '../real-redis.ts'
import { RealCluster } from './real-cluster.ts'

const SEED = 'replies'
const [A, B, C, , , REPLICA_OF_C] = [0, 1, 2, 3, 4, 5]

/** A client of each node, and what to call its ports. */
interface Side {
  readonly clients: readonly RealConnection[]
  readonly ports: readonly number[]
}

let real: RealCluster
let memory: ServedCluster
let sides: readonly [Side, Side]

async function clientsOf(ports: readonly number[]): Promise<Side> {
  const clients = await Promise.all(
    ports.map(async (port) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      await new Promise((resolve) => socket.once('connect', resolve))
      return new RealConnection(socket)
    }),
  )
  return { clients, ports }
}

beforeAll(async () => {
  real = await RealCluster.start(SEED)
  const configuration = readConfiguration([['cluster-node-timeout', '1000']])
  if (typeof configuration === 'string') throw new Error(configuration)
  memory = await ServedCluster.start({ port: 0, clock: 'real', version: '7.0', configuration, seed: SEED })
  sides = [await clientsOf(memory.nodes.map(({ port }) => port)), await clientsOf(real.nodes.map(({ port }) => port))]
  for (const side of sides) await settled(side)
}, 20_000)

afterAll(async () => {
  for (const { clients } of sides) for (const client of clients) client.close()
  memory.close()
  await real.stop()
})

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

/**
 * Waits until each node serves keys, and names all replicas: that there is something in their streams is said on the bus. And until each
 * primary counts its replica: WAIT does.
 */
async function settled({ clients, ports }: Side): Promise<void> {
  for (const client of clients) {
    while (!(await client.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) await pause()
    const named = async (): Promise<string> => client.command('CLUSTER', 'SLOTS')
    for (let slots = await named(); !ports.every((port) => slots.includes(`:${port}\r\n`)); slots = await named())
      await pause()
    const replication = async (): Promise<string> => client.command('INFO', 'replication')
    for (let told = await replication(); told.includes('role:master') && !told.includes('state=online'); ) {
      await pause()
      told = await replication()
    }
  }
}

/** Ports of both sides have one name each. */
const named = (reply: string, { ports }: Side): string =>
  ports.reduce((text, port, index) => text.replaceAll(`127.0.0.1:${port}`, `node-${index}`), reply)

type Step = readonly [number, ...string[]]

async function play(side: Side, steps: readonly Step[]): Promise<string[]> {
  const replies: string[] = []
  for (const [node, ...args] of steps) replies.push(named(await side.clients[node]!.command(...args), side))
  return replies
}

async function same(steps: readonly Step[]): Promise<void> {
  const [ours, theirs] = [await play(sides[0], steps), await play(sides[1], steps)]
  const told = (replies: readonly string[]): unknown => steps.map((step, index) => [step.join(' '), replies[index]])
  expect(told(ours)).toEqual(told(theirs))
}

// `foo` is in slot 12182 of C, `b` in 3300 of A, `a` in 15495 of C, `{x}…` in 16287 of C, `hello` in 866 of A.
const SCRIPT = "return redis.call('set', KEYS[1], ARGV[1])"
const UNDECLARED = "return redis.call('set', ARGV[1], 'v')"

/** The text of a bulk reply. */
const bulk = (reply: string): string => reply.slice(reply.indexOf('\r\n') + 2, -2)

const COMPARE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
const COMPARE_SHA1 = createHash('sha1').update(COMPARE).digest('hex')

it('sends to the owner of a slot, and refuses keys of several slots', () =>
  same([
    [A, 'SET', 'foo', '1'],
    [C, 'SET', 'foo', '1'],
    [B, 'GET', 'foo'],
    [A, 'MGET', 'foo', 'b'],
    [A, 'MGET', 'b', 'hello'],
    [A, 'DEL', '{b}1', '{b}2', 'b'],
    [C, 'MSET', '{x}1', '1', '{x}2', '2'],
    [A, 'WATCH', 'foo'],
    [A, 'WATCH', 'b', 'hello'],
    [A, 'PING'],
    [A, 'EVAL', 'return 1', '0'],
    [A, 'EVAL', SCRIPT, '1', 'foo', 'v'],
    [A, 'EVAL', SCRIPT, '2', 'foo', 'b', 'v'],
    [A, 'EVAL', SCRIPT, '9', 'foo'],
    [C, 'XREAD', 'STREAMS', 'foo', 'b', '0', '0'],
    [C, 'BLPOP', 'b', '1'],
    [C, 'SORT', 'foo', 'STORE', 'b'],
    [C, 'OBJECT', 'ENCODING', 'b'],
    [C, 'PUBLISH', 'foo', 'v'],
    [C, 'UNLINK', 'foo'],
    [A, 'NOSUCH', 'foo'],
    [A, 'GET'],
    [A, 'WAIT', '0', '10'],
    [A, 'DBSIZE'],
    [A, 'RANDOMKEY'],
  ]))

it('hashes what stands between braces', () =>
  same(
    [
      'foo',
      'foo{}{bar}',
      'foo{{bar}}zap',
      'foo{bar}{zap}',
      '{user1000}.following',
      '',
      '{}',
      'a}b{c',
      '{',
      '123456789',
    ].map((key): Step => [A, 'CLUSTER', 'KEYSLOT', key]),
  ))

it('has one database', () =>
  same([
    [A, 'SELECT', '0'],
    [A, 'SELECT', '1'],
    [A, 'SELECT', 'x'],
    [A, 'SWAPDB', '0', '1'],
    [A, 'MOVE', 'b', '1'],
    [A, 'COPY', 'b', '{b}2', 'DB', '1'],
    [A, 'COPY', 'b', '{b}2', 'DB', '0'],
    [A, 'REPLICAOF', 'NO', 'ONE'],
    [A, 'FLUSHALL'],
    [A, 'INFO', 'cluster'],
  ]))

it('checks each command of a transaction where it is queued, and all of them at EXEC', () =>
  same([
    [A, 'MULTI'],
    [A, 'SET', 'foo', '1'],
    [A, 'SET', 'b', '1'],
    [A, 'EXEC'],
    [A, 'MULTI'],
    [A, 'SET', 'b', '1'],
    [A, 'SET', 'hello', '1'],
    [A, 'EXEC'],
    [A, 'GET', 'b'],
    [A, 'MULTI'],
    [A, 'SET', 'b', '1'],
    [A, 'GET', '{b}1'],
    [A, 'EXEC'],
    [A, 'MULTI'],
    [A, 'PING'],
    [A, 'EXEC'],
    [A, 'EXEC'],
  ]))

it('lets old scripts cross slots of this node, and new ones not', () =>
  same([
    [A, 'EVAL', UNDECLARED, '0', 'foo'],
    [A, 'EVAL', UNDECLARED, '0', 'b'],
    [A, 'EVAL', UNDECLARED, '1', 'b', 'hello'],
    [A, 'EVAL', `#!lua\n${UNDECLARED}`, '1', 'b', 'hello'],
    [A, 'EVAL', `#!lua\n${UNDECLARED}`, '1', 'b', '{b}1'],
    [A, 'EVAL', `#!lua\n${UNDECLARED}`, '0', 'hello'],
    [A, 'EVAL', `#!lua flags=allow-cross-slot-keys\n${UNDECLARED}`, '1', 'b', 'hello'],
    [A, 'EVAL', '#!lua flags=no-cluster\nreturn 1', '0'],
    [A, 'EVAL', "return redis.pcall('get', 'foo').err", '0'],
    [A, 'EVAL', "redis.call('set', 'b', '1') return redis.call('get', 'foo')", '1', 'b'],
    [A, 'EVAL', "return redis.call('select', 1)", '0'],
  ]))

it('lets a replica read for clients that said READONLY', () =>
  same([
    [C, 'SET', 'foo', 'v'],
    [C, 'WAIT', '1', '1000'],
    [REPLICA_OF_C, 'GET', 'foo'],
    [REPLICA_OF_C, 'READONLY'],
    [REPLICA_OF_C, 'GET', 'foo'],
    [REPLICA_OF_C, 'SET', 'foo', '1'],
    [REPLICA_OF_C, 'GET', 'b'],
    [REPLICA_OF_C, 'EVAL', "return redis.call('get', KEYS[1])", '1', 'foo'],
    [REPLICA_OF_C, 'EVAL', SCRIPT, '1', 'foo', 'v'],
    [REPLICA_OF_C, 'EVAL', `#!lua\n${SCRIPT}`, '1', 'foo', 'v'],
    [REPLICA_OF_C, 'MULTI'],
    [REPLICA_OF_C, 'GET', 'foo'],
    [REPLICA_OF_C, 'EXEC'],
    [REPLICA_OF_C, 'MULTI'],
    [REPLICA_OF_C, 'SET', 'foo', 'v'],
    [REPLICA_OF_C, 'EXEC'],
    [REPLICA_OF_C, 'READWRITE'],
    [REPLICA_OF_C, 'GET', 'foo'],
    [REPLICA_OF_C, 'WAIT', '1', '10'],
  ]))

it('keeps shard channels where their slot is', () =>
  same([
    [A, 'SPUBLISH', 'foo', 'v'],
    [C, 'SPUBLISH', 'foo', 'v'],
    [REPLICA_OF_C, 'SPUBLISH', 'foo', 'v'],
    [A, 'SSUBSCRIBE', 'foo'],
    [A, 'SSUBSCRIBE', 'b', 'hello'],
    [A, 'SUNSUBSCRIBE', 'foo'],
    [A, 'SUNSUBSCRIBE'],
    [A, 'PUBSUB', 'SHARDCHANNELS'],
  ]))

it('answers ASK, TRYAGAIN and MOVED while a slot moves', async () => {
  const id = async (node: number): Promise<string> =>
    (await sides[0].clients[node]!.command('CLUSTER', 'MYID')).split('\r\n')[1]!
  const [a, b] = [await id(A), await id(B)]
  // Slot 3300 moves from A to B.
  await same([
    [A, 'SET', 'b', 'v'],
    [A, 'SET', '{b}here', 'v'],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'MIGRATING', b],
    [B, 'CLUSTER', 'SETSLOT', '3300', 'IMPORTING', a],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'IMPORTING', b],
    [B, 'CLUSTER', 'SETSLOT', '3300', 'MIGRATING', a],
    [C, 'CLUSTER', 'SETSLOT', '3300', 'IMPORTING', '0'.repeat(40)],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'NODE', '0'.repeat(40)],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'NODE', b],
    [A, 'CLUSTER', 'SETSLOT', '99999', 'STABLE'],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'NONSENSE', b],
    [REPLICA_OF_C, 'CLUSTER', 'SETSLOT', '3300', 'STABLE'],
    [A, 'CLUSTER', 'COUNTKEYSINSLOT', '3300'],
    [A, 'CLUSTER', 'GETKEYSINSLOT', '866', '10'],
    [A, 'GET', 'b'],
    [A, 'GET', '{b}gone'],
    [A, 'SET', '{b}gone', 'v', 'NX'],
    [A, 'MGET', 'b', '{b}gone'],
    [A, 'MGET', 'b', '{b}here'],
    [A, 'MGET', '{b}gone', '{b}lost'],
    [A, 'EVAL', SCRIPT, '1', '{b}gone', 'v'],
    [A, 'MULTI'],
    [A, 'GET', '{b}gone'],
    [A, 'EXEC'],
    [B, 'GET', 'b'],
    [B, 'ASKING'],
    [B, 'GET', 'b'],
    [B, 'GET', 'b'],
    [B, 'ASKING'],
    [B, 'MGET', 'b', '{b}gone'],
    [B, 'ASKING'],
    [B, 'MULTI'],
    [B, 'SET', '{b}new', 'v'],
    [B, 'SET', '{b}new', 'w'],
    [B, 'EXEC'],
    [B, 'ASKING'],
    [B, 'MGET', '{b}new', '{b}new'],
    [C, 'GET', 'b'],
    [A, 'DEL', 'b'],
    [A, 'DEL', '{b}here'],
    [A, 'DEL', '{b}1'],
    [B, 'CLUSTER', 'SETSLOT', '3300', 'NODE', b],
    [A, 'CLUSTER', 'SETSLOT', '3300', 'NODE', b],
    [B, 'GET', '{b}new'],
    [A, 'GET', '{b}new'],
  ])
  // C hears of it on the bus.
  for (const { clients } of sides) {
    while (!(await clients[C]!.command('CLUSTER', 'SLOTS')).includes(':3300\r\n:3300\r\n')) await pause()
  }
  await same([[C, 'GET', 'b']])
})

it('answers clients of a lock before, while and after its slot moves', async () => {
  const id = async (node: number): Promise<string> =>
    (await sides[0].clients[node]!.command('CLUSTER', 'MYID')).split('\r\n')[1]!
  const [a, b] = [await id(A), await id(B)]
  const held = (node: number): readonly Step[] => [
    [node, 'SET', 'hello', 'B-1', 'NX', 'PX', '100000'],
    [node, 'GET', 'hello'],
    [node, 'EVAL', COMPARE, '1', 'hello', 'B-1'],
    [node, 'EVALSHA', COMPARE_SHA1, '1', 'hello', 'B-1'],
    [node, 'EVAL', COMPARE, '2', 'hello', '{hello}waiters', 'B-1'],
    [node, 'MULTI'],
    [node, 'GET', 'hello'],
    [node, 'EXEC'],
    [node, 'WATCH', 'hello'],
    [node, 'UNWATCH'],
  ]
  const asking = held(B).flatMap((step): Step[] => [[B, 'ASKING'], step])
  // Slot 866 moves from A to B: first nothing has, then the key has, then all are told.
  await same([[A, 'SCRIPT', 'LOAD', COMPARE], [A, 'SET', 'hello', 'A-1', 'PX', '100000'], ...held(A), ...held(B)])
  await same([
    [B, 'CLUSTER', 'SETSLOT', '866', 'IMPORTING', a],
    [A, 'CLUSTER', 'SETSLOT', '866', 'MIGRATING', b],
    ...held(A),
    ...asking,
    ...held(B),
    ...held(C),
  ])
  // ASKING let a client take the lock at B although A has it: no client asks there that A has not sent.
  await same([
    [B, 'ASKING'],
    [B, 'DEL', 'hello'],
  ])
  const [ours, theirs] = sides
  const payload = bulk(await ours.clients[A]!.command('DUMP', 'hello'))
  await ours.clients[B]!.command('RESTORE-ASKING', 'hello', '50000', payload)
  await ours.clients[A]!.command('DEL', 'hello')
  const moved = await theirs.clients[A]!.command('MIGRATE', '127.0.0.1', String(theirs.ports[B]), 'hello', '0', '1000')
  expect(moved).toBe('+OK\r\n')
  await same([...held(A), ...asking, ...held(B), ...held(C), [B, 'ASKING'], [B, 'PERSIST', 'hello']])
  await same([
    [B, 'CLUSTER', 'SETSLOT', '866', 'NODE', b],
    [A, 'CLUSTER', 'SETSLOT', '866', 'NODE', b],
    [C, 'CLUSTER', 'SETSLOT', '866', 'NODE', b],
    ...held(A),
    ...held(B),
    ...held(C),
    [B, 'DEL', 'hello'],
  ])
})

it('refuses what makes no sense', async () => {
  const none = '0'.repeat(40)
  const mine = (await sides[0].clients[A]!.command('CLUSTER', 'MYID')).split('\r\n')[1]!
  const replica = (await sides[0].clients[REPLICA_OF_C]!.command('CLUSTER', 'MYID')).split('\r\n')[1]!
  await same([
    [A, 'CLUSTER', 'COUNTKEYSINSLOT', '16384'],
    [A, 'CLUSTER', 'COUNTKEYSINSLOT', 'x'],
    [A, 'CLUSTER', 'GETKEYSINSLOT', '-1', '1'],
    [A, 'CLUSTER', 'GETKEYSINSLOT', '1', '-1'],
    [A, 'CLUSTER', 'ADDSLOTS', '1'],
    [A, 'CLUSTER', 'ADDSLOTS', 'x'],
    [A, 'CLUSTER', 'DELSLOTS', '16384'],
    [A, 'CLUSTER', 'ADDSLOTSRANGE', '5', '1'],
    [A, 'CLUSTER', 'ADDSLOTSRANGE', '5', '1', '2'],
    [A, 'CLUSTER', 'REPLICAS', none],
    [A, 'CLUSTER', 'REPLICAS', replica],
    [A, 'CLUSTER', 'COUNT-FAILURE-REPORTS', none],
    [A, 'CLUSTER', 'COUNT-FAILURE-REPORTS', mine],
    [A, 'CLUSTER', 'FORGET', none],
    [A, 'CLUSTER', 'FORGET', mine],
    [A, 'CLUSTER', 'REPLICATE', none],
    [A, 'CLUSTER', 'REPLICATE', mine],
    [A, 'CLUSTER', 'REPLICATE', replica],
    [A, 'CLUSTER', 'FAILOVER'],
    [A, 'CLUSTER', 'FAILOVER', 'NOW'],
    [A, 'CLUSTER', 'RESET', 'NOW'],
    [A, 'CLUSTER', 'SET-CONFIG-EPOCH', '7'],
    [A, 'CLUSTER', 'SET-CONFIG-EPOCH', '-7'],
    [A, 'CLUSTER', 'MEET', 'x', '1'],
    [A, 'CLUSTER', 'MEET', '127.0.0.1', 'x'],
    [A, 'CLUSTER', 'MEET', '127.0.0.1', '99999'],
    [A, 'CLUSTER', 'MEET', '127.0.0.1', '7000', 'x'],
    [A, 'CLUSTER', 'NOSUCH'],
    [A, 'CLUSTER', 'SLOTS', 'x'],
    [A, 'CLUSTER', 'HELP'],
    [A, 'CLUSTER'],
    [A, 'CLUSTER', 'SAVECONFIG'],
  ])
})

it('describes itself as real servers do', async () => {
  const shown = async ({ clients, ports }: Side, protocol: string): Promise<unknown> => {
    const client = clients[B]!
    const hello = await client.command('HELLO', protocol)
    const slots = await client.command('CLUSTER', 'SLOTS')
    const nodes = (await client.command('CLUSTER', 'NODES')).split('\r\n').slice(1).join('')
    const info = await client.command('CLUSTER', 'INFO')
    const shards = await client.command('CLUSTER', 'SHARDS')
    const withoutPorts = (text: string): string =>
      ports.reduce((before, port, index) => before.replaceAll(`:${port}\r\n`, `:<${index}>\r\n`), text)
    return {
      mode: /mode\r\n\$\d+\r\n\w+/.exec(hello)?.[0],
      slots: withoutPorts(slots),
      // The order of lines is that of a hash table, the times are of the moment.
      nodes: nodes
        .split('\n')
        .map((text) => text.replaceAll(/:(\d+)@\d+/g, (_, port: string) => `:<${ports.indexOf(Number(port))}>`))
        .map((text) => text.replace(/^txt:/, '').replace(/ \d+ \d+ (?=\d+ connected)/, ' '))
        .sort(),
      info: info.split('\r\n').filter((text) => !/stats_messages|^[=$]/.test(text)),
      shards: withoutPorts(shards).split('\r\n').length,
    }
  }
  for (const protocol of ['2', '3']) expect(await shown(sides[0], protocol)).toEqual(await shown(sides[1], protocol))
})
