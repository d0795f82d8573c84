/** The one rule of `--baseline`, `--max-limit` and `--allow limit`. Through the built binary. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import type { Report } from '../../src/scenario/report.ts'
import { build, lockstorm } from './binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-limits-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const command = (...args: readonly string[]) =>
  lockstorm(args, { cwd: folder, env: { LOCKSTORM_CLIENT: 'direct', LOCKSTORM_CLIENTS: '2', LOCKSTORM_ROUNDS: '1' } })
/** Under one fault it has bugs (late grants), and two limits: its lease ended, Redis lost it. */
const hunt = (...args: readonly string[]) => {
  const { code, stdout, stderr } = command('hunt', 'set-nx-lua', '--faults', '1', '--json', ...args)
  return { code, stderr, report: JSON.parse(stdout) as HuntReport }
}
type Known = { readonly kind: string; readonly property: string; readonly cause: string }
/** A baseline that knows these of its findings. */
function baselineOf(isKnown: (finding: Known) => boolean): string {
  const all = path.join(folder, 'all.json')
  if (!existsSync(all)) hunt('--baseline', all, '--update-baseline')
  const { schema, subjects } = JSON.parse(readFileSync(all, 'utf8'))
  const file = path.join(folder, 'some.json')
  const known = subjects['set-nx-lua'].filter(isKnown)
  expect(known.length).toBeLessThan(subjects['set-nx-lua'].length)
  writeFileSync(file, JSON.stringify({ schema, subjects: { 'set-nx-lua': known } }))
  return file
}
const acceptedIn = ({ violations }: HuntReport, kind: string) =>
  violations.filter((violation) => violation.kind === kind).map(({ accepted }) => accepted)

describe('hunt --max-limit', () => {
  it('lets as many limits pass, beside the baseline; with one more all of them fail, as they do without it', () => {
    const file = baselineOf(({ kind }) => kind === 'bug')
    const enough = hunt('--baseline', file, '--max-limit', '2')
    expect([enough.code, enough.report.failing]).toEqual([0, 0])
    expect(enough.stderr).not.toContain('--max-limit')
    expect(acceptedIn(enough.report, 'limit')).toEqual(['limit', 'limit'])
    const tooFew = hunt('--baseline', file, '--max-limit', '1', '--allow', 'limit')
    expect([tooFew.code, acceptedIn(tooFew.report, 'limit')]).toEqual([1, [null, null]])
    expect(tooFew.stderr).toMatch(/^2 limits, and --max-limit 1: all of them fail$/m)
    expect([hunt('--baseline', file).code, hunt('--baseline', file, '--allow', 'limit').code]).toEqual([1, 0])
  })

  it('counts neither what the baseline knows, nor any bug', () => {
    const isOne = ({ property, kind, cause }: Known) =>
      kind === 'bug' || (property === 'mutual-exclusion' && cause.startsWith('lease-ended'))
    const file = baselineOf(isOne)
    const one = hunt('--baseline', file, '--max-limit', '1')
    expect([one.code, acceptedIn(one.report, 'limit').sort()]).toEqual([0, ['baseline', 'limit']])
    expect(hunt('--baseline', file, '--max-limit', '0').code).toBe(1)
    const { code, report } = hunt('--max-limit', '1000')
    expect([code, acceptedIn(report, 'bug'), acceptedIn(report, 'limit')]).toEqual([
      1,
      [null, null, null],
      ['limit', 'limit'],
    ])
  })

  it('is told by --print-config, and refuses what is no number', () => {
    expect(command('hunt', 'naive', '--max-limit', '-1').code).toBe(64)
    expect(command('hunt', 'naive', '--print-config').stdout).toMatch(
      /^maxLimit +\(0; run, --allow limit: no maximum\)/m,
    )
  })
})

describe('run --max-limit', () => {
  it('counts the cells of own locks that show limits', () => {
    writeFileSync(
      path.join(folder, 'mine.ts'),
      `import { LOCKS } from 'lockstorm'
       export default { ...LOCKS.find(({ name }) => name === 'set-nx-lua'), name: 'mine' }`,
    )
    const run = (...args: readonly string[]) =>
      command('run', 'gc-pause-before-write', 'slow-work', '--lock', 'mine.ts', '--only', 'mine', '--json', ...args)
    expect([run().code, run('--max-limit', '2').code]).toEqual([0, 0])
    const { code, stdout } = run('--max-limit', '1')
    const { cells, totals } = JSON.parse(stdout) as Report
    expect([code, totals.notAsExpected]).toEqual([1, 2])
    expect(cells.map(({ expected, asExpected }) => ({ expected, asExpected }))).toEqual([
      { expected: 'valid', asExpected: false },
      { expected: 'valid', asExpected: false },
    ])
  })
})
