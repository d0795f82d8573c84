/** What MONITOR shows, and in which order, as redis-server shows it. Times and addresses are blanked. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { encodeCommand } from './encode-command.ts'
import { startVirtualRedis, type VirtualRedis } from './virtual-redis.ts'

const LINES = [
  'SET k "a\\"b\\\\c\\n\\r\\t\\a\\b\\x01\\xff"',
  'GET nosuch',
  'SELECT 3',
  'SET k v',
  'CONFIG GET hz',
  'CLIENT ID',
  'CLIENT LIST',
  'FOO',
  'GET',
  `EVAL "redis.call('set','a',1) redis.pcall('incr','k') return redis.call('get','a')" 0`,
  'MULTI',
  'SET a 2',
  "EVAL \"return redis.call('incr','a')\" 0",
  'EXEC',
  'MULTI',
  'GET a',
  'DISCARD',
  'AUTH x',
  'AUTH default x',
  'HELLO 2 AUTH default x SETNAME y',
  'PING',
  'BLPOP list 0.001',
]

let real: VirtualRedis
beforeAll(async () => {
  real = await startVirtualRedis()
})
afterAll(() => real.close())

const blank = (bytes: string): string[] =>
  bytes
    .split('\r\n')
    .map((line) =>
      line.replace(/^\+[0-9.]+ \[([0-9]+) [^\]l][^\]]*\]/, '+TIME [$1 ADDRESS]').replace(/^\+[0-9.]+ /, '+TIME '),
    )
    // The bridge of the virtual clock asks questions of its own on a connection of its own.
    .filter((line) => !/"(?:PING|CONFIG|OBJECT|DEBUG)"/i.test(line) || line.includes('"hz"'))

it('shows commands as redis-server does', () => {
  const server = new MemoryRedis({ nowUs: () => real.startMs * 1000, scripts: loadLuaEngine() })
  let ours = ''
  server.connect({ onBytes: (bytes) => (ours += bytes) }).receive('MONITOR\r\n')
  const client = server.connect({ onBytes: () => {} })
  const monitor = real.connect()
  let theirs = monitor.send(encodeCommand(['MONITOR']))
  const other = real.connect()
  for (const line of LINES) {
    const bytes = encodeCommand(splitInline(line)!)
    client.receive(bytes)
    other.send(bytes)
    theirs += monitor.take()
  }
  expect(blank(ours)).toEqual(blank(theirs))
})
