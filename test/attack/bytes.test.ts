/**
 * The same bytes: whatever else is different on a machine (workers, time zone, language, folder, heap, stack, no compiler, another
 * Node, load), the files of a report are the same, but for `meta.json` and `ctrf.json`,
 * which say when they were made.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, cleanEnvironment, lockstorm, ROOT } from '../cli/binary.ts'
import { isLarge, isTried, tell, timeoutMs } from './attack.ts'

const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js')
const COMMANDS: readonly (readonly string[])[] = isLarge
  ? [['run'], ['hunt', 'naive', '--faults', '1'], ['hunt', 'fenced', '--client', 'direct', '--runs', '3000']]
  : [['run', 'contention', 'no-fault', '--only', 'naive', '--client', 'direct', '--runs', '5']]

interface Difference {
  readonly flags?: readonly string[]
  readonly node?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Another Node, from npm. */
  readonly version?: number
  readonly isLoaded?: true
}

const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'four workers, another zone and language': {
    flags: ['--workers', '4'],
    env: { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  },
  'a small heap': { node: ['--max-old-space-size=512'] },
  ...(isLarge
    ? {
        'a small stack': { node: ['--stack-size=600'] },
        'a large stack': { node: ['--stack-size=3000'] },
        'a large heap': { node: ['--max-old-space-size=4096'] },
        'an interpreter': { node: ['--no-opt', '--no-sparkplug', '--regexp-interpret-all', '--liftoff-only'] },
        'no optimizer': { node: ['--max-lazy', '--no-opt'] },
        load: { isLoaded: true },
        'Node 22': { version: 22 },
        'Node 24': { version: 24 },
      }
    : {}),
}

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-bytes-'))
beforeAll(build, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The files of a report by name, made in a folder of its own. */
function report(
  command: readonly string[],
  { flags = [], node = [], env = {}, version }: Difference,
): Map<string, string> {
  const cwd = mkdtempSync(path.join(folder, 'a-folder-'))
  const program = version === undefined ? [process.execPath] : ['npx', '-y', `node@${version}`]
  const args = [...program.slice(1), ...node, MAIN, ...command, ...flags, '--output', 'out', '-q']
  const { status, stderr } = spawnSync(program[0] as string, args, {
    cwd,
    encoding: 'utf8',
    env: cleanEnvironment({ NO_COLOR: '1', ...env }),
  })
  if (![0, 1, 2].includes(status as number)) throw new Error(`${args.join(' ')} ended with ${status}:\n${stderr}`)
  const names = (readdirSync(path.join(cwd, 'out'), { recursive: true }) as string[]).sort()
  const files = names.filter(
    (name) => !['meta.json', 'ctrf.json'].includes(name) && statSync(path.join(cwd, 'out', name)).isFile(),
  )
  return new Map(files.map((name) => [name, readFileSync(path.join(cwd, 'out', name), 'utf8')]))
}

it.each(COMMANDS.map((command, row) => ({ row, command, words: command.join(' ') })))(
  '$words writes the same whatever else is different',
  { timeout: timeoutMs(600_000) },
  ({ row, command, words }) => {
    const differences = Object.entries(DIFFERENCES)
    const tried = differences.filter((_, column) => isTried(row * differences.length + column))
    if (tried.length === 0) return
    const usual = report(command, { flags: ['--workers', '1'] })
    expect([...usual.keys()]).toContain('report.json')
    const failures = tried.flatMap(([name, difference]) => {
      const load: ChildProcess[] = difference.isLoaded
        ? Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;) {}']))
        : []
      const other = report(command, difference)
      for (const child of load) child.kill('SIGKILL')
      const differing = [...new Set([...usual.keys(), ...other.keys()])].filter(
        (file) => usual.get(file) !== other.get(file),
      )
      return differing.length > 0 ? [`${words} with ${name}: ${differing.join(', ')}`] : []
    })
    tell(`bytes: ${words}`, tried.length, failures)
  },
)

it.each([
  ['run', 'no-fault'],
  ['hunt', 'naive'],
  ['frontier', 'naive'],
  ['serve', '--port', '0'],
])('%s says what is missing where Node has no compiler, and so no WebAssembly', (...command) => {
  const { code, stdout, stderr } = lockstorm(command, { cwd: folder, env: { NODE_OPTIONS: '--jitless' } })
  expect(stdout).toBe('')
  expect(stderr).toContain('this Node has no WebAssembly')
  expect(stderr).not.toContain(' at ')
  expect(code).toBe(64)
})
