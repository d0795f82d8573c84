/**
 * Published packages, unmodified, as applications use them: each is installed from its lockfile, hunted through the built command,
 * and what is found is exactly what `catalogue/published/entries.ts` says of it. Each bug is replayed on a real redis-server.
 *
 * Most storms of a hunt break nothing. Those that broke something are kept in `catalogue/published/storms/`, a file a package, and CI
 * runs them alone: their worlds are judged as in the hunt, so that a check which no longer sees a finding fails. What is not kept is
 * hunted, and with `npm run proofs` that is, too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { PUBLISHED, type Published } from '../../catalogue/published/entries.ts'
import { publishedPage } from '../../catalogue/published/page.ts'
import type { Violation } from '../../src/check/verdict.ts'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import type { ReplayReport } from '../../src/report/replay/replay-report.ts'
import { build, type Result, ROOT, start } from '../cli/binary.ts'
import { findingsIn } from '../cli/findings.ts'
import { isLong } from '../effort.ts'
import { leaveOut } from '../left-out.ts'

const FOLDER = path.join(ROOT, 'catalogue', 'published')
const MODULES = path.join(FOLDER, 'node_modules')
/** On a machine with other work. */
const TIMEOUT_MS = 600_000
/** Whether everything is hunted, and its storms are written anew. */
const KEEPS = process.env.KEEP_STORMS === 'true'

let output: string
/** What keeps the packages from being there; empty: nothing. */
let missing = ''

beforeAll(async () => {
  await build()
  output = mkdtempSync(path.join(tmpdir(), 'lockstorm-published-'))
  missing = install()
}, TIMEOUT_MS)
afterAll(() => rmSync(output, { recursive: true, force: true }))

/** Installs what the lockfile says, unless it is there; what npm said when it could not. */
function install(): string {
  const read = (file: string): unknown =>
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, unknown> }).packages : {}
  const wanted = { ...(read(path.join(FOLDER, 'package-lock.json')) as Record<string, unknown>) }
  delete wanted['']
  const there = read(path.join(MODULES, '.package-lock.json')) as Record<string, unknown>
  if (Object.keys(wanted).every((name) => !name.startsWith('node_modules/') || name in there)) return ''
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, encoding: 'utf8' })
  return status === 0 ? '' : stderr.slice(0, 500)
}

const needPackages = (context: TestContext): void => {
  if (missing !== '') leaveOut(context, 'the packages of catalogue/published', missing)
}

const waiting: (() => void)[] = []
let free = availableParallelism()

/** Runs the command to its end; as many at once as there are cores. */
async function ran(args: readonly string[]): Promise<Result> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
  else free -= 1
  try {
    return await new Promise((resolve) => {
      const child = start(args)
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (text) => {
        stdout += text
      })
      child.stderr.on('data', (text) => {
        stderr += text
      })
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    })
  } finally {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
}

const fileOf = ({ name }: Published): string => path.join('catalogue', 'published', 'locks', `${name}.ts`)

/** What the table says, as hunts say it. */
const expected = ({ bugs, limits }: Published): readonly string[] =>
  [
    ...bugs.flatMap(({ cause, properties }) => properties.map((property) => `${property} bug ${cause}`)),
    ...Object.entries(limits).flatMap(([cause, properties]) =>
      properties.map((property) => `${property} limit ${cause}`),
    ),
  ].sort()

describe.concurrent('a published package', () => {
  it.for(PUBLISHED)('$package is worth what the table says', { timeout: TIMEOUT_MS }, async (entry, context) => {
    needPackages(context)
    const storms = entry.storms === undefined ? (keptStorms(entry) ?? (await hunted(entry))) : stormsOf(entry)
    // One storm often shows several findings: what another has shown needs no storm of its own.
    const seen = new Set<string>()
    for (const { token, shows } of storms) {
      if (seen.has(shows)) continue
      const again = await ran(['replay', token, '--lock', fileOf(entry), '--redis', 'server', '--json'])
      const { redis, verdict } = JSON.parse(again.stdout) as ReplayReport
      expect([redis, verdict.status, again.code]).toEqual(['server', 'violated', 1])
      const found = verdict.status === 'violated' ? verdict.violations.map(findingText) : []
      expect(found).toContain(shows)
      for (const each of found) seen.add(each)
    }
  })
})

describe.concurrent('in another use', { timeout: TIMEOUT_MS }, () => {
  const huntOf = (name: string, context: TestContext, flags: readonly string[]): Promise<Result> => {
    needPackages(context)
    const file = path.join('catalogue', 'published', 'cases', `${name}.ts`)
    return ran([
      'hunt',
      file,
      '--faults',
      '0',
      ...flags,
      '--workers',
      '1',
      '--json',
      '--output',
      path.join(output, name),
    ])
  }

  it('work that is longer than the lease which @chat-adapter/state-redis states is no pass', async (context) => {
    const { code, stdout } = await huntOf('chat-states-its-lease', context, ['--work', '300ms', '--ttl', '200ms'])
    expect(code).toBe(1)
    expect(findingsIn(stdout)).toContain('stale-write bug work-outlives-lease')
  })

  it('a job of BullMQ, whose scripts add to streams, is taken by one at a time', async (context) => {
    const { code, stderr } = await huntOf('bullmq-job-as-lock', context, [])
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ERR')])
  })
})

describe.concurrent('a published queue', { timeout: TIMEOUT_MS }, () => {
  it.for([
    // Where it opens its connection while a script runs for ever it spins, which costs a hunt of one fault two workers.
    ['bullmq', '0', []],
    // Its driver throws where no listener can be, and a worker that was cut off while it waited takes no job any more.
    [
      'bee-queue',
      '1',
      [
        'crash bug uncaught',
        'job-lost bug job-gone',
        'job-run-by-two limit claim-ended',
        'job-run-twice limit run-not-recorded',
      ],
    ],
  ] as const)('%s', async ([name, faults, findings], context) => {
    needPackages(context)
    const file = path.join('catalogue', 'published', 'queues', `${name}.ts`)
    const hunt = ['hunt', file, '--faults', faults, '--clients', '2', '--rounds', '1', '--workers', '1', '--json']
    const { stdout } = await ran([...hunt, '--output', path.join(output, `queue-${name}`)])
    expect([...new Set(findingsIn(stdout))]).toEqual(findings)
    for (const { token } of (JSON.parse(stdout) as HuntReport).violations) {
      const again = await ran(['replay', token, '--lock', file, '--redis', 'server', '--json'])
      expect(again.code).toBe(1)
    }
  })
})

interface Storm {
  readonly token: string
  readonly shows: string
}

const findingText = ({ property, kind, cause }: Pick<Violation, 'property' | 'kind' | 'cause'>): string =>
  `${property} ${kind} ${cause.kind}`

const keptFile = ({ name }: Published): string => path.join(FOLDER, 'storms', `${name}.txt`)

/**
 * The storms that are kept of a package, which show just what the table says; null: it has to be hunted.
 * @throws Error at a line that is no finding and its token
 */
function keptStorms(entry: Published): readonly Storm[] | null {
  if (isLong || KEEPS || !existsSync(keptFile(entry))) return null
  const lines = readFileSync(keptFile(entry), 'utf8').trim().split('\n')
  const storms = lines.map((line) => {
    const [, shows, token] = /^(\S+ (?:bug|limit) \S+) (L1\.\S+)$/.exec(line) ?? []
    if (shows === undefined || token === undefined) throw new Error(`${keptFile(entry)}: ${line}`)
    return { shows, token }
  })
  expect([...new Set(storms.map(({ shows }) => shows))].sort()).toEqual(expected(entry))
  return storms
}

/** Every finding of a hunt with its storm, what was seen only together with others included. */
function stormsIn({ violations }: HuntReport): string {
  const lines = violations
    .flatMap((violation) => [violation, ...violation.consequences])
    .map((violation) => `${findingText(violation)} ${violation.token}\n`)
  return [...new Set(lines)].sort().join('')
}

/** The storm of each bug that a hunt finds, which finds just what the table says. */
async function hunted(entry: Published): Promise<readonly Storm[]> {
  const hunt = ['hunt', fileOf(entry), '--faults', '1', '--clients', '2', ...entry.flags, '--workers', '1', '--json']
  const { code, stdout, stderr } = await ran([...hunt, '--output', path.join(output, entry.name)])
  expect([stdout === '' ? stderr : '', code]).toEqual(['', 1])
  expect([...new Set(findingsIn(stdout))]).toEqual(expected(entry))
  const report = JSON.parse(stdout) as HuntReport
  if (KEEPS) writeFileSync(keptFile(entry), stormsIn(report))
  else if (existsSync(keptFile(entry))) expect(stormsIn(report)).toBe(readFileSync(keptFile(entry), 'utf8'))
  return report.violations
    .filter(({ kind }) => kind === 'bug')
    .map((violation) => ({ token: violation.token, shows: findingText(violation) }))
}

/** Those that the table has, one for each property of each bug. */
const stormsOf = ({ bugs, storms = {} }: Published): readonly Storm[] =>
  bugs.flatMap(({ cause, properties }) =>
    properties.map((property) => ({ token: storms[`${property} ${cause}`] ?? '', shows: `${property} bug ${cause}` })),
  )

describe('the table', () => {
  it('names a line of the package for each bug', (context) => {
    needPackages(context)
    const lines = PUBLISHED.flatMap(({ bugs }) => bugs.map(({ at }) => at))
    const wrong = lines.filter(([file, line, code]) => {
      const text = readFileSync(path.join(MODULES, file), 'utf8').split('\n')[line - 1] ?? ''
      return !text.includes(code)
    })
    expect(wrong).toEqual([])
  })

  it('is the page', async () => {
    await expect(publishedPage()).toMatchFileSnapshot(path.join(ROOT, 'docs', 'published.md'))
  })
})
