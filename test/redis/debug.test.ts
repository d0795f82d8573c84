/** DEBUG on the in-memory Redis and on a redis-server whose configuration allows it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../src/redis/config.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { RealRedis } from './real-redis.ts'

let real: RealRedis
/** Where DEBUG RELOAD saves. */
const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-debug-'))
beforeAll(async () => {
  real = await RealRedis.start(['--enable-debug-command', 'yes', '--dir', folder])
})
afterAll(async () => {
  await real.stop()
  rmSync(folder, { recursive: true })
})

const allowed = readConfiguration([['enable-debug-command', 'yes']])

function memory(): (line: string) => string {
  if (typeof allowed === 'string') throw new Error(allowed)
  let last = ''
  const connection = new MemoryRedis({ nowUs: () => 0, configuration: allowed, scripts: loadLuaEngine() }).connect({
    onBytes: (bytes) => {
      last += bytes
    },
  })
  return (line) => {
    last = ''
    connection.receive(encodeReply(splitInline(line)!, 2))
    return last
  }
}

const DATA = [
  'FLUSHALL',
  'SET s text',
  'SET n 12345',
  'SET e v PX 100000000',
  'RPUSH l a b 3 70000',
  'SADD i 1 2 3',
  'SADD m a b c 1',
  'HSET h f v g 7',
  'ZADD z 1 a 2.5 b -0.1 c inf d 0.1 e',
  'XADD x 1-1 f v g w',
  'XADD x 2-5 f v',
  `EVAL "for i = 1, 600 do redis.call('hset', 'large', i, i * i) redis.call('zadd', 'zl', i / 7, i) end" 0`,
  'SELECT 3',
  'SET other database',
  'SELECT 0',
]

const LINES = [
  'DEBUG DIGEST',
  ...['s', 'n', 'e', 'l', 'i', 'm', 'h', 'z', 'x', 'large', 'zl', 'none'].map((key) => `DEBUG DIGEST-VALUE ${key}`),
  'DEBUG DIGEST-VALUE s n',
  ...['string', 'integer', 'double', 'array', 'set', 'map', 'verbatim', 'true', 'false', 'bignum', 'null', 'foo'].map(
    (type) => `DEBUG PROTOCOL ${type}`,
  ),
  'DEBUG ERROR "ERR foo bar"',
  'DEBUG OBJECT none',
  'DEBUG SET-ACTIVE-EXPIRE 0',
  'DEBUG SET-ACTIVE-EXPIRE 1',
  'DEBUG FOO',
  'DEBUG constructor',
  'DEBUG __proto__',
  'DEBUG SLEEP',
  'DEBUG POPULATE 3',
  'GET key:2',
  'DEBUG POPULATE 2 x 3',
  'GET x:1',
  'DEBUG POPULATE 1 y 12',
  'GET y:0',
  'DEBUG PROTOCOL attrib',
  'DEBUG RELOAD FOO',
]

/** A library that is there already is loaded on top of itself only with MERGE. */
const LIBRARY = [
  'FLUSHALL',
  'FUNCTION LOAD "#!lua name=lib\nredis.register_function(\'f\', function() return 1 end)"',
  'DEBUG RELOAD NOFLUSH',
  'DEBUG RELOAD NOFLUSH MERGE',
  'FUNCTION LIST',
]

describe('DEBUG', () => {
  it('answers like redis-server', async () => {
    const client = await real.connect()
    const ours = memory()
    for (const line of DATA) expect(ours(line), line).toBe(await client.command(...splitInline(line)!))
    for (const line of LINES)
      expect(`${line} ${ours(line)}`).toBe(`${line} ${await client.command(...splitInline(line)!)}`)
    client.close()
  })

  it('tells the size of a value as DUMP writes it', async () => {
    const client = await real.connect()
    const ours = memory()
    for (const line of DATA) ours(line)
    for (const key of ['s', 'n', 'l', 'i', 'h', 'z', 'x']) {
      const told = [ours(`DEBUG OBJECT ${key}`), await client.command('DEBUG', 'OBJECT', key)]
      const [mine, theirs] = told.map((text) => /refcount:\d+ encoding:\w+ serializedlength:\d+/.exec(text)?.[0])
      expect(mine).toBe(theirs)
    }
    client.close()
  })

  it('reloads what was there', async () => {
    const client = await real.connect()
    const ours = memory()
    for (const line of LIBRARY) expect(ours(line), line).toBe(await client.command(...splitInline(line)!))
    client.close()
  })
})
