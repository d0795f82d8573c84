/** `lockstorm frontier`, and the files of `lockstorm hunt`, through the built binary. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FrontierReport } from '../../src/report/frontier/frontier-report.ts'
import { embeddedIn } from '../report/page-data.ts'
import { build, lockstorm, start } from './binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-frontier-'))
  writeFileSync(path.join(folder, 'marking-lock.ts'), MARKING)
  writeFileSync(path.join(folder, 'deadline-lock.ts'), DEADLINE)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Says when it was loaded, so that a signal comes neither too early nor too late. */
const MARKING = `import { writeSync } from 'node:fs'
writeSync(2, 'loaded')
export default {
  name: '<script>marking',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key, token }) { return (await redis.get(key)) === token && (await redis.del(key)) === 1 },
}
`

/** Believes in its lease only as long as its own monotonic clock allows. */
const DEADLINE = `export default {
  name: 'deadline',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK' || performance.now() >= validUntil) return null
    return { token, validUntil, isHeld: () => performance.now() < validUntil }
  },
  async release({ redis, key, token }) { return (await redis.get(key)) === token && (await redis.del(key)) === 1 },
}
`

const SMALL = [
  '--client',
  'direct',
  '--clients',
  '2',
  '--ttls',
  '200ms,500ms',
  '--pauses',
  '0s,300ms',
  '--latencies',
  '200us..900us',
]

const frontier = (args: readonly string[]) => lockstorm(['frontier', ...args], { cwd: folder })
const read = (...names: readonly string[]): string => readFileSync(path.join(folder, ...names), 'utf8')

describe('lockstorm frontier', () => {
  it('prints a table and writes a report; it is a measurement, so violations fail nothing', () => {
    const { code, stdout, stderr } = frontier(['set-nx-lua', ...SMALL, '--skews', '0s', '--output', 'table'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, 11)).toEqual([
      'set-nx-lua: Safe from some TTL of the sweep on in 2 of 2 combinations of pause,',
      'skew and latency; 1 bug that no lease cures.',
      '',
      '✗ no lease cures: lock orphaned: A was told nothing but an error, but its own',
      'token kept the lock from all clients for 200.637 ms (the reply to A is lost, its',
      'connection reset (A before reply 1))',
      expect.stringMatching(/^ {2}npx lockstorm replay L1\./),
      '',
      'latency 200us..900us',
      '  skew  pause  safe from  200ms  500ms',
      '    0s     0s      200ms      0      0',
    ])
    // How many of them are bugs is for the checks to say.
    expect(lines[11]).toMatch(/^ {4}0s {2}300ms {6}500ms +[1-9]\d*!? {6}0$/)
    expect(lines.at(-1)).toBe('report  table/index.html')
    // A command stays in one piece, to be copied.
    const wrapped = lines.filter((line) => !line.startsWith('  npx '))
    expect(Math.max(...wrapped.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(readdirSync(path.join(folder, 'table')).sort()).toEqual([
      'index.html',
      'meta.json',
      'report.json',
      'report.md',
    ])
  })

  it('gives the same answer, byte for byte, with one worker and with three', () => {
    const files = ['1', '3'].map((workers) => {
      const { code, stdout } = frontier([
        'naive',
        ...SMALL,
        '--skews',
        '0s,-1s',
        '--workers',
        workers,
        '--json',
        '--output',
        `with-${workers}`,
      ])
      expect(code).toBe(0)
      return [stdout, ...['report.json', 'report.md', 'index.html'].map((name) => read(`with-${workers}`, name))]
    })
    expect(files[1]).toEqual(files[0])
    const report = JSON.parse(files[0]![0]!) as FrontierReport
    expect(report.schema).toBe('lockstorm/frontier@1')
    expect(files[0]![0]).toBe(files[0]![1])
    expect(report.combinations.map(({ safeTtlMs }) => safeTtlMs)).toEqual([null, null, null, null])
    expect(report.storms.bugs).toBeGreaterThan(100)
  })

  it('names storms that lockstorm replay shows again', () => {
    frontier(['set-nx-lua', ...SMALL, '--skews', '0s,+1s', '--json', '--output', 'tokens'])
    const report = JSON.parse(read('tokens', 'report.json')) as FrontierReport
    const examples = report.combinations.flatMap(({ points }) => points.flatMap(({ example }) => example ?? []))
    expect(examples.length).toBeGreaterThan(3)
    for (const { token, sentence } of examples) {
      const { code, stdout } = lockstorm(['replay', token, '-v'], { cwd: folder })
      expect(code).toBe(1)
      expect(stdout.replace(/\s+/g, ' ')).toContain(sentence)
    }
  })

  it.each<[string[], RegExp]>([
    [
      ['set-nx-lua', '--ttls', '200'],
      /--ttls: expected a duration such as 250ms, 30s or 2m, in whole milliseconds, got "200"/,
    ],
    [['set-nx-lua', '--pauses', '1s,x'], /--pauses: expected a duration such as/],
    [['set-nx-lua', '--skews', '1'], /--skews: expected a duration such as \+1s, -1s or 0s, got "1"/],
    [['set-nx-lua', '--latencies', '9ms..1ms'], /--latencies: expected a range of durations/],
    [['set-nx-lau'], /unknown lock or session store "set-nx-lau", did you mean set-nx-lua\?|set-nx-lua/],
    [['overwrite', '--client', 'direct'], /overwrite is a session store: expected a lock/],
    [['no-such-lock.ts'], /there is no such file/],
    [[], /missing required argument/],
    [['set-nx-lua', '--faults', '1'], /unknown option/],
  ])('%j ends with 64 and words', (args, words) => {
    const { code, stdout, stderr } = frontier(args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toMatch(words)
  })

  it('refuses a sweep that is a slip of the hand', () => {
    const list = Array.from({ length: 200 }, (_, index) => `${index + 1}ms`).join()
    const { code, stderr } = frontier(['set-nx-lua', '--ttls', list, '--pauses', list])
    expect(code).toBe(64)
    expect(stderr).toContain('expected at most 10,000 points, got 240,000')
  })

  it('ends with 130 and what it has measured when it is interrupted', async () => {
    const child = start(
      [
        'frontier',
        'marking-lock.ts',
        '-v',
        '--client',
        'direct',
        '--clients',
        '12',
        '--workers',
        '1',
        '--output',
        'cut',
      ],
      { cwd: folder },
    )
    let told = ''
    child.stderr.on('data', (text) => {
      told += String(text)
    })
    while (!told.includes('loaded')) await sleep(50)
    await sleep(1_500)
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(130)
    expect(told).toContain('stopping; once more ends at once, without a report')
    const report = JSON.parse(read('cut', 'report.json')) as FrontierReport
    expect(report.stoppedBy).toBe('interrupt')
    expect(report.combinations.at(-1)!.points.at(-1)!.status).toBe('not-run')
    expect(report.combinations.at(-1)!.safeTtlMs).toBeNull()
    expect(read('cut', 'index.html')).not.toContain('<script>marking')
  }, 60_000)

  it('names every flag it has in its help, and no other, on one screen', async () => {
    const { SETTINGS, FRONTIER_KEYS } = await import('../../src/engine/settings.ts')
    const { stdout } = frontier(['--help'])
    const named = new Set([...stdout.matchAll(/--[a-z-]+/g)].map(([flag]) => flag))
    const flags = FRONTIER_KEYS.map((key) => SETTINGS[key].flag)
    expect([...named].sort()).toEqual([...flags, '--no-color', '--config', '--print-config'].sort())
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(stdout).toMatch(/^Examples:\n {2}lockstorm frontier /)
  })
})

describe('the files of lockstorm hunt', () => {
  it('are all there, the same with one worker and with two, and every link leads to one', () => {
    const folders = ['1', '2'].map((workers) => {
      const output = `hunt-${workers}`
      const { code } = lockstorm(
        [
          'hunt',
          'set-nx-lua',
          '--client',
          'direct',
          '--clients',
          '2',
          '--rounds',
          '1',
          '--faults',
          '1',
          '--workers',
          workers,
          '--output',
          output,
        ],
        { cwd: folder },
      )
      expect(code).toBe(1)
      return output
    })
    const texts = folders.map((output) =>
      ['index.html', 'report.md', 'junit.xml', 'report.json'].map((name) => read(output, name)),
    )
    expect(texts[1]).toEqual(texts[0])
    const links = embeddedIn(texts[0]![0]!).data.stories.flatMap(({ files }) => files)
    expect(links.length).toBeGreaterThan(4)
    for (const link of links) expect(existsSync(path.join(folder, 'hunt-1', link))).toBe(true)
    expect(texts[0]![2]).toMatch(/<testsuite name="set-nx-lua" tests="\d+" failures="[1-9]/)
  }, 60_000)

  it('fail nothing in junit.xml that no lease lock can prevent, when that is all right', () => {
    const outcomes = [['--allow=limit'], []].map((more) => {
      const args = [
        'hunt',
        'deadline-lock.ts',
        '--client',
        'direct',
        '--clients',
        '2',
        '--rounds',
        '1',
        '--faults',
        '1',
      ]
      lockstorm([...args, '--output', 'contract', ...more], { cwd: folder })
      const xml = read('contract', 'junit.xml')
      return ['orphaned-lock', 'mutual-exclusion'].map(
        (name) => xml.match(new RegExp(`name="${name}">\\s*<([a-z-]+)`))?.[1],
      )
    })
    // A server whose clock jumps ends any lease early; a key that a lost reply leaves behind is the lock's own bug.
    expect(outcomes).toEqual([
      ['failure', 'system-out'],
      ['failure', 'failure'],
    ])
  }, 60_000)
})
