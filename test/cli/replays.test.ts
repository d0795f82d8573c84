/** What a project keeps of its hunts: replays that turn green when their finding is gone, and baselines. Through the built binary. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { build, lockstorm } from './binary.ts'

beforeAll(build)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-replays-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `GET`, then `SET`: it needs no fault to fail; or a right lock of the same name. */
function writeLock(kind: 'naive' | 'right'): void {
  const acquire =
    kind === 'naive'
      ? "(await redis.get(key)) === null && (await redis.set(key, token, 'PX', ttlMs)) === 'OK'"
      : "(await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'"
  writeFileSync(
    path.join(folder, 'my-lock.mjs'),
    `const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
     export default {
       name: 'my-lock',
       acquire: async ({ redis, key, token, ttlMs }) => (${acquire} ? { token } : null),
       release: async ({ redis, key, token }) => (await redis.eval(RELEASE, 1, key, token)) === 1,
     }`,
  )
}

const command = (...args: readonly string[]) =>
  lockstorm(args, { cwd: folder, env: { LOCKSTORM_CLIENT: 'direct', LOCKSTORM_REPLAYS: '' } })
/** Two clients, once each, without faults: a few dozen storms. */
const FEW = ['--faults', '0', '--clients', '2', '--rounds', '1']
const hunt = (...args: readonly string[]) => command('hunt', './my-lock.mjs', ...FEW, ...args)
const kept = (): readonly string[] => readdirSync(path.join(folder, 'lockstorm/replays/my-lock')).sort()
const keptText = (): string =>
  kept()
    .map((name) => readFileSync(path.join(folder, 'lockstorm/replays/my-lock', name), 'utf8'))
    .join('')

describe('replays of a project', () => {
  it('are written for each bug, outside of the report, and no later hunt touches them', () => {
    writeLock('naive')
    const { code, stdout } = hunt('--allow', 'limit')
    expect(code).toBe(1)
    expect(kept().length).toBeGreaterThan(0)
    expect(stdout).toContain(`commit  lockstorm/replays/my-lock/${kept()[0]}`)
    const before = keptText()
    writeLock('right')
    const after = hunt('--allow', 'limit')
    expect(after.code, after.stdout).toBe(0)
    expect(keptText()).toBe(before)
    expect(after.stdout).toContain(
      `  ${kept().length} of ${kept().length} kept replay${kept().length === 1 ? '' : 's'} green`,
    )
  })

  it('run first: with -x the hunt of a lock that is broken again ends at them', () => {
    writeLock('naive')
    hunt()
    const { stdout } = hunt('-x', '--json')
    const report = JSON.parse(stdout) as HuntReport
    expect(report.statement).toMatch(/^\d+ findings? in the (\d+ kept replays|kept replay) over/)
    expect(report.replays.some(({ status }) => status === 'there')).toBe(true)
    // What they show is not kept twice.
    const files = kept()
    hunt()
    expect(kept()).toEqual(files)
  })

  it('are green when their own finding is gone, whatever else the storm shows', () => {
    writeLock('naive')
    hunt()
    const red = command('replay', 'lockstorm/replays', '--lock', './my-lock.mjs')
    expect(red.code, red.stderr).toBe(1)
    expect(red.stdout).toContain(`✗ red      lockstorm/replays/my-lock/${kept()[0]}`)
    expect(red.stdout).toContain(`0 of ${kept().length} green`)
    writeLock('right')
    const green = command('replay', 'lockstorm/replays/**/*.replay.json', '--lock', './my-lock.mjs')
    expect(green.code, green.stdout).toBe(0)
    expect(green.stdout).toContain(`${kept().length} of ${kept().length} green`)
    const one = command('replay', `lockstorm/replays/my-lock/${kept()[0]}`, '--lock', './my-lock.mjs')
    expect(one.code).toBe(0)
    expect(one.stdout).toMatch(/^✓ [a-z-]+ \(bug: [^)]+\) is gone\n/)
    const json = command('replay', 'lockstorm/replays', '--lock', './my-lock.mjs', '--json')
    expect(JSON.parse(json.stdout)).toHaveLength(kept().length)
  })

  it('of another engine are run all the same by a hunt, which says so', () => {
    writeLock('naive')
    hunt()
    const place = path.join(folder, 'lockstorm/replays/my-lock', kept()[0] as string)
    writeFileSync(place, readFileSync(place, 'utf8').replace(/"engine": "[^"]*"/, '"engine": "0"'))
    const { code, stderr } = hunt('-x', '-q')
    expect(code).toBe(1)
    expect(stderr).toContain('made by engine 0')
    expect(command('replay', place, '--lock', './my-lock.mjs').code).toBe(64)
  })

  it.each([
    ['no JSON', '{', 'it is no JSON'],
    ['no replay', '{"schema":"x"}', 'expected "schema": "lockstorm/replay@1", got "x"'],
  ])('that are %s end a hunt with exit 64 and the name of the file', (_, text, words) => {
    writeLock('right')
    mkdirSync(path.join(folder, 'lockstorm/replays/my-lock'), { recursive: true })
    writeFileSync(path.join(folder, 'lockstorm/replays/my-lock/a.replay.json'), text)
    const { code, stdout, stderr } = hunt()
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(`lockstorm/replays/my-lock/a.replay.json: ${words}`)
    expect(hunt('--no-replays', '--allow', 'limit').code).toBe(0)
  })

  it('are not there: exit 64, in words', () => {
    mkdirSync(path.join(folder, 'empty'))
    const { code, stderr } = command('replay', 'empty')
    expect([code, stderr]).toEqual([64, expect.stringContaining('empty: it has no file *.replay.json')])
  })
})

describe('a baseline', () => {
  const FILE = 'lockstorm.baseline.json'
  const text = (): string => readFileSync(path.join(folder, FILE), 'utf8')

  it('holds what was found; then that passes, also as bytes, and keeps no replay', () => {
    writeLock('naive')
    expect(hunt('--update-baseline').code).toBe(0)
    expect(existsSync(path.join(folder, 'lockstorm'))).toBe(false)
    const first = text()
    expect(JSON.parse(first)).toMatchObject({
      schema: 'lockstorm/baseline@1',
      subjects: { 'my-lock': expect.anything() },
    })
    const { code, stdout } = hunt('--baseline', FILE)
    expect(code, stdout).toBe(0)
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/\d+ findings?, all known, in all/)
    hunt('--update-baseline')
    expect(text()).toBe(first)
  })

  it('lets a new finding fail, and only tells that one', () => {
    writeLock('right')
    hunt('--update-baseline')
    writeLock('naive')
    const { code, stdout } = hunt('--baseline', FILE, '--json', '--no-replays')
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as HuntReport
    expect(report.failing).toBeGreaterThan(0)
    const told = report.violations.flatMap((violation) => [violation, ...violation.consequences])
    const [known] = told
    expect(known?.accepted).toBe(null)
    expect(readFileSync(path.join(folder, 'reports/hunt/junit.xml'), 'utf8')).toContain(
      '<failure message="mutual exclusion violated',
    )
  })

  it('tells what is cured, takes it out when it is updated, and keeps what people noted', () => {
    writeLock('naive')
    hunt('--update-baseline', '--no-replays')
    const noted = JSON.parse(text()) as { subjects: { 'my-lock': { kind: string; note?: string }[] } }
    for (const known of noted.subjects['my-lock']) known.note = `lives on: ${known.kind}`
    writeFileSync(path.join(folder, FILE), JSON.stringify(noted))
    hunt('--update-baseline', '--no-replays')
    expect(text()).toContain('lives on: bug')
    writeLock('right')
    const { code, stdout } = hunt('--baseline', FILE)
    expect(code, stdout).toBe(0)
    expect(stdout).toMatch(/cured: .*mutual-exclusion \(bug: /s)
    hunt('--update-baseline')
    const after = JSON.parse(text()) as typeof noted
    expect(after.subjects).toEqual({})
  })

  it.each([
    ['that is not there', null, 'lockstorm.baseline.json: there is no such file'],
    ['that is no JSON', 'x', 'it is no JSON'],
    [
      'with a property that is none',
      '{"schema":"lockstorm/baseline@1","subjects":{"my-lock":[{"property":"mutual-exlusion","kind":"bug","cause":"x"}]}}',
      'subjects.my-lock.0.property: expected',
    ],
    ['with a key too many', '{"schema":"lockstorm/baseline@1","subjects":{},"subject":1}', 'unknown key "subject"'],
  ])('%s: exit 64, in words', (_, content, words) => {
    writeLock('right')
    if (content !== null) writeFileSync(path.join(folder, FILE), content)
    const { code, stdout, stderr } = hunt('--baseline', FILE)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/\n {4}at /)
  })
})

describe('under GitHub Actions', () => {
  it('annotations go to stderr and the report to the step summary, and JSON stays one document', () => {
    writeLock('naive')
    const summary = path.join(folder, 'summary.md')
    const env = { LOCKSTORM_CLIENT: 'direct', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
    const args = ['hunt', './my-lock.mjs', ...FEW]
    const { code, stdout, stderr } = lockstorm([...args, '--json'], { cwd: folder, env })
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as HuntReport
    const annotations = stderr.split('\n').filter((line) => line.startsWith('::error file=my-lock.mjs,'))
    expect(annotations.length).toBe(Math.min(10, report.failing) - (report.failing > 10 ? 1 : 0))
    expect(readFileSync(summary, 'utf8')).toContain('# lockstorm hunt: ✗ my-lock')
    const agent = lockstorm([...args, '--reporter', 'agent'], { cwd: folder, env: { LOCKSTORM_CLIENT: 'direct' } })
    expect(agent.stdout.match(/^FAIL my-lock: /gm)?.length).toBe(report.failing)
    expect(agent.stderr).not.toContain('::error')
  })
})
