/** What a server tells of its commands when they take time: SLOWLOG, LATENCY, INFO commandstats and errorstats. */
import { describe, expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'

/** Each command takes 50 µs, and DEBUG SLEEP what it says. */
function server(): (line: string) => Reply {
  let us = 0
  const redis = new MemoryRedis({
    nowUs: () => 1_700_000_000_000_000 + us,
    scripts: loadLuaEngine(),
    measureUs: () => (us += 25),
    hasMovableClock: true,
    passMs: (ms) => {
      us += ms * 1000
    },
  })
  let last: Reply = null
  const connection = redis.connect({
    address: '127.0.0.1:5000',
    onReply: (reply) => {
      last = reply
    },
  })
  return (line) => {
    connection.execute(splitInline(line)!)
    return last
  }
}

const info = (run: (line: string) => Reply, section: string): readonly string[] => {
  const reply = run(`INFO ${section}`)
  const text = typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : String(reply)
  return text.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'))
}

describe('SLOWLOG', () => {
  it('logs what took longer than it may, the youngest first', () => {
    const run = server()
    run('CLIENT SETNAME me')
    run('SET k v')
    run('DEBUG CLOCK ADVANCE 20')
    run('DEBUG CLOCK ADVANCE 30')
    expect(run('SLOWLOG LEN')).toBe(2)
    const [youngest] = run('SLOWLOG GET') as Reply[][]
    expect(youngest).toEqual([1, 1_700_000_000, 30_025, ['DEBUG', 'CLOCK', 'ADVANCE', '30'], '127.0.0.1:5000', 'me'])
    run('SLOWLOG RESET')
    expect(run('SLOWLOG GET -1')).toEqual([])
  })

  it('keeps so many entries, arguments and bytes, and no secrets', () => {
    const run = server()
    run('CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3')
    run('SLOWLOG RESET')
    const long = `SADD set ${Array.from({ length: 40 }, (_, index) => index).join(' ')}`
    for (const line of ['PING', long, `SET k ${'A'.repeat(130)}`, 'ACL SETUSER u >secret', 'MULTI', 'GET k', 'EXEC'])
      run(line)
    const logged = (run('SLOWLOG GET 10') as Reply[][]).map((entry) => entry[3])
    expect(logged).toEqual([['GET', 'k'], ['MULTI'], ['ACL', 'SETUSER', '(redacted)', '(redacted)']])
    run('CONFIG SET slowlog-max-len 10')
    run(long)
    run(`SET k ${'A'.repeat(130)}`)
    const [set, sadd] = (run('SLOWLOG GET 2') as Reply[][]).map((entry) => entry[3] as string[])
    expect(set).toEqual(['SET', 'k', `${'A'.repeat(128)}... (2 more bytes)`])
    expect([sadd?.length, sadd?.at(-1)]).toEqual([32, '... (11 more arguments)'])
    run('CONFIG SET slowlog-log-slower-than -1')
    run('SLOWLOG RESET')
    run('PING')
    expect(run('SLOWLOG LEN')).toBe(0)
  })
})

describe('INFO', () => {
  it('counts calls, refusals and failures by command, and errors by code', () => {
    const run = server()
    for (const line of [
      'SET k v',
      'SET k',
      'INCR k',
      'INCR n',
      'FOO',
      'EVALSHA abc 0',
      'XGROUP CREATECONSUMER s g c',
    ]) {
      run(line)
    }
    run(`EVAL "return redis.pcall('incr', 'k')" 0`)
    run(`EVAL "return redis.call('incr', 'k')" 0`)
    run(`EVAL_RO "return redis.pcall('set', 'k', 'v')" 0`)
    expect(info(run, 'commandstats')).toEqual([
      'cmdstat_set:calls=1,usec=25,usec_per_call=25.00,rejected_calls=2,failed_calls=0',
      'cmdstat_incr:calls=4,usec=100,usec_per_call=25.00,rejected_calls=0,failed_calls=3',
      'cmdstat_evalsha:calls=1,usec=25,usec_per_call=25.00,rejected_calls=0,failed_calls=1',
      'cmdstat_xgroup|createconsumer:calls=1,usec=25,usec_per_call=25.00,rejected_calls=0,failed_calls=1',
      'cmdstat_eval:calls=2,usec=150,usec_per_call=75.00,rejected_calls=0,failed_calls=2',
      'cmdstat_eval_ro:calls=1,usec=25,usec_per_call=25.00,rejected_calls=0,failed_calls=1',
    ])
    expect(info(run, 'errorstats')).toEqual(['errorstat_ERR:count=7', 'errorstat_NOSCRIPT:count=1'])
    run('CONFIG RESETSTAT')
    expect(info(run, 'errorstats')).toEqual([])
  })
})

describe('LATENCY', () => {
  it('has a histogram of each command, and of what took long', () => {
    const run = server()
    run('CONFIG SET latency-monitor-threshold 10')
    run('CONFIG RESETSTAT')
    run('SET k v')
    run('CLIENT ID')
    run('DEBUG CLOCK ADVANCE 40')
    expect(run('LATENCY HISTOGRAM set client')).toEqual(['set', histogram(1), 'client|id', histogram(1)])
    expect(run('LATENCY HISTORY command')).toEqual([[1_700_000_000, 40]])
    expect(run('LATENCY LATEST')).toEqual([['command', 1_700_000_000, 40, 40]])
    expect(run('LATENCY GRAPH command')).toContain('command - high 40 ms, low 40 ms (all time high 40 ms)')
    expect(run('LATENCY GRAPH other')).toMatchObject({ text: "ERR No samples available for event 'other'" })
    expect(run('LATENCY RESET')).toBe(1)
    expect(run('LATENCY LATEST')).toEqual([])
  })

  const histogram = (count: number): Reply => ['calls', count, 'histogram_usec', [33, count]]
})

it('costs nothing where commands take no time', () => {
  const redis = new MemoryRedis({ nowUs: () => 0 })
  expect([redis.statistics, redis.gate]).toEqual([null, 0])
})
