/**
 * math.random is one sequence per server: each test begins with two fresh servers.
 */
import { describe, expect, it } from 'vitest'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { Both } from './probes.ts'
import { TinyHost } from './tiny-host.ts'

const SEQUENCES: readonly (readonly string[])[] = [
  [
    'return tostring(math.random())',
    'return tostring(math.random())',
    'return {math.random(100), math.random(100), math.random(5, 10)}',
    'return math.random(1)',
    'return {math.random(-5, 5), math.random(-5, -5)}',
    'return math.random(2^31 - 1)',
    'return math.random(-2^31, 2^31 - 1)',
    'return math.random(0, 2^31 - 1)',
    'return math.random(2^32 + 10)',
    "return math.random('20', '30')",
    'return math.random(1.9, 5.9)',
    'return math.random(0)',
    'return math.random(5, 4)',
    'return math.random(1, 2, 3)',
    "return math.random('x')",
    'return tostring(math.random())',
  ],
  [
    'math.randomseed(0) return tostring(math.random())',
    'math.randomseed(1) return tostring(math.random())',
    'return tostring(math.random())',
    'math.randomseed(-5) return {math.random(1000), math.random(1000)}',
    'math.randomseed(2^32 + 7) return {math.random(1000), math.random(1000)}',
    'math.randomseed(7) return {math.random(1000), math.random(1000)}',
    'math.randomseed(1.9) return math.random(1000)',
    "math.randomseed('12') return math.random(1000)",
    'math.randomseed(0/0) return math.random(1000)',
    'math.randomseed()',
    "math.randomseed('x')",
    'local r = {} for i = 1, 200 do r[i] = math.random(1000) end return r',
    'return tostring(math.random())',
  ],
]

describe('math.random', () => {
  it.each(SEQUENCES)('runs on from script to script: %s …', async (...sequence) => {
    const both = await Both.start()
    try {
      for (const script of sequence) await both.same(['EVAL', script, '0'])
    } finally {
      await both.stop()
    }
  })

  it('begins as Redis 7.0 does', () => {
    const script = loadLuaEngine().compile('return tostring(math.random())')
    expect('kind' in script ? script : loadLuaEngine().run(script, [], [], new TinyHost())).toBe('0.39646477363839')
  })

  it('belongs to the server, not to the engine', () => {
    const engine = loadLuaEngine()
    const script = engine.compile('return math.random(1000000)')
    if ('kind' in script) throw new Error(script.text)
    const [one, other] = [new TinyHost(), new TinyHost()]
    const first = engine.run(script, [], [], one)
    expect(engine.run(script, [], [], one)).not.toBe(first)
    expect(engine.run(script, [], [], other)).toBe(first)
  })
})
