/**
 * The commands and the code of the pages about CI, run as they stand there in a project with a lock: each command ends with the exit
 * code that its line names, or else with 0.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readBaseline } from '../src/explore/baseline.ts'
import { build, cleanEnvironment, ROOT, shell } from './cli/binary.ts'

beforeAll(build, 60_000)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-docs-'))
  const modules = path.join(folder, 'node_modules')
  mkdirSync(path.join(modules, '.bin'), { recursive: true })
  for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
  }
  symlinkSync(ROOT, path.join(modules, 'lockstorm'))
  const main = path.join(ROOT, 'dist/cli/main.js')
  writeFileSync(path.join(modules, '.bin/lockstorm'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, {
    mode: 0o755,
  })
  write('package.json', '{ "type": "module" }')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
const page = (name: string): string => readFileSync(path.join(ROOT, 'docs', `${name}.md`), 'utf8')
const blocksOf = (name: string, language: string): readonly string[] =>
  [...page(name).matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text)

/** A lock that deletes whatever is there: bugs and limits. */
const BROKEN = `export default {
  name: 'my-lock',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
`
/** One that looks at its token, checks how long the answer took, and takes back what it could not tell. */
const CAREFUL = `const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
export class MyLock {
  constructor(private readonly redis: import('ioredis').Redis) {}
  async acquire(key: string, ttlMs: number): Promise<string | null> {
    const token = crypto.randomUUID()
    const until = performance.now() + ttlMs / 2
    try {
      if ((await this.redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' && performance.now() < until) return token
    } catch {}
    await this.release(key, token)
    return null
  }
  async release(key: string, token: string): Promise<boolean> {
    return (await this.redis.eval(RELEASE, 1, key, token)) === 1
  }
}
`
const ENV = { LOCKSTORM_CLIENTS: '2', LOCKSTORM_ROUNDS: '1', LOCKSTORM_FAULTS: '1', LOCKSTORM_REPLAYS: '' }

/** Runs the commands of a page, in their order. */
function expectCommands(name: string, env: Readonly<Record<string, string>>): void {
  const lines = blocksOf(name, 'sh').flatMap((block) => block.trim().split('\n'))
  const commands = lines.filter((line) => line.startsWith('npx lockstorm'))
  expect(commands.length, name).toBeGreaterThan(1)
  for (const line of commands) {
    const [, command = line, code = '0'] = /^(.*?) +# exit code (\d+)$/.exec(line) ?? []
    const result = shell(command, { cwd: folder, env: { ...ENV, ...env } })
    expect(result.code, `${name}: ${line}\n${result.stdout}\n${result.stderr}`).toBe(Number(code))
  }
}

const DIRECT = { LOCKSTORM_CLIENT: 'direct' }

describe('the commands of', () => {
  it('docs/ci.md: three of them from nothing to green', () => {
    write('my-lock.ts', CAREFUL)
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder })
    write('.gitignore', 'node_modules\nreports\nlockstorm\n')
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'c')
    const begun = performance.now()
    expectCommands('ci', {})
    expect(performance.now() - begun).toBeLessThan(120_000)
  }, 180_000)

  it('docs/baselines.md', () => {
    write('my-lock.ts', BROKEN)
    expectCommands('baselines', DIRECT)
    const [example = ''] = blocksOf('baselines', 'json')
    const written = readBaseline(readFileSync(path.join(folder, 'lockstorm.baseline.json'), 'utf8'), 'written')
    // The entry of the page is one that such a file has, but for its note.
    for (const { note, ...known } of readBaseline(example, 'docs/baselines.md').get('my-lock') ?? []) {
      expect(note).toBeDefined()
      expect(written.get('my-lock')).toContainEqual(known)
    }
  }, 180_000)

  it('docs/surfaces.md, whose recipes name files that are there', () => {
    write('my-lock.ts', BROKEN)
    expectCommands('surfaces', DIRECT)
    const recipes = blocksOf('surfaces', 'yaml')
    for (const recipe of recipes) expect(parse(recipe)).toBeTypeOf('object')
    const named = recipes.join('\n').match(/reports\/hunt\/[a-z.-]+/g) ?? []
    expect(named.length).toBe(3)
    const table =
      page('surfaces')
        .match(/^\| `([a-z.-]+)` \|/gm)
        ?.map((row) => row.slice(3, row.indexOf('`', 3))) ?? []
    expect(table.length).toBeGreaterThan(5)
    for (const file of [...named, ...table.map((file) => `reports/hunt/${file}`)]) {
      expect(existsSync(path.join(folder, file)), file).toBe(true)
    }
  }, 180_000)

  it('docs/recording.md, and its code', () => {
    const [code = ''] = blocksOf('recording', 'js')
    expect(code).toMatch(/^\/\/ record\.mjs\n/)
    write('record.mjs', code)
    write('my-lock.mjs', "export class MyLock { acquire = async () => ({ token: 'a' }); release = async () => true }\n")
    expect(spawnSync(process.execPath, ['record.mjs'], { cwd: folder, encoding: 'utf8' }).stderr).toBe('')
    write('writes.ndjson', blocksOf('recording', 'json')[0] ?? '')
    expectCommands('recording', {})
  }, 60_000)
})

describe('the code of', () => {
  it('docs/vitest.md passes', () => {
    const [code = ''] = blocksOf('vitest', 'ts')
    const [, name = ''] = /^\/\/ (\S+)\n/.exec(code) ?? []
    write(name, code)
    write('my-lock.ts', CAREFUL)
    const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
    const { stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', folder], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnvironment({ NO_COLOR: '1' }),
    })
    expect(stdout, stderr).toMatch(/Tests +2 passed/)
  }, 180_000)
})
