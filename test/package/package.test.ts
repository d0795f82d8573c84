/**
 * The package as its users get it: packed, installed into an empty folder, run there.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { publint } from 'publint'
import { afterAll, describe, expect, it } from 'vitest'
import { leaveOut } from '../left-out.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MY_LOCK = `
import { defineLock } from 'lockstorm'
export default defineLock({
  name: 'my-lock',
  async acquire({ redis, key, token, ttlMs }) {
    const answer: string | null = await redis.set(key, token, 'PX', ttlMs, 'NX')
    return answer === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
})
`

const run = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 240_000, env: { ...process.env, NO_COLOR: '1' } })

describe('the package', () => {
  it('is what publint expects', async () => {
    const { messages } = await publint({ pkgDir: ROOT, strict: true })
    expect(messages).toEqual([])
  })

  it('has workers that ask for no package which only this project has', () => {
    const { dependencies, peerDependencies, devDependencies } = JSON.parse(
      readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    const had = { ...dependencies, ...peerDependencies }
    const worker = readFileSync(path.join(ROOT, 'dist', 'worker.js'), 'utf8')
    const asked = [...worker.matchAll(/(?:\bfrom|\bimport\(?) ?"((?:@[\w.-]+\/)?[\w.-]+)/g)].map(
      ([, name = '']) => name,
    )
    expect(asked).toContain('yaml')
    expect(asked.filter((name) => name in (devDependencies ?? {}) && !(name in had))).toEqual([])
  })

  it('runs from an empty folder, with a lock in TypeScript, and replays what it found', (context) => {
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }')
    writeFileSync(path.join(folder, 'my-lock.ts'), MY_LOCK)
    const installed = run('npm', [
      'install',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      `./${packed.trim().split('\n').at(-1)}`,
    ])
    if (installed.status !== 0) return leaveOut(context, 'the npm registry', installed.stderr.slice(-300))

    const first = run('npx', [
      'lockstorm',
      'run',
      'delayed-release',
      '--lock',
      './my-lock.ts',
      '--only',
      'my-lock,fenced',
      '--json',
    ])
    expect(first.stderr).not.toMatch(/error/i)
    const report = JSON.parse(first.stdout) as {
      cells: { lock: string; verdict: string; violations: { property: string; token: string }[] }[]
    }
    expect(report.cells.map(({ lock, verdict }) => [lock, verdict])).toEqual(
      expect.arrayContaining([
        ['my-lock', 'violated'],
        ['fenced', 'valid'],
      ]),
    )
    const found = report.cells.find(({ lock }) => lock === 'my-lock')?.violations[0]
    expect(found?.property).toBe('foreign-release')

    const again = run('npx', ['lockstorm', 'replay', found?.token ?? '', '--lock', './my-lock.ts'])
    expect(again.stdout).toContain('lock released by a stranger')
  })

  describe.each([6, 5])('over the ioredis %d of the folder', (major) => {
    it('runs the suite as expected', (context) => {
      const installed = run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `ioredis@${major}`])
      if (installed.status !== 0) return leaveOut(context, 'the npm registry', installed.stderr.slice(-300))
      const { version } = JSON.parse(readFileSync(path.join(folder, 'node_modules/ioredis/package.json'), 'utf8'))
      expect(version).toMatch(new RegExp(`^${major}\\.`))
      const { status, stdout } = run('npx', ['lockstorm', 'run', '--json'])
      const { cells } = JSON.parse(stdout) as { cells: { scenario: string; lock: string; asExpected: boolean }[] }
      expect(cells.length).toBeGreaterThan(200)
      expect(cells.filter(({ asExpected }) => !asExpected)).toEqual([])
      expect(status).toBe(0)
    })
  })
})
