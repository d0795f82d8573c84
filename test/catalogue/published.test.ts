/**
 * Published packages, unmodified, as applications use them: each is installed from its lockfile, hunted through the built command,
 * and what is found is exactly what `catalogue/published/entries.ts` says of it.
 *
 * Most storms of a hunt break nothing. Those that broke something are kept in `catalogue/published/storms/`, a file a package, and CI
 * runs them alone, on a real redis-server: their worlds are judged as in the hunt, so that a check which no longer sees a finding
 * fails. `npm run proofs` hunts everything, and `KEEP_STORMS=true` writes the files anew.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { PUBLISHED, type Published } from '../../catalogue/published/entries.ts'
import { publishedPage } from '../../catalogue/published/page.ts'
import { startCrew } from '../../src/engine/crew.ts'
import { DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import type { HuntReport } from '../../src/report/hunt/hunt-report.ts'
import { planIn } from '../check/worlds.ts'
import { build, lockstorm, type Result, ROOT } from '../cli/binary.ts'
import { findingsIn, findingText } from '../cli/findings.ts'
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
  const read = (file: string): Readonly<Record<string, { readonly optional?: boolean }>> =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
  const there = read(path.join(MODULES, '.package-lock.json'))
  // What is optional is for other platforms.
  const isThere = ([name, { optional = false }]: readonly [string, { readonly optional?: boolean }]): boolean =>
    !name.startsWith('node_modules/') || optional || name in there
  if (Object.entries(read(path.join(FOLDER, 'package-lock.json'))).every(isThere)) return ''
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, encoding: 'utf8' })
  return status === 0 ? '' : stderr.slice(0, 500)
}

const needPackages = (context: TestContext): void => {
  if (missing !== '') leaveOut(context, 'the packages of catalogue/published', missing)
}

const fileOf = ({ name }: Published): string => path.join('catalogue', 'published', 'locks', `${name}.ts`)

/** What the table says, as hunts say it. */
const wantedOf = (entry: Published): Wanted => ({
  name: entry.name,
  file: fileOf(entry),
  flags: ['--faults', '1', '--clients', '2', ...entry.flags],
  expected: expectedOf(entry),
})

const expectedOf = ({ bugs, limits }: Published): readonly string[] =>
  [
    ...bugs.flatMap(({ cause, properties }) => properties.map((property) => `${property} bug ${cause}`)),
    ...Object.entries(limits).flatMap(([cause, properties]) =>
      properties.map((property) => `${property} limit ${cause}`),
    ),
  ].sort()

describe('a published package', () => {
  it.for(PUBLISHED)('$package is worth what the table says', { timeout: TIMEOUT_MS }, (entry, context) => {
    if (entry.storms === undefined) return isWorth(context, wantedOf(entry))
    needPackages(context)
    return expectShown(fileOf(entry), stormsOf(entry))
  })
})

async function expectShown(file: string, storms: readonly Storm[]): Promise<void> {
  const shown = await shownOnServer(file, storms)
  expect(storms.filter(({ shows }, index) => !shown[index]?.includes(shows))).toEqual([])
}

/** What each of these storms shows on a real redis-server, all of them in one worker. */
async function shownOnServer(file: string, storms: readonly Storm[]): Promise<readonly (readonly string[])[]> {
  const choice = { redis: 'server', redisBinary: null, image: null, hosts: {} } as const
  const plans = storms.map(({ token }) => planIn(token))
  const parameters = { ...DEFAULT_PARAMETERS, client: plans[0]?.client ?? 'ioredis', isPaceGiven: true } as const
  const job = { kind: 'hunt', lock: path.join(ROOT, file), only: [], choice, parameters } as const
  const crew = await startCrew(job, { module: pathToFileURL(path.join(ROOT, 'dist', 'worker.js')), workers: 1 })
  try {
    expect(crew.opening.redisKind).toBe('server')
    const result = await crew.run({ kind: 'given', plans })
    if (result.kind !== 'given') throw new Error('no worker survives its storms')
    return result.shown.map((keys) => (keys ?? []).map(textOfKey))
  } finally {
    await crew.close()
  }
}

describe('in another use', { timeout: TIMEOUT_MS }, () => {
  const huntOf = (name: string, context: TestContext, flags: readonly string[]): Result => {
    needPackages(context)
    const file = path.join('catalogue', 'published', 'cases', `${name}.ts`)
    return lockstorm([
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

  it('work that is longer than the lease which @chat-adapter/state-redis states is no pass', (context) => {
    const { code, stdout } = huntOf('chat-states-its-lease', context, ['--work', '300ms', '--ttl', '200ms'])
    expect(code).toBe(1)
    expect(findingsIn(stdout)).toContain('stale-write bug work-outlives-lease')
  })

  it('a job of BullMQ, whose scripts add to streams, is taken by one at a time', (context) => {
    const { code, stderr } = huntOf('bullmq-job-as-lock', context, [])
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ERR')])
  })
})

describe('a published queue', { timeout: TIMEOUT_MS }, () => {
  it('bullmq', (context) => {
    needPackages(context)
    // Where it opens its connection while a script runs for ever it spins, which costs a hunt of one fault two workers.
    const queue = { name: 'queue-bullmq', file: queueFile('bullmq'), flags: [...FEW, '--faults', '0'], expected: [] }
    expect(hunted(queue)).toEqual([])
  })

  // Its driver throws where no listener can be, and a worker that was cut off while it waited takes no job any more.
  it('bee-queue', (context) =>
    isWorth(context, {
      name: 'queue-bee-queue',
      file: queueFile('bee-queue'),
      flags: [...FEW, '--faults', '1'],
      expected: [
        'crash bug uncaught',
        'job-lost bug job-gone',
        'job-run-by-two limit claim-ended',
        'job-run-twice limit run-not-recorded',
      ],
    }))
})

const FEW = ['--clients', '2', '--rounds', '1']
const queueFile = (name: string): string => path.join('catalogue', 'published', 'queues', `${name}.ts`)

/** What a hunt is asked, and what it must find. */
interface Wanted {
  readonly name: string
  readonly file: string
  readonly flags: readonly string[]
  /** Sorted. */
  readonly expected: readonly string[]
}

/** A hunt finds what is expected, and a real redis-server shows it, too. */
async function isWorth(context: TestContext, wanted: Wanted): Promise<void> {
  needPackages(context)
  await expectShown(wanted.file, keptStorms(wanted) ?? hunted(wanted))
}

interface Storm {
  readonly token: string
  readonly shows: string
}

/** The key of a finding, without how its cause came about. */
const textOfKey = (key: string): string => {
  const [property = '', kind = '', cause = ''] = key.split(' · ')
  return findingText({ property, kind, cause: { kind: cause.split(' ')[0] ?? '' } })
}

const keptFile = ({ name }: Wanted): string => path.join(FOLDER, 'storms', `${name}.txt`)

/** @throws Error when the line is no finding and its token */
function stormOf(line: string): Storm {
  const [, shows, token] = /^(\S+ (?:bug|limit) \S+) (L1\.\S+)$/.exec(line) ?? []
  if (shows === undefined || token === undefined) throw new Error(`it is no kept storm: ${line}`)
  return { shows, token }
}

/**
 * The storms that are kept of a package, which show just what the table says; null: it has to be hunted.
 * @throws Error at a line that is no finding and its token
 */
function keptStorms(entry: Wanted): readonly Storm[] | null {
  if (isLong || KEEPS || !existsSync(keptFile(entry))) return null
  const lines = readFileSync(keptFile(entry), 'utf8').trim().split('\n')
  const storms = lines.map(stormOf)
  expect([...new Set(storms.map(({ shows }) => shows))].sort()).toEqual(entry.expected)
  return storms
}

/** Every finding of a hunt with its storm, what was seen only together with others included. */
function stormsIn({ violations }: HuntReport): readonly Storm[] {
  const lines = violations
    .flatMap((violation) => [violation, ...violation.consequences])
    .map((violation) => `${findingText(violation)} ${violation.token}`)
  return [...new Set(lines)].sort().map(stormOf)
}

/** The storms of what a hunt finds, which is just what is expected. */
function hunted(wanted: Wanted): readonly Storm[] {
  const { name, file, flags, expected } = wanted
  const hunt = ['hunt', file, ...flags, '--workers', '1', '--json', '--output', path.join(output, name)]
  const { code, stdout, stderr } = lockstorm(hunt)
  expect([stdout === '' ? stderr : '', code]).toEqual(['', expected.length === 0 ? 0 : 1])
  expect([...new Set(findingsIn(stdout))]).toEqual(expected)
  const storms = stormsIn(JSON.parse(stdout) as HuntReport)
  const text = storms.map(({ shows, token }) => `${shows} ${token}\n`).join('')
  if (KEEPS && text !== '') writeFileSync(keptFile(wanted), text)
  else if (existsSync(keptFile(wanted))) expect(text).toBe(readFileSync(keptFile(wanted), 'utf8'))
  return storms
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
