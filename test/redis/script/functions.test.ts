/**
 * Functions that never end, and libraries that never finish loading: what everybody is told, by Redis and in memory.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryRedis } from '../../../src/redis/memory-redis.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { encodeCommand, RealRedis } from '../real-redis.ts'

const ENDLESS = "#!lua name=lib\nredis.register_function('f', function()\n  while true do end\nend)"
const WRITING = ENDLESS.replace('while', "redis.call('set', 'k', 1) while")
const NEVER_LOADED = '#!lua name=lib\n\nwhile true do end'

describe('a function that never ends', () => {
  let real: RealRedis
  beforeAll(async () => {
    real = await RealRedis.start(['--busy-reply-threshold', '1'])
  })
  afterAll(() => real.stop())

  /** The conversation after `FCALL f 0`; the last line ends the function. */
  const LINES = [
    ['GET', 'k'],
    ['SCRIPT', 'KILL'],
    ['FUNCTION', 'KILL'],
  ]

  it('is killed with FUNCTION KILL, not with SCRIPT KILL', async () => {
    const caller = await real.connect()
    const other = await real.connect()
    await caller.command('FUNCTION', 'LOAD', ENDLESS)
    caller.send(encodeCommand(['FCALL', 'f', '0']))
    while (!(await other.command('GET', 'k')).startsWith('-BUSY'));
    const reality: string[] = []
    for (const line of LINES) reality.push(await other.command(...line))
    reality.push((await caller.replies(1)).join(''))
    caller.close()
    other.close()
    expect(inMemory(ENDLESS, LINES)).toEqual(reality)
    expect(reality[2]).toBe('+OK\r\n')
  })

  it('shows in FUNCTION STATS, and cannot be killed once it has written', () => {
    const [statistics, refusal] = inMemory(WRITING, [
      ['FUNCTION', 'STATS'],
      ['FUNCTION', 'KILL'],
    ])
    expect(statistics).toContain(
      '$4\r\nname\r\n$1\r\nf\r\n$7\r\ncommand\r\n*3\r\n$5\r\nFCALL\r\n$1\r\nf\r\n$1\r\n0\r\n',
    )
    expect(refusal).toMatch(/^-UNKILLABLE /)
  })

  it('is stopped while its library loads', async () => {
    const caller = await real.connect()
    const reality = await caller.command('FUNCTION', 'LOAD', 'REPLACE', NEVER_LOADED)
    caller.close()
    const memory = new MemoryRedis({ nowUs: () => 0, scripts: loadLuaEngine() })
    let bytes = ''
    memory.connect({ onBytes: (part) => (bytes += part) }).receive(encodeCommand(['FUNCTION', 'LOAD', NEVER_LOADED]))
    expect(bytes).toBe(reality)
  })
})

/** What a second client is answered line by line while the function runs, and then the caller. */
function inMemory(library: string, lines: readonly (readonly string[])[]): string[] {
  const server = new MemoryRedis({ nowUs: () => 0, scripts: loadLuaEngine() })
  let toCaller = ''
  let toOther = ''
  const caller = server.connect({ onBytes: (bytes) => (toCaller += bytes) })
  const other = server.connect({ onBytes: (bytes) => (toOther += bytes) })
  caller.receive(encodeCommand(['FUNCTION', 'LOAD', library]))
  toCaller = ''
  caller.receive(encodeCommand(['FCALL', 'f', '0']))
  const answers = lines.map((line) => {
    toOther = ''
    other.receive(encodeCommand(line))
    return toOther
  })
  return toCaller === '' ? answers : [...answers, toCaller]
}

describe('a library', () => {
  it('is loaded and called after a function that used a lot of memory', () => {
    const server = new MemoryRedis({ nowUs: () => 0, scripts: loadLuaEngine() })
    const replies: unknown[] = []
    const connection = server.connect({ onReply: (reply) => replies.push(reply) })
    const load = (name: string, body: string) =>
      connection.execute([
        'FUNCTION',
        'LOAD',
        `#!lua name=${name}\nredis.register_function('${name}', function() ${body} end)`,
      ])
    load('large', "return #string.rep('x', 1e7)")
    connection.execute(['FCALL', 'large', '0'])
    load('small', 'return 1')
    connection.execute(['FCALL', 'small', '0'])
    connection.execute(['FCALL', 'large', '0'])
    expect(replies).toEqual(['large', 10_000_000, 'small', 1, 10_000_000])
  })
})
