/** Hunts that are shared out, through the built binary, and the recipes of `docs/shards.md` as they stand there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { build, lockstorm, ROOT, shell } from './binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-shards-'))
  writeFileSync(
    path.join(folder, 'my-lock.ts'),
    `import { LOCKS } from 'lockstorm'
     export default { ...LOCKS.find(({ name }) => name === 'nx-plain-del'), name: 'mine' }`,
  )
  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true })
  const command = path.join(folder, 'node_modules/.bin/lockstorm')
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${path.join(ROOT, 'dist/cli/main.js')} "$@"\n`, {
    mode: 0o755,
  })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Few storms, of one fault. */
const ENV = {
  LOCKSTORM_CLIENT: 'direct',
  LOCKSTORM_CLIENTS: '2',
  LOCKSTORM_ROUNDS: '1',
  LOCKSTORM_QUIET: '1',
  LOCKSTORM_REPLAYS: 'false',
}
const run = (...args: readonly string[]) => lockstorm(args, { cwd: folder, env: ENV })
const hunt = (...args: readonly string[]) => run('hunt', './my-lock.ts', '--faults', '1', ...args)

describe('a hunt in parts', () => {
  it('merged is the report of one machine, with its exit code; a part is not green with a finding', () => {
    const alone = hunt('--json', '--output', 'alone')
    for (const index of [2, 1]) {
      const part = hunt('--shard', `${index}/2`, '--output', 'parts')
      expect(part.code, part.stderr).toBe(1)
      expect(part.stdout).toMatch(
        new RegExp(`^part ${index} of 2: \\d+ storms, \\d+ findings in parts/part-${index}-of-2\\.json: `),
      )
    }
    const merged = run('merge', 'parts', '--lock', './my-lock.ts', '--json', '--output', 'merged')
    expect([merged.code, merged.stdout === alone.stdout]).toEqual([alone.code, true])
    for (const name of readdirSync(path.join(folder, 'alone'), { recursive: true, encoding: 'utf8' })) {
      if (!name.includes('.') || ['meta.json', 'ctrf.json'].includes(name)) continue
      const [one, other] = ['alone', 'merged'].map((each) => readFileSync(path.join(folder, each, name), 'utf8'))
      expect(other === one, name).toBe(true)
    }
  })

  it('with a part missing is refused; allowed, it says so', () => {
    const refused = run('merge', 'parts/part-2-of-2.json', '--lock', './my-lock.ts')
    expect([refused.code, refused.stdout]).toEqual([64, ''])
    expect(refused.stderr).toContain('merge: part 1 of 2 is missing: expected all 2 parts, got 1')
    const allowed = run('merge', 'parts/part-2-of-2.json', '--lock', './my-lock.ts', '--allow-missing', '--json')
    expect(allowed.stderr).toContain('warning: part 1 of 2 is missing')
    expect(JSON.parse(allowed.stdout).stoppedBy).toBe('missing')
  })

  it.each([
    ['no lock is named', ['parts'], 'fix: add --lock ./my-lock.ts'],
    ['there is no such folder', ['partz'], 'partz: there is no such file (did you mean "parts"?)'],
    ['the code is another', ['parts', '--lock', './other.ts'], 'it was made with other code'],
  ])('when %s: exit 64, in words', (_, args, words) => {
    writeFileSync(path.join(folder, 'other.ts'), `${readFileSync(path.join(folder, 'my-lock.ts'), 'utf8')}\n`)
    const { code, stdout, stderr } = run('merge', ...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  it.each([
    [['--shard', '3/2'], '--shard: expected a part of the hunt such as 2/8, got "3/2"'],
    [['--shard', '1/2', '--time', '1s'], '--time: it does not go with --shard'],
    [['--shard', '1/2', '-x'], '--max-failures: it does not go with --shard'],
  ])('%j: exit 64, in words', (args, words) => {
    const { code, stderr } = hunt(...args)
    expect([code, stderr]).toEqual([64, expect.stringContaining(words)])
  })
})

describe('the recipe of docs/shards.md for', () => {
  const page = readFileSync(path.join(ROOT, 'docs/shards.md'), 'utf8')
  const yamlOf = (title: string): Record<string, never> =>
    parse(new RegExp(`## ${title}\\n[\\s\\S]*?\`\`\`yaml\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '')
  const commandsIn = (value: unknown): string[] =>
    typeof value === 'string'
      ? value.includes('npx lockstorm')
        ? [value]
        : []
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(commandsIn)
        : []

  it.each<[string, (command: string, index: number) => { command: string; env: Record<string, string> }]>([
    [
      'GitHub Actions',
      (command, index) => ({ command: command.replace(/\$\{\{ matrix\.part \}\}/, String(index)), env: {} }),
    ],
    ['GitLab', (command, index) => ({ command, env: { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: '3' } })],
    ['Kubernetes', (command, index) => ({ command, env: { JOB_COMPLETION_INDEX: String(index - 1) } })],
  ])('%s', (title, filledIn) => {
    rmSync(path.join(folder, 'part'), { recursive: true, force: true })
    rmSync(path.join(folder, 'reports'), { recursive: true, force: true })
    const commands = [...commandsIn(yamlOf(title)), 'npx lockstorm merge part --lock ./my-lock.ts --allow limit'].slice(
      0,
      2,
    )
    // Two faults are many storms: the recipe is followed with one.
    const [part = '', merge = ''] = commands.map((command) => command.replace('--faults 2', '--faults 1'))
    for (const index of [1, 2, 3]) {
      const { command, env } = filledIn(part, index)
      const { code, stderr } = shell(command, { cwd: folder, env: { ...ENV, ...env } })
      expect(code, stderr).toBe(title === 'GitHub Actions' ? 1 : 0)
      expect(existsSync(path.join(folder, `part/part-${index}-of-3.json`))).toBe(true)
    }
    const { code, stderr } = shell(merge, { cwd: folder, env: ENV })
    expect(code, stderr).toBe(1)
    expect(existsSync(path.join(folder, 'reports/hunt/code-quality.json'))).toBe(true)
  })
})
