/**
 * What commands say to replicas, compared with what a real redis-server says to a client that calls itself a replica.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as openSocket, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../../src/redis/config.ts'
import { MemoryRedis } from '../../../src/redis/memory-redis.ts'
import { encodeRequest } from '../../../src/redis/resp/encode-request.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { RealRedis } from '../real-redis.ts'

/** Commands in groups; the servers are flushed between groups. A blank separates arguments. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'conditions and times to live of SET': [
    'SET k v NX PX 100000',
    'SET k v NX PX 100000',
    'SET k w XX EX 100',
    'set k v',
    'SET k v KEEPTTL',
    'SET k v GET',
    'SET k v XX GET PX 100000',
    'SET k v PXAT 99999999999999',
    'set k v get pxat 99999999999999',
    'SETEX k 100 v',
    'PSETEX k 100000 v',
    'SETNX k v',
    'SETNX other v',
    'GET k',
    'GETSET k w',
    'GETDEL k',
    'MSET a 1 b 2',
    'MSETNX a 1 c 2',
    'APPEND a x',
    'SETRANGE a 0 y',
  ],
  expiry: [
    'SET k v',
    'EXPIRE k 100',
    'PEXPIRE k 200000 GT',
    'EXPIREAT k 99999999999',
    'PEXPIREAT k 99999999999999',
    'EXPIRE missing 10',
    'PERSIST k',
    'PERSIST k',
    'GETEX k EX 100',
    'GETEX k PERSIST',
    'GETEX k',
    'EXPIRE k -1',
    'SET k v',
    'GETEX k PXAT 1',
    'SET k v',
    'PEXPIREAT k 1',
  ],
  'counters and deletions': [
    'INCR n',
    'INCRBY n 5',
    'DECR n',
    'INCRBYFLOAT n 1.5',
    'DEL missing',
    'DEL n missing',
    'UNLINK missing',
    'HSET h f 1 g 2',
    'HINCRBYFLOAT h f 1.5',
    'HINCRBY h g 2',
    'HDEL h f missing',
    'HDEL h missing',
    'HSETNX h g 1',
    'SETBIT b 7 1',
    'BITFIELD b SET u8 0 65',
    'BITOP NOT c b',
    'PFADD p a b',
    'PFADD p a b',
    'PFCOUNT p',
    'PFCOUNT p',
    'PFMERGE q p',
  ],
  collections: [
    'RPUSH l a b c d e f',
    'LPUSHX missing a',
    'LPOP l',
    'RPOP l 2',
    'LMOVE l m LEFT RIGHT',
    'RPOPLPUSH l m',
    'LMPOP 1 m LEFT COUNT 2',
    'LREM l 0 missing',
    'LTRIM l 0 0',
    'SADD s a b c',
    'SADD s a',
    'SPOP s',
    'SREM s missing',
    'SADD t a',
    'SPOP t',
    'SADD t a b',
    'SPOP t 5',
    'SMOVE s t missing',
    'ZADD z 1 a 2 b 3 c 4 d',
    'ZADD z NX 5 a',
    'ZINCRBY z 1 a',
    'ZPOPMIN z',
    'ZMPOP 1 z MAX COUNT 2',
    'ZREMRANGEBYSCORE z 100 200',
    'ZRANGESTORE y z 0 -1',
    'GEOADD g 13.361389 38.115556 Palermo',
    'GEOSEARCHSTORE h g FROMMEMBER Palermo BYRADIUS 10 km',
    'SORT s ALPHA STORE sorted',
    'COPY l copy',
    'RENAME copy renamed',
  ],
  'what waits, with something there': [
    'RPUSH l a b c d e f',
    'BLPOP l 0',
    'BRPOP none l 0',
    'BLMOVE l m LEFT RIGHT 0',
    'BRPOPLPUSH l m 0',
    'BLMPOP 0 1 m RIGHT COUNT 5',
    'ZADD z 1 a 2 b 3 c 4 d 5 e',
    'BZPOPMIN z 0',
    'BZPOPMAX none z 0',
    'BZMPOP 0 1 z MIN COUNT 2',
  ],
  streams: [
    'XADD x 1-1 f v',
    'XADD x MAXLEN 2 5-* f v',
    'XADD x NOMKSTREAM 9-9 f v',
    'XADD none NOMKSTREAM 9-9 f v',
    'XTRIM x MAXLEN 2',
    'XTRIM x MAXLEN 1',
    'XDEL x 1-1',
    'XGROUP CREATE x g 0',
    'XADD x 10-0 f v',
    'XADD x 11-0 f v',
    'XGROUP CREATECONSUMER x g d',
    'XREADGROUP GROUP g d COUNT 1 STREAMS x >',
    'XREADGROUP GROUP g d NOACK STREAMS x >',
    'XACK x g 1-1',
    'XCLAIM x g d 0 9-9',
    'XSETID x 20-0',
    'XGROUP DESTROY x g',
  ],
  databases: [
    'SELECT 1',
    'SET k v',
    'SELECT 0',
    'SET k v',
    'MOVE k 2',
    'SET k v',
    'COPY k k DB 3',
    'SWAPDB 0 1',
    'FLUSHDB',
    'FLUSHALL',
  ],
  'transactions and scripts': [
    'MULTI',
    'SET k v',
    'EXEC',
    'MULTI',
    'SET k v',
    'GET k',
    'INCR n',
    'EXEC',
    'MULTI',
    'GET k',
    'EXEC',
    'MULTI',
    'SELECT 1',
    'SET k v',
    'SELECT 0',
    'SET k v',
    'EXEC',
    "EVAL redis.call('set',KEYS[1],'v','px',100000,'nx')redis.call('incr','n') 1 lua",
    "EVAL redis.call('set',KEYS[1],'v','nx') 1 lua",
    "EVAL return{redis.call('del',KEYS[1])} 1 lua",
    "EVAL return{redis.call('get',KEYS[1])} 1 lua",
    "EVAL redis.call('select',1)redis.call('set','x','y') 0",
    'SCRIPT LOAD return{1}',
    'MULTI',
    "EVAL redis.call('set','a',1) 0",
    "EVAL redis.call('set','b',1) 0",
    'EXEC',
  ],
  'keys whose time was up when they were met': [
    'DEBUG SET-ACTIVE-EXPIRE 0',
    'SET late1 v PX 1',
    'SET late2 v PX 1',
    'DEBUG SLEEP 0.01',
    'SCAN 0',
    'SET late1 v PX 1',
    'SET late2 v PX 1',
    'DEBUG SLEEP 0.01',
    'RANDOMKEY',
    'SET late1 v PX 1',
    'SET late2 v PX 1',
    'DEBUG SLEEP 0.01',
    'MULTI',
    'SCAN 0',
    'EXEC',
    'DEBUG SET-ACTIVE-EXPIRE 1',
  ],
  messages: ['PUBLISH ch m', 'SPUBLISH ch m', 'MULTI', 'PUBLISH ch m', 'SET k v', 'EXEC'],
  refused: ['SET k', 'LPUSH l a', 'INCR l', 'SET k v PX 0', 'HSET l f v'],
}

const MARK = encodeRequest(['PUBLISH', 'mark', 'end'])

/** A server as its clients and its replica see it. */
interface Side {
  command(args: readonly string[]): Promise<void>
  /** What the replica was sent since the last call. */
  stream(): Promise<string>
  close(): void
}

describe('effects', () => {
  // The snapshot for a replica that does not know where one ends goes through a file.
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-effects-'))
  let redis: RealRedis
  let real: Side
  beforeAll(async () => {
    const settings = ['--repl-diskless-sync-delay', '0', '--hz', '100', '--enable-debug-command', 'yes']
    redis = await RealRedis.start([...settings, '--dir', folder])
    real = await realSide(redis)
  })
  afterAll(async () => {
    real.close()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })

  for (const [group, lines] of Object.entries(GROUPS)) {
    it(`of ${group} are those of redis-server`, async () => {
      const ours = memorySide()
      await real.command(['FLUSHALL'])
      await ours.command(['FLUSHALL'])
      await real.command(['SELECT', '0'])
      await real.command(['SET', 'first', 'database'])
      await ours.command(['SET', 'first', 'database'])
      await real.command(['FLUSHALL'])
      await ours.command(['FLUSHALL'])
      await real.stream()
      await ours.stream()
      for (const line of lines) {
        const args = line.split(' ')
        await real.command(args)
        await ours.command(args)
        expect(`${line}\n${await ours.stream()}`).toBe(`${line}\n${await real.stream()}`)
      }
    })
  }
})

/** Times of the present differ; members that were drawn do, too, and the order in which keys are met. */
const comparable = (bytes: string): string =>
  bytes
    .replace(/\$\d+\r\n/g, '')
    .replaceAll('\r\n', ' ')
    .replace(/\b1[78]\d{11}\b/g, '<now>')
    .replace(/(SREM s) [abc]/, '$1 <drawn>')
    .replace(/DEL late[12]/g, 'DEL <late>')
    .trim()

function memorySide(): Side {
  const configuration = readConfiguration([
    ['repl-diskless-sync-delay', '0'],
    ['enable-debug-command', 'yes'],
  ])
  const server = new MemoryRedis({
    nowUs: () => Date.now() * 1000,
    scripts: loadLuaEngine(),
    ...(typeof configuration === 'string' ? {} : { configuration }),
  })
  const client = server.connect({ onReply: () => {} })
  const other = server.connect({ onReply: () => {} })
  let bytes = ''
  const replica = server.connect({ onBytes: (more) => (bytes += more) })
  replica.receive(encodeRequest(['PSYNC', '?', '-1']))
  return {
    command: async (args) => client.execute(args),
    async stream() {
      other.execute(['PUBLISH', 'mark', 'end'])
      const part = bytes.slice(0, bytes.indexOf(MARK))
      bytes = ''
      return comparable(part.replace(/^\+FULLRESYNC[\s\S]*\xff[\s\S]{8}/, ''))
    },
    close: () => {},
  }
}

async function realSide(redis: RealRedis): Promise<Side> {
  const client = await redis.connect()
  const other = await redis.connect()
  const replica: Socket = openSocket(redis.port, '127.0.0.1').setEncoding('latin1')
  let bytes = ''
  let wake: () => void = () => {}
  replica.on('data', (more: string) => {
    bytes += more
    wake()
  })
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await new Promise<void>((resolve) => (wake = resolve))
  }
  replica.write(encodeRequest(['PSYNC', '?', '-1']))
  // The snapshot of an empty server ends with its checksum.
  await until(() => /\$\d+\r\nREDIS[\s\S]*\xff[\s\S]{8}/.test(bytes))
  bytes = bytes.replace(/^[\s\S]*REDIS[\s\S]*\xff[\s\S]{8}/, '')
  return {
    async command(args) {
      await client.command(...args)
    },
    async stream() {
      await other.command('PUBLISH', 'mark', 'end')
      await until(() => bytes.includes(MARK))
      const part = bytes.slice(0, bytes.indexOf(MARK))
      bytes = bytes.slice(bytes.indexOf(MARK) + MARK.length)
      return comparable(part)
    },
    close: () => replica.destroy(),
  }
}
