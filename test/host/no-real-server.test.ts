/**
 * Nothing under test ever reaches a real server: a real redis-server says of every command that it gets (MONITOR), and gets none,
 * whatever way code takes to a connection, and whichever Redis answers.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { build, cleanEnvironment, lockstorm, ROOT } from '../cli/binary.ts'
import { RealRedis } from '../redis/real-redis.ts'

let folder: string
let real: RealRedis
let monitor: Socket
let heard = ''

beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-real-'))
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text)
  real = await RealRedis.start()
  monitor = connect(real.port, '127.0.0.1')
  monitor.on('data', (text) => {
    heard += String(text)
  })
  monitor.write('MONITOR\r\n')
  await hears('+OK')
})
afterAll(async () => {
  monitor.destroy()
  await real.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function hears(text: string): Promise<void> {
  while (!heard.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** What is asked of a connection is asked in the first world already. */
const SMALL = ['--clients', '2', '--rounds', '1', '--workers', '1']

/** Runs a hunt; then what the real server was told meanwhile. */
async function hunt(file: string, redis: string): Promise<{ code: number | null; output: string; arrived: string }> {
  heard = ''
  const { code, stdout, stderr } = lockstorm(
    ['hunt', file, ...SMALL, '--faults', '0', '--redis', redis, '--output', path.join(folder, 'report')],
    { cwd: folder, env: { REDIS_URL: `redis://127.0.0.1:${real.port}`, REDIS_PORT: String(real.port) } },
  )
  // The server tells in order: what comes before this mark had come by then.
  const mark = connect(real.port, '127.0.0.1')
  mark.write('ECHO mark\r\n')
  await hears('"mark"')
  mark.destroy()
  const end = Math.max(0, heard.lastIndexOf('\n', heard.indexOf('"ECHO"')))
  return { code, output: stdout + stderr, arrived: heard.slice(0, end) }
}

const lockOver = (redis: string, before: string): string => `${before}
export default {
  name: 'mine',
  async acquire({ key, token, ttlMs }) {
    const using = await ${redis}
    return (await using.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ key }, lease) {
    const using = await ${redis}
    return (await using.eval("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0", 1, key, lease.token)) === 1
  },
}
`

const IOREDIS = "import { Redis } from 'ioredis'\n"

/** What goes right: every connection leads into the simulated network. */
const SIMULATED: Readonly<Record<string, string>> = {
  'module-level': lockOver('redis', `${IOREDIS}const redis = new Redis(process.env.REDIS_URL)`),
  lazy: lockOver('get()', `${IOREDIS}let client\nconst get = () => (client ??= new Redis(process.env.REDIS_URL))`),
  own: lockOver('new Redis(process.env.REDIS_URL)', IOREDIS),
  'asked-at-import': lockOver(
    'redis',
    `${IOREDIS}const redis = new Redis(process.env.REDIS_URL)\nawait redis.set('started', 1)`,
  ),
  'in-timers': lockOver(
    'redis',
    `${IOREDIS}const redis = new Redis(process.env.REDIS_URL)
setInterval(() => redis.incr('ticks'), 50)
setTimeout(() => redis.set('late', 1), 3_600_000)`,
  ),
  duplicated: lockOver(
    'redis',
    `${IOREDIS}const first = new Redis(process.env.REDIS_URL, { lazyConnect: true })\nconst redis = first.duplicate()`,
  ),
  'of node-redis': lockOver(
    'adapter',
    `import { createClient } from 'redis'
const client = createClient({ url: process.env.REDIS_URL })
await client.connect()
const adapter = {
  set: (key, token, _, ttlMs) => client.set(key, token, { PX: ttlMs, NX: true }),
  eval: (script, _, key, token) => client.eval(script, { keys: [key], arguments: [token] }),
}`,
  ),
  'over-tls': lockOver('redis', `${IOREDIS}const redis = new Redis(process.env.REDIS_URL, { tls: {} })`),
}

/** Other ways to a socket: refused with the call and its line, whatever becomes of the error. */
const REFUSED: Readonly<Record<string, string>> = {
  socket: "import { Socket } from 'node:net'\nnew Socket().connect(Number(process.env.REDIS_PORT), '127.0.0.1')",
  datagram:
    "import { createSocket } from 'node:dgram'\ntry { createSocket('udp4').send('x', Number(process.env.REDIS_PORT)) } catch {}",
  http2: "import { connect } from 'node:http2'\ntry { connect('http://127.0.0.1:' + process.env.REDIS_PORT) } catch {}",
  program:
    "import { spawn } from 'node:child_process'\ntry { spawn('redis-cli', ['-p', process.env.REDIS_PORT, 'ping']) } catch {}",
  thread:
    "import { Worker } from 'node:worker_threads'\ntry { new Worker(\"require('net').connect(process.env.REDIS_PORT).write('PING')\", { eval: true }) } catch {}",
}

const idle = (before: string): string => `${before}
export default { name: 'mine', async acquire() { return null }, async release() { return true } }
`

/** Runs when the garbage is collected, when no world runs. */
const OUTSIDE = `import { connect } from 'node:net'
// What is not held any more is collected, because so much memory is asked for.
setInterval(() => registry, 1_000_000)
const registry = new FinalizationRegistry(() => { connect(Number(process.env.REDIS_PORT), '127.0.0.1').write('PING\\r\\n') })
registry.register({}, null)
for (let count = 0; count < 100; count += 1) new Uint8Array(32e6)`

const named = (texts: Readonly<Record<string, string>>, make = (text: string) => text): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${name}.ts`, make(text)]))

const CALLER = `import { hunt } from ${JSON.stringify(pathToFileURL(path.join(ROOT, 'dist', 'index.js')).href)}
import lock from './own.mjs'
const { Redis } = await import('ioredis')
const own = new Redis(process.env.REDIS_URL)
await own.echo('before')
const { status } = await hunt(lock, { faults: 0, clients: 2, rounds: 1, redis: process.argv[2] })
await own.echo('after')
own.disconnect()
const another = new Redis(process.env.REDIS_URL)
await another.echo(status)
another.disconnect()
`
/** A lock over a client of the caller's that is not ready when the hunt begins. */
const unready = (
  make: string,
  set: string,
): string => `import { hunt } from ${JSON.stringify(pathToFileURL(path.join(ROOT, 'dist', 'index.js')).href)}
${make}
const lock = { name: 'unready', acquire: async ({ key, token, ttlMs }) => (${set} ? { token } : null), release: async ({ key }) => (await own.del(key)) === 1 }
try {
  const { status } = await hunt(lock, { faults: 0, client: 'direct', redis: process.argv[2] })
  console.log(status)
} catch (error) {
  console.log(error.name + ': ' + error.message)
}
`
const UNREADY: Readonly<Record<string, string>> = {
  ioredis: `${unready("const { Redis } = await import('ioredis')\nconst own = new Redis(process.env.REDIS_URL)", "await own.set(key, token, 'PX', ttlMs, 'NX')")}await own.echo('after')\nown.disconnect()\n`,
  'lazy ioredis': `${unready("const { Redis } = await import('ioredis')\nconst own = new Redis(process.env.REDIS_URL, { lazyConnect: true })", "await own.set(key, token, 'PX', ttlMs, 'NX')")}await own.echo('after')\nown.disconnect()\n`,
  'node-redis': `${unready("const { createClient } = await import('redis')\nconst own = createClient({ url: process.env.REDIS_URL })\nconst connecting = own.connect()", 'await own.set(key, token, { PX: ttlMs, NX: true })')}await connecting\nawait own.echo('after')\nawait own.close()\n`,
}
const FILES: Readonly<Record<string, string>> = {
  ...named(SIMULATED),
  ...named({ ...REFUSED, outside: OUTSIDE }, idle),
  'own.mjs': SIMULATED.own ?? '',
  'caller.mjs': CALLER,
  ...Object.fromEntries(Object.entries(UNREADY).map(([name, text]) => [`unready ${name}.mjs`, text])),
}

describe.each(['memory', 'server'])('with --redis %s a real server hears nothing of', (redis) => {
  it.each(Object.keys(SIMULATED))('a client that is %s, which works', async (name) => {
    const { code, output, arrived } = await hunt(`${name}.ts`, redis)
    expect(arrived).toBe('')
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(output).toContain('no violation in all')
  })

  it.each(Object.keys(REFUSED))('another way out: %s', async (name) => {
    const { code, output, arrived } = await hunt(`${name}.ts`, redis)
    expect(arrived).toBe('')
    expect({ code, output }).toMatchObject({ code: 64 })
    expect(output).toContain(`${name}.ts:2: `)
  })

  it("a lock that is an object, and all of what its caller's own client says", async () => {
    heard = ''
    const { status, stderr } = spawnSync(process.execPath, ['caller.mjs', redis], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnvironment({ REDIS_URL: `redis://127.0.0.1:${real.port}` }),
    })
    expect({ status, stderr }).toMatchObject({ status: 0 })
    await hears('"echo" "valid"')
    const commands = [...heard.matchAll(/\] "(\w+)"(?: "(\w+)")?/g)].map(
      ([, name = '', word = '']) => `${name} ${word}`,
    )
    expect(commands.filter((command) => !/^(info|client) /i.test(command))).toEqual([
      'echo before',
      'echo after',
      'echo valid',
    ])
  })

  it.each(Object.keys(UNREADY))("what worlds say to a caller's client that is not ready: %s", async (name) => {
    heard = ''
    const { status, stdout, stderr } = spawnSync(process.execPath, [`unready ${name}.mjs`, redis], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnvironment({ REDIS_URL: `redis://127.0.0.1:${real.port}` }),
      timeout: 60_000,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('UsageError: ')
    expect(stdout).toContain('was made outside of the world in which it is used')
    await hears('"after"')
    expect(heard).not.toMatch(/"(set|del)"/i)
  })

  it('what runs when no world does', async () => {
    const { code, output, arrived } = await hunt('outside.ts', redis)
    expect(arrived).toBe('')
    expect({ code, output }).toMatchObject({ code: 64 })
    expect(output).toContain('code under test reaches no real server')
    expect(output).toContain('outside.ts:4: net.Socket.connect(): ')
  })
})

it('a database that code chooses is watched on a real server, too', () => {
  const { stdout } = lockstorm(
    ['hunt', './own-client-host.ts', ...SMALL, '--faults', '1', '--json', '--redis', 'server', '--output', folder],
    { cwd: path.join(ROOT, 'test', 'cases', 'own-client') },
  )
  const { violations } = JSON.parse(stdout) as HuntReport
  const causes = violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`)
  expect(causes.sort()).toEqual([
    'mutual-exclusion bug granted-too-late',
    'mutual-exclusion limit lease-ended',
    'mutual-exclusion limit redis-lost-it',
    'orphaned-lock bug attempt-misread',
    'stale-write bug granted-too-late',
  ])
})

it('hears of a command that does arrive', async () => {
  heard = ''
  const client = connect(real.port, '127.0.0.1')
  client.write('PING\r\n')
  await hears('"PING"')
  client.destroy()
  expect(heard).toContain('"PING"')
})
