/** `lockstorm init`: what it writes works as it is, and nothing that is there is changed. Through the built binary. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from './binary.ts'
import { findingsIn } from './findings.ts'

let folder: string
beforeAll(build)
beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-init-'))
  cpSync(path.join(ROOT, 'test/subject/shapes'), folder, { recursive: true })
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8')
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
const init = (...args: readonly string[]) => lockstorm(['init', ...args], { cwd: folder })

/** Hunts with two clients that take the lock once: that the adapter calls what it should shows in few storms. */
function hunt(file: string, faults: '0' | '1') {
  const few = ['--faults', faults, '--clients', '2', '--rounds', '1', '--workers', '1']
  const args = ['hunt', file, ...few, '--json', '--output', path.join(folder, 'out')]
  const { code, stdout, stderr } = lockstorm(args, { cwd: folder })
  if (stdout === '') return { code, stderr, found: [] }
  return { code, stderr, found: [...new Set(findingsIn(stdout))] }
}

describe('init', () => {
  it('writes an adapter and a config, and says what comes next', () => {
    const { code, stdout, stderr } = init('./class-given-client.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "wrote ./class-given-client.lockstorm.ts  calls class RedisLock, acquire(key, ttlMs), release(key, token)
      wrote lockstorm.config.ts                settings, to be changed
      next: npx lockstorm hunt ./class-given-client.lockstorm.ts
      "
    `)
    expect(read('class-given-client.lockstorm.ts')).toMatchInlineSnapshot(`
      "// How lockstorm calls ./class-given-client.ts: class RedisLock, acquire(key, ttlMs), release(key, token).
      // Written by lockstorm init, and yours to change.
      import { defineLock } from 'lockstorm'
      import type { Redis } from 'ioredis'
      import { RedisLock } from './class-given-client.ts'

      // Each simulated client loads this file for itself: one lock a client.
      let lock: RedisLock | undefined

      export default defineLock<Redis>({
        name: 'class-given-client',
        // One attempt: a lease (an object, true, or a token), or null when another client has the lock.
        async acquire({ redis, key, ttlMs }) {
          lock ??= new RedisLock(redis)
          return await lock.acquire(key, ttlMs)
        },
        // true: it was released. false: it was no longer mine.
        async release({ redis, key }, lease: any) {
          lock ??= new RedisLock(redis)
          return Boolean(await lock.release(key, lease))
        },
      })
      "
    `)
    // The config is one: its values are taken.
    const { stdout: settings } = lockstorm(['hunt', 'naive', '--print-config'], { cwd: folder })
    expect(settings).toMatch(/seed\s+1\s.*lockstorm\.config\.ts/)
  })

  it.each(['class-given-client.ts', 'using.ts', 'disposable.ts'])(
    'writes an adapter that is worth what the file is without one: %s',
    (file) => {
      expect(init(`./${file}`).code).toBe(0)
      const { found, code } = hunt(`./${file.replace(/\.\w+$/, '.lockstorm.ts')}`, '1')
      expect(code).toBe(1)
      expect({ found }).toEqual({ found: hunt(`./${file}`, '1').found })
    },
  )

  it('asks in the adapter for what is not clear, which is no verdict before it is filled in', () => {
    const { code, stdout } = init('./unclear.ts')
    expect(code).toBe(0)
    expect(stdout).toContain('to be filled in: acquire(key, lane, ttlMs): what should be given for lane?\n')
    const asked = hunt('./unclear.lockstorm.ts', '0')
    expect(asked.code).toBe(64)
    expect(asked.stderr).toContain('unclear.lockstorm.ts:')
    expect(asked.stderr).toContain('lane is not filled in')
    write('unclear.lockstorm.ts', read('unclear.lockstorm.ts').replaceAll("missing('lane')", '7'))
    const { code: filled, stderr } = hunt('./unclear.lockstorm.ts', '0')
    expect(filled).toBe(0)
    expect(stderr).toContain('unclear uses the key orders/42:7')
  })

  it('makes the services of an injector in the adapter, with the imports of the file', () => {
    expect(init('injected/lock.service.ts').stdout).not.toContain('to be filled in')
    const adapter = read('injected/lock.service.lockstorm.ts')
    expect(adapter).toContain("import { RedisService } from './redis.service.ts'\n")
    expect(adapter).toContain("import { ConfigService } from './config.service.ts'\n")
    expect(adapter).toContain('lock ??= new LockService(new RedisService(new ConfigService()), new ConfigService())\n')
    const { code, stderr } = hunt('injected/lock.service.lockstorm.ts', '0')
    expect(stderr).toContain('lock.service uses the key lock:orders/42')
    expect(code).toBe(0)
  })

  it('writes one to be filled in where nothing looks like a lock', () => {
    write('other.ts', 'export const once = async () => true\n')
    const { code, stdout } = init('other.ts')
    expect(code).toBe(0)
    expect(stdout).toContain('wrote other.lockstorm.ts   to be filled in: nothing in the file looks like a lock\n')
    const { code: hunted, stderr } = hunt('other.lockstorm.ts', '0')
    expect(hunted).toBe(64)
    expect(stderr).toContain('take the lock here, with what the file exports: once')
  })

  it('changes no file that is there', () => {
    write('with-lock.lockstorm.ts', '// mine\n')
    write('lockstorm.config.mjs', "export default { seed: '9' }\n")
    const { code, stdout, stderr } = init('./with-lock.ts')
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toBe(
      './with-lock.lockstorm.ts: it is there already, and is not changed\n  fix: lockstorm hunt ./with-lock.lockstorm.ts, or remove it first\n',
    )
    expect(read('with-lock.lockstorm.ts')).toBe('// mine\n')
    expect(init('./using.ts').stdout).not.toContain('config')
    expect(existsSync(path.join(folder, 'lockstorm.config.ts'))).toBe(false)
  })

  it.each([
    ['as its own imports end', "import { a } from './other.js'\nexport { a }\n", '', './mine.js'],
    ['as its own imports do not end', "import { a } from './other'\nexport { a }\n", '', './mine'],
    ['as its own imports end in .ts', "import { a } from './other.ts'\nexport { a }\n", '{}', './mine.ts'],
    ['as its compiler wants it', '', '{ "compilerOptions": { "strict": true } }', './mine.js'],
    ['as its compiler allows it', '', '{ "compilerOptions": { "allowImportingTsExtensions": true } }', './mine.ts'],
  ])('imports the lock %s', (_, imports, tsconfig, from) => {
    write('other.ts', 'export const a = 1\n')
    write('mine.ts', `${imports}${read('class-given-client.ts')}`)
    if (tsconfig !== '') write('tsconfig.json', tsconfig)
    expect(init('mine.ts').code).toBe(0)
    expect(read('mine.lockstorm.ts')).toContain(` from '${from}'\n`)
    expect(hunt('mine.lockstorm.ts', '0')).toMatchObject({ code: 0, found: [] })
  })

  it('writes no adapter for a file that needs none', () => {
    write(
      'defined.ts',
      "export default { name: 'x', async acquire() { return null }, async release() { return true } }\n",
    )
    const { code, stdout } = init('defined.ts')
    expect(code).toBe(0)
    expect(stdout).toContain('defined.ts needs no adapter\nnext: npx lockstorm hunt ./defined.ts\n')
    expect(existsSync(path.join(folder, 'defined.lockstorm.ts'))).toBe(false)
  })

  it('wants one lock, and a file that can be loaded', () => {
    write('two.js', 'exports.acquireLock = async (key) => key\nexports.withLock = async (key, fn) => fn()\n')
    expect(init('two.js').stderr).toBe(
      'two.js: it has several locks: acquireLock, withLock\n  fix: choose one with --only NAME\n',
    )
    expect(init('two.js', '--only', 'withLock').code).toBe(0)
    expect(read('two.lockstorm.ts')).toContain('await withLock(key, work)')
    expect(init('none.ts').stderr).toContain('none.ts: there is no such file')
    write('a.test.ts', "import { it } from 'vitest'\nit('works', () => {})\n")
    expect(init('a.test.ts').stderr).toContain('it is a test file (it imports vitest), and no lock')
  })
})
