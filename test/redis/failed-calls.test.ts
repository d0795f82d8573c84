/** Whose failure an error counts as, and how often, on the in-memory Redis and on redis-server. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { encodeCommand } from './encode-command.ts'
import { RealRedis } from './real-redis.ts'

let real: RealRedis
beforeAll(async () => {
  real = await RealRedis.start()
})
afterAll(() => real.stop())

const LINES: Readonly<Record<string, readonly string[]>> = {
  'a command': ['SET k v', 'SET k', 'INCR k', 'INCR n', 'FOO', 'EVALSHA abc 0'],
  'a script that its command ends': ['SET k v', `EVAL "redis.call('incr', 'k')" 0`],
  'a script that returns the error of its command': ['SET k v', `EVAL "return redis.pcall('incr', 'k')" 0`],
  'a script that goes on': ['SET k v', `EVAL "redis.pcall('incr', 'k') return 1" 0`],
  'a script with an error of its own': ['SET k v', `EVAL "redis.pcall('incr', 'k') return {err = 'OWN error'}" 0`],
  'a command that is refused in a script': [`EVAL_RO "return redis.pcall('set', 'k', 'v')" 0`],
}

/** Calls, refusals and failures, without times, in the order of names. */
const counts = (info: string): readonly string[] =>
  info
    .split('\r\n')
    .filter((line) => /^(?:cmdstat_|errorstat_|total_error_)/.test(line) && !/^cmdstat_(?:info|config)/.test(line))
    .map((line) => line.replace(/usec=.*?,usec_per_call=.*?,/, ''))
    .sort()

for (const [what, lines] of Object.entries(LINES)) {
  it(`counts the errors of ${what} as redis-server does`, async () => {
    const client = await real.connect()
    let bytes = ''
    const server = new MemoryRedis({ nowUs: () => 0, scripts: loadLuaEngine(), measureUs: () => 0 })
    const ours = server.connect({ onBytes: (more) => (bytes += more) })
    for (const line of ['FLUSHALL', 'CONFIG RESETSTAT', ...lines]) {
      ours.receive(encodeCommand(splitInline(line)!))
      await client.command(...splitInline(line)!)
    }
    bytes = ''
    ours.receive(encodeCommand(['INFO', 'everything']))
    expect(counts(bytes)).toEqual(counts(await client.command('INFO', 'everything')))
    client.close()
  })
}
