/** `docs/judge.md`: its commands and programs, run as they stand there beside a real server. */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { build, ROOT } from '../cli/binary.ts'
import { Monitored } from './monitored.ts'

const PAGE = readFileSync(path.join(ROOT, 'docs/judge.md'), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code)
const [MONITOR = '', APPEND = '', JUDGE_APPENDED = '', TOGETHER = '', JEPSEN = '', ...OTHERS] = blocks('sh')
const [RECORD = '', ACCEPTED = '', ...OTHER_PROGRAMS] = blocks('js')

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-page-'))
let server: Monitored

/** A file of the reader's project. */
const file = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
/** A program that stands before the real one of its name. */
const inPath = (name: string, text: string): void => {
  const place = path.join(folder, 'bin', name)
  writeFileSync(place, `#!/bin/sh\n${text}\n`)
  chmodSync(place, 0o755)
}

beforeAll(async () => {
  build()
  server = await Monitored.start(['--dir', folder])
  mkdirSync(path.join(folder, 'bin'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(ROOT, path.join(folder, 'node_modules/lockstorm'))
  symlinkSync(path.join(ROOT, 'node_modules/ioredis'), path.join(folder, 'node_modules/ioredis'))
  file('package.json', '{"type":"module"}')
  inPath('redis-cli', `PATH='${process.env.PATH}' exec redis-cli -p ${server.redis.port} "$@"`)
  inPath('npx', `shift; exec ${process.execPath} ${path.join(ROOT, 'dist/cli/main.js')} "$@"`)
  // A minute is long: one and a half seconds do.
  inPath(
    'timeout',
    `shift; program=$(command -v "$1"); shift; PATH='${process.env.PATH}' exec timeout 1.5 "$program" "$@"`,
  )
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

function run(
  command: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string }> {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    GITHUB_ACTIONS: '',
    PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
    REDIS_URL: `redis://127.0.0.1:${server.redis.port}`,
  }
  const child = spawn(command, args, { cwd: folder, env })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (out += bytes))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })))
}
const shell = (script: string) => run('sh', ['-c', script])

it('has no block that this test does not run', () => {
  expect([OTHERS, OTHER_PROGRAMS]).toEqual([[], []])
})

it('records on each side, and judges each and all', async () => {
  file(
    'my-lock.js',
    `export class MyLock {
  constructor(redis) { this.redis = redis }
  async acquire(name, ttlMs) {
    const token = 'secret-' + Math.random()
    const asked = Date.now()
    const isTaken = await this.redis.set('lock:' + name, token, 'PX', ttlMs, 'NX')
    return isTaken === 'OK' ? { name, token, expiresAt: asked + ttlMs } : null
  }
  async release(lease) {
    const script = 'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) else return 0 end'
    return (await this.redis.eval(script, 1, 'lock:' + lease.name, lease.token)) === 1
  }
}`,
  )
  file('use.js', RECORD)
  file('accepted.js', ACCEPTED)
  file('resource.js', "import { accepted } from './accepted.js'\naccepted({ resource: 'row', token: 'x', fence: 1 })")
  const monitored = shell(MONITOR)
  await new Promise((resolve) => setTimeout(resolve, 600))
  for (const program of ['use.js', 'use.js', 'resource.js']) {
    expect(await run(process.execPath, [program])).toEqual({ code: 0, out: '' })
  }
  const alone = await monitored
  expect(alone.out).toMatch(/valid: \d grants? of 1 lock in \d+ commands of servers/)
  const all = await shell(TOGETHER)
  expect([all.code, all.out]).toEqual([
    0,
    expect.stringMatching(/valid: .* 2 holds of 1 lock, 1\s+write to 1 resource/s),
  ])
  expect(alone.out + all.out + readFileSync(path.join(folder, 'belief.ndjson'), 'utf8')).not.toContain('secret')
})

it('reads the append-only folder of a real server', async () => {
  expect(await shell(APPEND)).toMatchObject({ code: 0 })
  const redis = server.client()
  for (let round = 0; round < 3; round += 1) {
    const context = { redis, key: 'lock:orders', token: `t${round}`, ttlMs: 5_000 }
    const lease = await setNxLua.acquire(context as never)
    await setNxLua.release(context as never, lease as never)
  }
  await redis.setnx('lock:endless', 'x')
  await redis.set('other', 'x')
  await redis.del('lock:endless')
  // Writing to the file is not waited for.
  for (let tries = 0; tries < 100 && !existsSync(path.join(folder, 'appendonlydir')); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const { code, out } = await shell(JUDGE_APPENDED)
  expect(out).toContain('✗ dead-lock: "lock:endless" has no expiry')
  expect(out).toContain('violated: 4 grants of 2 locks')
  expect(code).toBe(1)
})

it('judges a history of Jepsen', async () => {
  file(
    'history.edn',
    '[{:process 0, :type :invoke, :f :acquire, :value nil}\n {:process 0, :type :ok, :f :acquire, :value nil}]',
  )
  expect(await shell(JEPSEN)).toEqual({ code: 0, out: '✓ valid: 1 operation of 1 history of Jepsen\n' })
})
