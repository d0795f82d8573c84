/**
 * SCRIPT KILL: what the caller of a script that never ends is told, by Redis and by the engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeReply } from '../../../src/redis/resp/encode-reply.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { encodeCommand, RealRedis } from '../real-redis.ts'
import { TinyHost } from './tiny-host.ts'

const ENDLESS = [
  'while true do end',
  '\n\nwhile true do\n  local x = 1\nend',
  'while true do pcall(function() while true do end end) end',
  'repeat until pcall(error) == 5',
  'local function f() return f() end f()',
  'local f = coroutine.wrap(function() while true do end end) while true do pcall(f) end',
  'local co = coroutine.wrap(function() while true do end end) co()',
  'local ok, e = pcall(function() while true do end end) while true do end',
]

describe('a killed script', () => {
  let real: RealRedis
  beforeAll(async () => {
    real = await RealRedis.start(['--busy-reply-threshold', '1'])
  })
  afterAll(() => real.stop())

  it.each(ENDLESS)('%s', async (source) => {
    const caller = await real.connect()
    const killer = await real.connect()
    caller.send(encodeCommand(['EVAL', source, '0']))
    // Until the threshold has passed there is nothing to kill.
    while ((await killer.command('SCRIPT', 'KILL')) !== '+OK\r\n');
    const reality = (await caller.replies(1)).join('')
    caller.close()
    killer.close()

    const engine = loadLuaEngine()
    const host = new TinyHost()
    host.killAt = 3
    const script = engine.compile(source)
    expect('kind' in script ? script.text : encodeReply(engine.run(script, [], [], host), 2)).toBe(reality)
  })
})
