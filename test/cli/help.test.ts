/** What the command says of itself, and what it says to a command line that is wrong. Through the built binary. */
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, lockstorm, shell } from './binary.ts'

beforeAll(build)

/** One screen, as terminals have been for fifty years. */
const SCREEN = { columns: 80, lines: 24 }

function expectOneScreen(text: string): void {
  const lines = text.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(SCREEN.lines)
  for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(SCREEN.columns)
}

describe('a first word that is no verb', () => {
  it('but a file, is told how a lock in a file is hunted', () => {
    const { code, stderr } = lockstorm(['src/lib/lock.ts'])
    expect(code).toBe(64)
    expect(stderr).toContain('fix: a lock in a file is hunted: lockstorm hunt src/lib/lock.ts\n')
    expect(lockstorm(['hunts']).stderr).toContain('did you mean "hunt"')
  })
})

describe('help', () => {
  it('bare lockstorm shows four commands to begin with', () => {
    const { code, stdout, stderr } = lockstorm([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "lockstorm finds the story in which a Redis lock or session store breaks.

        lockstorm run                          every scenario, every built-in lock
        lockstorm run no-fault --only naive    one scenario, one lock
        lockstorm hunt ./my-lock.ts            the smallest storm that breaks a lock
        lockstorm list scenarios               what there is to run

      lockstorm --help tells all verbs and exit codes.
      "
    `)
    expectOneScreen(stdout)
  })

  it.each([
    [['--help']],
    [['run', '--help']],
    [['hunt', '--help']],
    [['replay', '--help']],
    [['serve', '--help']],
    [['studio', '--help']],
    [['init', '--help']],
    [['list', '--help']],
    [['explain', '--help']],
    [['learn', '--help']],
    [['help', 'run']],
  ])('%j begins with examples and fits one screen', (args) => {
    const { code, stdout, stderr } = lockstorm(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Examples:\n {2}lockstorm /)
    expectOneScreen(stdout)
  })

  it.each<[string[], string]>([
    [['--help', 'nonsense'], 'lockstorm: unknown verb "nonsense" (there is run, hunt,'],
    [['help', 'hnut'], 'lockstorm: unknown verb "hnut" (did you mean "hunt"?)'],
    [['-h', 'hnut', '--help'], 'lockstorm: unknown verb "hnut" (did you mean "hunt"?)'],
    [['--nonsense', '--help'], "error: unknown option '--nonsense'"],
    [['hunt', '--fautls', '2', '--help'], "error: unknown option '--fautls'\n(Did you mean --faults?)"],
    [['fleet', 'wrok', '--help'], 'lockstorm fleet: unknown verb "wrok" (did you mean "work"?)'],
    [['list', 'lokcs', '--help'], 'got "lokcs" (did you mean "locks"?)'],
    [['serve', 'here', '--help'], "error: too many arguments for 'serve'"],
  ])('%j asks for the help of nothing that is there', (args, words) => {
    const { code, stdout, stderr } = lockstorm(args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
  })

  it('is told whatever else is asked, if that is right', () => {
    const help = lockstorm(['hunt', '--help']).stdout
    for (const args of [
      ['--help', 'hunt'],
      ['help', 'hunt'],
      ['hunt', 'x.ts', '--faults', '2', '-h'],
    ]) {
      expect(lockstorm(args)).toEqual({ code: 0, stdout: help, stderr: '' })
    }
  })

  it.each(['run', 'hunt', 'serve', 'studio'] as const)('names every flag of %s, and no other', async (verb) => {
    const { SETTINGS, HUNT_KEYS, RUN_KEYS, SERVE_KEYS, STUDIO_KEYS } = await import('../../src/engine/settings.ts')
    const { stdout } = lockstorm([verb, '--help'])
    const named = [...stdout.matchAll(/--[a-z-]+/g)].map(([flag]) => flag)
    const keys = { run: RUN_KEYS, hunt: HUNT_KEYS, serve: SERVE_KEYS, studio: STUDIO_KEYS }[verb]
    const flags = keys.flatMap((key) => {
      const { flag, negatable } = SETTINGS[key] as { readonly flag: string; readonly negatable?: true }
      return negatable === true ? [flag, flag.replace('--', '--no-')] : [flag]
    })
    expect([...new Set(named)].sort()).toEqual([...flags, '--config', '--print-config'].sort())
  })

  it('shows examples that name scenarios and locks which are there', () => {
    const texts = [lockstorm([]), lockstorm(['run', '--help'])].map(({ stdout }) => stdout).join('')
    const scenarios = JSON.parse(lockstorm(['list', 'scenarios', '--json']).stdout) as { name: string }[]
    const names = [...texts.matchAll(/lockstorm run ([a-z][a-z-]*) /g)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(scenarios.map((scenario) => scenario.name)).toContain(name)
  })

  it('tells the version', () => {
    expect(lockstorm(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('loads none of what costs time to start', () => {
    // Module loads are counted, not milliseconds: the machine's load would decide.
    const { stdout } = shell(
      `NODE_DEBUG=esm ${'$LOCKSTORM'} 2>&1 >/dev/null | grep -oE "node_modules/[a-z@-]+" | sort -u || true`,
    )
    // The listing works: commander is needed to tell a verb from a flag.
    expect(stdout).toContain('node_modules/commander\n')
    for (const heavy of ['zod', 'yaml', 'jiti', 'ioredis', 'ioredis-mock', 'testcontainers', 'seedrandom']) {
      expect(stdout).not.toContain(`node_modules/${heavy}\n`)
    }
  })
})

describe('a command line that is wrong', () => {
  it.each<[string[]]>([
    [['rum']],
    [['run', '--sede', '7']],
    [['run', '--seed']],
    [['run', '--seed', '  ']],
    [['run', '--runs', '0']],
    [['run', '--runs', '1e3']],
    [['run', '--runs', '-1']],
    [['run', '--redis', 'memroy']],
    [['run', '--redis', 'http://localhost']],
    [['run', '--client', 'redis']],
    [['run', '--reporter', 'html']],
    [['run', '--reporter', 'json,text']],
    [['run', '--only', 'set-nx-lau']],
    [['run', '-q', '-v']],
    [['run', '--max-failures', 'none']],
    [['run', 'no-fautl']],
    [['run', 'no/such/file.yaml']],
    [['run', '--lock', 'no-such-lock.ts']],
    [['run', '--config', 'no-such-config.ts']],
    [['run', '--redis-binary', '/usr/bin/redis-server']],
    [['run', '--image', 'redis:7']],
    [['replay']],
    [['replay', 'L1.abc']],
    [['replay', 'hello']],
    [['list']],
    [['list', 'lock']],
    [['list', 'locks', '--jsno']],
    [['list', 'locks', 'faults']],
    [['explain']],
    [['learn', 'puase']],
    [['learn', 'pause', '--lang', 'fr']],
    [['learn', '--break', 'none']],
    [['learn', 'pause', '--break', 'puase: { process: A, for: 1s }, at: A before write']],
    [['learn', 'pause', '--break', 'pause: { process: A, for: 1 }, at: A before write']],
    [['explain', 'P222']],
    [['explain', 'mutual-exclusoin']],
  ])('%j ends with 64, with words on stderr and nothing on stdout', (args) => {
    const { code, stdout, stderr } = lockstorm(args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr.replaceAll(process.cwd(), '<here>')).toMatchSnapshot()
  })
})

describe('lists', () => {
  it.each(['scenarios', 'articles', 'locks', 'faults', 'properties'])(
    'list %s is a table, or one JSON document',
    (what) => {
      const text = lockstorm(['list', what])
      const json = lockstorm(['list', what, '--json'])
      expect([text.code, json.code, text.stderr, json.stderr]).toEqual([0, 0, '', ''])
      const entries = JSON.parse(json.stdout) as { name: string; summary: string }[]
      expect(entries.length).toBeGreaterThan(3)
      for (const { name, summary } of entries) {
        expect(summary).not.toBe('')
        expect(text.stdout).toContain(name)
        expect(text.stdout).toContain(summary)
      }
    },
  )

  it('end quietly when the reader has seen enough', () => {
    const { code, stdout, stderr } = shell('$LOCKSTORM list faults | head -n 1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toHaveLength(2)
  })

  it.skipIf(!existsSync('/dev/full'))('say that the answer cannot be written, once, where nothing more can be', () => {
    const full = shell('$LOCKSTORM list faults > /dev/full')
    expect(full).toMatchObject({ code: 64, stdout: '' })
    expect(full.stderr).toMatch(/^stdout: the answer cannot be written: ENOSPC[^\n]*\n$/)
    // What is said beside the answer is not missed.
    expect(shell('$LOCKSTORM list faults 2> /dev/full').code).toBe(0)
    expect(shell('$LOCKSTORM run nosuch > /dev/full 2> /dev/full').code).toBe(64)
  })

  it('say that the current folder is gone', () => {
    const { code, stderr } = shell('cd "$(mktemp -d)" && rmdir "$PWD" && $LOCKSTORM list faults')
    expect({ code, stderr }).toEqual({ code: 64, stderr: 'the current folder is gone: go to one that is there\n' })
  })

  it('do not take it for an answer when a config file ends the process', () => {
    const folder = '"$(mktemp -d)"'
    const ended = shell(`cd ${folder} && echo 'process.exit(0)' > lockstorm.config.mjs && $LOCKSTORM run no-fault`)
    expect(ended).toMatchObject({ code: 64, stdout: '' })
    expect(ended.stderr).toBe('code that was loaded ended the process before there was an answer\n')
    const thrown = 'export default new Proxy({}, { ownKeys() { throw 1 } })'
    const told = shell(`cd ${folder} && echo '${thrown}' > lockstorm.config.mjs && $LOCKSTORM run no-fault`)
    expect(told).toEqual({ code: 64, stdout: '', stderr: 'lockstorm.config.mjs: its settings cannot be read: 1\n' })
  })

  it('have no colours where there is no terminal, and FORCE_COLOR does not break JSON', () => {
    const { stdout } = lockstorm(['list', 'locks', '--json'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } })
    expect(JSON.parse(stdout)).toBeInstanceOf(Array)
  })
})
