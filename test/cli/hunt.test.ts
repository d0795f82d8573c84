/** `lockstorm hunt` through the built binary: its answer, its exit codes, what it says to what is wrong. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { build, lockstorm } from './binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-hunt-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string): string => {
  const place = path.join(folder, name)
  writeFileSync(place, text)
  return place
}
const output = (): string => path.join(folder, 'report')
/** By two clients and one round, unless the flags say otherwise. */
const hunt = (...args: string[]) =>
  lockstorm(['hunt', '--clients', '2', '--rounds', '1', ...args, '--client', 'direct', '--output', output()])

describe('a hunt', () => {
  it('of a broken lock: exit 1, one JSON document, replay files and tokens that show it again', () => {
    const { code, stdout } = hunt('nx-plain-del', '--faults', '1', '--json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as HuntReport
    expect(report).toMatchObject({ schema: 'lockstorm/hunt@2', lock: 'nx-plain-del', verdict: 'violated' })
    expect(readFileSync(path.join(output(), 'report.json'), 'utf8').trimEnd()).toBe(stdout.trimEnd())
    const [first] = report.violations
    if (first === undefined) throw new Error('there is a violation')
    expect(first.necessary).toEqual([true])
    const byToken = lockstorm(['replay', first.token])
    expect(byToken.code).toBe(1)
    expect(byToken.stdout).toContain(`history ${first.historyHash}`)
    const byFile = lockstorm(['replay', path.join(output(), first.replayFile)])
    expect(byFile.code).toBe(1)
    expect(byFile.stdout).toContain(`history ${first.historyHash}`)
    expect(readdirSync(output()).sort()).toEqual(
      [
        'badge.json',
        'code-quality.json',
        'ctrf.json',
        'histories',
        'index.html',
        'junit.xml',
        'meta.json',
        'replays',
        'report.json',
        'report.md',
        'results.sarif',
        'story.svg',
      ].sort(),
    )
  })

  it('gives the same answer whatever the number of workers', () => {
    const [one, three] = ['1', '3'].map(
      (workers) => hunt('setnx-expire', '--faults', '1', '--runs', '120', '--json', '--workers', workers).stdout,
    )
    expect(one).toBe(three)
  })

  it('of a right lock: exit 0, and the sentence says what was tried', () => {
    const { code, stdout } = hunt('fenced', '--faults', '1')
    expect(code).toBe(0)
    expect(stdout).toMatch(/✓ fenced: no violation in all [\d,]+ storms of up to 1 fault over counter, 2/)
  })

  it('--workload says what the clients do, and is on record in what replays it', () => {
    const { code, stdout } = hunt('set-nx-lua', '--faults', '1', '--workload', 'job', '--json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as HuntReport
    expect(report.statement).toMatch(/of up to 1 fault over job, 2 clients × 1 round$/)
    const twice = report.violations.find(({ property }) => property === 'job-run-twice')
    expect(twice?.kind).toBe('limit')
    expect(lockstorm(['replay', twice?.token ?? '']).stdout).toContain(`history ${twice?.historyHash}`)
    const wrong = hunt('set-nx-lua', '--workload', 'cart')
    expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('choose one of counter, cache, job')])
  })

  it('--allow=limit lets through what no lock with a lease can prevent, and nothing else', () => {
    expect(hunt('redlock-by-the-book', '--faults', '1', '-q').code).toBe(1)
    expect(hunt('redlock-by-the-book', '--faults', '1', '-q', '--allow=limit').code).toBe(0)
    expect(hunt('naive', '--faults', '0', '-q', '--allow=limit').code).toBe(1)
    // Without a fault every lease can be kept.
    const long = hunt('set-nx-lua', '--faults', '0', '--work', '300ms', '--ttl', '200ms', '--allow=limit')
    expect([long.code, long.stdout]).toEqual([1, expect.not.stringContaining('no lock with a lease can prevent')])
  })

  it('--last-failed runs the storms of the last hunt only', () => {
    hunt('nx-plain-del', '--faults', '1', '-q')
    const { code, stdout } = hunt('nx-plain-del', '--last-failed', '-q')
    expect(code).toBe(1)
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/in the \d+ storms that failed before/)
    expect(hunt('fenced', '--last-failed', '-q').code).toBe(64)
  })
})

describe("a hunt of one's own file", () => {
  it('prints a replay command that works as printed, and its replay files say which lock file they need', () => {
    const lock = file(
      'careless lock.ts',
      "export default { name: 'careless', acquire: async ({ redis, key, token, ttlMs }) => (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null, release: async ({ redis, key }) => (await redis.del(key)) === 1 }",
    )
    const { code, stdout } = hunt(lock, '--faults', '1')
    expect(code).toBe(1)
    const [, token = '', named = ''] = /npx lockstorm replay (\S+) --lock '([^']+)'/.exec(stdout) ?? []
    expect(named).toBe(lock)
    expect(lockstorm(['replay', token, '--lock', named]).code).toBe(1)
    const [first = ''] = readdirSync(path.join(output(), 'replays'))
    const told = lockstorm(['replay', path.join(output(), 'replays', first)])
    expect(told.code).toBe(64)
    expect(told.stderr).toContain(`fix: add --lock ${lock}`)
  })
})

describe('a hunt that cannot begin', () => {
  it.each([
    ['no such lock', ['nave'], 'did you mean "naive"'],
    ['no such file', ['./nope.ts'], './nope.ts: there is no such file'],
    ['too many faults', ['naive', '--faults', '4'], '--faults: expected a whole number from 0 to 3'],
    ['a client it does not speak to', ['naive', '--client', 'node-redis'], 'speaks the commands of ioredis'],
    ['a duration that is none', ['naive', '--ttl', '2sec'], '--ttl: expected a duration'],
  ])('%s: exit 64, in words', (_, args, words) => {
    const { code, stdout, stderr } = lockstorm(['hunt', ...args])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  it.each([
    ['does not parse', 'export default { name: ', 'it does not parse'],
    ['throws', "throw new Error('boom')", 'it throws when it is loaded: boom'],
    ['has no lock', 'export const a = 1', 'no default export'],
    [
      'waits for what never comes',
      "export default { name: 'never', acquire: () => new Promise(() => {}), async release() { return true } }",
      'acquire never settled, without any fault and with no other client',
    ],
    [
      'sends nothing',
      "export default { name: 'nonsense', async acquire() { return 'OK' }, async release() { return true } }",
      'sent no command to Redis',
    ],
    [
      'has two',
      "const l = { async acquire() { return null }, async release() { return true } }\nexport const a = { name: 'one', ...l }\nexport const b = { name: 'two', ...l }",
      'choose one with --only',
    ],
  ])('a file that %s: exit 64, in words', (name, text, words) => {
    const { code, stderr } = lockstorm(['hunt', file(`${name.replaceAll(' ', '-')}.ts`, text)])
    expect(code).toBe(64)
    expect(stderr).toContain(words)
  })
})
