/**
 * Scripts under attack: Lua put together from loops without an end, recursion without a bottom, large strings and tables, coroutines,
 * metatables, and attempts to reach the host or to leave something behind. What comes of one is what comes of it on redis-server: the same
 * reply, the same error, or a script that has to be killed. The next world sees nothing of it.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryRedis, type RedisConnection } from '../../src/redis/memory-redis.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { encodeCommand, type RealConnection, RealRedis } from '../redis/real-redis.ts'
import { SEED, tell, timeoutMs, tries } from './attack.ts'

const COMPARED = tries(100, 20_000)
const FUNCTIONS_COMPARED = tries(60, 10_000)
/** Each costs some twenty million instructions here, and real time there. */
const ENDLESS_COMPARED = tries(2, 100)

const ATTEMPTS = [
  ...[
    "io.open('/etc/passwd')",
    "os.execute('id')",
    'os.exit()',
    "os.getenv('HOME')",
    "require('os')",
    'package.path',
    "dofile('/etc/passwd')",
  ],
  ...[
    "loadfile('/etc/passwd')",
    'debug.getinfo(1)',
    'debug.getregistry()',
    'getfenv(0)',
    'setfenv(0, {})',
    'newproxy(true)',
    'print(1)',
  ],
  ...[
    "rawset(_G, 'left', 1)",
    "getmetatable('').__index",
    'getmetatable(_G)',
    'setmetatable(_G, nil)',
    'module("m")',
    'collectgarbage("stop")',
  ],
  ...[
    "redis.call('config', 'get', 'dir')",
    "redis.pcall('shutdown')",
    "redis.call('debug', 'segfault')",
    "redis.call('eval', 'return 1', 0)",
  ],
  ...[
    "redis.call('nosuch')",
    'redis.call()',
    "redis.call('blpop', 'l', 0)",
    "redis.call('subscribe', 'c')",
    'redis.breakpoint()',
    'redis.setresp(4)',
  ],
  ...[
    'string.dump(function() end) ~= nil',
    "loadstring('\\27Lua')",
    "load(function() error('x') end)",
    'string.rep("x", -1)',
    'unpack({}, 1, 1e8)',
  ],
  ...[
    "redis.acl_check_cmd('get', 'k')",
    "redis.acl_check_cmd('nosuch')",
    'redis.acl_check_cmd({})',
    'redis.REDIS_VERSION',
    'redis.REDIS_VERSION_NUM',
    'redis.replicate_commands()',
    'redis.set_repl(redis.REPL_ALL)',
    'redis.set_repl(9)',
    "redis.register_function('g', function() end)",
    "redis.register_function{function_name = 'g', callback = function() end, flags = {'no-writes'}}",
    "redis.log(redis.LOG_DEBUG, 'x')",
    "redis.log(9, 'x')",
    "redis.status_reply('x')",
    'server',
    'redis.debug(1)',
  ],
  ...[
    "redis.call('hello', 3)",
    "redis.call('multi')",
    "redis.call('wait', 0, 0)",
    "redis.call('function', 'list')",
    "redis.call('fcall', 'f', 0)",
    "redis.call('script', 'flush')",
    "redis.call('info', 'nosuch')",
    "redis.call('randomkey')",
    "redis.pcall('cluster', 'info')",
  ],
]
/** What answers in other types when a script has asked for RESP3. */
const TYPED = [
  ...[
    "'hgetall', 'h'",
    "'smembers', 's'",
    "'zscore', 'z', 'a'",
    "'zrange', 'z', 0, -1, 'withscores'",
    "'config', 'get', 'nosuch'",
  ],
  ...[
    "'get', 'nothing'",
    "'incrbyfloat', 'n', 1.5",
    "'geopos', 'g', 'a'",
    "'xrange', 'x', '-', '+'",
    "'acl', 'whoami'",
  ],
]
const LEAVINGS = [
  ...[
    'left = 1',
    '_G.left = 1',
    'string.rep = nil',
    'redis.call = nil',
    'KEYS = nil',
    "getmetatable('').__index = nil",
    "_G['redis'] = 1",
  ],
  ...[
    "getmetatable('').left = 1",
    'cjson.encode_max_depth(2)',
    'cjson.encode_number_precision(3)',
    'redis.setresp(3)',
    "collectgarbage('setpause', 1)",
  ],
  ...[
    "rawset(string, 'left', 1)",
    "table.insert(KEYS, 'x')",
    'ARGV.left = 1',
    'math.pi = 3',
    'setmetatable(redis, {})',
    'package = 1',
    'select = nil',
  ],
]
const VALUES = [
  ...[
    'nil',
    'true',
    'false',
    '1',
    '-1.5',
    '1e308 * 10',
    '0/0',
    "'x'",
    "''",
    '{}',
    '{1, 2, {3}}',
    '{nil, 1}',
    "{err = 'ERR x'}",
    "{ok = 'FINE'}",
  ],
  ...[
    '{double = 1.5}',
    '{map = {a = 1}}',
    '{set = {a = true}}',
    '{big_number = "12"}',
    '2^53',
    '2^63',
    'KEYS',
    'ARGV',
    'redis',
    'string',
  ],
]

/** Lua expressions and statements of each other, some levels deep. */
const { expression, statement } = fc.letrec<{ expression: string; statement: string }>((tie) => {
  const e = tie('expression')
  const s = tie('statement')
  const text = (template: TemplateStringsArray, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((values) => String.raw({ raw: template.map((part) => part) }, ...values))
  const count = fc.constantFrom('0', '1', '17', '300', '9000')
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.constantFrom(...VALUES),
      fc.constantFrom(...ATTEMPTS),
      text`pcall(function() ${s} return ${e} end)`,
      text`select(2, pcall(function() ${s} return ${e} end))`,
      text`{pcall(function() ${s} return ${e} end)}`,
      text`(function(...) ${s} return ${e}, ... end)(${e}, ${e})`,
      text`coroutine.wrap(function() ${s} coroutine.yield(${e}) return ${e} end)()`,
      text`{coroutine.resume(coroutine.create(function() ${s} return ${e} end))}`,
      text`setmetatable({}, {__index = function(t, k) ${s} return ${e} end}).x`,
      text`setmetatable({}, {__call = function(t, ...) return ${e} end})(${e})`,
      text`(setmetatable({}, {__lt = function() return ${e} end}) < setmetatable({}, {}))`,
      text`#string.rep(${e}, ${count})`,
      text`string.rep('x', ${count})`,
      text`(${e}) .. (${e})`,
      text`(${e}) + (${e})`,
      text`#(${e})`,
      text`tonumber(${e})`,
      text`type(${e})`,
      text`cjson.encode(${e})`,
      text`cjson.decode(${e})`,
      text`cmsgpack.unpack(cmsgpack.pack(${e}))`,
      text`redis.call('set', 'k', ${e})`,
      text`redis.pcall('get', ${e})`,
      text`redis.error_reply(${e})`,
      text`redis.sha1hex(${e})`,
      text`string.format('%s %d', ${e}, ${e})`,
      text`string.gsub('abc', '.', ${e})`,
      text`table.concat({${e}, ${e}})`,
      text`struct.pack('>I4', ${e})`,
      text`bit.bor(${e}, 1)`,
      text`next(${e})`,
      text`loadstring('return 1')(${e})`,
      text`(function() redis.setresp(3) return redis.call(${fc.constantFrom(...TYPED)}) end)()`,
      text`bit.tohex(${e}, ${count})`,
      text`struct.unpack('<d', ${e})`,
      text`cmsgpack.unpack_limit(cmsgpack.pack(${e}, ${e}), 1, 0)`,
    ),
    statement: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.constant(''),
      fc.constantFrom(...LEAVINGS),
      text`local a = ${e}`,
      text`for i = 1, ${count} do local a = {i} end`,
      text`local t = {} for i = 1, ${count} do t[i] = 'x' .. i end`,
      text`local t = {} for i = 1, ${count} do t = {t} end`,
      text`local function f(n) return n > 0 and 1 + f(n - 1) or 0 end f(${count})`,
      fc.constant('local function f() return 1 + f() end f()'),
      fc.constant('local function f() return pcall(f) end f()'),
      fc.constant(
        'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end local x = t.x',
      ),
      text`error(tostring(type(${e})))`,
      text`assert(${e})`,
      text`for k, v in pairs(${e}) do end`,
      text`repeat ${s} until true`,
      text`if ${e} then ${s} end`,
    ),
  }
})
/** The first line of a script says what it does, and of a library how it is called. */
const SAYS = fc.oneof(
  { weight: 20, arbitrary: fc.constant('') },
  fc.constantFrom(
    '#!lua\n',
    '#!lua flags=no-writes\n',
    '#!lua flags=allow-oom,allow-stale\n',
    '#!lua flags=no-cluster,allow-cross-slot-keys\n',
    '#!lua flags=nosuch\n',
    '#!lua name=x\n',
    '#!lua\r\n',
    '#!lua',
    '#!luajit\n',
    '#!\n',
  ),
)
const script = fc.tuple(SAYS, statement, expression).map(([says, before, value]) => `${says}${before} return ${value}`)
const library = fc.record({
  source: fc
    .tuple(fc.constantFrom('', " flags={'no-writes'},"), fc.constantFrom('', ' '), statement, statement, expression)
    .map(
      ([flags, loads, atLoad, before, value]) =>
        `#!lua name=lib\n${loads === '' ? '' : atLoad}\nredis.register_function{function_name='f',${flags} callback=function(keys, args) ${before} return ${value} end}`,
    ),
  call: fc.constantFrom('FCALL', 'FCALL_RO'),
})

/** Not in the handler of xpcall: hooks are off there, so redis-server never ends it, and the in-memory Redis does. */
const endless = fc
  .tuple(
    fc.constantFrom(
      'while true do end',
      'repeat until false',
      'local function f() return f() end f()',
      'for i = 1, math.huge do end',
      'while true do pcall(error) end',
      'local t = setmetatable({}, {__index = function() while true do end end}) local x = t.x',
      'while true do coroutine.wrap(function() end)() end',
      "while true do redis.call('get', 'k') end",
    ),
    fc.constantFrom(
      (loop: string) => loop,
      (loop: string) => `pcall(function() ${loop} end)`,
      (loop: string) => `while true do pcall(function() ${loop} end) end`,
      (loop: string) => `coroutine.wrap(function() ${loop} end)()`,
      (loop: string) => `table.sort({2, 1, 3}, function() ${loop} end)`,
      (loop: string) => `string.gsub('x', '.', function() ${loop} end)`,
    ),
  )
  .map(([loop, around]) => around(loop))

const engine = loadLuaEngine()

interface Client {
  send(...args: string[]): string
  /** What came since. */
  take(): string
  readonly server: MemoryRedis
}

function client(server = new MemoryRedis({ nowUs: () => 1_700_000_000_000_000, scripts: engine })): Client {
  let received = ''
  const connection: RedisConnection = server.connect({
    onBytes: (bytes) => {
      received += bytes
    },
  })
  return {
    server,
    send(...args) {
      received = ''
      connection.receive(encodeCommand(args))
      return received
    },
    take: () => received,
  }
}

/** Where the world before could have left something: every name of every library, metatables, settings, numbers to come. */
const TRACES = `
  local found = {}
  local function look(name, t)
    for k, v in pairs(t) do found[#found + 1] = name .. '.' .. tostring(k) .. ' ' .. type(v) end
    local meta = getmetatable(t)
    found[#found + 1] = name .. ' ' .. type(meta)
  end
  for _, name in ipairs({'string', 'table', 'math', 'coroutine', 'redis', 'cjson', 'cmsgpack', 'struct', 'bit'}) do look(name, _G[name]) end
  look('_G', _G) look('KEYS', KEYS) look('ARGV', ARGV)
  for k, v in pairs(getmetatable('')) do found[#found + 1] = 'text ' .. k .. ' ' .. type(v) end
  table.sort(found)
  found[#found + 1] = cjson.encode(1 / 3) .. cjson.encode_max_depth() .. collectgarbage('setpause', 200)
  found[#found + 1] = tostring(redis.call('get', 'k')) .. math.random(1000000) .. tostring(left == nil)
  return found`.replace('tostring(left == nil)', "tostring(rawget(_G, 'left') == nil)")

/** Addresses differ from machine to machine, and so do sizes of 32 and 64 bits. */
const comparable = (reply: string): string =>
  reply
    .replace(/\$\d+\r\n/g, '$\r\n')
    .replace(/0x[0-9a-f]+/g, 'an address')
    .replace(/^-(.*)\r\n$/s, '-$1')

let real: RealRedis
let caller: RealConnection
let killer: RealConnection
beforeAll(async () => {
  real = await RealRedis.start(['--busy-reply-threshold', '50'])
  caller = await real.connect()
  killer = await real.connect()
})
afterAll(() => real?.stop())

/** What redis-server answers on an interpreter that has run nothing before. */
async function reality(source: string): Promise<string> {
  await caller.command('FLUSHALL')
  await caller.command('SCRIPT', 'FLUSH', 'SYNC')
  return caller.command('EVAL', source, '1', 'key', 'value')
}

it('come out as on redis-server, and leave nothing to the next world', { timeout: timeoutMs(600_000) }, async () => {
  const traces = client().send('EVAL', TRACES, '1', 'key')
  expect(traces).toMatch(/^\*/)
  let errors = 0
  await fc.assert(
    fc.asyncProperty(script, async (source) => {
      const ours = client().send('EVAL', source, '1', 'key', 'value')
      // Documented: scripts have 64 MiB here.
      fc.pre(!ours.includes('not enough memory'))
      expect(comparable(ours)).toBe(comparable(await reality(source)))
      if (ours.startsWith('-')) errors += 1
      expect(client().send('EVAL', TRACES, '1', 'key')).toBe(traces)
    }),
    { numRuns: COMPARED, seed: SEED },
  )
  // Scripts that all fail alike, or that all work, would show little.
  expect(errors).toBeGreaterThan(COMPARED / 10)
  expect(errors).toBeLessThan((COMPARED * 9) / 10)
  tell('scripts: compared with redis-server', COMPARED, [], `${errors} of them errors`)
})

it('are functions of libraries, too, as on redis-server', { timeout: timeoutMs(600_000) }, async () => {
  let loaded = 0
  await fc.assert(
    fc.asyncProperty(library, async ({ source, call }) => {
      // Settings of libraries last until redis-server ends, whatever is flushed.
      fc.pre(!/encode_(max|number|sparse)|collectgarbage/.test(source))
      const ours = client()
      const calls = [
        ['FUNCTION', 'LOAD', source],
        [call, 'f', '1', 'key', 'value'],
        ['FUNCTION', 'LIST'],
      ]
      const answers = calls.map((args) => ours.send(...args))
      fc.pre(!answers.join('').includes('not enough memory'))
      await caller.command('FLUSHALL')
      await caller.command('FUNCTION', 'FLUSH', 'SYNC')
      for (const [index, args] of calls.entries())
        expect(comparable(answers[index] as string)).toBe(comparable(await caller.command(...args)))
      if (answers[0] === '$3\r\nlib\r\n') loaded += 1
      expect(client().send('FUNCTION', 'LIST')).toBe('*0\r\n')
    }),
    { numRuns: FUNCTIONS_COMPARED, seed: SEED },
  )
  expect(loaded).toBeGreaterThan(FUNCTIONS_COMPARED / 10)
  tell('scripts: functions compared with redis-server', FUNCTIONS_COMPARED, [], `${loaded} of them loaded`)
})

const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 5))])

it('have to be killed where redis-server has to kill them', { timeout: timeoutMs(600_000) }, async () => {
  await fc.assert(
    fc.asyncProperty(endless, async (source) => {
      const ours = client()
      const another = client(ours.server)
      expect(ours.send('EVAL', source, '0')).toBe('')
      expect(another.send('PING')).toMatch(/^-BUSY /)
      expect(another.send('SCRIPT', 'KILL')).toBe('+OK\r\n')
      expect(another.send('PING')).toBe('+PONG\r\n')
      expect(client().send('EVAL', 'return 1', '0')).toBe(':1\r\n')
      caller.send(encodeCommand(['EVAL', source, '0']))
      const answer = caller.replies(1)
      let killed = ''
      while (killed !== '+OK\r\n' && !(await isSettled(answer))) killed = await killer.command('SCRIPT', 'KILL')
      expect(killed).toBe('+OK\r\n')
      // A pcall around the loop catches the end of it, and the script may go on to its own.
      expect(comparable(ours.take())).toBe(comparable((await answer).join('')))
    }),
    { numRuns: ENDLESS_COMPARED, seed: SEED },
  )
  tell('scripts: endless ones compared with redis-server', ENDLESS_COMPARED, [])
})
