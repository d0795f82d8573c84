/** `--changed`: hunts and runs of what has changed since a commit. Through the built binary, in git repositories of their own. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changesSince, isTouched } from '../../src/engine/changes.ts'
import { build, lockstorm } from './binary.ts'

beforeAll(build, 60_000)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-changed-'))
  git('init', '-q', '-b', 'main')
  write('my-lock.ts', LOCK)
  write(
    'parts/name.ts',
    "import { readFileSync } from 'node:fs'\nexport const name = readFileSync('name.txt', 'utf8').trim()",
  )
  write('name.txt', 'fenced\n')
  write('other.ts', 'export const other = 1')
  commit()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const LOCK = `import { LOCKS } from 'lockstorm'
import { name } from './parts/name.ts'
export default { ...LOCKS.find((lock) => lock.name === name), name: 'mine' }`

const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@t']
const git = (...args: readonly string[]) => execFileSync('git', [...IDENTITY, ...args], { cwd: folder, stdio: 'pipe' })
function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  writeFileSync(path.join(folder, name), text)
}
function commit(): void {
  git('add', '-A')
  git('commit', '-qm', 'c')
}
const ENV = { LOCKSTORM_CLIENT: 'direct', LOCKSTORM_CLIENTS: '2', LOCKSTORM_ROUNDS: '1', LOCKSTORM_FAULTS: '0' }
const command = (...args: readonly string[]) => lockstorm(args, { cwd: folder, env: ENV })
const hunt = (...args: readonly string[]) => command('hunt', './my-lock.ts', '--quiet', ...args)

const UNCHANGED = './my-lock.ts: nothing that it loads has changed since HEAD\n'

describe('hunt --changed', () => {
  it('says so, and hunts nothing, when nothing has changed that the subject loads', () => {
    write('other.ts', 'export const other = 2')
    expect(hunt('--changed')).toEqual({ code: 0, stdout: UNCHANGED, stderr: '' })
    expect(JSON.parse(hunt('--changed', '--json').stdout)).toEqual({ changed: false, since: 'HEAD' })
  })

  it.each([
    ['the file itself', 'my-lock.ts', `${LOCK}\n`],
    ['what it imports', 'parts/name.ts', "export const name = 'fenced'"],
    ['what it reads', 'name.txt', 'set-nx-lua\n'],
    ['how modules are read', 'tsconfig.json', '{}'],
  ])('hunts when %s has changed', (_, name, text) => {
    write(name, text)
    expect(hunt('--changed').stdout).toMatch(/^✓ mine: no violation in all [\d,]+ storms/)
  })

  it('since another commit, and since where this branch left another one', () => {
    git('branch', 'start')
    write('name.txt', 'set-nx-lua\n')
    commit()
    expect(hunt('--changed').stdout).toBe(UNCHANGED)
    expect(hunt('--changed', 'start').stdout).toMatch(/^✓ mine/)
    // What only the other branch has changed is not this one's.
    git('checkout', '-q', '-b', 'aside')
    write('other.ts', 'export const other = 3')
    commit()
    git('checkout', '-q', 'main')
    write('name.txt', 'fenced\n')
    commit()
    git('checkout', '-q', 'aside')
    expect(hunt('--changed', 'main').stdout).toBe(UNCHANGED.replace('HEAD', 'main'))
  })

  it.each<[string, readonly string[], string]>([
    ['a commit that is none', ['--changed', 'mian'], '--changed: git knows no commit "mian"'],
    ['a part of a hunt', ['--changed', '--shard', '1/2'], '--changed: it does not go with --shard'],
  ])('%s is exit code 64', (_, args, words) => {
    const { code, stdout, stderr } = hunt(...args)
    expect([code, stdout, stderr]).toEqual([64, '', expect.stringContaining(words)])
  })

  it('outside of git is exit code 64, with the fix', () => {
    rmSync(path.join(folder, '.git'), { recursive: true })
    const { code, stderr } = hunt('--changed')
    expect(code).toBe(64)
    expect(stderr).toContain('--changed: this folder is in no git repository\n  fix: leave it out')
  })
})

describe('run --changed', () => {
  it('runs the subjects and the scenarios that have changed', () => {
    write('second.ts', LOCK.replace("'mine'", "'second'").replace("'./parts/name.ts'", "'./other.ts'"))
    write('other.ts', "export const name = 'fenced'")
    write('mine.yaml', 'title: t\nstory: s\nworkload: { counter: {} }\nclients: 2\n')
    commit()
    const run = () => {
      const locks = ['--lock', 'my-lock.ts', '--lock', 'second.ts', '--only', 'mine,second']
      const { code, stdout } = command('run', 'no-fault', 'mine.yaml', ...locks, '--changed', '--json')
      const cells = (JSON.parse(stdout).cells ?? []) as { scenario: string; lock: string }[]
      return [code, ...cells.map(({ scenario, lock }) => `${lock} in ${scenario}`)]
    }
    expect(run()).toEqual([0])
    write('name.txt', 'set-nx-lua')
    // Which subject has read it is not known.
    expect(run()).toEqual([0, 'mine in no-fault', 'second in no-fault', 'mine in mine', 'second in mine'])
    git('checkout', '-q', 'name.txt')
    write('other.ts', "export const name = 'set-nx-lua'")
    expect(run()).toEqual([0, 'second in no-fault', 'second in mine'])
    git('checkout', '-q', 'other.ts')
    write('mine.yaml', 'title: t\nstory: s\nworkload: { counter: {} }\nclients: 3\n')
    expect(run()).toEqual([0, 'mine in mine', 'second in mine'])
  })
})

describe('a lockfile', () => {
  const lockfile = (versions: Readonly<Record<string, string>>): string =>
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { redlock: '*' } },
        'node_modules/redlock': { version: versions.redlock, dependencies: { 'node-abort-controller': '*' } },
        'node_modules/node-abort-controller': { version: versions['node-abort-controller'] },
        'node_modules/left-pad': { version: versions['left-pad'] },
      },
    })
  const changes = () => {
    const before = process.cwd()
    process.chdir(folder)
    try {
      return changesSince('HEAD')
    } finally {
      process.chdir(before)
    }
  }
  const touches = (name: string) => isTouched({ files: [], packages: [name] }, changes())

  it('of npm has changed what it names, and what depends on that', () => {
    const before = { redlock: '1', 'node-abort-controller': '1', 'left-pad': '1' }
    write('package-lock.json', lockfile(before))
    commit()
    expect(changes().packages).toEqual([])
    write('package-lock.json', lockfile({ ...before, 'node-abort-controller': '2' }))
    expect([touches('redlock'), touches('left-pad'), touches('lockstorm')]).toEqual([true, false, false])
    write('package-lock.json', lockfile({ ...before, 'left-pad': '2' }))
    expect([touches('redlock'), touches('left-pad')]).toEqual([false, true])
    write('package-lock.json', '<<<<<<< HEAD')
    expect(changes().packages).toBe('all')
  })

  it('of another kind has changed everything', () => {
    write('pnpm-lock.yaml', 'a: 1')
    expect(touches('left-pad')).toBe(true)
  })

  it('package.json has, where it says how modules are read', () => {
    write('package.json', '{ "version": "1" }')
    commit()
    write('package.json', '{ "version": "2" }')
    expect(changes().packages).toEqual([])
    write('package.json', '{ "version": "2", "type": "module" }')
    expect(changes().packages).toBe('all')
  })
})
