/** `lockstorm run` and `lockstorm replay` through the built binary: verdicts become words, files and exit codes. */
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/scenario/report.ts'
import { RealRedis } from '../redis/real-redis.ts'
import { build, lockstorm, type RunOptions, shell, start } from './binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-cli-'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text)
  for (const name of ['dead-redis', 'short-lived-redis']) chmodSync(path.join(folder, name), 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** No fault: the naive lock fails by interleaving alone, SET NX does not. */
const scenario = (expected: string, more = 'clients: 2\n'): string => `title: Two clients want one lock
story: Nothing goes wrong but the order of things.
workload: { counter: { rounds: 2, work: 5ms } }
runs: 3
${more}expect: ${expected}
`

const NAIVE_FAILS =
  '{ naive: { mutual-exclusion: bug, stale-write: bug, foreign-release: bug, linearizability: bug }, set-nx-lua: valid }'

const FILES: Readonly<Record<string, string>> = {
  'as-expected.yaml': scenario(NAIVE_FAILS),
  'not-as-expected.yaml': scenario('{ naive: valid, set-nx-lua: valid }'),
  'alone.yaml': scenario('{}', 'clients: 1\n'),
  'open.yaml': scenario('{}'),
  'no-moment.yaml': scenario(
    '{ set-nx-lua: valid }',
    'clients: 2\nfaults: [{ pause: { process: A, for: 1ms }, at: A before write 1 }, { pause: { process: B, for: 1s }, at: B before write 9 }]\n',
  ),
  'broken.yaml': 'title: x\nstory: y\nworkload: { counter: { rounds: none } }\n',
  'good-lock.ts': `import { defineLock } from 'lockstorm'
export default defineLock({
  name: 'mine',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
})
`,
  'bad-lock.ts': `export default {
  name: '<script>\\u001b[2J',
  async acquire({ redis, key, token, ttlMs }) { await redis.set(key, token, 'PX', ttlMs); return { token } },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}
`,
  // Remembers other worlds, in what all machines have in common: the second run of a world is not the first.
  'leaky-lock.ts': `let count = Array.count ?? 0
export default {
  name: 'leaky',
  async acquire({ redis, key, token, ttlMs }) {
    Array.count = count += 1
    await redis.set('count', String(count))
    await redis.set(key, token + count, 'PX', ttlMs)
    return { token: token + count }
  },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}
`,
  // Draws in a realm of its own, whose random numbers are nobody's.
  'drawing-lock.ts': `import vm from 'node:vm'
export default {
  name: 'drawing',
  async acquire({ redis, key, token, ttlMs }) {
    const mine = token + vm.runInNewContext('Math.random()')
    await redis.set(key, mine, 'PX', ttlMs)
    return { token: mine }
  },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}
`,
  // Reads what the kernel writes anew each time.
  'reading-lock.ts': `import { readFile } from 'node:fs/promises'
export default {
  name: 'reading',
  async acquire({ redis, key, token, ttlMs }) {
    const uuid = await readFile('/proc/sys/kernel/random/uuid', 'utf8')
    await redis.set(key, token + uuid, 'PX', ttlMs)
    return { token: token + uuid }
  },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}
`,
  'stuck-lock.ts': 'await new Promise(() => {})\nexport default {}\n',
  // What it throws, it throws when no world runs.
  // What is not held any more is collected, for so much memory is asked for; that is told when no world runs.
  'late-lock.ts': `const registry = new FinalizationRegistry(() => { throw new Error('late') })
registry.register({}, null)
for (let count = 0; count < 100; count += 1) new Uint8Array(32e6)
export default { name: 'late', async acquire() { return registry === null ? {} : null }, async release() { return true } }
`,
  'lingering-lock.ts': `setInterval(() => {}, 1000)
export default { name: 'lingering', async acquire({ redis, key, token }) {
  return (await redis.set(key, token, 'PX', 60000, 'NX')) === 'OK' ? { token } : null
}, async release({ redis, key }) { return (await redis.del(key)) === 1 } }
`,
  // Never waits for anything, the second time it is asked.
  'spinning-lock.ts': `let count = 0
export default { name: 'spinning', async acquire({ redis, key, token }) {
  count += 1
  while (count > 1) {}
  return (await redis.set(key, token, 'PX', 60000, 'NX')) === 'OK' ? { token } : null
}, async release({ redis, key }) { return (await redis.del(key)) === 1 } }
`,
  // Says what it does, as people do who look for a mistake.
  'talking-lock.ts': `export default { name: 'talking', async acquire({ redis, key, token }) {
  console.log('asking for', key)
  console.error('really')
  return (await redis.set(key, token, 'PX', 60000, 'NX')) === 'OK' ? { token } : null
}, async release({ redis, key }) { return (await redis.del(key)) === 1 } }
`,
  'my.config.ts': "export default { seed: 42, runs: 2, only: ['naive'], client: 'direct' }\n",
  // The preload library is the server's alone: it ends every other process that it is loaded into.
  'short-lived-redis': `#!/bin/sh
case $1 in --version) exec redis-server "$@" ;; esac
(unset LD_PRELOAD; sleep 2; kill -9 $$) > /dev/null 2>&1 &
exec redis-server "$@"
`,
  'dead-redis': '#!/bin/sh\n[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=00000000:0"\nexit 1\n',
}

/** In the temporary folder, with the client that needs no driver: these tests are about the command. */
const run = (args: readonly string[], options: RunOptions = {}) =>
  lockstorm(['run', '--client', 'direct', ...args], { cwd: folder, ...options })

const reportOf = (stdout: string): Report => JSON.parse(stdout) as Report

describe('exit codes', () => {
  it('0: every cell as expected', () => {
    const { code, stdout, stderr } = run(['as-expected.yaml', '--only', 'naive', '--only', 'set-nx-lua'])
    expect(code).toBe(0)
    // The first violation is told at once, before the run is over.
    expect(stderr).toMatch(/^✗ naive in as-expected: [A-Z] and [A-Z] both held the lock for [\d.]+ ms\n$/)
    expect(stdout).toContain('2 cells: all as expected')
    // A run shows what it is about, also when all is well.
    expect(stdout).toContain('✗ mutual exclusion violated: ')
    expect(stdout).toContain('npx lockstorm replay L1.')
  })

  it('1: a cell is not as expected, with its story', () => {
    const { code, stdout, stderr } = run(['not-as-expected.yaml', '--only', 'naive,set-nx-lua'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^not-as-expected: ✗ naive .* \(expected valid\)\n$/)
    expect(stdout).toContain('mutual exclusion violated')
  })

  it('1: a lock of the user has a bug, though no scenario speaks of it', () => {
    const { code, stdout } = run(['open.yaml', '--lock', 'bad-lock.ts', '--only', '<script>\u001b[2J'])
    expect(code).toBe(1)
    // Its name clears no screen.
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('<script>␛[2J')
    // The last line says what the exit code says, and what was expected.
    expect(stdout).toContain('1 cell: 0 as expected, 1 not')
    expect(stdout).toContain('(bug); expected no bug')
  })

  it('0: a lock of the user has none', () => {
    const { code, stdout } = run(['open.yaml', '--lock', 'good-lock.ts', '--only', 'mine'])
    expect({ code, line: /1 cell: .*/.exec(stdout)?.[0] }).toEqual({ code: 0, line: '1 cell: as expected' })
  })

  it('2: nothing was tested, unless that is allowed', () => {
    const { code, stdout } = run(['alone.yaml', '--only', 'set-nx-lua'])
    expect({ code, line: /1 cell: .*/.exec(stdout)?.[0] }).toEqual({ code: 2, line: '1 cell: 0 as expected, 1 not' })
    expect(run(['alone.yaml', '--only', 'set-nx-lua', '--unknown-ok']).code).toBe(0)
  })

  it('2: a fault of the story never struck', () => {
    const { code, stdout } = run(['no-moment.yaml', '--only', 'set-nx-lua'])
    expect(code).toBe(2)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'found vacuous: its moment never came: pause B for 1 s (B before write 9); expected valid',
    )
    expect(run(['no-moment.yaml', '--only', 'set-nx-lua', '--unknown-ok']).code).toBe(0)
  })

  it('64: a scenario or a lock file is wrong', () => {
    const broken = run(['broken.yaml'])
    expect(broken).toEqual({
      code: 64,
      stdout: '',
      stderr: 'broken.yaml:3:32 workload.counter.rounds: expected a whole number from 1 to 1000, got "none"\n',
    })
    expect(run(['open.yaml', '--lock', 'stuck-lock.ts'])).toEqual({
      code: 64,
      stdout: '',
      stderr: 'stuck-lock.ts: it is never loaded: a top-level await does not settle\n',
    })
  })

  it('64: there is nothing to run', () => {
    const { code, stderr } = run(['open.yaml', '--only', 'optimistic'])
    expect(code).toBe(64)
    expect(stderr).toContain('no scenario has anything to run')
  })

  it('69: the real Redis does not start', () => {
    const { code, stdout, stderr } = run(['open.yaml', '--redis', 'server', '--redis-binary', './dead-redis'])
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
    expect(stderr).toContain('ended while it started')
  })

  it('70: code that got out of its world is not taken for a verdict', () => {
    const { code, stderr } = run(['open.yaml', '--lock', 'late-lock.ts'])
    expect(code).toBe(70)
    expect(stderr).toContain('Error: late')
    expect(stderr).toContain('lockstorm run --client direct open.yaml --lock late-lock.ts')
  })

  it('does not wait for timers that a lock file left behind', () => {
    expect(run(['open.yaml', '--lock', 'lingering-lock.ts', '--only', 'lingering']).code).toBe(0)
  })
})

describe('a Redis that cannot have the servers of a scenario', () => {
  it('has the others, and says which are left out', () => {
    const { stderr, stdout } = run([
      'no-fault',
      'replica-*',
      'sentinel-*',
      '--redis',
      'mock',
      '--only',
      'set-nx-lua',
      '--json',
    ])
    expect(stderr).toMatch(
      /^left out, because ioredis-mock \S+ has neither replicas nor disks here: replica-promoted, sentinel-lost-reply, /m,
    )
    expect(reportOf(stdout).cells.map(({ scenario }) => scenario)).toEqual(['no-fault'])
  })

  it.each([
    ['replica-promoted', 'does not replicate here'],
    ['replica-*', 'has neither replicas nor disks here'],
  ])('64: %s alone', (words, why) => {
    const { code, stderr } = run([words, '--redis', 'mock'])
    expect([code, stderr]).toEqual([64, expect.stringContaining(`${why}\n  fix: use --redis memory`)])
  })
})

describe('settings', () => {
  it('come from the environment and the config file too', () => {
    const options: RunOptions = { env: { LOCKSTORM_CONFIG: 'my.config.ts', LOCKSTORM_SEED: 'from-environment' } }
    const { stdout } = lockstorm(['run', 'open.yaml', '--json', '--runs', '1'], { cwd: folder, ...options })
    const { seed, client, cells } = reportOf(stdout)
    expect({ seed, client, cells: cells.map(({ lock, worlds }) => [lock, worlds]) }).toEqual({
      seed: 'from-environment',
      client: 'direct',
      cells: [['naive', 1]],
    })
  })

  it('are told with their origin, and nothing is run', () => {
    const { code, stdout } = run(['no-such-scenario', '--config', 'my.config.ts', '--print-config', '-x'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^seed +42 +config my\.config\.ts$/m)
    expect(stdout).toMatch(/^client +direct +flag --client$/m)
    expect(stdout).toMatch(/^maxFailures +1 +flag --max-failures$/m)
    expect(JSON.parse(run(['--print-config', '--json']).stdout)).toBeInstanceOf(Array)
  })

  it('--max-failures stops the run, -x at the first', () => {
    const count = (...flags: string[]) =>
      reportOf(run(['open.yaml', '--json', '--only', 'naive,plain-set,fenced', ...flags]).stdout).cells.length
    expect([count(), count('--max-failures', '2'), count('-x')]).toEqual([3, 2, 1])
  })
})

describe('output', () => {
  it('--json is exactly one document, whatever else is asked for', () => {
    const { code, stdout } = run(['not-as-expected.yaml', '--json', '-v', '--only', 'naive'], {
      env: { FORCE_COLOR: '1', NO_COLOR: '' },
    })
    expect(code).toBe(1)
    const report = reportOf(stdout)
    expect(report.schema).toBe('lockstorm/report@2')
    expect(report.cells.map(({ lock, asExpected }) => [lock, asExpected])).toEqual([['naive', false]])
  })

  it('is the same for the same seed, byte for byte', () => {
    const twice = [1, 2].map(() => run(['open.yaml', '--seed', '7301', '--only', 'naive']).stdout)
    expect(twice[0]).toBe(twice[1])
    expect(run(['open.yaml', '--seed', '7302', '--only', 'naive']).stdout).not.toBe(twice[0])
  })

  it('--quiet says nothing when all is as expected; --verbose names every cell', () => {
    const quiet = run(['as-expected.yaml', '-q', '--only', 'naive,set-nx-lua'])
    expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' })
    const verbose = run(['as-expected.yaml', '-v', '--only', 'naive,set-nx-lua'])
    expect(verbose.stdout).toMatch(/^ {2}✗ naive +mutual-exclusion \(bug\)/m)
    expect(verbose.stdout).toMatch(/^ {2}✓ set-nx-lua +valid$/m)
  })

  it('is coloured when forced, and --no-color outweighs that', () => {
    const colored = run(['open.yaml', '--only', 'naive'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } })
    expect(colored.stdout).toContain('\u001b[38;5;166m✗')
    expect(
      run(['open.yaml', '--only', 'naive', '--no-color'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }).stdout,
    ).not.toContain('\u001b')
    expect(run(['open.yaml', '--only', 'naive', '--color']).stdout).toContain('\u001b')
  })

  it('is cut without a word when its reader leaves, and the verdict stays', () => {
    const { code, stdout, stderr } = shell(
      '$LOCKSTORM run not-as-expected.yaml -q --client direct --only naive | true',
      { cwd: folder },
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).not.toContain('EPIPE')
  })
})

describe('a report', () => {
  it('is written below reports, named after the scenario, or where --output says', () => {
    run(['as-expected.yaml', '--only', 'naive'])
    expect(existsSync(path.join(folder, 'reports', 'as-expected', 'report.json'))).toBe(true)
    run(['as-expected.yaml', 'open.yaml', '--only', 'naive', '--output', 'elsewhere'])
    const written = reportOf(readFileSync(path.join(folder, 'elsewhere', 'report.json'), 'utf8'))
    expect(written.cells.map((cell) => cell.scenario)).toEqual(['as-expected', 'open'])
  })

  it('is what --json prints, byte for byte', () => {
    const { stdout } = run(['open.yaml', '--lock', 'bad-lock.ts', '--json'])
    expect(stdout).toBe(readFileSync(path.join(folder, 'reports', 'open', 'report.json'), 'utf8'))
  })

  it('that cannot be written is a usage error, and what was found is said all the same', () => {
    const { code, stdout, stderr } = run(['as-expected.yaml', '--only', 'naive', '--output', 'open.yaml/reports'])
    expect(code).toBe(64)
    expect(stdout).toContain('1 cell: as expected')
    expect(stderr).toContain('the report cannot be written')
  })
})

describe('reporters', () => {
  it('print the report in another format', () => {
    const print = (...flags: string[]) => run(['as-expected.yaml', '--only', 'naive', ...flags]).stdout
    expect(print('--reporter', 'junit')).toMatch(/^<\?xml version="1\.0"/)
    expect(print('--reporter', 'markdown')).toMatch(/^# /)
    expect(print('--reporter', 'json')).toBe(print('--json'))
    const both = print('--reporter', 'text,markdown')
    expect(both).toContain('1 cell: as expected')
    expect(both).toContain('\n# ')
  })

  it('do not mix with JSON', () => {
    const { code, stdout, stderr } = run(['as-expected.yaml', '--reporter', 'json,text'])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain('JSON is one document')
  })
})

describe('replay', () => {
  const tokenOf = (...args: string[]): string => {
    const report = reportOf(run([...args, '--json']).stdout)
    return report.cells[0]?.violations[0]?.token ?? 'there is no violation'
  }
  const replay = (...args: string[]) => lockstorm(['replay', ...args], { cwd: folder })

  it('shows the same violation again, with exit code 1', () => {
    const token = tokenOf('open.yaml', '--only', 'naive')
    const told = run(['open.yaml', '--only', 'naive']).stdout
    const { code, stdout, stderr } = replay(token, 'open.yaml')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const [headline = ''] = /^✗ mutual exclusion violated: .*$/m.exec(stdout) ?? []
    expect(headline).not.toBe('')
    expect(told).toContain(headline)
    expect(stdout).toContain('naive in open · world 1 of seed 1')
  })

  it('is one JSON document, one line a violation, or every record', () => {
    const token = tokenOf('open.yaml', '--only', 'naive')
    const { verdict, records } = JSON.parse(replay(token, 'open.yaml', '--json').stdout) as {
      verdict: { status: string }
      records: unknown[]
    }
    expect(verdict.status).toBe('violated')
    expect(records.length).toBeGreaterThan(10)
    expect(replay(token, 'open.yaml', '-q').stdout).toMatch(/^(✗ .+\n)+\n.+\n$/)
    expect(replay(token, 'open.yaml', '-v').stdout).toMatch(/^0\.\d{6} {2}A {2}invoke acquire /m)
  })

  it('3: the code under test is not deterministic', () => {
    const token = tokenOf('open.yaml', '--lock', 'drawing-lock.ts', '--only', 'drawing')
    const { code, stdout, stderr } = replay(token, 'open.yaml', '--lock', 'drawing-lock.ts')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/first differing event: \d+ of \d+\n {2}first run {3}\d.*\n {2}second run {2}\d/)
    expect(stderr).toContain('All that it read from files was the same.')
  })

  it('3: and says which file it read that differs', () => {
    const token = tokenOf('open.yaml', '--lock', 'reading-lock.ts', '--only', 'reading')
    const { code, stderr } = replay(token, 'open.yaml', '--lock', 'reading-lock.ts')
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /What it read differs: fs\.readFileSync\("\/proc\/sys\/kernel\/random\/uuid"\)\n {2}first run {3}37 bytes, .*\n {2}second run {2}37 bytes/,
    )
  })

  it('refuses a token whose lock or scenario is not there, or has changed', () => {
    const mine = tokenOf('open.yaml', '--lock', 'bad-lock.ts', '--only', '<script>\u001b[2J')
    expect(replay(mine, 'open.yaml').stderr).toContain('which is none of the built-in subjects\n  fix: add --lock FILE')
    const naive = tokenOf('open.yaml', '--only', 'naive')
    expect(replay(naive).stderr).toContain('it names the scenario "open", which did not come with lockstorm')
    expect(replay(naive, 'alone.yaml').stderr).toContain('it names the scenario "open", and the file is alone')
    const other = path.join(folder, 'changed')
    const changed = shell(
      `mkdir -p ${other} && sed 's/5ms/6ms/' open.yaml > ${other}/open.yaml && $LOCKSTORM replay ${naive} changed/open.yaml`,
      { cwd: folder },
    )
    expect(changed.code).toBe(64)
    expect(changed.stderr).toContain('the scenario open (changed/open.yaml) has changed since this token was made')
  })
})

describe('what answers', () => {
  const cellsOf = (...flags: string[]) => {
    const { stdout } = run(['open.yaml', '--only', 'naive', '--runs', '1', '--json', ...flags])
    const { redis, deterministic, cells } = reportOf(stdout)
    return { redis, deterministic, hash: cells[0]?.historyHash, token: cells[0]?.violations[0]?.token ?? '' }
  }

  it('may be a real server under virtual time: the same history, event for event', () => {
    const [memory, server] = [cellsOf(), cellsOf('--redis', 'server')]
    expect(server.redis).toMatch(/^redis-server \d+\.\d+\.\d+, virtual time$/)
    expect(server).toMatchObject({ deterministic: true, hash: memory.hash })
    const replayed = lockstorm(['replay', server.token, 'open.yaml'], { cwd: folder })
    expect({ code: replayed.code, stderr: replayed.stderr }).toEqual({ code: 1, stderr: '' })
  })

  it('may be ioredis-mock', () => {
    expect(cellsOf('--redis', 'mock').redis).toMatch(/^ioredis-mock /)
  })

  it('may be a server of the user, whose password is seen nowhere and whose token needs its URL', async () => {
    const redis = await RealRedis.start()
    try {
      const url = `redis://default:open-sesame@127.0.0.1:${redis.port}`
      // Any password opens a server that has `nopass`.
      const flags = ['--redis', url, '--output', 'with-a-url']
      const { code, stdout, stderr } = run(['open.yaml', '--only', 'naive', '--runs', '1', '--json', ...flags])
      expect(code).toBe(1)
      expect(stderr).toContain('time is paced and a run cannot be replayed exactly')
      const { deterministic, cells } = reportOf(stdout)
      expect(deterministic).toBe(false)
      const files = ['report.json', 'meta.json', 'report.md', 'junit.xml', 'index.html']
      const written = files.map((file) => readFileSync(path.join(folder, 'with-a-url', file), 'utf8'))
      for (const text of [stdout, stderr, ...written]) expect(text).not.toContain('open-sesame')
      const token = cells[0]?.violations[0]?.token ?? ''
      expect(lockstorm(['replay', token, 'open.yaml'], { cwd: folder }).stderr).toContain('fix: add --redis redis://…')
      expect(lockstorm(['replay', token, 'open.yaml', '--redis', url], { cwd: folder }).code).toBe(1)
    } finally {
      await redis.stop()
    }
  })

  it('may be such a server for a hunt, too, which leaves nothing behind', async () => {
    const redis = await RealRedis.start()
    try {
      const url = `redis://127.0.0.1:${redis.port}`
      const { code, stdout, stderr } = lockstorm(
        ['hunt', 'naive', '--client', 'direct', '--faults', '0', '-x', '--no-shrink', '--json', '--redis', url],
        { cwd: folder },
      )
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violated' })
      expect(stderr).toContain('this Redis is not deterministic')
      const connection = await redis.connect()
      expect(await connection.command('DBSIZE')).toBe(':0\r\n')
      connection.close()
    } finally {
      await redis.stop()
    }
  })

  it('69: nobody is there', async () => {
    const redis = await RealRedis.start()
    await redis.stop()
    const { code, stdout, stderr } = run(['open.yaml', '--redis', `redis://me:open-sesame@127.0.0.1:${redis.port}`])
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
    expect(stderr).toContain('ECONNREFUSED')
    expect(stderr).not.toContain('open-sesame')
  })
})

describe('code under test', () => {
  it('that never ends costs its worker, not the run', () => {
    const { code, stdout } = run(['open.yaml', '--lock', 'spinning-lock.ts', '--only', 'spinning,fenced', '--json'])
    expect(code).toBe(1)
    const told = reportOf(stdout).cells.map(({ lock, verdict, worlds, violations: [first] }) => ({
      lock,
      verdict,
      worlds,
      sentence: first?.sentence,
    }))
    expect(told).toEqual([
      { lock: 'fenced', verdict: 'valid', worlds: 3, sentence: undefined },
      {
        lock: 'spinning',
        verdict: 'violated',
        worlds: 1,
        sentence: 'the code under test ran for ever without waiting for anything',
      },
    ])
  })

  it('that says something is heard on stderr with --verbose, with the time and the client, else counted', () => {
    const args = ['open.yaml', '--lock', 'talking-lock.ts', '--only', 'talking', '--json']
    const { code, stdout, stderr } = run([...args, '--verbose'])
    expect({ code, cells: reportOf(stdout).cells.length }).toEqual({ code: 0, cells: 1 })
    expect(stderr).toMatch(/^\d+\.\d{3} ms [A-C] {2}asking for \S+$/m)
    expect(stderr).toMatch(/^\d+\.\d{3} ms [A-C] {2}really$/m)
    const said = stderr.split('\n').filter((line) => / ms [A-C] {2}/.test(line)).length
    const counted = run(args)
    expect(counted.stdout).toBe(stdout)
    expect(counted.stderr).toContain(`the code under test printed ${said} lines: --verbose shows them\n`)
    expect(counted.stderr).not.toContain('really')
  })

  it('that prints is counted in hunts and frontiers, too', () => {
    for (const verb of ['hunt', 'frontier']) {
      const args = [
        verb,
        './talking-lock.ts',
        '--client',
        'direct',
        '--workers',
        '1',
        ...(verb === 'hunt' ? ['--faults', '0'] : ['--ttls', '1s', '--pauses', '0s', '--skews', '0s']),
      ]
      expect(lockstorm(args, { cwd: folder }).stderr).toMatch(
        /the code under test printed [\d,]+ lines: --verbose shows them/,
      )
      expect(lockstorm([...args, '--verbose'], { cwd: folder }).stderr).toMatch(/^\d+\.\d{3} ms [A-C] {2}really$/m)
    }
  })

  it('gives the same report whoever runs it, and however many', () => {
    const report = (workers: string) => run(['open.yaml', 'as-expected.yaml', '--json', '--workers', workers]).stdout
    expect(report('3')).toBe(report('1'))
  })

  it('3: that remembers other worlds is told at once, with what was found', () => {
    const { code, stdout, stderr } = run(['open.yaml', '--lock', 'leaky-lock.ts', '--only', 'leaky', '--json'])
    expect({ code, cells: reportOf(stdout).cells.length }).toEqual({ code: 3, cells: 1 })
    expect(stderr).toContain('not deterministic: run again, these gave another history\n  leaky in open\n')
  })
})

describe('a server that dies in the middle of the run', () => {
  it('69: with a clear message, and a report of what there was so far', () => {
    const flags = [
      '--redis',
      'server',
      '--redis-binary',
      './short-lived-redis',
      '--output',
      'cut-short',
      '--only',
      'set-nx-lua',
    ]
    const { code, stdout, stderr } = run(['open.yaml', '--client', 'direct', '--runs', '20000', '--json', ...flags])
    expect(code).toBe(69)
    expect(stderr).toMatch(/^the server of redis-1 has ended; it wrote last:\n {2}.*ready to accept connections/ms)
    expect(stderr).toMatch(/^the run ends here: what there was so far is in the report$/m)
    expect(stderr).not.toContain('    at ')
    const { cells } = reportOf(stdout)
    const last = cells.at(-1)
    // Worlds that were over before count; the one in which it died proves nothing.
    expect(last).toMatchObject({ verdict: 'unknown', detail: 'the server of redis-1 has ended', violations: [] })
    expect(last?.worlds).toBeGreaterThan(1)
    expect(last?.worlds).toBeLessThan(20_000)
    expect(reportOf(readFileSync(path.join(folder, 'cut-short', 'report.json'), 'utf8')).cells).toEqual(cells)
  })
})

describe('a signal', () => {
  const RUN = ['run', 'open.yaml', '--client', 'direct', '--output', 'interrupted', '--json']

  /**
   * Runs until the end, sending a signal each time one of these texts has appeared on stderr; the first cell writes one.
   * @param runs worlds for each cell: enough for the signal to come before the next cell has ended
   */
  async function interrupted(signal: NodeJS.Signals, runs: number, texts: readonly string[], flags: string[] = []) {
    const child = start([...RUN, '--runs', String(runs), ...flags], { cwd: folder })
    const output = { stdout: '', stderr: '' }
    const waitingFor = [...texts]
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk
      if (waitingFor[0] === undefined || !output.stderr.includes(waitingFor[0])) return
      waitingFor.shift()
      child.kill(signal)
    })
    const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return { ...output, code, killedBy }
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: the first one ends the run after a world and writes the report', async (signal, exitCode) => {
    const { code, stdout, stderr } = await interrupted(signal, 400, ['naive'])
    expect(code).toBe(exitCode)
    expect(stderr).toContain('stopping after this world')
    const { cells } = reportOf(stdout)
    expect(cells.length).toBeGreaterThan(0)
    expect(cells.length).toBeLessThan(8)
    for (const { worlds, verdict, detail } of cells) {
      if (worlds < 400 && verdict !== 'violated') expect(detail).toBe(`stopped after ${worlds} of 400 worlds`)
    }
    expect(reportOf(readFileSync(path.join(folder, 'interrupted', 'report.json'), 'utf8')).cells).toEqual(cells)
  })

  it('the second one ends the process at once', async () => {
    // The second cell does not end by itself for ten seconds.
    const flags = ['--lock', 'spinning-lock.ts', '--only', 'naive,spinning', '--workers', '1']
    const { code, killedBy, stdout } = await interrupted('SIGINT', 1, ['naive', 'once more ends at once'], flags)
    expect({ code, killedBy, stdout }).toEqual({ code: null, killedBy: 'SIGINT', stdout: '' })
  })
})

describe('on a terminal', () => {
  it('there are colours, and a line of progress that is gone at the end', () => {
    // Long enough for the first second to pass on any machine.
    const command = `$LOCKSTORM run open.yaml --client direct --runs 1500 --only naive,plain-set,set-nx-lua,fenced`
    const { code, stdout } = shell(`script -qec "${command}" /dev/null`, {
      cwd: folder,
      env: { TERM: 'xterm-256color' },
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(/\r\u001b\[2K▸ [123]\/4 cells · [\d,]+ worlds\/s · \d not as expected · ETA /)
    expect(stdout).toContain('\u001b[38;5;166m✗')
    const afterProgress = stdout.slice(stdout.lastIndexOf(' worlds/s · '))
    expect(afterProgress).toContain('\r\u001b[2K')
  })
})
