/**
 * Code under test that attacks: it runs for ever, bombs the memory, ends the process, throws where nobody catches, replaces what
 * everything runs on, starts workers and programs, writes files, floods the output. When it is loaded, in an acquire, in a timer. The run
 * ends with a verdict or with one message and 64; a lock that is run after it has the verdict that it has alone; no file is written.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'
import { isLarge, tell, timeoutMs } from './attack.ts'

/** By name: statements in a function that may await, with `redis` at hand where it is not loaded. */
const ATTACKS: Readonly<Record<string, string>> = {
  'endless loop': 'for (;;) {}',
  'endless microtasks': 'await new Promise(() => { const go = () => Promise.resolve().then(go); go() })',
  'endless ticks': 'await new Promise(() => { const go = () => process.nextTick(go); go() })',
  'endless immediates': 'await new Promise(() => { const go = () => setImmediate(go); go() })',
  'endless timers': 'await new Promise(() => { const go = () => setTimeout(go, 0); go() })',
  'no answer': 'await new Promise(() => {})',
  'a regular expression': "/^(a+)+$/.test('a'.repeat(60) + 'b')",
  'another context': "const vm = await import('node:vm'); vm.runInNewContext('for (;;) {}')",
  'Atomics.wait': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  'memory bomb': 'const all = []; for (;;) all.push(new Array(1e5).fill({}))',
  'buffer bomb': 'const all = []; for (;;) all.push(Buffer.alloc(1e8, 1))',
  'text bomb': "let text = 'x'; for (;;) text += text",
  recursion: 'const go = () => 1 + go(); go()',
  exit: 'process.exit(0)',
  reallyExit: 'process.reallyExit(0)',
  exitCode: 'process.exitCode = 0',
  abort: 'process.abort()',
  kill: "process.kill(process.pid, 'SIGKILL')",
  'kill the parent': "process.kill(process.ppid, 'SIGKILL')",
  'throw in a tick': "process.nextTick(() => { throw new Error('tick') })",
  'throw in a timer': "setTimeout(() => { throw new Error('timer') }, 1)",
  'throw in an immediate': "setImmediate(() => { throw new Error('immediate') })",
  'throw in a microtask': "queueMicrotask(() => { throw new Error('microtask') })",
  'throw nothing': 'if (true) throw null',
  'throw a trap': "if (true) throw new Proxy({}, { get() { throw new Error('trap') } })",
  'throw a getter': "if (true) throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })",
  'a storm of rejections': "for (let i = 0; i < 1e4; i++) Promise.reject(new Error('storm'))",
  'reject nothing': 'Promise.reject()',
  'polluted Object': "Object.prototype.polluted = 'yes'; Object.prototype.kind = 'x'; Object.prototype.status = 1",
  'polluted then': 'Object.prototype.then = function (go) { go(1) }',
  'polluted toJSON': 'Object.prototype.toJSON = () => 1; String.prototype.toJSON = () => 3',
  'replaced push': 'Array.prototype.push = function () { return 0 }',
  'replaced iterator': 'Array.prototype[Symbol.iterator] = function* () {}',
  'replaced Map': 'Map.prototype.get = () => undefined; Map.prototype.has = () => false',
  'replaced Promise': 'Promise.prototype.then = function () { return this }; globalThis.Promise = class {}',
  'replaced JSON': "JSON.stringify = () => 'x'; JSON.parse = () => 0",
  'replaced Math': 'Math.max = () => NaN; Math.floor = () => 7',
  'replaced Date': 'globalThis.Date = class { static now() { return 0 } }',
  'replaced timers': 'globalThis.setTimeout = () => {}; globalThis.setImmediate = () => {}',
  'replaced process': 'globalThis.process = { env: {} }',
  'replaced console': 'globalThis.console = null',
  'replaced Error': 'globalThis.Error = function () { throw 1 }',
  'replaced stacks': "Error.stackTraceLimit = 0; Error.prepareStackTrace = () => { throw new TypeError('no') }",
  'replaced Buffer': "Buffer.from = () => { throw new TypeError('no') }; Buffer.prototype.toString = () => ''",
  'defined for good': "Object.defineProperty(Array.prototype, 'last', { value: () => 1 })",
  settings:
    "(await import('node:events')).defaultMaxListeners = 1; (await import('node:util')).inspect.defaultOptions.depth = 0; process.exitCode = 7",
  subscriptions:
    "(await import('node:diagnostics_channel')).subscribe('x', () => {}); performance.mark('x'); process.stdout.on('x', () => {})",
  'replaced emit':
    "process.emit = () => { throw new Error('no') }; queueMicrotask(() => { throw new Error('microtask') })",
  frozen: 'Object.freeze(Object.prototype); Object.freeze(Array.prototype)',
  'no globals':
    'for (const name of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[name] } catch {} }',
  'patched client':
    "const { Redis } = await import('ioredis'); Redis.prototype.sendCommand = () => Promise.resolve('OK')",
  'patched events':
    "const { EventEmitter } = await import('node:events'); EventEmitter.prototype.emit = () => { throw new Error('no') }",
  'a hook that throws':
    "const hooks = await import('node:async_hooks'); hooks.createHook({ init() { throw new Error('hook') } }).enable()",
  'a capture of errors': 'process.setUncaughtExceptionCaptureCallback(() => {})',
  'no listeners': 'process.removeAllListeners()',
  'listeners that never end':
    "process.on('exit', () => { for (;;) {} }); process.on('uncaughtException', () => { for (;;) {} })",
  worker: "const { Worker } = await import('node:worker_threads'); new Worker('for (;;) {}', { eval: true })",
  program: "const { spawn } = await import('node:child_process'); spawn('sleep', ['1000'], { detached: true })",
  'written file': "const fs = await import('node:fs'); fs.writeFileSync('written', 'x')",
  'removed file': "const fs = await import('node:fs'); fs.rmSync('kept', { recursive: true })",
  'heap snapshot': "const v8 = await import('node:v8'); v8.writeHeapSnapshot()",
  report: 'process.report.writeReport()',
  flags: "const v8 = await import('node:v8'); v8.setFlagsFromString('--stack-size=10')",
  chdir: "process.chdir('/')",
  'flood of output': "for (let i = 0; i < 1e5; i++) console.log('flood '.repeat(10))",
  'terminal codes': "process.stdout.write('\\u001b[2J\\u001b]0;title\\u0007')",
}
/** What CI tries: what was wrong once, and one of each kind. */
const SMALL = [
  'reallyExit',
  'patched client',
  'replaced Buffer',
  'polluted then',
  'a hook that throws',
  'throw in a tick',
  'replaced stacks',
]
const SMALL_LOADED = ['patched events', 'replaced JSON', 'defined for good']
const SMALL_ENDING = ['replaced Map', 'report']

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const nameOf = (attack: string): string => attack.replaceAll(/\W+/g, '-')

interface Place {
  readonly loaded?: string
  readonly contended?: string
}

/** It locks as it should until another client has the lock; a trial has no other client. */
const lockFile = (name: string, { loaded = '', contended = '' }: Place): string => {
  const file = `${name}.mjs`
  writeFileSync(
    path.join(folder, file),
    `${loaded}
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
export default {
  name: '${name}',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK') return { token }
    ${contended}
    return null
  },
  release: async ({ redis, key }, lease) => (await redis.eval(RELEASE, 1, key, lease.token)) === 1,
}
`,
  )
  return file
}

interface Cell {
  readonly lock: string
  readonly replayWith?: unknown
}

/** Runs locks in this order, by one worker. */
function run(files: readonly string[]) {
  const names = files.map((file) => path.basename(file, '.mjs'))
  const flags = [...files.flatMap((file) => ['--lock', `./${file}`]), ...names.flatMap((name) => ['--only', name])]
  const { code, stdout, stderr } = lockstorm(
    [
      'run',
      'contention',
      ...flags,
      '--runs',
      '5',
      '--workers',
      '1',
      '--json',
      '--output',
      path.join(folder, 'reports'),
    ],
    { cwd: folder },
  )
  const { cells } = code === 64 || stdout === '' ? { cells: [] } : (JSON.parse(stdout) as { cells: Cell[] })
  // How it is replayed names all locks.
  return { code, stderr, cells: cells.map(({ replayWith: _, ...cell }) => cell) }
}

let alone: Cell | undefined
beforeAll(async () => {
  await build()
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(path.join(ROOT, 'node_modules', 'ioredis'), path.join(folder, 'node_modules', 'ioredis'))
  mkdirSync(path.join(folder, 'kept'))
  alone = run([lockFile('next', {})]).cells[0]
}, 120_000)

/** What is wrong with how a run of these ended; null: nothing. */
function complaintAbout(attacks: readonly string[], place: (code: string) => Place): string | null {
  const files = attacks.map((attack) => lockFile(nameOf(attack), place(ATTACKS[attack] as string)))
  const before = readdirSync(folder)
  const { code, stderr, cells } = run([...files, 'next.mjs'])
  const told = `${attacks.join(', ')}: exit code ${code}\n${stderr.slice(-1_500)}`
  const isWritten = readdirSync(folder).some((name) => !before.includes(name) && name !== 'reports')
  if (isWritten || !existsSync(path.join(folder, 'kept'))) return `${told}\nfiles were written or removed`
  if (code === 64) return /\n\s+at .*:\d+:\d+/.test(stderr) ? told : null
  if (![0, 1, 2].includes(code as number)) return told
  const next = cells.find(({ lock }) => lock === 'next')
  return JSON.stringify(next) === JSON.stringify(alone) ? null : `${told}\nnext: ${JSON.stringify(next)}`
}

const loaded = (code: string): Place => ({ loaded: code.replace('redis.', 'globalThis.') })
const contended = (code: string): Place => ({ contended: code })
const PLACES: Readonly<Record<string, (code: string) => Place>> = {
  'when it is loaded': loaded,
  'in acquire': contended,
  'in a timer': (code) => ({ contended: `setTimeout(async () => { ${code} }, 1)` }),
}

it('is judged, and the lock after it has the verdict that it has alone', { timeout: timeoutMs(600_000) }, () => {
  expect(alone).toMatchObject({ lock: 'next', verdict: 'valid' })
  // Together, so that each is also run after others.
  expect(complaintAbout(SMALL, contended)).toBeNull()
  expect(complaintAbout(SMALL_LOADED, loaded)).toBeNull()
  for (const attack of SMALL_ENDING) expect(complaintAbout([attack], contended)).toBeNull()
})

it.runIf(isLarge).each(Object.keys(PLACES))('%s', { timeout: timeoutMs(0) }, (place) => {
  const complaints = Object.keys(ATTACKS).map((attack) =>
    complaintAbout([attack], PLACES[place] as (code: string) => Place),
  )
  tell(
    `code: ${place}`,
    complaints.length,
    complaints.filter((each) => each !== null),
  )
})
