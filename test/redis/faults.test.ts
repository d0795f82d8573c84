/**
 * The states that faults put a server into, against a redis-server that really is a replica, out of memory, unable to
 * save, or busy with a script that never ends.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { MemoryRedis, type ServerFault } from '../../src/redis/memory-redis.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { encodeCommand } from './encode-command.ts'
import { RealRedis } from './real-redis.ts'

const WRITES = [
  'SET k v',
  'DEL k',
  'INCR n',
  'EXPIRE k 10',
  'LPUSH l x',
  'GETEX k',
  'SORT l',
  'SORT_RO l',
  'FLUSHDB',
  'SETNX k v',
  'XYZ',
  'SET k',
]
const REPLICA = ['ROLE', 'WAIT 1 10', 'BLPOP l 1', 'SCRIPT FLUSH']
const READS = ['GET k', 'EXISTS k', 'PING', 'TTL k', 'PUBLISH a b', 'TIME x', 'SELECT 0', 'DBSIZE x', 'ECHO hi']
const SCRIPTS = [
  `EVAL "return redis.call('set','k','v')" 0`,
  `EVAL "return redis.pcall('set','k','v')" 0`,
  `EVAL "return redis.call('get','k')" 0`,
  `EVAL "return redis.call('del','k')" 0`,
  'EVAL "return 1" 0',
  `EVAL_RO "return redis.call('set','k','v')" 0`,
  'EVAL "#!lua\\nreturn 1" 0',
  'EVAL "#!lua flags=no-writes\\nreturn 1" 0',
  'EVAL "#!lua flags=allow-oom\\nreturn 1" 0',
  `EVAL "#!lua flags=allow-oom\\nreturn redis.call('set','k','v')" 0`,
  'EVAL_RO "#!lua\\nreturn 1" 0',
  'SCRIPT LOAD "#!lua\\nreturn 1"',
  'EVALSHA 2f8e3c3d3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a 0',
]
const TRANSACTIONS = [
  'MULTI',
  'GET k',
  'SET k v',
  'EXEC',
  'MULTI',
  'GET k',
  'PING',
  'EXEC',
  'MULTI',
  'GET k',
  'DISCARD',
  'MULTI',
  'EVAL "return 1" 0',
  'EXEC',
  'MULTI',
  'EVAL "#!lua\\nreturn 1" 0',
  'EXEC',
  'WATCH k',
  'UNWATCH',
  'EXEC',
  'SUBSCRIBE a',
  'UNSUBSCRIBE a',
]
const ALL = [...WRITES, ...READS, ...SCRIPTS, ...TRANSACTIONS]

const engine = loadLuaEngine()
let real: RealRedis | null = null
afterEach(async () => {
  await real?.stop()
  real = null
})

function memoryTranscript(fault: ServerFault, lines: readonly string[]): string[] {
  const server = new MemoryRedis({ nowUs: () => 1_700_000_000_000_000, scripts: engine })
  let received = ''
  const client = server.connect({
    onBytes: (bytes) => {
      received += bytes
    },
  })
  server.fault = fault
  return lines.map((line) => {
    client.receive(encodeCommand(splitInline(line)!))
    const reply = received
    received = ''
    return `${line} → ${reply}`
  })
}

async function realTranscript(server: RealRedis, lines: readonly string[]): Promise<string[]> {
  const client = await server.connect()
  const transcript: string[] = []
  for (const line of lines) transcript.push(`${line} → ${await client.command(...splitInline(line)!)}`)
  client.close()
  return transcript
}

describe('faults of a server', () => {
  it('answers READONLY like a replica', async () => {
    real = await RealRedis.start()
    await realTranscript(real, ['REPLICAOF 127.0.0.1 1'])
    const lines = [...REPLICA, ...ALL]
    expect(memoryTranscript({ readOnly: true }, lines)).toEqual(await realTranscript(real, lines))
  })

  it('answers OOM like a server without memory', async () => {
    real = await RealRedis.start()
    const lines = ['CONFIG SET maxmemory 1', ...ALL, 'CONFIG SET maxmemory 0', 'SET k v']
    expect(memoryTranscript({}, lines)).toEqual(await realTranscript(real, lines))
  })

  it.each(['allkeys-lru', 'allkeys-random', 'volatile-ttl', 'volatile-lfu'])(
    'evicts by %s before it answers OOM',
    async (policy) => {
      real = await RealRedis.start()
      const lines = [
        'SET kept v',
        'SET ends v PX 100000',
        'RPUSH list a b',
        'EXPIRE list 100',
        `CONFIG SET maxmemory-policy ${policy}`,
        'DBSIZE',
        'CONFIG SET maxmemory 1',
        'GET kept',
        'GET ends',
        'DBSIZE',
        'SET k v',
        ...ALL,
        'CONFIG SET maxmemory 0',
        'SET k v',
        'GET k',
      ]
      expect(memoryTranscript({}, lines)).toEqual(await realTranscript(real, lines))
    },
  )

  it('lets everything through while the limit is far above what is used', async () => {
    real = await RealRedis.start()
    const lines = ['CONFIG SET maxmemory 100mb', ...ALL]
    expect(memoryTranscript({}, lines)).toEqual(await realTranscript(real, lines))
  })

  it('is out of memory once much has been written, and has memory again when it is deleted', async () => {
    real = await RealRedis.start()
    // Small beside the limit, so that the buffers of the client that sends them do not count.
    const large = 'x'.repeat(100_000)
    const lines = [
      'CONFIG SET maxmemory 10mb',
      ...Array.from({ length: 150 }, (_, index) => `SET k${index} ${large}`),
      'FLUSHALL',
      'SET k v',
    ]
    // The first half fits by far, the last tenth by far not; where exactly it begins is no promise.
    const sure = (transcript: readonly string[]): string[] => [...transcript.slice(0, 76), ...transcript.slice(-15)]
    const memory = sure(memoryTranscript({}, lines)).map((line) => line.replace(large, '…'))
    expect(memory).toEqual(sure(await realTranscript(real, lines)).map((line) => line.replace(large, '…')))
    expect(memory.at(-3)).toMatch(/^SET k149 … → -OOM/)
    expect(memory.at(-1)).toBe('SET k v → +OK\r\n')
  })

  it('answers MISCONF like a server that cannot save', async () => {
    // In /proc no file can be made, so every snapshot fails.
    real = await RealRedis.start(['--dir', '/proc', '--save', '3600 1'])
    const client = await real.connect()
    await client.command('BGSAVE')
    while (!(await client.command('INFO', 'persistence')).includes('rdb_last_bgsave_status:err')) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    client.close()
    expect(memoryTranscript({ misconf: true }, ALL)).toEqual(await realTranscript(real, ALL))
  })

  it('answers LOADING to whatever needs data, as the command table says', () => {
    expect(
      memoryTranscript({ loading: true }, [
        'GET k',
        'SET k v',
        'SELECT 0',
        'ECHO x',
        'PING',
        'MULTI',
        'GET k',
        'EXEC',
        'AUTH x',
      ]),
    ).toEqual([
      'GET k → -LOADING Redis is loading the dataset in memory\r\n',
      'SET k v → -LOADING Redis is loading the dataset in memory\r\n',
      'SELECT 0 → +OK\r\n',
      'ECHO x → $1\r\nx\r\n',
      'PING → -LOADING Redis is loading the dataset in memory\r\n',
      'MULTI → +OK\r\n',
      'GET k → -LOADING Redis is loading the dataset in memory\r\n',
      'EXEC → -EXECABORT Transaction discarded because of previous errors.\r\n',
      'AUTH x → -ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n',
    ])
  })

  it('goes back to normal when the fault ends', () => {
    const replies: unknown[] = []
    const server = new MemoryRedis({ nowUs: () => 0 })
    const client = server.connect({ onReply: (reply) => replies.push(reply) })
    server.fault = { readOnly: true }
    client.execute(['SET', 'k', 'v'])
    server.fault = {}
    client.execute(['SET', 'k', 'v'])
    expect(replies).toEqual([
      { kind: 'error', text: "READONLY You can't write against a read only replica." },
      { kind: 'status', text: 'OK' },
    ])
    expect(server.gate).toBe(0)
  })
})

const ENDLESS = 'EVAL "while true do end" 0'
const WHILE_BUSY = [
  'GET k',
  'SET k v',
  'PING',
  'INFO',
  'FOO',
  'GET',
  'MULTI',
  'GET k',
  'EXEC',
  'DISCARD',
  'WATCH a',
  'AUTH x',
  'SCRIPT LOAD "return 1"',
  'EVAL "return 1" 0',
  'CLIENT ID',
  'SUBSCRIBE a',
  'SHUTDOWN',
  'HELLO 9',
  'SCRIPT EXISTS x',
  'CONFIG GET maxmemory',
]

/** The same with a caller whose script never ends. */
function busyMemory(
  script: string,
  lines: readonly string[],
): { readonly transcript: string[]; readonly caller: string } {
  const server = new MemoryRedis({ nowUs: () => 1_700_000_000_000_000, scripts: engine })
  let caller = ''
  server
    .connect({
      onBytes: (bytes) => {
        caller += bytes
      },
    })
    .receive(encodeCommand(splitInline(script)!))
  let received = ''
  const client = server.connect({
    onBytes: (bytes) => {
      received += bytes
    },
  })
  const transcript = lines.map((line) => {
    client.receive(encodeCommand(splitInline(line)!))
    const reply = received
    received = ''
    return `${line} → ${reply}`
  })
  return { transcript, caller }
}

async function busyReal(
  server: RealRedis,
  script: string,
  lines: readonly string[],
): Promise<{ readonly transcript: string[]; readonly caller: string }> {
  await realTranscript(server, ['CONFIG SET busy-reply-threshold 10'])
  const caller = await server.connect()
  caller.send(encodeCommand(splitInline(script)!))
  const probe = await server.connect()
  while (!(await probe.command('PING')).startsWith('-BUSY')) await new Promise((resolve) => setTimeout(resolve, 10))
  probe.close()
  const transcript = await realTranscript(server, lines)
  // Redis ends a killed script a moment after it has said OK.
  const replies = (await caller.replies(transcript.some((line) => line === 'SCRIPT KILL → +OK\r\n') ? 1 : 0)).join('')
  caller.close()
  return { transcript, caller: replies }
}

describe('a script that never ends', () => {
  it('makes the server busy until SCRIPT KILL, whose error its caller gets', async () => {
    real = await RealRedis.start()
    const lines = [...WHILE_BUSY, 'SCRIPT KILL']
    expect(busyMemory(ENDLESS, lines)).toEqual(await busyReal(real, ENDLESS, lines))
  })

  it('cannot be killed once it has written', async () => {
    real = await RealRedis.start()
    const script = `EVAL "redis.call('set','k','v') while true do end" 0`
    const lines = ['GET k', 'SCRIPT KILL', 'PING']
    expect(busyMemory(script, lines)).toEqual(await busyReal(real, script, lines))
  })

  it('keeps its caller, and what its caller sends meanwhile, waiting', () => {
    const server = new MemoryRedis({ nowUs: () => 0, scripts: engine })
    const replies: unknown[] = []
    const caller = server.connect({ onReply: (reply) => replies.push(reply) })
    caller.execute(['EVAL', 'while true do end', '0'])
    caller.execute(['PING'])
    expect(replies).toEqual([])
    server.connect({ onReply: () => {} }).execute(['SCRIPT', 'KILL'])
    expect(replies).toEqual([
      expect.objectContaining({
        kind: 'error',
        text: expect.stringContaining('Script killed by user with SCRIPT KILL'),
      }),
      { kind: 'status', text: 'PONG' },
    ])
  })

  it('holds the reply of a whole EXEC back', () => {
    const server = new MemoryRedis({ nowUs: () => 0, scripts: engine })
    const replies: unknown[] = []
    const caller = server.connect({ onReply: (reply) => replies.push(reply) })
    for (const args of [['MULTI'], ['EVAL', 'while true do end', '0'], ['PING'], ['EXEC']]) caller.execute(args)
    expect(replies).toHaveLength(3)
    server.connect({ onReply: () => {} }).execute(['SCRIPT', 'KILL'])
    expect(replies.slice(3)).toEqual([[expect.objectContaining({ kind: 'error' }), { kind: 'status', text: 'PONG' }]])
    expect(server.gate).toBe(0)
  })

  it('is forgotten by a restart', () => {
    const server = new MemoryRedis({ nowUs: () => 0, scripts: engine })
    server.connect({ onReply: () => {} }).execute(['EVAL', "redis.call('set','k','v') while true do end", '0'])
    server.restart({ keepData: true })
    const replies: unknown[] = []
    server.connect({ onReply: (reply) => replies.push(reply) }).execute(['GET', 'k'])
    expect(replies).toEqual(['v'])
  })
})
