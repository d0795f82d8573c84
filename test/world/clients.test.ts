/**
 * Whole worlds with each kind of client, and locks that say which one they need.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadIoredisDriver } from '../../src/client/node/ioredis-driver.ts'
import { requirePackage } from '../../src/client/node/optional-package.ts'
import { History } from '../../src/history/history.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import { decodeToken } from '../../src/scenario/token.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'
import { nodeRedisLock } from '../client/node-redis-lock.ts'

const rounds = { kind: 'counter', rounds: 3, workUs: 5_000, retryUs: 5_000, checkFence: true } as const
const plan = counterPlan({ clients: 3, workload: rounds })

describe('a world', () => {
  it('has iovalkey clients, which do what ioredis does', async () => {
    const shown = await show(lockSubject(setNxLua), plan, 'iovalkey')
    expect(shown.status).toBe('valid')
    expect(shown.history.holds.filter((hold) => !hold.token.includes('probe'))).toHaveLength(9)
  })

  it('runs with another version of a driver than the one that is installed by its name', async () => {
    const environment = { ...nodeEnvironment('ioredis', memoryProvider()), driver: loadIoredisDriver('ioredis-6') }
    const six = await inMacrotask(() => runWorld({ ...plan, client: 'ioredis' }, lockSubject(setNxLua), environment))
    const holds = new History(six).holds.filter((hold) => !hold.token.includes('probe'))
    expect(holds).toHaveLength(9)
  })

  it('gives a lock the client that it needs, whatever is asked for', async () => {
    const shown = await show(nodeRedisLock, plan, 'direct')
    expect(shown.status).toBe('valid')
    expect(shown.sometimes).toContain('contended')
    expect((await show(nodeRedisLock, plan, 'ioredis')).hash).toBe(shown.hash)
  })

  it('is the same again and again with node-redis, whatever ran in between', async () => {
    const stormy = counterPlan({
      clients: 3,
      headStartUs: 20_000,
      workload: rounds,
      faults: [fault('lose-reply', { process: 'A' }, 'A before acquire'), fault('reset', { process: 'B' }, '8ms')],
    })
    const first = await show(nodeRedisLock, stormy)
    await show(nodeRedisLock, plan)
    expect((await show(nodeRedisLock, stormy)).hash).toBe(first.hash)
    // P16: rejected, yet applied; then the key is an orphan until its lease ends.
    expect(first.violations.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^A was told nothing but an error, but its own token kept the lock from all clients for /),
    ])
  })
})

describe('a suite', () => {
  it('says in cell and token which client was really used, and replays with it', async () => {
    const scenario = parseScenario(
      [
        'title: Three clients',
        'story: Nothing happens to them.',
        'teaches: []',
        'workload:',
        '  counter: { rounds: 2, work: 5ms, retry: 5ms, check-fence: true }',
        'clients: 3',
        'ttl: 1s',
        'latency: 200us..900us',
        'faults: []',
        'expect: {}',
      ].join('\n'),
      'three.yaml',
    )
    const { report } = await runSuite({
      scenarios: [scenario],
      subjects: [lockSubject(setNxLua), nodeRedisLock],
      seed: '1',
      client: 'direct',
      runs: 1,
      environment: nodeEnvironment('direct', memoryProvider()),
      inMacrotask,
    })
    expect(report.client).toBe('direct')
    expect(report.cells.map(({ lock, client, verdict }) => [lock, client, verdict])).toEqual([
      ['set-nx-lua', 'direct', 'valid'],
      ['in-node-redis', 'node-redis', 'valid'],
    ])
  })

  it('has tokens that name the client really used', async () => {
    const { encodeToken } = await import('../../src/scenario/token.ts')
    const parts = { scenario: 's', planChecksum: 'x', subject: 'l', redis: 'memory', seed: '1', world: 0 }
    for (const client of ['ioredis', 'direct', 'node-redis', 'iovalkey'] as const) {
      expect(decodeToken(encodeToken({ ...parts, client })).client).toBe(client)
    }
  })
})

describe('a client that is not installed', () => {
  it('is asked for by name, with what to install', () => {
    expect(() => requirePackage('no-such-driver', 'iovalkey')).toThrow(
      'client iovalkey: the package no-such-driver is not installed\n  fix: npm install no-such-driver',
    )
  })

  it('is the one of the current folder, before the one beside lockstorm', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-'))
    const home = path.join(folder, 'node_modules/ioredis')
    mkdirSync(home, { recursive: true })
    writeFileSync(path.join(home, 'package.json'), '{ "name": "ioredis", "version": "4.31.0", "main": "index.js" }')
    writeFileSync(path.join(home, 'index.js'), 'module.exports = class {}')
    const before = process.cwd()
    process.chdir(folder)
    try {
      expect(requirePackage('ioredis', 'ioredis').major).toBe(4)
      expect(() => loadIoredisDriver()).toThrow('ioredis: its version 4 is too old\n  fix: npm install ioredis@latest')
    } finally {
      process.chdir(before)
      rmSync(folder, { recursive: true })
    }
    expect(requirePackage('ioredis', 'ioredis').major).toBe(5)
    expect(requirePackage('ioredis-6', 'ioredis').major).toBe(6)
  })

  it('is not blamed for what is broken inside it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-'))
    const broken = path.join(folder, 'broken.cjs')
    writeFileSync(broken, "require('something-that-it-needs')")
    try {
      expect(() => requirePackage(broken, 'iovalkey')).toThrow("Cannot find module 'something-that-it-needs'")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a lock that names a client', () => {
  it('must name one that there is', () => {
    expect(() => defineLock({ ...setNxLua, client: 'redis' as never })).toThrow(
      'defineLock(set-nx-lua): expected client to be one of ioredis, direct, node-redis, iovalkey, got "redis"',
    )
  })
})

describe('a lock that loads packages', () => {
  it('gets its own copy for each client and each world, and again after a restart of the client', async () => {
    const seen: object[] = []
    const lock = defineLock({
      ...setNxLua,
      name: 'loading',
      acquire(context) {
        const q = context.load<object>('q')
        expect(context.load('q')).toBe(q)
        seen.push(q)
        return setNxLua.acquire(context)
      },
    })
    const restarting = counterPlan({
      clients: 2,
      workload: rounds,
      faults: [
        fault('crash', { process: 'A' }, 'A after acquire'),
        fault('restart', { process: 'A', after: '50ms' }, 'A after acquire'),
      ],
    })
    const shown = await show(lockSubject(lock), restarting)
    const distinct = new Set(seen).size
    expect(shown.history.holds.length).toBeGreaterThan(4)
    expect(distinct).toBe(3)
    await show(lockSubject(lock), restarting)
    expect(new Set(seen).size).toBe(6)
  })

  it('is told at once what is not installed', async () => {
    const lock = defineLock({
      ...setNxLua,
      name: 'loading',
      acquire(context) {
        context.load('no-such-package')
        return setNxLua.acquire(context)
      },
    })
    await expect(show(lockSubject(lock), plan)).rejects.toThrow(/^load\("no-such-package"\): it is not installed/)
  })
})
