/**
 * Locks as people and packages have them, hunted with the command line as they are: what was understood is told first, and the
 * verdict is that of the same lock behind an adapter.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'
import { findingsIn, LATE_OR_LIMITS } from '../cli/findings.ts'

const SHAPES = path.join(ROOT, 'test', 'subject', 'shapes')

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-shapes-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function hunt(file: string, more: readonly string[] = []) {
  const { code, stdout, stderr } = lockstorm(
    [
      'hunt',
      file,
      '--faults',
      '1',
      '--clients',
      '2',
      '--workers',
      '1',
      '--json',
      '--output',
      path.join(folder, 'out'),
      ...more,
    ],
    { cwd: path.isAbsolute(file) ? folder : SHAPES },
  )
  const told = stderr.split('\n').filter((line) => line !== '' && !/^[✗▸]/.test(line))
  if (stdout === '') return { code, told, found: [] }
  return { code, told, found: [...new Set(findingsIn(stdout))] }
}

const orphaned = (cause: string) => [...LATE_OR_LIMITS, `orphaned-lock bug ${cause}`].sort()
/** One attempt: a reply that is lost is read as a refusal by ioredis's second try, and as an error by node-redis. */
const TRIES_ONCE = orphaned('attempt-misread')
const KEY = (name: string, key: string): string =>
  `${name} uses the key ${key}, as a world without faults shows (keys: … in the lock says otherwise)`
const HOST = (name: string, host: string): string =>
  `${name} connects to ${host}, which is redis-1 here (hosts: … in the config says otherwise)`

describe('a right lock is worth what it is behind an adapter:', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      'a class that is given its client',
      'class-given-client.ts',
      [
        './class-given-client.ts: class RedisLock, acquire(key, ttlMs), release(key, token)',
        KEY('class-given-client', 'lock:orders/42'),
      ],
      TRIES_ONCE,
    ],
    [
      'a class with a client and a lease of its own',
      'class-own-client.ts',
      [
        './class-own-client.ts: class Locker, lock(name), unlock(name)',
        'class-own-client has leases of 2s, whatever it is asked for: here a client works for 200ms and tries again after 200ms',
      ],
      TRIES_ONCE,
    ],
    [
      'an object that the file makes',
      'instance.ts',
      [
        './instance.ts: RedisLock orderLock, acquire(key, ttlMs), release(key, token)',
        KEY('instance', 'lock:orders/42'),
        HOST('instance', 'prod.example.com:6379'),
      ],
      TRIES_ONCE,
    ],
    [
      'a factory, in seconds',
      'factory.ts',
      [
        './factory.ts: factory createLock(redis, { prefix, ttlSeconds })',
        KEY('factory', 'lock:orders/42'),
        'factory has leases of 1s at least: here a client works for 100ms and tries again after 100ms',
      ],
      TRIES_ONCE,
    ],
    [
      'withLock(key, fn)',
      'with-lock.ts',
      ['./with-lock.ts: function withLock(key, fn, ttl)', HOST('with-lock', 'redis:6379')],
      LATE_OR_LIMITS,
    ],
    [
      'a class that an injector makes, by the classes of its services',
      'injected/lock.service.ts',
      [
        './injected/lock.service.ts: class LockService, tryLock(resource), unlock(resource, token), made with new RedisService(new ConfigService()), new ConfigService()',
        KEY('lock.service', 'lock:orders/42'),
        'lock.service has leases of 2s, whatever it is asked for: here a client works for 200ms and tries again after 200ms',
        HOST('lock.service', 'cache.internal:6379'),
      ],
      TRIES_ONCE,
    ],
    [
      'using(keys, ttl, fn)',
      'using.ts',
      [
        './using.ts: class Mutex, using(keys, duration, routine)',
        // It tries 200 times, and then throws: what its first attempt left behind must still be there to be seen.
        'using tries for 4.219 s before it gives up: here leases are 22 s, a client works for 2.2 s and tries again after 2.2 s (--ttl says otherwise)',
      ],
      orphaned('attempt-not-taken-back'),
    ],
    [
      'two functions in CommonJS',
      'pair.js',
      [
        './pair.js: functions acquireLock(redis, lockName, lockTimeout), releaseLock(redis, lockName, identifier)',
        KEY('pair', 'lock:orders/42'),
      ],
      TRIES_ONCE,
    ],
    [
      'a callback with done',
      'callback.cjs',
      ['./callback.cjs: factory createLocker(client, retryDelay)', KEY('callback', 'lock.orders/42')],
      LATE_OR_LIMITS,
    ],
    [
      'what is disposed of, over node-redis',
      'disposable.ts',
      ['./disposable.ts: function lock(redis, key, ttlMs)'],
      orphaned('attempt-not-taken-back'),
    ],
  ])('%s', (_, file, told, found) => {
    expect(hunt(`./${file}`)).toEqual({ code: 1, told, found })
  })
})

describe('a naive lock breaks without any fault:', () => {
  it.each(['naive-class.ts', 'naive-with-lock.ts'])('%s', (file) => {
    const { code, found } = hunt(`./${file}`, ['--faults', '0'])
    expect(code).toBe(1)
    expect(found).toContain('mutual-exclusion bug never-granted')
    expect(found).toContain('foreign-release bug token-not-compared')
  })
})

describe('what is not clear is asked, and is no verdict:', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  const told = (name: string, text: string) => {
    const { code, told } = hunt(write(name, text))
    return [code, ...told.map((line) => line.replaceAll(`${folder}${path.sep}`, ''))]
  }

  it('a parameter whose name says nothing', () => {
    expect(hunt('./unclear.ts')).toEqual({
      code: 64,
      told: [
        './unclear.ts: acquire(key, lane, ttlMs): what should be given for lane?',
        '  fix: lockstorm init ./unclear.ts writes the ten lines that say it',
      ],
      found: [],
    })
  })

  it('a service that an injector knows and no class tells', () => {
    expect(hunt('./injected/audited.service.ts')).toEqual({
      code: 64,
      told: [
        './injected/audited.service.ts: new AuditedLockService(redis, config, audit): what should be given for audit?',
        '  fix: lockstorm init ./injected/audited.service.ts writes the ten lines that say it',
      ],
      found: [],
    })
  })

  it('several locks in one file', () => {
    const text = "import { withLock } from './a.ts'\nexport class ALock { acquire(key) {} release(key) {} }\n"
    write('a.ts', 'export async function withLock(key, fn) { return fn() }\n')
    expect(told('several.ts', `${text}export { withLock }\n`)).toEqual([
      64,
      'several.ts: it has several subjects: ALock, withLock',
      '  fix: choose one with --only NAME',
    ])
  })

  it('a lease that says nothing of itself', () => {
    const text = `export class Lock {
  constructor(redis) { this.redis = redis }
  async acquire(key, ttlMs) {
    const answer = await this.redis.set(key, 'x', 'PX', ttlMs, 'NX')
    return { status: answer === 'OK' ? 'mine' : 'busy' }
  }
  async release(key) { await this.redis.del(key) }
}
`
    const [code, problem] = told('says-nothing.js', text)
    expect(code).toBe(64)
    expect(problem).toContain('is that a lease? expected true, a token, or an object with a release() or a token')
  })

  it('a lock that is never had', () => {
    const text = `export class Lock {
  constructor(redis) { this.redis = redis }
  async acquire(key, ttlMs) { return (await this.redis.get(key)) === 'free' }
  async release(key) { await this.redis.set(key, 'free') }
}
`
    const [code, problem] = told('never.js', text)
    expect(code).toBe(64)
    expect(problem).toMatch(
      /never\.js: class Lock, acquire\(key, ttlMs\), release\(key\): in \d+ attempts the lock was never had, without any fault/,
    )
  })

  it('milliseconds that are taken for seconds, also of a lock with an adapter', () => {
    const text = `export default {
  name: 'long',
  acquire: async ({ redis, key, token, ttlMs }) => (await redis.set(key, token, 'EX', ttlMs, 'NX')) === 'OK' ? { token } : null,
  release: async ({ redis, key }) => (await redis.del(key)) === 1,
}
`
    expect(told('seconds.js', text)).toEqual([
      64,
      'long: it was asked for a lease of 200ms, and its key expires after 200s',
      '  fix: its lease is in seconds, and it is given milliseconds: give it Math.ceil(ttlMs / 1000), or call the parameter ttlSeconds',
    ])
  })

  it('a test file', () => {
    const text =
      "import { expect, it } from 'vitest'\nimport { lock } from '../src/lock'\nit('locks', () => expect(lock).toBe(1))\n"
    expect(told('lock.test.ts', text)).toEqual([
      64,
      'lock.test.ts: it is a test file (it imports vitest), and no lock',
      expect.stringMatching(/^ {2}fix: lockstorm hunt \S+\/src\/lock\.ts, or in the test: assertValid\(await hunt\('/),
    ])
    expect(told('lock.spec.js', "describe('a lock', () => { it('locks', () => {}) })\n").slice(0, 2)).toEqual([
      64,
      'lock.spec.js: it is a test file (it calls describe or it), and no lock',
    ])
  })
})
