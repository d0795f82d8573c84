/** The README as users get it: its links lead somewhere in the package, and its code is hunted as it stands there. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8')

it('has no link that is dead in the package', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  ) as [{ files: { path: string }[] }]
  const files = packed.files.map((file) => file.path)
  expect(files).toContain('README.md')
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
  expect(links.length).toBeGreaterThan(5)
  for (const [link, target = '', anchor] of links) {
    expect(
      files.some((file) => file === target || file.startsWith(`${target}/`)),
      link,
    ).toBe(true)
    if (anchor === undefined) continue
    const heads = [...readFileSync(path.join(ROOT, target), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, head = '']) =>
      head
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    expect(heads, link).toContain(anchor)
  }
})

describe('the code', () => {
  let folder: string
  const files = new Map(
    [...README.matchAll(/```[jt]s\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => [name, code]),
  )

  beforeAll(async () => {
    await build()
    folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-readme-'))
    for (const [name, code] of files) if (name !== 'lockstorm.config.ts') writeFileSync(path.join(folder, name), code)
    const modules = path.join(folder, 'node_modules')
    mkdirSync(modules)
    for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
      if (!name.startsWith('.')) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
    }
    symlinkSync(path.join(ROOT, 'node_modules', 'redlock-5'), path.join(modules, 'redlock'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const hunt = (...args: readonly string[]) =>
    lockstorm(['hunt', ...args, '--faults', '1', '--workers', '1', '--json', '--output', path.join(folder, 'out')], {
      cwd: folder,
      env: { REDIS_URL: 'redis://localhost:1' },
    })

  it.each([
    ['my-lock.ts', 'class RedisLock, acquire(key, ttlMs), release(key, token)', 'foreign-release bug'],
    ['with-lock.ts', 'function withLock(redis, key, fn)', 'foreign-release bug'],
    ['old-lock.js', 'functions lock(name, ttlMs), unlock(name)', 'foreign-release bug'],
    ['redlock.ts', 'Redlock, acquire(resources, duration, settings), release(lock, settings)', 'overstated-lease bug'],
    ['my-lock.lockstorm.ts', null, 'foreign-release bug'],
  ])('of %s is understood, and its bug is found', (name, understood, bug) => {
    expect([...files.keys()]).toContain(name)
    const { code, stdout, stderr } = hunt(`./${name}`)
    expect(code, stderr).toBe(1)
    if (understood !== null) expect(stderr.split('\n')[0]).toBe(`./${name}: ${understood}`)
    const { violations } = JSON.parse(stdout) as {
      violations: { property: string; kind: string; consequences: { property: string; kind: string }[] }[]
    }
    const found = violations
      .flatMap((each) => [each, ...each.consequences])
      .map((each) => `${each.property} ${each.kind}`)
    expect(found).toContain(bug)
  })

  it('of the config file has settings that there are', () => {
    writeFileSync(path.join(folder, 'lockstorm.config.ts'), files.get('lockstorm.config.ts') ?? '')
    const { code, stdout } = hunt('./my-lock.ts', '--print-config')
    rmSync(path.join(folder, 'lockstorm.config.ts'))
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({})
    for (const key of ['ttl', 'work', 'allow', 'hosts']) expect(stdout).toMatch(new RegExp(`"${key}"`))
    expect(stdout.match(/lockstorm\.config\.ts/g)).toHaveLength(4)
  })
})
