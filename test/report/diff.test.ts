/** Two reports compared. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffOf, findingsIn } from '../../src/report/diff.ts'
import { build, lockstorm } from '../cli/binary.ts'
import { contractHunt, huntReportOf, huntViolation, violatedHunt } from './hunt/hunts.ts'
import { gcPause, naiveInterleaving } from './stories.ts'

const of = (report: object) => findingsIn(JSON.stringify(report), 'report.json')
const names = (found: readonly { readonly property: string; readonly cause: string }[]) =>
  found.map(({ property, cause }) => `${property} ${cause}`)

describe('two reports', () => {
  const paused = huntViolation(gcPause(), 1, { consequences: [] })
  const naive = huntViolation(naiveInterleaving(), 1, {
    consequences: [],
    cause: { kind: 'taken-away', client: 'A', by: 'B', how: 'deleted', votes: null },
  })
  const report = (...violations: readonly object[]) => of(huntReportOf({ violations: violations as never }))

  it('differ by findings, not by figures, storms or order', () => {
    const again = { ...paused, sentence: 'C and B both held the lock for 3 s', token: 'L1.other' }
    expect(diffOf(report(paused, naive), report(naive, again))).toMatchObject({ new: [], gone: [] })
    const { new: fresh, gone, still } = diffOf(report(paused), report(naive))
    expect([names(fresh), names(gone), names(still)]).toEqual([
      ['mutual-exclusion taken-away deleted'],
      [`mutual-exclusion ${paused.cause.kind}`],
      [],
    ])
  })

  it('tell a limit that has become a bug, and what only came along', () => {
    expect(diffOf(report(paused), report({ ...paused, kind: 'bug' })).new).toHaveLength(1)
    const { new: fresh } = diffOf(report(paused), of(contractHunt().report))
    expect(fresh.map(({ property }) => property)).toEqual(['stale-write'])
  })

  it('of runs are compared cell by cell', () => {
    const cell = (scenario: string) => ({ scenario, lock: 'mine', violations: [{ ...paused, token: 'L1.x' }] })
    const run = (...cells: readonly object[]) => of({ schema: 'lockstorm/report@2', cells })
    const { new: fresh, still } = diffOf(run(cell('one')), run(cell('one'), cell('two')))
    expect([fresh.map(({ subject }) => subject), still.length]).toEqual([['mine in two'], 1])
  })

  it.each<[string, object | string, RegExp]>([
    ['no JSON', 'x', /^r: it is no JSON/],
    ['another file', { schema: 'lockstorm/part@1' }, /^r: expected "schema": "lockstorm\/hunt@2"/],
    ['no violations', { schema: 'lockstorm/hunt@2', lock: 'x' }, /^r: violations: missing/],
    [
      'a cause without what it needs',
      { schema: 'lockstorm/hunt@2', lock: 'x', violations: [{ ...paused, cause: { kind: 'redis-lost-it' } }] },
      /^r: a cause of kind "redis-lost-it" lacks/,
    ],
  ])('that are broken are refused: %s', (_, data, words) => {
    expect(() => findingsIn(typeof data === 'string' ? data : JSON.stringify(data), 'r')).toThrow(words)
  })
})

describe('lockstorm diff', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-diff-'))
  beforeAll(build)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('takes folders and files; exit code 1 where something is new', () => {
    mkdirSync(path.join(folder, 'after'))
    writeFileSync(path.join(folder, 'before.json'), JSON.stringify(contractHunt().report))
    writeFileSync(path.join(folder, 'after/report.json'), JSON.stringify(violatedHunt().report))
    const diff = (...args: readonly string[]) => lockstorm(['diff', ...args], { cwd: folder })
    const worse = diff('before.json', 'after')
    expect(worse.code).toBe(1)
    expect(worse.stdout).toMatch(/^\+ /)
    expect(worse.stdout).toMatch(/\n\d+ new · \d+ gone · \d+ in both\n$/)
    const same = diff('after', 'after', '--json')
    expect([same.code, JSON.parse(same.stdout).new]).toEqual([0, []])
    for (const [args, words] of [
      [['after'], 'missing required argument'],
      [['after', 'nowhere'], 'nowhere: there is no such file'],
      [['.', 'after'], 'report.json: there is no such file'],
    ] as const) {
      const { code, stdout, stderr } = diff(...args)
      expect([code, stdout, stderr]).toEqual([64, '', expect.stringContaining(words)])
    }
  })
})
