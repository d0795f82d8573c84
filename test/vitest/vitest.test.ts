/**
 * `lockstorm/vitest` as its users have it: a project of its own, with the Vitest of this repository (4.1), and with Vitest 5 on a
 * Node that runs it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { build, cleanEnvironment, ROOT } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'

const LOCK = `
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'

const COMPARE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

export class Careful {
  constructor(private readonly redis: Redis) {}
  async acquire(key: string, ttlMs: number): Promise<string | null> {
    const token = randomUUID()
    const until = performance.now() + ttlMs / 2
    try {
      const isTaken = (await this.redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
      if (isTaken && performance.now() < until) return token
    } catch {}
    await this.release(key, token)
    return null
  }
  async release(key: string, token: string): Promise<boolean> {
    return (await this.redis.eval(COMPARE, 1, key, token)) === 1
  }
}

export class Careless extends Careful {
  private readonly own: Redis
  constructor(redis: Redis) {
    super(redis)
    this.own = redis
  }
  override async release(key: string): Promise<boolean> {
    return (await this.own.del(key)) === 1
  }
}
`

const TESTS = `
import { Careful, Careless } from './lock.ts'
import { afterEach, expect, vi } from 'vitest'
import { hunt, LOCKS } from 'lockstorm'
import { test } from 'ENTRY'

const fenced = LOCKS.find(({ name }) => name === 'fenced')!
const few = { faults: 0, clients: 2, rounds: 1 } as const
afterEach(() => void vi.useRealTimers())

test.storm('passes: a storm test', fenced, few)
test.storm('fails: a storm test', Careless, { faults: 1, clients: 2, rounds: 1 })
test('passes: what is imported before', async () => {
  await expect(Careful).toSurvive(few)
})
test('passes: not', async () => {
  await expect(Careless).not.toSurvive({ faults: 1, clients: 2, rounds: 1 })
})
test('fails: the matcher', async () => {
  await expect(fenced).toSurvive(few)
  await expect(Careless).toSurvive({ faults: 1, clients: 2, rounds: 1 })
})
test('fails: not', async () => {
  await expect(fenced).not.toSurvive(few)
})
test('fails: out of time', { timeout: 3_000 }, async () => {
  await expect(fenced).toSurvive({ faults: 2 })
})
test('passes: fake timers', async () => {
  vi.useFakeTimers()
  vi.setSystemTime(7)
  const told: string[] = []
  setTimeout(() => told.push('mine'), 1_000)
  await expect(fenced).toSurvive({ ...few, faults: 1 })
  expect([Date.now(), told]).toEqual([7, []])
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual(['mine'])
})
test('passes: other tests of the file', async () => {
  const before = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(performance.now() - before).toBeGreaterThan(15)
})
test('passes: a result', async () => {
  expect(await hunt(fenced, few)).toBeValid()
})
test('fails: a result', async () => {
  expect(await hunt(Careless, { faults: 1, clients: 2, rounds: 1 })).toBeValid()
})
test('fails: a misspelt option', async () => {
  await expect(fenced).toSurvive({ fautls: 1 } as object)
})
test('passes: a file', async () => {
  await expect(new URL('./lock-file.mjs', import.meta.url)).toSurvive({ ...few, workers: 1 })
})
`

const LOCK_FILE = `import { LOCKS } from 'lockstorm'\nexport default { ...LOCKS.find(({ name }) => name === 'fenced'), name: 'mine' }\n`

const roots: string[] = []
beforeAll(build)
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

/** A project whose packages are those of this repository, but for `without`. */
function project(entry: string, without: readonly string[] = []): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-vitest-'))
  roots.push(folder)
  const modules = path.join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.') && !without.includes(name)) {
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
    }
  }
  // A copy, because what a link leads to would find the Vitest of this repository.
  for (const part of ['dist', 'types', 'scenarios', 'package.json']) {
    cpSync(path.join(ROOT, part), path.join(modules, 'lockstorm', part), { recursive: true })
  }
  const config = {
    compilerOptions: {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: ['node'],
    },
  }
  const files = {
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify(config),
    'lock.ts': LOCK,
    'lock-file.mjs': LOCK_FILE,
    'lock.test.ts': TESTS.replace('ENTRY', entry),
    'vitest.config.ts':
      "export default { test: { testTimeout: 60_000, deps: { moduleDirectories: ['node_modules'] } } }",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return folder
}

interface TestResult {
  readonly title: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

/** Runs the tests of a project; by title. */
function run(folder: string, node: readonly string[], args: readonly string[]): ReadonlyMap<string, TestResult> {
  const [command = '', ...before] = node
  const vitest = path.join(folder, 'node_modules/vitest/vitest.mjs')
  const { stdout, stderr } = spawnSync(
    command,
    [...before, vitest, 'run', '--reporter=json', '--outputFile=results.json', ...args],
    { cwd: folder, encoding: 'utf8', timeout: 300_000, env: cleanEnvironment({ NO_COLOR: '1' }) },
  )
  try {
    const { testResults } = JSON.parse(readFileSync(path.join(folder, 'results.json'), 'utf8')) as {
      testResults: { assertionResults: TestResult[] }[]
    }
    return new Map(testResults.flatMap(({ assertionResults }) => assertionResults.map((each) => [each.title, each])))
  } catch (error) {
    throw new Error(`${stdout}\n${stderr}`, { cause: error })
  }
}

/** Each test says in its title what must come of it; what fails tells why, at its line. */
function expectPromised(results: ReadonlyMap<string, TestResult>): void {
  const statuses = Object.fromEntries([...results].map(([title, { status }]) => [title, status]))
  const promised = [...results.keys()].map((title) => [title, title.startsWith('passes') ? 'passed' : 'failed'])
  expect(statuses).toEqual(Object.fromEntries(promised))
  expect(results.size).toBe(TESTS.match(/^test/gm)?.length)
  const told = (title: string): string => results.get(`fails: ${title}`)?.failureMessages.join('\n') ?? ''
  for (const [title, line] of [
    ['a storm test', "test.storm('fails: a storm test'"],
    ['the matcher', 'await expect(Careless).toSurvive'],
  ] as const) {
    expect(told(title)).toMatch(/✗ [a-z ]+ violated: [A-Z] and [A-Z] both held|✗ lock released by a stranger/)
    expect(told(title)).toContain('npx lockstorm replay L1.')
    const at = TESTS.split('\n').findIndex((text) => text.includes(line)) + 1
    expect(told(title)).toMatch(new RegExp(`lock\\.test\\.ts:${at}:`))
  }
  expect(told('not')).toContain('expected a lock that does not survive, but no violation in all')
  expect(told('out of time')).toContain('? unknown: the time of this test was over before the hunt was')
  expect(told('a result')).toContain('npx lockstorm replay L1.')
  expect(told('a misspelt option')).toContain('did you mean "faults"')
}

describe('lockstorm/vitest-4 under Vitest 4.1', () => {
  it.each(['forks', 'threads'])('does what its tests say, in %s', (pool) => {
    const folder = project('lockstorm/vitest-4')
    expectPromised(run(folder, [process.execPath], [`--pool=${pool}`]))
  })

  it('types its matchers, and their options', () => {
    const folder = project('lockstorm/vitest-4')
    const check = () =>
      spawnSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
        cwd: folder,
        encoding: 'utf8',
      })
    expect(check().stdout).toBe('')
    const file = path.join(folder, 'lock.test.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('toSurvive(few)', "toSurvive({ faults: 'one' })"))
    expect(check().stdout).toMatch(/lock\.test\.ts.*'string' is not assignable/)
  })
})

/** In watch mode: what was imported, and what was named by its path, are hunted as they are by then. */
const WATCHED = `
import { expect } from 'vitest'
import { test } from 'lockstorm/vitest-4'
import { Careful } from './lock.ts'
test('imported', async () => {
  await expect(Careful).toSurvive({ faults: 0, clients: 2, rounds: 1 })
})
test('by its path', async () => {
  await expect('./lock.ts').toSurvive({ faults: 0, clients: 2, rounds: 1, only: 'Careful', workers: 1 })
})
`

describe('the matchers in watch mode', () => {
  it('hunt the lock as it is when it has changed, and again when it is mended', async () => {
    const folder = project('lockstorm/vitest-4')
    writeFileSync(path.join(folder, 'lock.test.ts'), WATCHED)
    const vitest = path.join(folder, 'node_modules/vitest/vitest.mjs')
    const child = spawn(process.execPath, [vitest, '--watch', '--reporter=verbose'], {
      cwd: folder,
      env: cleanEnvironment({ NO_COLOR: '1' }),
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes))
    /** What was said until it waits for changes again. */
    const round = async (): Promise<string> => {
      await vi.waitFor(() => expect(text).toMatch(/Waiting for file changes|Tests failed\. Watching/), {
        timeout: 100_000,
        interval: 100,
      })
      const said = text
      text = ''
      return said
    }
    try {
      expect(await round()).toMatch(/Tests +2 passed/)
      const file = path.join(folder, 'lock.ts')
      // It looks, then it takes: two clients may both see that there is none.
      const racing = "(await this.redis.get(key)) === null && (await this.redis.set(key, token, 'PX', ttlMs)) === 'OK'"
      writeFileSync(file, LOCK.replace("(await this.redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'", racing))
      const red = await round()
      expect(red).toMatch(/Tests +2 failed/)
      expect(red.match(/✗ mutual exclusion violated/g)?.length).toBeGreaterThanOrEqual(2)
      writeFileSync(file, LOCK)
      expect(await round()).toMatch(/Tests +2 passed/)
    } finally {
      child.kill('SIGKILL')
    }
  }, 300_000)
})

describe('lockstorm/vitest under Vitest 5', () => {
  it('does what its tests say, and types them', (context) => {
    const folder = project('lockstorm/vitest', ['vitest', '@vitest', 'vite'])
    const install = (...names: readonly string[]) =>
      spawnSync(
        'npm',
        [
          'install',
          '--no-audit',
          '--no-fund',
          '--prefer-offline',
          '--no-save',
          '--ignore-scripts',
          '--prefix',
          '.',
          ...names,
        ],
        {
          cwd: path.join(folder, 'v5'),
          encoding: 'utf8',
          timeout: 240_000,
        },
      )
    mkdirSync(path.join(folder, 'v5'))
    writeFileSync(path.join(folder, 'v5/package.json'), '{}')
    const installed = install('vitest@5')
    if (installed.status !== 0) return leaveOut(context, 'Vitest 5 from npm', installed.stderr.slice(-300))
    const asked = spawnSync('npx', ['-y', 'node@24', '-p', 'process.execPath'], { encoding: 'utf8', timeout: 240_000 })
    if (asked.status !== 0) return leaveOut(context, 'Node 24 from npm', asked.stderr.slice(-300))
    const node = asked.stdout.trim()
    // Beside the packages of this repository, in place of those that have the same name.
    const modules = path.join(folder, 'node_modules')
    for (const name of readdirSync(path.join(folder, 'v5/node_modules'))) {
      if (name.startsWith('.') || name === '@types') continue
      rmSync(path.join(modules, name), { recursive: true, force: true })
      symlinkSync(path.join(folder, 'v5/node_modules', name), path.join(modules, name))
    }
    expectPromised(run(folder, [node], []))
    const types = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(types.stdout).toBe('')
  })
})
