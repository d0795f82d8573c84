/** `--watch`, through the built binary under a pseudo-terminal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { build, cleanEnvironment, lockstorm, ROOT } from './binary.ts'

beforeAll(build, 60_000)

let folder: string
let child: ChildProcess | null = null
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-watch-'))
  writeFileSync(
    path.join(folder, 'my-lock.ts'),
    `import { LOCKS } from 'lockstorm'
     import { name } from './name.ts'
     export default { ...LOCKS.find((lock) => lock.name === name), name: 'mine' }`,
  )
  nameIs('fenced')
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const nameIs = (name: string): void =>
  writeFileSync(path.join(folder, 'name.ts'), `export const name = ${JSON.stringify(name)}`)

const ENV = {
  LOCKSTORM_CLIENT: 'direct',
  LOCKSTORM_CLIENTS: '2',
  LOCKSTORM_ROUNDS: '1',
  LOCKSTORM_FAULTS: '0',
  NO_COLOR: '1',
  TERM: 'xterm',
}

/** The command on a terminal; `said` resolves with what came since it last did, up to the text. */
function onTerminal(args: string) {
  const command = `${process.execPath} ${path.join(ROOT, 'dist/cli/main.js')} ${args}`
  child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: cleanEnvironment(ENV) })
  let text = ''
  let onMore = (): void => {}
  child.stdout?.on('data', (bytes: Buffer) => {
    text += bytes
    onMore()
  })
  const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve))
  const said = async (wanted: string): Promise<string> => {
    const limit = setTimeout(() => onMore(), 30_000)
    for (const untilMs = Date.now() + 30_000; !text.includes(wanted) && Date.now() < untilMs; ) {
      await new Promise<void>((resolve) => {
        onMore = resolve
      })
    }
    clearTimeout(limit)
    const end = text.indexOf(wanted)
    expect(end, `${wanted} in\n${text}`).toBeGreaterThanOrEqual(0)
    const before = text.slice(0, end)
    text = text.slice(end + wanted.length)
    return before
  }
  return { said, ended, type: (key: string) => void child?.stdin?.write(key) }
}

const WAITS = '2 files watched · r runs it again · q ends'

describe('hunt --watch', () => {
  it('hunts again when a file changes that the lock loads, and for r; q ends with the last exit code', async () => {
    const { said, ended, type } = onTerminal('hunt ./my-lock.ts --watch')
    expect(await said(WAITS)).toContain('✓ mine: no violation')
    nameIs('naive')
    const red = await said(WAITS)
    expect(red).toContain('↻ name.ts has changed')
    // The story is the last thing on the screen.
    expect(red.lastIndexOf('A and B both held')).toBeGreaterThan(red.lastIndexOf('✗ mine:'))
    type('r')
    expect(await said(WAITS)).toMatch(/↻ once more[\s\S]*✗ mine:/)
    nameIs('fenced')
    expect(await said(WAITS)).toContain('✓ mine: no violation')
    nameIs('naive')
    await said(WAITS)
    type('q')
    expect(await ended).toBe(1)
  })

  it('waits for what is wrong to be mended', async () => {
    writeFileSync(path.join(folder, 'name.ts'), 'export const name = ')
    const { said, ended, type } = onTerminal('hunt ./my-lock.ts --watch')
    await said('watched · r runs it again')
    nameIs('fenced')
    // The file that could not be read is not among those that were loaded: its lock is.
    type('\r')
    expect(await said(WAITS)).toContain('✓ mine: no violation')
    type('\x03')
    expect(await ended).toBe(130)
  })

  it('ends what runs when a file changes, and tells nothing of it; Ctrl-C ends with 130', async () => {
    const { said, ended, type } = onTerminal('hunt ./my-lock.ts --watch --faults 2')
    await said('storms ·')
    nameIs('set-nx-lua')
    const next = await said('↻ name.ts has changed')
    expect(next).not.toContain('mine:')
    await said('storms ·')
    type('\x03')
    expect(await ended).toBe(130)
  })
})

describe('run --watch', () => {
  it('runs again when the lock or the scenario changes', async () => {
    const scenario = path.join(folder, 'mine.yaml')
    writeFileSync(scenario, 'title: t\nstory: s\nworkload: { counter: {} }\nclients: 2\nexpect: { mine: valid }\n')
    const { said, ended, type } = onTerminal('run mine.yaml --lock my-lock.ts --only mine --watch')
    const waits = WAITS.replace('2', '3')
    expect(await said(waits)).toContain('1 cell: as expected')
    writeFileSync(scenario, 'title: t\nstory: s\nworkload: { counter: {} }\nclients: 2\nexpect: { mine: vacuous }\n')
    expect(await said(waits)).toMatch(/↻ mine.yaml has changed[\s\S]*not as expected/)
    type('q')
    expect(await ended).toBe(1)
  })
})

describe('--watch', () => {
  it.each([
    ['hunt', ['hunt', './my-lock.ts', '--watch'], '--watch: it needs a terminal'],
    ['run', ['run', 'no-fault', '--watch'], '--watch: it needs a terminal'],
    ['a part', ['hunt', './my-lock.ts', '--watch', '--shard', '1/2'], '--watch: it does not go with --shard'],
  ])('of %s without a terminal is exit code 64', (_, args, words) => {
    const { code, stdout, stderr } = lockstorm(args, { cwd: folder, env: ENV })
    expect([code, stdout, stderr]).toEqual([64, '', expect.stringContaining(words)])
  })
})
