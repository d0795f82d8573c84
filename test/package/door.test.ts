/**
 * The door as users' programs call it, on the built package: plain ESM, TypeScript that is type-checked, node:test and Vitest;
 * its answers are those of the command line.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, cleanEnvironment, lockstorm, ROOT } from '../cli/binary.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-user-'))
const write = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text)
  return name
}
const node = (...args: string[]) =>
  spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    env: cleanEnvironment({ NO_COLOR: '1' }),
  })
const installed = (name: string): string => path.join(ROOT, 'node_modules', name)

const LOCK = `
  name: 'my-lock',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
`

beforeAll(async () => {
  await build()
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(ROOT, path.join(folder, 'node_modules', 'lockstorm'))
  for (const name of ['vitest', 'redlock-4', 'redlock-5'])
    symlinkSync(installed(name), path.join(folder, 'node_modules', name))
  write('package.json', '{ "type": "module" }')
  write('my-lock.ts', `import { defineLock } from 'lockstorm'\nexport default defineLock({${LOCK}})\n`)
  write('lock.js', `import { defineLock } from 'lockstorm'\nexport const lock = defineLock({${LOCK}})\n`)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a program of a user', () => {
  it('gets what the command line prints, for a file and for the same lock as an object', () => {
    write(
      'program.js',
      `import { writeFileSync } from 'node:fs'
import { assertValid, hunt } from 'lockstorm'
import { lock } from './lock.js'
const options = { faults: 1, clients: 2, rounds: 1, client: 'direct' }
const [file, object] = await Promise.all([hunt('./my-lock.ts', { ...options, output: 'out' }), hunt(lock, options)])
writeFileSync('file.json', JSON.stringify(file.report, null, 2))
writeFileSync('object.json', JSON.stringify(object.report, null, 2))
try { assertValid(file) } catch (error) { writeFileSync('text', error.name + '\\n' + error.message) }
`,
    )
    const { status, stdout, stderr } = node('program.js')
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    const few = ['--faults', '1', '--clients', '2', '--rounds', '1', '--client', 'direct']
    const flags = ['hunt', './my-lock.ts', ...few, '--output', 'out']
    const json = lockstorm([...flags, '--json'], { cwd: folder }).stdout.trimEnd()
    const text = lockstorm(flags, { cwd: folder }).stdout.trimEnd()
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8')
    expect(read('file.json')).toBe(json)
    // Only a file can be named to the command that replays a storm.
    const report = JSON.parse(json) as object
    expect(report).toMatchObject({ replayWith: ['--lock', './my-lock.ts'] })
    expect(read('object.json')).toBe(JSON.stringify({ ...report, replayWith: [] }, null, 2))
    // An error begins with the worst, which is all that some runners show; a terminal ends with it.
    const linesOf = (all: string): readonly string[] => all.split('\n').filter((line) => line !== '')
    const [name, first, ...others] = linesOf(read('text'))
    expect([name, first]).toEqual(['NotValidError', expect.stringMatching(/^✗ mutual exclusion violated: /)])
    expect([first, ...others].sort()).toEqual([...linesOf(text)].sort())
  }, 240_000)

  it('is type-checked', () => {
    write(
      'typed.ts',
      `import { assertValid, defineLock, hunt, type HuntResult } from 'lockstorm'
const lock = defineLock({${LOCK}})
const result: HuntResult = await hunt(lock, { faults: 1, ttl: '200ms' })
if (result.status === 'violated') for (const { sentence } of result.findings) sentence.toUpperCase()
if (result.status === 'unknown') Object.values(result.limits)
assertValid(result)
// @ts-expect-error a finding is there only when something was violated
result.findings
// @ts-expect-error there is no such option
await hunt(lock, { tll: '200ms' })
`,
    )
    const tsc = path.join(installed('typescript'), 'bin', 'tsc')
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'ES2022', '--module', 'NodeNext']
    const { status, stdout } = node(tsc, ...flags, 'typed.ts')
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  }, 120_000)

  const test = (imports: string): string => `${imports}
import { assertValid, hunt } from 'lockstorm'
import { lock } from './lock.js'
test('my lock is safe', async () => assertValid(await hunt(lock, { faults: 1, clients: 2, rounds: 1, client: 'direct' })))
`

  it('fails its test with the story, in node:test', () => {
    write('lock.test.mjs', test("import { test } from 'node:test'"))
    const { status, stdout } = node('--test', 'lock.test.mjs')
    expect(status).toBe(1)
    expect(stdout).toContain('mutual exclusion violated')
    expect(stdout).toContain('npx lockstorm replay L1.')
  }, 120_000)

  it('fails its test with the story, in Vitest', () => {
    write('lock.spec.js', test("import { test } from 'vitest'"))
    const { status, stdout, stderr } = node(
      path.join(installed('vitest'), 'vitest.mjs'),
      'run',
      'lock.spec.js',
      '--testTimeout',
      '60000',
    )
    expect(status).toBe(1)
    expect(stdout + stderr).toContain('NotValidError: ✗ mutual exclusion violated')
  }, 120_000)
})

describe('a lock whose library was imported before or after lockstorm', () => {
  const program = (library: string, isBefore: boolean): string => {
    const imports = [`import * as all from '${library}'`, "import { defineLock, hunt } from 'lockstorm'"]
    return `${(isBefore ? imports : imports.reverse()).join('\n')}
const Redlock = all.default?.default ?? all.default
const made = new WeakMap()
const lock = defineLock({
  name: 'library',
  client: 'ioredis',
  blocking: true,
  async acquire({ redis, nodes, key, ttlMs }) {
    if (!made.has(redis)) made.set(redis, new Redlock(nodes, {}))
    const redlock = made.get(redis)
    const held = await (redlock.acquire?.([key], ttlMs) ?? redlock.lock(key, ttlMs))
    return { token: held.value, held }
  },
  release: (_context, { held }) => Promise.resolve(held.release?.() ?? held.unlock()).then(() => true),
})
const { violations } = (await hunt(lock, { faults: 0 })).report
console.log(violations.some(({ property }) => property === 'hang') ? 'hangs' : 'goes on')
`
  }

  it.each([
    ['redlock-4', false],
    ['redlock-5', true],
    ['redlock-5', false],
  ] as const)(
    '%s goes on (imported before: %s)',
    (library, isBefore) => {
      write('order.js', program(library, isBefore))
      const { stdout, stderr } = node('order.js')
      expect({ stdout, stderr }).toEqual({ stdout: 'goes on\n', stderr: '' })
    },
    120_000,
  )
})
