/** Writing the files of a report. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeReport } from '../../../src/report/run/write.ts'
import type { Report } from '../../../src/scenario/report.ts'
import { UsageError } from '../../../src/sim/usage-error.ts'
import { embeddedIn } from '../page-data.ts'
import { cell, emptyMaterial, naiveInterleaving, report, smallMaterial } from '../stories.ts'

const META = {
  startedAt: '2026-01-01T00:00:00.000Z',
  elapsedMs: 12,
  lockstorm: '0.1.0',
  node: 'v20.20.2',
  platform: 'linux x64',
  host: 'here',
  command: 'lockstorm run',
}
const FILES = [
  'badge.json',
  'code-quality.json',
  'ctrf.json',
  'histories',
  'index.html',
  'junit.xml',
  'meta.json',
  'report.json',
  'report.md',
  'results.sarif',
  'story.svg',
]

let root: string
let directory: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lockstorm-report-'))
  directory = path.join(root, 'reports', 'suite')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const read = (...names: readonly string[]): string => readFileSync(path.join(directory, ...names), 'utf8')
const histories = (): string[] => readdirSync(path.join(directory, 'histories')).sort()
const everything = (): string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()

describe('writing a report', () => {
  it('makes the directory and all files, and says where they are', async () => {
    const written = await writeReport(directory, smallMaterial(), META)
    expect(readdirSync(directory).sort()).toEqual(FILES)
    expect(written).toEqual({ html: path.join(directory, 'index.html'), json: path.join(directory, 'report.json') })
    expect(JSON.parse(read('meta.json'))).toEqual(META)
    const { ndjson } = smallMaterial().histories.get('contention/naive')!
    expect(ndjson).toContain('{"atUs":120,"seq":0,"process":"A","type":"invoke","op":"acquire","value":"A-1"}')
    expect(read('histories', 'contention.naive.ndjson')).toBe(ndjson)
  })

  it('has the worst story as a picture, which report.md shows; none is left of an earlier run when nothing was violated', async () => {
    await writeReport(directory, smallMaterial(), META)
    expect(read('report.md').match(/!\[.*\]\(story\.svg\)/g)).toEqual([
      '![mutual exclusion violated: A and B both held the lock for 987.358 ms](story.svg)',
    ])
    expect(read('story.svg')).toContain('<title id="title">mutual exclusion violated: A and B both held')
    writeFileSync(path.join(directory, 'mine.svg'), '<svg/>')
    await writeReport(directory, emptyMaterial(), META)
    expect(read('report.md')).not.toContain('story.svg')
    expect(readdirSync(directory).filter((name) => name.endsWith('.svg'))).toEqual(['mine.svg'])
  })

  it('keeps every name inside the directory, and names histories in report.json as they are on disk', async () => {
    await writeReport(directory, smallMaterial(), META)
    expect(everything().filter((name) => !name.startsWith('reports'))).toEqual([])
    expect(histories()).toEqual([
      expect.stringMatching(/^contention-script-alert-1-script-[0-9a-f]{8}\.ndjson$/),
      'contention.naive.ndjson',
      expect.stringMatching(/^gc-pause-etc-passwd-[0-9a-f]{8}\.ndjson$/),
      'gc-pause.set-nx-lua.ndjson',
      'partition.set-nx-lua.ndjson',
      'session-concurrent-requests.overwrite.ndjson',
    ])
    const { cells } = JSON.parse(read('report.json')) as Report
    const kept = new Set(smallMaterial().histories.keys())
    const named = cells.filter(({ scenario, lock }) => kept.has(`${scenario}/${lock}`)).map(({ history }) => history)
    expect(named.sort()).toEqual(histories())
    const linked = embeddedIn(read('index.html')).data.stories.flatMap(({ files }) => files)
    expect(linked.length).toBe(5)
    for (const link of linked) expect(read(...link.split('/')).length).toBeGreaterThan(0)
  })

  it('gives two cells two files, even if their names collide', async () => {
    const { story } = naiveInterleaving()
    const cells = [
      cell({ scenario: 'a.b', lock: 'c', history: 'a.b.c.ndjson' }),
      cell({ scenario: 'a', lock: 'b.c', history: 'a.b.c.ndjson' }),
    ]
    const kept = new Map([
      ['a.b/c', story],
      ['a/b.c', { ...story, ndjson: 'another\n' }],
    ])
    await writeReport(directory, { ...emptyMaterial(), report: report(cells), histories: kept }, META)
    const [first, second] = (JSON.parse(read('report.json')) as Report).cells.map(({ history }) => history)
    expect(read('histories', first!)).toBe(story.ndjson)
    expect(read('histories', second!)).toBe('another\n')
  })

  it('removes the histories of the run before, and nothing else', async () => {
    await writeReport(directory, smallMaterial(), META)
    writeFileSync(path.join(directory, 'histories', 'notes.txt'), 'mine')
    await mkdir(path.join(directory, 'replays'))
    writeFileSync(path.join(directory, 'replays', 'one.replay.json'), '{}')
    await writeReport(directory, emptyMaterial(), META)
    expect(histories()).toEqual(['notes.txt'])
    expect(readdirSync(path.join(directory, 'replays'))).toEqual(['one.replay.json'])
    expect((JSON.parse(read('report.json')) as Report).cells).toEqual([])
  })

  it('clears away what a run left that was killed, but not what a living one is writing', async () => {
    await mkdir(path.join(directory, 'histories'), { recursive: true })
    // No process has this number: Linux and macOS stop far below it.
    writeFileSync(path.join(directory, '.report.json.999999999.tmp'), '{')
    writeFileSync(path.join(directory, 'histories', '.a.ndjson.999999999.tmp'), '{')
    writeFileSync(path.join(directory, `.index.html.${process.ppid}.tmp`), '<')
    await writeReport(directory, smallMaterial(), META)
    const left = everything().filter((name) => name.endsWith('.tmp'))
    expect(left.map((name) => path.basename(name))).toEqual([`.index.html.${process.ppid}.tmp`])
  })

  it('replaces a link by a file, and leaves what it pointed to alone', async () => {
    const outside = path.join(root, 'outside.json')
    writeFileSync(outside, 'precious')
    await mkdir(directory, { recursive: true })
    await symlink(outside, path.join(directory, 'report.json'))
    await writeReport(directory, emptyMaterial(), META)
    expect(readFileSync(outside, 'utf8')).toBe('precious')
    expect(JSON.parse(read('report.json')).schema).toBe('lockstorm/report@2')
  })

  it('writes the same bytes for the same run', async () => {
    const bytes = () => FILES.filter((name) => name.includes('.')).map((name) => read(name))
    await writeReport(directory, smallMaterial(), META)
    const once = bytes()
    await writeReport(directory, smallMaterial(), META)
    expect(bytes()).toEqual(once)
  })

  it('says which path cannot be written, why, and what to do', async () => {
    writeFileSync(path.join(root, 'reports'), 'a file')
    const error = await writeReport(directory, smallMaterial(), META).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    const { message, place, fix, cause } = error as UsageError
    expect(place.startsWith(path.join(root, 'reports'))).toBe(true)
    expect(message).toContain('the report cannot be written (ENOTDIR)')
    expect(fix).toBe('a part of this path is a file: choose another directory with --output')
    expect((cause as NodeJS.ErrnoException).code).toBe('ENOTDIR')
  })

  it.each([
    ['a link to itself', 'EEXIST', (place: string) => symlink(place, place)],
    ['a link to nothing', 'EEXIST', (place: string) => symlink(`${place}/nowhere/at/all`, place)],
  ])('says so of %s in its place', async (_, code, make) => {
    await mkdir(path.dirname(directory), { recursive: true })
    await make(directory)
    await expect(writeReport(directory, smallMaterial(), META)).rejects.toThrow(
      `the report cannot be written (${code})`,
    )
  })

  it('says so where no folder can be made, and of a name that is too long', async () => {
    await expect(writeReport('/proc/nothing', smallMaterial(), META)).rejects.toThrow(/cannot be written \(E[A-Z]+\)/)
    const long = path.join(root, 'x'.repeat(300))
    await expect(writeReport(long, smallMaterial(), META)).rejects.toThrow('cannot be written (ENAMETOOLONG)')
  })

  it('leaves no temporary file where one cannot be renamed', async () => {
    await mkdir(path.join(directory, 'index.html', 'inside'), { recursive: true })
    await expect(writeReport(directory, smallMaterial(), META)).rejects.toThrow(UsageError)
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('is written by two at once', async () => {
    await mkdir(path.join(directory, 'histories'), { recursive: true })
    for (let n = 0; n < 50; n++) writeFileSync(path.join(directory, 'histories', `old-${n}.ndjson`), '')
    // Each removes what an earlier run left.
    await Promise.all([writeReport(directory, smallMaterial(), META), writeReport(directory, emptyMaterial(), META)])
    expect(readdirSync(path.join(directory, 'histories')).filter((name) => name.startsWith('old'))).toEqual([])
  })

  it('names the file of the report that a directory stands in the way of', async () => {
    await mkdir(path.join(directory, 'index.html', 'inside'), { recursive: true })
    const error = await writeReport(directory, emptyMaterial(), META).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message).toContain('index.html')
    // The old report is whole: report.json comes last.
    expect(readdirSync(directory)).not.toContain('report.json')
  })
})
