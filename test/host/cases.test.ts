/**
 * Code as applications have it, found by hunts with the command line: what each of them is must not change what is found. A lock
 * over a client of its own is worth as much as the same lock over the client that it is given.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { build, cleanEnvironment, lockstorm, ROOT } from '../cli/binary.ts'
import { findingsIn, LATE_OR_LIMITS } from '../cli/findings.ts'

const CASES = path.join(ROOT, 'test', 'cases')

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-cases-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SMALL = ['--faults', '1', '--clients', '2', '--workers', '1']

interface Hunt {
  readonly code: number | null
  readonly verdict: string
  /** What was found, by property, kind and cause; also what only came along. */
  readonly found: readonly string[]
}

/** Hunts for storms of up to one fault by two clients, which find what three do in half the time; each file once. */
const hunted = new Map<string, Hunt>()
function hunt(file: string, more: readonly string[] = []): Hunt {
  const known = hunted.get(file)
  if (known !== undefined && more.length === 0) return known
  const { code, stdout, stderr } = lockstorm(
    ['hunt', `./${path.basename(file)}`, ...SMALL, '--json', '--output', folder, ...more],
    // Where nothing listens: what went there would be seen as an error.
    { cwd: path.join(CASES, path.dirname(file)), env: { REDIS_URL: 'redis://localhost:1' } },
  )
  if (stdout === '') throw new Error(`exit ${code}: ${stderr}`)
  const { verdict } = JSON.parse(stdout) as HuntReport
  const result = { code, verdict, found: findingsIn(stdout) }
  if (more.length === 0) hunted.set(file, result)
  return result
}

/** SET NX with a lease, and a release that compares: what it is worth. */
const EXPECTED: readonly string[] = [...LATE_OR_LIMITS, 'orphaned-lock bug attempt-misread'].sort()

describe('a lock whose client is its own is worth what it is over the client that it is given:', () => {
  it.each([
    ['that one', 'app-singleton/given.lock.ts'],
    ['made when a module is loaded', 'app-singleton/lockstorm.lock.ts'],
    ['made when it is first needed', 'app-singleton/lazy.lock.ts'],
    ['made in CommonJS', 'app-singleton/cjs.lock.ts'],
    ['imported by the path alias of a tsconfig', 'path-alias/lockstorm.lock.ts'],
    ['made for each attempt, with default options', 'own-client/own-client.ts'],
    ['made for each attempt, without client info', 'own-client/own-client-noinfo.ts'],
    ['made for another host and another database', 'own-client/own-client-host.ts'],
  ])('%s', (_, file) => {
    expect(hunt(file)).toEqual({ code: 1, verdict: 'violated', found: EXPECTED })
  })
})

describe('the record of a request with an idempotency key', () => {
  const cwd = path.join(CASES, 'idempotency')

  it('stays when the request is answered, which is no lock left behind', () => {
    const args = ['run', './double-click.yaml', '--lock', './records.ts', '--json', '--output', folder]
    const { code, stdout } = lockstorm(args, { cwd })
    const { cells } = JSON.parse(stdout) as { cells: { lock: string; verdict: string; found: object }[] }
    expect(Object.fromEntries(cells.map(({ lock, verdict }) => [lock, verdict]))).toMatchObject({
      'idempotency-nx': 'valid',
      'idempotency-setex': 'violated',
    })
    expect(code).toBe(1)
  })

  it('is hunted as what it is', () => {
    const asRecord = ['--workload', 'idempotency', '--faults', '0']
    const nx = lockstorm(['hunt', './records.ts', '--only', 'idempotency-nx', ...asRecord, '--output', folder], { cwd })
    expect(nx.stdout).toMatch(/idempotency-nx: no violation/)
    const setex = hunt('idempotency/records.ts', ['--only', 'idempotency-setex', ...asRecord])
    expect(setex.found).toEqual(
      expect.arrayContaining(['job-run-twice bug taken-away', 'mutual-exclusion bug taken-away']),
    )
  })
})

describe('what a lock says of itself decides what it is judged by:', () => {
  const run = (folderOf: string, scenario: string, file: string) => {
    const args = ['run', `./${scenario}`, '--lock', `./${file}`, '--json', '--output', folder, '--workers', '1']
    const { code, stdout } = lockstorm(args, { cwd: path.join(CASES, folderOf) })
    const { cells } = JSON.parse(stdout) as {
      cells: { lock: string; violations: { property: string; kind: string; cause: { kind: string } }[] }[]
    }
    const foundBy = (lock: string) =>
      cells
        .find((cell) => cell.lock === lock)
        ?.violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`)
    return { code, foundBy }
  }

  it('a loss that is told by a promise is one that is told by a signal', () => {
    const { code, foundBy } = run('contracts', 'lost-signal.yaml', 'lost-signal.ts')
    expect(code).toBe(1)
    expect(foundBy('by-signal')).toContain('mutual-exclusion bug loss-not-noticed')
    expect(foundBy('by-lost')).toEqual(foundBy('by-signal'))
  })

  it('a leader that restarts under its own name is dead to all others', () => {
    const { code, foundBy } = run('kept', 'restart.yaml', 'leader.ts')
    expect(code).toBe(1)
    expect(foundBy('n8n-leader')?.join()).toMatch(/dead-lock bug/)
  })

  it('who goes on without the lock never had it', () => {
    expect(hunt('kept/fail-open.ts').found).toContain('mutual-exclusion bug never-granted')
  })

  it('a semaphore of two may be held by two', () => {
    const { code, verdict } = hunt('contracts/semaphore.ts', ['--faults', '0'])
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'valid' })
  })

  it('an extension is made, and shows that it takes what is not its own', () => {
    expect(hunt('contracts/steals.ts').found).toContain('foreign-release bug token-not-compared')
  })

  it('a waiter that counts up takes nothing from the holder', () => {
    const without = hunt('contracts/counter-key.ts', ['--faults', '0'])
    expect(without.verdict).toBe('valid')
    // With three, so that there is a second one who waits.
    const { found } = hunt('contracts/counter-key.ts', ['--clients', '3'])
    // Its holder ends, or its release is refused: the key has no expiry. That waiters count it up kept it from nobody.
    expect(found.filter((each) => each.startsWith('dead-lock'))).toEqual([
      'dead-lock bug no-expiry',
      'dead-lock bug no-expiry',
    ])
  })

  it('of a right web application only what Redis itself does is found', () => {
    const { found } = hunt('shared-module-state/own-store.ts')
    expect(found.filter((each) => !each.includes(' limit '))).toEqual([])
  })
})

describe('a lock over HTTP', () => {
  it('is worth as much, but that nothing asks again for a reply that was lost', () => {
    const found = EXPECTED.map((each) => each.replace('attempt-misread', 'attempt-not-taken-back'))
    expect(hunt('rest/rest.lock.ts')).toEqual({ code: 1, verdict: 'violated', found })
  })
})

describe('what a module keeps is kept by each machine for itself:', () => {
  it.each([
    [
      'host name and process id are its own',
      'shared-module-state/pid-lock.ts',
      'shared-module-state/pid-lock-truth.ts',
    ],
    [
      'an id that is made when a module is loaded',
      'shared-module-state/instance-lock.ts',
      'app-singleton/given.lock.ts',
    ],
    ['the pool of random bytes of nanoid', 'shared-module-state/nanoid-lock.ts', 'app-singleton/given.lock.ts'],
    ['the pool of random bytes of uuid 8', 'shared-module-state/uuid-lock.ts', 'app-singleton/given.lock.ts'],
    ['a store in a field of a class', 'shared-module-state/static-store.ts', 'shared-module-state/own-store.ts'],
  ])('%s', (_, file, same) => {
    expect(hunt(file)).toEqual(hunt(same))
    // Not even by chance: the code under test is deterministic.
    expect(hunt(file).code).toBe(1)
  })
})

describe('what code asks of its host is answered in its turn:', () => {
  it.each([
    ['a file', 'reads-a-file/reads-file.ts'],
    ['an import', 'reads-a-file/dynamic-import.ts'],
    ['a digest', 'reads-a-file/subtle.ts'],
  ])('%s', (_, file) => {
    expect(hunt(file)).toEqual({ code: 1, verdict: 'violated', found: EXPECTED })
  })

  it('the start of a web server that imports its plugins', () => {
    // It has no session, so there is nothing to find; it must not be said to crash or to hang.
    expect(hunt('reads-a-file/fastify-cookie.ts', ['--faults', '0'])).toEqual({
      code: 2,
      verdict: 'vacuous',
      found: [],
    })
  })
})

describe('the hosts of an application', () => {
  const hunts = (name: string, hosts: string) => {
    const config = path.join(folder, `${name}.config.mjs`)
    writeFileSync(config, `export default { hosts: ${hosts} }`)
    const result = lockstorm(
      [
        'hunt',
        './own-client-host.ts',
        '--faults',
        '0',
        '--workers',
        '1',
        '--config',
        config,
        '--output',
        folder,
        '--json',
      ],
      { cwd: path.join(CASES, 'own-client') },
    )
    return { ...result, config }
  }

  it.each([
    ['the first node, unless something else is said', '{}'],
    ['the one that the config file says', "{ 'cache.internal': 'redis-1' }"],
  ])('lead to %s, and the report says so', (_, hosts) => {
    const { code, stdout } = hunts('right', hosts)
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as HuntReport).hosts).toEqual({ 'cache.internal:6380': 'redis-1' })
  })

  it('lead to no node that there is not', () => {
    const { code, stderr } = hunts('absent', "{ 'cache.internal': 'redis-9' }")
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 64,
      first: 'hosts: redis-9 is no Redis node of this world: expected one of redis-1',
    })
  })

  it.each(["['redis-1']", "{ 'cache.internal': 1 }", "{ 'redis://cache.internal': 'redis-1' }", "{ cache: '' }"])(
    '%s is refused',
    (hosts) => {
      const { code, stderr, config } = hunts('wrong', hosts)
      expect(code).toBe(64)
      expect(stderr).toContain(
        `${config} hosts: expected names of hosts, each with the Redis node that it leads to (cache.internal: redis-1), got `,
      )
    },
  )
})

describe('what nothing answers', () => {
  it('ends the hunt with its type and line, also when it is asked for in a few storms only', () => {
    const { code, stdout, stderr } = lockstorm(
      ['hunt', './when-slow.lock.ts', '--faults', '1', '--workers', '1', '--output', folder],
      { cwd: path.join(CASES, 'unforeseen') },
    )
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(
      "when-slow.lock.ts:12: a call of Node's (DNSCHANNEL): the simulated world cannot answer it",
    )
  })
})

describe('a project with node-redis and without ioredis', () => {
  it('needs no other client than the one that its lock asks for', () => {
    const modules = path.join(folder, 'node_modules')
    const own = path.join(modules, 'lockstorm')
    mkdirSync(own, { recursive: true })
    for (const name of ['dist', 'scenarios', 'package.json'])
      cpSync(path.join(ROOT, name), path.join(own, name), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>
    }
    for (const name of [...Object.keys(dependencies), 'redis'])
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
    cpSync(path.join(CASES, 'node-redis-only', 'node-redis.lock.ts'), path.join(folder, 'node-redis.lock.ts'))
    const hunts = (...more: readonly string[]) =>
      spawnSync(process.execPath, [path.join(own, 'dist', 'cli', 'main.js'), 'hunt', ...more, '--faults', '0'], {
        cwd: folder,
        encoding: 'utf8',
        env: cleanEnvironment({ NO_COLOR: '1' }),
      })
    const { status, stdout, stderr } = hunts('./node-redis.lock.ts')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('node-redis-lock: no violation in all')
    // It is really not there.
    expect(hunts('set-nx-lua').stderr).toContain('the package ioredis is not installed')
  })
})
