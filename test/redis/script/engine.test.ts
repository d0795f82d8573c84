/**
 * What the engine promises beyond Redis: no result depends on earlier scripts, no script brings it down, nothing grows.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../../src/redis/reply.ts'
import { encodeReply } from '../../../src/redis/resp/encode-reply.ts'
import type { ScriptEngine } from '../../../src/redis/script/engine.ts'
import { createLuaEngine, LuaScript } from '../../../src/redis/script/lua-engine.ts'
import { compileLua } from '../../../src/redis/script/lua-wasm.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { TinyHost } from './tiny-host.ts'

const module = compileLua(readFileSync(createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm')))

function run(engine: ScriptEngine, source: string, host = new TinyHost(), argv: readonly string[] = []): Reply {
  const script = engine.compile(source)
  return 'kind' in script ? script : engine.run(script, ['key'], argv, host)
}

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

describe('running scripts', () => {
  it('releases a lock only for its owner', () => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    host.values.set('key', 'mine')
    expect(run(engine, RELEASE, host, ['other'])).toBe(0)
    expect(run(engine, RELEASE, host, ['mine'])).toBe(1)
    expect(run(engine, RELEASE, host, ['mine'])).toBe(0)
    expect(host.calls).toEqual(['get key', 'get key', 'del key', 'get key'])
  })

  it('compiles a source once and names it by its SHA-1', () => {
    const engine = createLuaEngine(module)
    const script = engine.compile('return 1')
    expect(engine.compile('return 1')).toBe(script)
    expect(script).toMatchObject({ sha1: 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', flags: null })
  })

  it('knows what the first line of a script promises', () => {
    const script = createLuaEngine(module).compile('#!lua flags=no-writes,allow-oom\nreturn 1')
    expect(script).toBeInstanceOf(LuaScript)
    expect((script as LuaScript).flags).toEqual(new Set(['no-writes', 'allow-oom']))
  })

  it('hands over logs and RESP versions', () => {
    const host = new TinyHost()
    run(loadLuaEngine(), "redis.log(redis.LOG_WARNING, 'a', 1, {}, 'b') redis.setresp(3) redis.setresp(2)", host)
    expect(host.logged).toEqual(['3 a 1 b'])
    expect(host.versions).toEqual([3, 2])
  })

  it('runs scripts of another engine, and of an engine that has forgotten them', () => {
    const script = createLuaEngine(module).compile('return ARGV[1]')
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    for (let i = 0; i < 3; i++) {
      expect('kind' in script ? script : engine.run(script, [], [`${i}`], host)).toBe(`${i}`)
      run(engine, 'return tostring({})', host)
    }
  })
})

describe('no result depends on earlier scripts', () => {
  /** Scripts that show addresses, the order of keys that are objects, the garbage collector, or the end of memory. */
  const revealing = [
    'return tostring({})',
    'return tostring(function() end) .. tostring(coroutine.create(function() end)) .. tostring(redis)',
    'local t = {} for i = 1, 30 do t[{}] = i end local r = {} for k, v in pairs(t) do r[#r + 1] = v end return r',
    'local t = {} for i = 1, 30 do t[function() return i end] = i end local r = {} for k, v in next, t do r[#r + 1] = v end return r',
    'local t = {} for i = 1, 30 do t[{}] = i end local r = {} table.foreach(t, function(k, v) r[#r + 1] = v end) return r',
    'local t = {} for i = 1, 9 do t[{}] = i end return {pcall(cjson.encode, t)}',
    'local t = {} for i = 1, 9 do t[{}] = i end return cmsgpack.pack(t)',
    'local t = {} for i = 1, 9 do t[{}] = i end return {map = t}',
    'local t = {} for i = 1, 9 do t[{i}] = true end return {set = t}',
    "local t = setmetatable({}, {__mode = 'k'}) for i = 1, 2000 do t[{}] = i end local n = 0 for _ in pairs(t) do n = n + 1 end return n",
    "local t = setmetatable({}, {__mode = 'v'}) for i = 1, 2000 do t[i] = {} end local n = 0 for i = 1, 2000 do if t[i] then n = n + 1 end end return n",
    "return collectgarbage('count')",
    'return gcinfo()',
    "local n = 0 repeat n = n + 1 until collectgarbage('step', 1) return n",
    'local s, t = string.rep("x", 100000), {} local ok, e = pcall(function() for i = 1, 1e9 do t[i] = s .. i end end) local n = #t t = nil return {n, e}',
    'error({})',
    'error(function() end)',
  ]

  it.each(revealing)('%s', (source) => {
    const alone = run(createLuaEngine(module), source)
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    for (let i = 0; i < 50; i++) run(engine, `local t = {} for i = 1, ${i * 10} do t[i] = {i} end return #t`, host)
    expect(run(engine, source)).toEqual(alone)
    run(engine, 'local s = "" for i = 1, 200 do s = s .. i end return s', host)
    expect(run(engine, source)).toEqual(alone)
  })

  it('leaves no settings of the garbage collector behind', () => {
    const engine = createLuaEngine(module)
    const first = run(engine, "return {collectgarbage('setpause', 123), collectgarbage('setstepmul', 456)}")
    expect(run(engine, "return {collectgarbage('setpause', 123), collectgarbage('setstepmul', 456)}")).toEqual(first)
  })

  it('keeps the settings of cjson for one server, as Redis does, and not for others', () => {
    const engine = createLuaEngine(module)
    const one = new TinyHost()
    run(engine, 'cjson.encode_number_precision(3)', one)
    expect(run(engine, 'return cjson.encode(1/3)', one)).toBe('0.333')
    expect(run(engine, 'return cjson.encode(1/3)', new TinyHost())).toBe('0.33333333333333')
  })
})

describe('a script that has to start again on a fresh machine', () => {
  const source = `
    redis.log(redis.LOG_NOTICE, 'begin')
    local a = redis.call('incr', 'n')
    local r = math.random(1000000)
    local before = cjson.encode_max_depth()
    cjson.encode_max_depth(before + 1)
    local shown = tostring({})
    local b = redis.call('incr', 'n')
    return {a, r, before, #shown > 0 and 1 or 0, b, math.random(1000000)}`

  it('asks the host for everything exactly once', () => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    const first = run(engine, source, host)
    expect(host.calls).toEqual(['incr n', 'incr n'])
    expect(host.logged).toEqual(['2 begin'])
    const again = new TinyHost()
    expect(run(engine, source, again)).toEqual(first)
    expect(again.calls).toEqual(host.calls)
    expect(again.random).toEqual(host.random)
  })

  it('counts the questions of shouldKill as if it had run once', () => {
    const loop = 'for i = 1, 1e5 do end local s = tostring({}) for i = 1, 1e5 do end return #s > 0'
    const engine = createLuaEngine(module)
    const restarted = new TinyHost()
    const fresh = new TinyHost()
    expect(run(engine, loop, restarted)).toBe(1)
    expect(run(engine, loop, fresh)).toBe(1)
    expect(restarted.questions).toBeGreaterThan(10)
    expect(fresh.questions).toBe(restarted.questions)
  })
})

describe('scripts that would bring the engine down', () => {
  const hostile = [
    'local s = "x" while true do s = s .. s end',
    'local s, t = string.rep("x", 1e5), {} while true do t[#t + 1] = s .. #t end',
    'return string.rep(string.rep("x", 1e5), 1e4)',
    'local t = {} for i = 1, 1e9 do t[i] = function() return i end end',
    'while true do pcall(function() local s = "x" while true do s = s .. s end end) redis.call("nosuch") end',
    'local function f() return pcall(f) end return f()',
    'local function f() return 1 + f() end return f()',
    'local function f() local ok, e = pcall(f) error(e, 0) end f()',
    'local function f() return coroutine.wrap(f)() end return f()',
    'local function f() return pcall(coroutine.wrap(f)) end return f()',
    'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x',
    'local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) end return tostring(t)',
    'local t = setmetatable({}, {}) getmetatable(t).__eq = function(a, b) return a == b end return t == setmetatable({}, getmetatable(t))',
    'local t = {} for i = 1, 1e5 do t = {t} end return t',
    'local t = {} t[1] = t return t',
    'local t = {} t.map = t return t',
    'cjson.encode_max_depth(2e9) local t = {} for i = 1, 1e5 do t = {t} end return cjson.encode(t)',
    'cjson.decode_max_depth(2e9) return cjson.decode(string.rep("[", 1e5))',
    'return cmsgpack.unpack(string.rep("\\145", 1e6))',
    'return cmsgpack.unpack("\\221\\255\\255\\255\\255" .. string.rep("\\1", 1e5))',
    'return struct.pack("c0c0c0", string.rep("x", 1e6), "", "")',
    'return string.match(string.rep("a", 1e5), string.rep("a?", 1e5))',
    'return string.find(string.rep("(", 1e5), string.rep("(", 40))',
    'return string.gsub("x", "x", string.rep("%0", 1e5))',
    'return string.format(string.rep("%d", 1e5), unpack({}, 1, 7000))',
    'return unpack({}, 1, 2^31 - 1)',
    'return unpack({}, -2^31, 2^31 - 1)',
    'return table.concat({}, "x", 1, 1e9)',
    'error({})',
    'error({err = {}})',
    'error({err = function() end})',
    'error(setmetatable({}, {__index = function() error("in index") end}))',
    'error(setmetatable({}, {__index = function() while true do end end}))',
    'error(setmetatable({}, {__newindex = function() error("in newindex") end}))',
    'return setmetatable({}, {__index = function() error("in index") end})',
    'xpcall(function() error("x") end, function() while true do end end)',
    'xpcall(function() while true do end end, function() while true do end end)',
    'xpcall(function() error("x") end, function() error("y") end) error("z")',
    'local co = coroutine.wrap(function() while true do end end) co()',
    'local co = coroutine.create(function() while true do pcall(function() while true do end end) end end) while true do coroutine.resume(co) end',
    'while true do end',
    'repeat until pcall(function() while true do end end) == 5',
    'local f f = function() return f() end return f()',
    'for i = 1, 1e18 do end',
    `loadstring(string.rep("(", 1e6))`,
    `return loadstring("return " .. string.rep("{", 1e5))`,
    `local a, b = loadstring("return " .. string.rep("a.", 1e5) .. "a") return b or "fine"`,
    'local n = 0 load(function() n = n + 1 return " " end)',
    'return redis.call(unpack({}, 1, 7000))',
    'return redis.call("set", "k", string.rep("x", 1e7))',
    'return {redis.call("get", string.rep("x", 1e7))}',
    'setmetatable({}, {__gc = function() while true do end end}) return 1',
    'return __redis__err__handler(setmetatable({}, {__newindex = function() error("x") end}))',
    '__redis__err__handler = nil',
    'return #tostring(setmetatable({}, {__tostring = function() return string.rep("x", 1e6) end}))',
  ]

  it.each(hostile)('%s', { timeout: 60_000 }, (source) => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    host.killAt = 300
    const bytes = encodeReply(run(engine, source, host), 2)
    expect(bytes).toMatch(/\r\n$/)
    // The engine goes on as before, and the same script fares the same again.
    host.values.set('key', 'mine')
    expect(run(engine, RELEASE, host, ['mine'])).toBe(1)
    const again = new TinyHost()
    again.killAt = 300
    expect(encodeReply(run(engine, source, again), 2)).toBe(bytes)
  })

  it('says so when memory is at its end', () => {
    const engine = createLuaEngine(module)
    const greedy = 'local s, t = string.rep("x", 1e6), {} while true do t[#t + 1] = s .. #t end'
    expect(run(engine, greedy)).toMatchObject({ kind: 'error', text: expect.stringMatching(/, not enough memory$/) })
    expect(run(engine, `local ok, e = pcall(function() ${greedy} end) return e`)).toBe('not enough memory')
  })

  it('kills a script that never ends, also inside pcall and in coroutines', () => {
    const engine = createLuaEngine(module)
    for (const source of [
      'while true do end',
      'while true do pcall(function() while true do end end) end',
      'local f = coroutine.wrap(function() while true do end end) while true do pcall(f) end',
    ]) {
      const host = new TinyHost()
      host.killAt = 5
      expect(run(engine, source, host)).toMatchObject({
        kind: 'error',
        text: expect.stringMatching(
          /^ERR Script killed by user with SCRIPT KILL\.\.\. script: [0-9a-f]{40}, on @user_script:1\.$/,
        ),
      })
    }
  })

  it('lets through what the host throws, and goes on', () => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    const broken = new TinyHost()
    broken.call = () => {
      throw new TypeError('a bug of the server')
    }
    expect(() => run(engine, "return pcall(redis.call, 'get', 'k')", broken)).toThrow('a bug of the server')
    expect(() => run(engine, "tostring({}) return redis.call('get', 'k')", broken)).toThrow('a bug of the server')
    expect(run(engine, "return redis.call('incr', 'k')", host)).toBe(1)
  })

  it('does not nest', () => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    host.call = () => run(engine, 'return 1', new TinyHost())
    expect(() => run(engine, "return redis.call('eval')", host)).toThrow('scripts do not nest')
  })
})

describe('the cache of scripts', () => {
  it('forgets old scripts, which run again when they are wanted', () => {
    const engine = createLuaEngine(module)
    const host = new TinyHost()
    const first = engine.compile('return 0')
    for (let i = 1; i <= 20_500; i++) engine.compile(`return ${i}`)
    expect('kind' in first ? first : engine.run(first, [], [], host)).toBe(0)
    expect(run(engine, 'return 5', host)).toBe(5)
    expect(engine.compile('return 0')).not.toBe(first)
  })

  it('does not run out of memory when scripts are long', () => {
    const engine = createLuaEngine(module)
    const body = 'local t = {} '.concat('t[#t + 1] = "some text" '.repeat(4000))
    for (let i = 0; i < 120; i++) expect(run(engine, `${body} return ${i}`)).toBe(i)
  })

  it('answers the same error for the same bad source', () => {
    const engine = createLuaEngine(module)
    const error = {
      kind: 'error',
      text: "ERR Error compiling script (new function): user_script:1: '=' expected near '<eof>'",
    }
    expect(engine.compile('x')).toEqual(error)
    expect(engine.compile('x')).toEqual(error)
  })
})
