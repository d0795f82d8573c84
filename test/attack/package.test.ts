/**
 * What a user gets who installs the package: how many others come with it, how large they are, what runs while they are installed, what
 * their licences are, and who can prove where it was built. The figures stand in `docs/reliability.md`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { build, ROOT } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'
import { isLarge, tell } from './attack.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a program may become part of without asking a lawyer. */
const LICENCES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']
const PACKAGES_MAX = 12
const MEGABYTES_MAX = 23
/** The page of the playground is 0.7 of them (a simulator, a Lua interpreter and an editor), the file that workers run 0.6. */
const PACKED_MEGABYTES_MAX = 2.9

const npm = (...args: string[]) =>
  spawnSync('npm', [...args, '--no-fund', '--prefer-offline'], { cwd: folder, encoding: 'utf8', timeout: 240_000 })

const bytesIn = (name: string): number => {
  const stat = statSync(name)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(name).reduce((sum, entry) => sum + bytesIn(path.join(name, entry)), 0)
}

describe('the packed package', () => {
  let tarball = ''
  let refused = ''

  beforeAll(async () => {
    await build()
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    tarball = path.join(folder, packed.trim().split('\n').at(-1) as string)
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }')
    const installed = npm('install', '--omit=peer', '--no-audit', tarball)
    if (installed.status !== 0) refused = installed.stderr
  }, 240_000)

  it('installs few packages, small ones, that run nothing and may be used', (context) => {
    if (refused !== '') return leaveOut(context, 'the npm registry', refused.slice(-300))
    const lock = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { license?: string; hasInstallScript?: boolean; peer?: boolean }>
    }
    const all = Object.entries(lock.packages).filter(([place]) => place !== '')
    const failures = all.flatMap(([place, { license = 'none', hasInstallScript = false }]) => [
      ...(LICENCES.includes(license) ? [] : [`${place} has the licence ${license}`]),
      ...(hasInstallScript ? [`${place} runs a script when it is installed`] : []),
    ])
    const count = all.filter(([, { peer = false }]) => !peer).length
    const megabytes = bytesIn(path.join(folder, 'node_modules')) / 1e6
    const packedMegabytes = statSync(tarball).size / 1e6
    expect(count).toBeLessThanOrEqual(PACKAGES_MAX)
    expect(megabytes).toBeLessThan(MEGABYTES_MAX)
    expect(packedMegabytes).toBeLessThan(PACKED_MEGABYTES_MAX)
    const figures = `${count} packages, ${megabytes.toFixed(1)} MB, packed ${packedMegabytes.toFixed(1)} MB`
    tell('package: licences and install scripts', all.length, failures, figures)
  })

  it('has the types that its entries lead to', () => {
    execFileSync('tar', ['-xzf', tarball], { cwd: folder })
    const root = path.join(folder, 'package')
    const found = new Set<string>()
    const missing: string[] = []
    const follow = (name: string, from: string): void => {
      if (found.has(name)) return
      found.add(name)
      const file = path.join(root, name)
      if (!existsSync(file)) return void missing.push(`${name}, which ${from} names`)
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
      for (const [, other = ''] of code.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
        follow(path.join(path.dirname(name), other.replace(/\.[jt]s$/, '.d.ts')), name)
      }
    }
    const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string }>
    }
    for (const entry of Object.values(exports)) if (typeof entry !== 'string') follow(entry.types, 'package.json')
    expect(missing).toEqual([])
    expect(found.size).toBeGreaterThan(100)
  })

  it('has no tests, sources, keys or paths of a machine in it', () => {
    const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
    expect(names.filter((name) => /\/(test|src|bench|catalogue|node_modules|\.[^/]+)\//.test(name))).toEqual([])
    const unpacked = execFileSync('tar', ['-xzOf', tarball], { encoding: 'utf8', maxBuffer: 1 << 28 })
    expect(unpacked.includes(ROOT)).toBe(false)
  })

  it.runIf(isLarge)('has no known vulnerability, where the registry answers', () => {
    const { status, stdout, stderr } = npm('audit', '--json')
    const isAnswered = stdout.includes('"auditReportVersion"')
    console.log(isAnswered ? 'npm audit was answered' : `npm audit was not answered: ${stderr.split('\n')[0]}`)
    if (isAnswered) expect(status).toBe(0)
  })
})

describe('the release workflow', () => {
  it('publishes what a tag names with its provenance, after all tests', () => {
    const workflow = parse(readFileSync(path.join(ROOT, '.github/workflows/release.yml'), 'utf8')) as {
      on: { push: { tags: string[] } }
      permissions: Record<string, string>
      jobs: Record<string, { permissions: Record<string, string>; steps: { run?: string }[] }>
    }
    expect(workflow.on).toEqual({ push: { tags: ['v*'] } })
    expect(workflow.permissions).toEqual({ contents: 'read' })
    const job = workflow.jobs.publish
    expect(job?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    const commands = job?.steps.map(({ run = '' }) => run) ?? []
    const published = commands.findIndex((command) => /npm publish .*--provenance/.test(command))
    expect(published).toBeGreaterThan(commands.findIndex((command) => command.includes('.ci/run')))
  })
})
