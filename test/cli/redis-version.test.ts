/** `--redis-version` and `redis-version:`: which Redis the servers of worlds are, in hunts, runs and replays. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import type { Report } from '../../src/scenario/report.ts'
import { decodeToken } from '../../src/scenario/token.ts'
import { build, lockstorm } from './binary.ts'

/** The lock of the documentation of Redis 8.4: compare and delete is one command, and needs no script. */
const DELEX = `export default {
  name: 'delex',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.call('DELEX', key, 'IFEQ', lease.token)) === 1
  },
}`
const UNKNOWN = "ERR unknown command 'DELEX'"
const SCENARIO = `title: t
story: s
workload: { counter: { rounds: 2 } }
runs: 2
`

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-version-'))
  writeFileSync(path.join(folder, 'delex.mjs'), DELEX)
  writeFileSync(path.join(folder, 'plain.yaml'), SCENARIO)
  writeFileSync(path.join(folder, 'newer.yaml'), `${SCENARIO}redis-version: 8.4\n`)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inFolder = (...args: string[]) => lockstorm(args, { cwd: folder })
const hunt = (...args: string[]) =>
  inFolder(
    'hunt',
    'delex.mjs',
    '--faults',
    '0',
    '--clients',
    '2',
    '--rounds',
    '1',
    '--no-replays',
    '--output',
    'out',
    ...args,
  )
const run = (scenario: string, ...args: string[]) =>
  inFolder('run', scenario, '--lock', 'delex.mjs', '--only', 'delex', '--json', '--output', 'out', ...args)
/** A lock that every version has. */
const ran = (...args: string[]) => inFolder('run', '--only', 'set-nx-lua', '--json', '--output', 'out', ...args)
const reportOf = (stdout: string) => JSON.parse(stdout) as Report

describe('a hunt', () => {
  it('has the commands of the version, and says which it was', () => {
    const { code, stdout } = hunt('--redis-version', '8.4', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { verdict: 'valid', redis: 'in-memory Redis (8.4.0)' }])
    expect(readFileSync(path.join(folder, 'out', 'report.md'), 'utf8')).toContain('Redis: in-memory Redis (8.4.0)')
  })

  it('on another version shows what that answers, and its tokens replay on it', () => {
    const { code, stdout } = hunt('--redis-version', 'valkey-9', '--json')
    const { violations, redis } = JSON.parse(stdout) as HuntReport
    expect([code, redis]).toEqual([1, 'in-memory Valkey (9.0.0)'])
    const [first] = violations
    if (first === undefined) throw new Error('there is a violation')
    const again = inFolder('replay', first.token, '--lock', 'delex.mjs')
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining(`history ${first.historyHash}`)])
    expect(again.stdout).toContain(UNKNOWN)
    // The same storm where the command is known: nothing is wrong with it, and one client alone shows nothing.
    for (const word of [first.token, path.join('out', first.replayFile)]) {
      const newer = inFolder('replay', word, '--lock', 'delex.mjs', '--redis-version', '8.4', '--json')
      expect([newer.code, JSON.parse(newer.stdout)]).toMatchObject([2, { verdict: { status: 'vacuous' } }])
      expect(newer.stdout).not.toContain(first.token)
      expect(newer.stdout).not.toContain(UNKNOWN)
    }
  })

  it('on 7.0 shows what that answers, when it is said', () => {
    expect(hunt('--redis-version', '7.0').stdout).toContain(UNKNOWN)
  })
})

describe('a run', () => {
  it('has the version that the scenario says, also when its lock is tried out', () => {
    const { code, stdout } = run('newer.yaml')
    expect([code, reportOf(stdout)]).toMatchObject([
      0,
      { redis: 'in-memory Redis (8.4.0)', cells: [{ verdict: 'valid' }] },
    ])
  })

  it('has the one of the flag whatever the scenario says, which its tokens name', () => {
    expect(run('plain.yaml', '--redis-version', '8.4').code).toBe(0)
    const { code, stdout } = run('newer.yaml', '--redis-version', '7.0')
    const { redis, cells } = reportOf(stdout)
    expect([code, redis]).toEqual([1, 'in-memory Redis (7.0.15)'])
    const { token } = cells[0]!.violations[0]!
    expect(decodeToken(token)).toMatchObject({ redisVersion: '7.0' })
    const again = inFolder('replay', token, 'newer.yaml', '--lock', 'delex.mjs')
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining(UNKNOWN)])
    // As the scenario says, the same world is valid.
    expect(inFolder('replay', token, 'newer.yaml', '--lock', 'delex.mjs', '--redis-version', '8.4').code).toBe(0)
  })

  it('names all versions where scenarios differ', () => {
    const { stdout } = ran('plain.yaml', 'newer.yaml')
    expect(reportOf(stdout).redis).toBe('in-memory Redis (7.0.15), in-memory Redis (8.4.0)')
  })
})

describe('64: nobody says the version, and the lock is for a newer one', () => {
  const told = (what: string, versions: string) => ({
    code: 64,
    stderr: expect.stringMatching(
      new RegExp(
        `^\\w+: it sends ${what}, which the Redis that answers does not have\\n  fix: say which Redis it is for: --redis-version ${versions}$`,
        'm',
      ),
    ),
  })

  it('a command, in a hunt and in a run', () => {
    expect(hunt()).toMatchObject(told('DELEX', '8.4'))
    expect(run('plain.yaml')).toMatchObject(told('DELEX', '8.4'))
  })

  it('an option of SET, also in the release', () => {
    const set = `(await redis.call('SET', key, '', 'IFEQ', lease.token, 'PX', '1')) === 'OK'`
    writeFileSync(path.join(folder, 'set.mjs'), DELEX.replace('delex', 'set').replace(/\(await redis\.call.*/, set))
    const asked = ['hunt', 'set.mjs', '--faults', '0', '--clients', '2', '--rounds', '1', '--no-replays']
    expect(inFolder(...asked, '--output', 'out')).toMatchObject(told('SET … IFEQ', '8.4 or valkey-8.1 or valkey-9.0'))
    expect(inFolder(...asked, '--output', 'out', '--redis-version', '8.4').code).toBe(0)
  })

  it('but one that knows a way on 7.0, too, is tested on that', () => {
    const both = `{
      try {
        return (await redis.call('DELEX', key, 'IFEQ', lease.token)) === 1
      } catch {
        return (await redis.eval("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0", 1, key, lease.token)) === 1
      }
    }`
    writeFileSync(path.join(folder, 'both.mjs'), DELEX.replace(/return \(await redis\.call.*/, both))
    const { code, stdout } = inFolder(
      'hunt',
      'both.mjs',
      '--faults',
      '0',
      '--clients',
      '2',
      '--no-replays',
      '--output',
      'out',
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('✓')])
  })
})

describe('64: a server that is another version', () => {
  const told = (what: RegExp) =>
    expect.stringMatching(
      new RegExp(
        `^redis-version: ${what.source} is not Redis 8\\.4\\.0\\n  fix: leave it out, or use --redis memory$`,
        'm',
      ),
    )

  it.each([
    ['server', /redis-server 7\.0\.\d+, virtual time/],
    ['mock', /ioredis-mock \S+/],
  ])('%s', (redis, what) => {
    const asked = ['--redis', redis, '--redis-version', '8.4']
    for (const { code, stderr } of [hunt(...asked), run('plain.yaml', ...asked), run('newer.yaml', '--redis', redis)])
      expect([code, stderr]).toEqual([64, told(what)])
  })

  it('the version that it is, is none', () => {
    expect(ran('plain.yaml', '--redis', 'server', '--redis-version', '7.0').code).toBe(0)
  })

  it('a coordination service has none', () => {
    const { code, stderr } = inFolder('hunt', 'ephemeral-node', '--redis-version', '8.4')
    expect([code, stderr]).toEqual([64, expect.stringContaining('a coordination service has no version of Redis')])
  })
})
