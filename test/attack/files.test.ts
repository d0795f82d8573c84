/**
 * Files and tokens under attack: valid ones of each kind, damaged. Each is read, or refused with one message that says where and what;
 * nothing else is thrown, nothing hangs, nothing is written. In process, which is the same code; a sample goes through the command.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { judgeRecorded } from '../../src/engine/judge.ts'
import { resolveSettings } from '../../src/engine/settings.ts'
import { readBaseline } from '../../src/explore/baseline.ts'
import { readPart } from '../../src/explore/part.ts'
import { readReplay, writeReplay } from '../../src/explore/replay-file.ts'
import { readStorm, stormText } from '../../src/explore/storm-text.ts'
import { History } from '../../src/history/history.ts'
import { writeHistory } from '../../src/history/ndjson.ts'
import { judgeBelief } from '../../src/recorded/belief.ts'
import { judgeEffect } from '../../src/recorded/effect.ts'
import { openServerRecording } from '../../src/recorded/open-server.ts'
import { judgeOperations } from '../../src/recorded/operations.ts'
import { judgeServers } from '../../src/recorded/server.ts'
import { findingsIn } from '../../src/report/diff.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { decodeToken, encodeStormToken } from '../../src/scenario/token.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { sentenceOf } from '../../src/words/sentence.ts'
import { workloadOf } from '../../src/workload/registry.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { canHave, type Plan, planFor } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { build, lockstorm, ROOT } from '../cli/binary.ts'
import { isLarge, SEED, tell, timeoutMs, tries } from './attack.ts'

const TRIES = tries(30, 20_000)
const THROUGH_COMMAND = tries(4, 200)
/** A file of some kilobytes is read, and its world run, in much less; a busy machine has its share. */
const SLOW_MS = 20_000

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const environment = nodeEnvironment('direct', memoryProvider())
const subjects = bundledSubjects()
/** What a plan that was read says is run, too: it may ask for much, but not for ever. */
const runPlan = (plan: Plan): Promise<unknown> => inMacrotask(() => judge(new History(worldOf(plan))))

function worldOf(plan: Plan) {
  const { takes } = workloadOf(plan.workload)
  const fitting = subjects.filter(({ kind }) => kind === takes)
  // Most ask a Redis, some a coordination service.
  const subject = fitting.find((each) => canHave(plan.topology, each)) ?? (fitting[0] as Subject)
  return runWorld(planFor({ ...plan, client: 'direct' }, subject), subject, environment)
}

const hash = (token: string): string => `h${token.length}`
const recording = (text: string) => [{ place: 'file', lines: text.split('\n') }]
const fileWith = (name: string, text: string): string => {
  const file = path.join(folder, name)
  writeFileSync(file, text, 'latin1')
  return file
}
const servers = (text: string, name: string) =>
  judgeServers([openServerRecording(fileWith(name, text))], { keys: [], isOneEach: false, hash, errorMs: 0 }, null)

interface Kind {
  readonly name: string
  readonly seeds: () => readonly string[]
  readonly read: (text: string) => unknown
  /** The command line that reads a file of this name. */
  readonly command: (file: string) => readonly string[]
  readonly extension: string
}

const list = (...lines: readonly object[]): string => `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
const resp = (...commands: readonly string[]): string =>
  commands
    .map((line) => line.split(' '))
    .map((args) => `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`)
    .join('')

const SAID = [
  'OK',
  '1700000000.000001 [0 127.0.0.1:50001] "SET" "lock:a" "t1" "PX" "1000" "NX"',
  '1700000000.100001 [0 127.0.0.1:50002] "SET" "lock:a" "t2" "PX" "1000" "NX"',
  '1700000000.200001 [0 127.0.0.1:50001] "EVAL" "if redis.call(\'get\',KEYS[1])==ARGV[1] then return redis.call(\'del\',KEYS[1]) end" "1" "lock:a" "t1"',
  '1700000000.200002 [0 lua] "get" "lock:a"',
  '1700000000.200003 [0 lua] "del" "lock:a"',
  '1700000001.000001 [3 127.0.0.1:50002] "MULTI"',
  '1700000001.000002 [3 127.0.0.1:50002] "SETNX" "lock:\\x00b" "t\\"3"',
  '1700000001.000003 [3 127.0.0.1:50002] "EXEC"',
  '',
].join('\n')
const HELD = list(
  { t: 1_700_000_000_000, host: 'a', lock: 'lock:a', token: 't1', event: 'acquired', expiresAt: 1_700_000_001_000 },
  { t: 1_700_000_000_100, host: 'b', lock: 'lock:a', token: 't2', event: 'acquired' },
  { t: 1_700_000_000_150, host: 'b', lock: 'lock:a', token: 't2', event: 'released' },
  { t: 1_700_000_000_200, host: 'a', lock: 'lock:a', token: 't1', event: 'released' },
)
const WROTE = list(
  { t: 1_700_000_000_010, resource: 'r', token: 't1', fence: 2, version: 1 },
  { t: 1_700_000_000_120, resource: 'r', token: 't2', fence: 1, version: 2 },
  { t: 1_700_000_000_300, resource: 's', token: 't1' },
)
/** Stands between files that are judged together. */
const BETWEEN_FILES = '\f'

/** Every scenario in a folder of the project and in those in it. */
const scenariosIn = (place: string): readonly string[] =>
  (readdirSync(path.join(ROOT, place), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readFileSync(path.join(ROOT, place, name), 'utf8'))

/** What is made of every plan of them: `written` reads what a hunt left behind. */
const plans = (): readonly Plan[] => ALL_SCENARIOS.map((text) => parseScenario(text, 'x.yaml').plan('1', 'direct'))
const ALL_SCENARIOS = ['scenarios', 'catalogue/pitfalls/storms', 'lessons'].flatMap(scenariosIn)

/** What a hunt left behind, by its ending. */
const written = (ending: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.startsWith('made') && name.endsWith(ending))
    .sort()
    .slice(0, 4)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))

const TOKEN = { subject: 'fenced', client: 'direct', redis: 'memory', seed: '1' } as const
const VIOLATION = { property: 'mutual-exclusion', kind: 'bug', cause: '', sentence: 'Two have it.' } as const
const TOLD = { subject: 'fenced', redis: 'memory', violation: VIOLATION, historyHash: '', source: '', file: '' }

/** Worlds of whatever there can be instead of one server. */
const HISTORIES = [
  'sentinel-promoted',
  'replica-promoted',
  'cluster-isolated-primary',
  'quorum-one-promoted',
  'articles/s20-holder-dies',
]

const KINDS: readonly Kind[] = [
  {
    name: 'scenario',
    seeds: () => ALL_SCENARIOS,
    read: (text) => runPlan(parseScenario(text, 'x.yaml').plan('1', 'direct')),
    command: (file) => ['run', file, '--only', 'fenced', '--client', 'direct'],
    extension: '.yaml',
  },
  {
    name: 'token',
    seeds: () => plans().map((plan) => encodeStormToken({ ...TOKEN, storm: stormText(plan) })),
    read: (text) => {
      const parts = decodeToken(text)
      return 'storm' in parts ? runPlan(readStorm(parts.storm, parts.seed, parts.client)) : undefined
    },
    command: (file) => ['replay', readFileSync(file, 'utf8')],
    extension: '.token',
  },
  {
    // A token that was damaged and signed anew, as by hand.
    name: 'storm of a token',
    seeds: () => plans().map((plan) => stormText(plan)),
    read: (text) => runPlan(readStorm(text, '1', 'direct')),
    command: (file) => [
      'replay',
      encodeStormToken({
        ...TOKEN,
        storm: readFileSync(file, 'latin1'),
      }),
    ],
    extension: '.storm',
  },
  {
    name: 'replay file',
    seeds: () => [...written('.replay.json'), ...plans().map((plan) => writeReplay(plan, TOLD))],
    read: (text) => runPlan(readReplay(text, 'x.replay.json').plan),
    command: (file) => ['replay', file],
    extension: '.replay.json',
  },
  {
    name: 'history',
    seeds: () => [
      ...written('.ndjson'),
      ...HISTORIES.map((name) => readFileSync(path.join(ROOT, 'scenarios', `${name}.yaml`), 'utf8')).map((text) =>
        writeHistory(worldOf(parseScenario(text, 'x.yaml').plan('1', 'direct'))),
      ),
    ],
    read: (text) => {
      const { verdict } = judge(History.parse(text, 'x.ndjson'))
      return verdict.status === 'violated' ? verdict.violations.map((one) => sentenceOf(one)) : undefined
    },
    command: (file) => ['judge', file],
    extension: '.ndjson',
  },
  {
    name: 'baseline',
    seeds: () => [readFileSync(path.join(folder, 'baseline.json'), 'utf8')],
    read: (text) => readBaseline(text, 'x.json'),
    command: (file) => ['hunt', 'fenced', '--client', 'direct', '--faults', '0', '--baseline', file],
    extension: '.json',
  },
  {
    name: 'part of a hunt',
    seeds: () => written('part-1-of-2.json'),
    read: (text) => readPart(text, 'x.json'),
    command: (file) => ['merge', file, '--allow-missing'],
    extension: '.json',
  },
  {
    name: 'report',
    seeds: () => written('made/report.json'),
    read: (text) => findingsIn(text, 'x.json'),
    command: (file) => ['diff', file, file],
    extension: '.json',
  },
  {
    name: 'MONITOR',
    seeds: () => [SAID],
    read: (text) => servers(text, 'server.log'),
    command: (file) => ['judge', '--server', file],
    extension: '.log',
  },
  {
    name: 'append-only file',
    seeds: () => [
      `#TS:1700000000\r\n${resp('SELECT 0', 'SET lock:a t1 PXAT 1700000001000')}#TS:1700000002\r\n${resp('SET lock:a t2 NX', 'DEL lock:a', 'MULTI', 'SET b c', 'EXEC')}`,
    ],
    read: (text) => servers(text, 'appendonly.aof'),
    command: (file) => ['judge', '--server', file],
    extension: '.aof',
  },
  {
    name: 'belief',
    seeds: () => [HELD],
    read: (text) => judgeBelief(recording(text), 0, hash),
    command: (file) => ['judge', '--belief', file],
    extension: '.ndjson',
  },
  {
    name: 'effect',
    seeds: () => [WROTE],
    read: (text) => judgeEffect(recording(text), hash),
    command: (file) => ['judge', '--effect', file],
    extension: '.ndjson',
  },
  {
    name: 'recordings that belong together',
    seeds: () => [[SAID, HELD, WROTE].join(BETWEEN_FILES)],
    read: (text) => {
      const [server = '', belief = '', effect = ''] = text.split(BETWEEN_FILES)
      const files = {
        server: [fileWith('together.log', server)],
        belief: [fileWith('together.belief', belief)],
        effect: [fileWith('together.effect', effect)],
      }
      const { settings } = resolveSettings({ flags: files, environment: {}, config: null })
      return judgeRecorded([], settings)
    },
    command: (file) => ['judge', '--server', file, '--belief', file, '--effect', file],
    extension: '.log',
  },
  {
    name: 'Jepsen',
    seeds: () => [
      '{:process 0, :type :invoke, :f :write, :value 1}\n{:process 0, :type :ok, :f :write, :value 1}\n{:process 1, :type :invoke, :f :read, :value nil}\n{:process 1, :type :ok, :f :read, :value 2}\n',
      '[{"process":0,"type":"invoke","f":"acquire"},{"process":0,"type":"ok","f":"acquire"},{"process":1,"type":"invoke","f":"release"}]',
    ],
    read: (text) => judgeOperations('x.edn', text),
    command: (file) => ['judge', '--jepsen', file],
    extension: '.edn',
  },
]

/** What is damaged, by its kind. */
const whole = new Map<Kind, readonly string[]>()

beforeAll(async () => {
  await build()
  mkdirSync(path.join(folder, 'made'))
  const flags = ['hunt', 'set-nx-lua', '--client', 'direct', '--faults', '1', '--no-shrink']
  lockstorm([...flags, '--output', 'made', '--baseline', 'baseline.json', '--update-baseline'], { cwd: folder })
  lockstorm([...flags, '--output', 'made/part', '--shard', '1/2'], { cwd: folder })
  for (const kind of KINDS) whole.set(kind, await inMacrotask(() => kind.seeds()))
}, 240_000)

// What is put into files: texts that mean something to some parser, and values that no one expects.
const HOSTILE_TEXTS = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e308',
    '-1e308',
    '1e999',
    '-0',
    '9007199254740993',
  ],
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '""',
    "'",
    '"',
    '\\',
    '\0',
    '\r',
    '\n',
    '\n\n',
    '\t',
    ' ',
    ':',
    '- ',
    '? ',
    '#',
    '%',
    '@',
    '`',
    '|',
    '>',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!js/function',
    '!a ',
    '---\n',
    '...\n',
    '\ufeff',
    '\u202e',
    '\ud800',
    '\u{1f512}',
    '$1',
    '*-1',
    '2147483648',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '((',
    '#{',
    '#_',
    '##NaN',
    '99999999999999999999999ms',
    '1e9s',
    '-1s',
    '0s',
    '../../../etc/passwd',
    '\u001b[2J',
  ],
]
const BOMBS = [
  '['.repeat(5_000),
  '{"a":'.repeat(5_000),
  '- '.repeat(5_000),
  '9'.repeat(5_000),
  '&a '.repeat(500),
  Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`).join('\n')}\n`,
  'x'.repeat(100_000),
]
const HOSTILE_VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    '',
    'x',
    0,
    -1,
    0.5,
    1e308,
    -1e308,
    2 ** 53,
    2 ** 31,
    '1e308s',
    '100000h',
    '-1ms',
    '0s',
    'A',
    'Z',
    'redis-99',
    '__proto__',
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    { __proto__: null, constructor: 1 },
    JSON.parse('{"__proto__":{"x":1}}'),
    'x'.repeat(10_000),
    '\u001b[31m\n',
    '*',
    [],
  ],
]

const mutation = fc.oneof(
  fc.record({ how: fc.constant('flip' as const), at: fc.nat(), code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ how: fc.constant('cut' as const), at: fc.nat(), by: fc.nat(40) }),
  fc.record({ how: fc.constant('end' as const), at: fc.nat() }),
  fc.record({
    how: fc.constant('repeat' as const),
    at: fc.nat(),
    by: fc.nat(200),
    times: fc.integer({ min: 2, max: 50 }),
  }),
  fc.record({ how: fc.constant('insert' as const), at: fc.nat(), text: fc.constantFrom(...HOSTILE_TEXTS) }),
  fc.record({ how: fc.constant('replace' as const), at: fc.nat(), text: fc.constantFrom(...HOSTILE_TEXTS) }),
  {
    weight: 3,
    arbitrary: fc.record({
      how: fc.constant('value' as const),
      at: fc.nat(),
      value: fc.constantFrom(...HOSTILE_VALUES),
    }),
  },
  fc.record({ how: fc.constant('swap' as const), at: fc.nat(), with: fc.nat() }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

function mutated(text: string, change: Mutation): string {
  const at = text.length === 0 ? 0 : change.at % text.length
  switch (change.how) {
    case 'flip':
      return text.slice(0, at) + String.fromCharCode(change.code) + text.slice(at + 1)
    case 'cut':
      return text.slice(0, at) + text.slice(at + change.by)
    case 'end':
      return text.slice(0, at)
    case 'repeat':
      return text.slice(0, at) + text.slice(at, at + change.by).repeat(change.times) + text.slice(at + change.by)
    case 'insert':
      return text.slice(0, at) + change.text + text.slice(at)
    case 'replace': {
      // A whole word or number.
      let index = -1
      const words = text.match(/[\w.-]+/g)?.length ?? 1
      return text.replace(/[\w.-]+/g, (word) => (++index === change.at % words ? change.text : word))
    }
    case 'value':
      return withValue(text, change.at, change.value)
    case 'swap': {
      const lines = text.split('\n')
      const [a, b] = [change.at % lines.length, change.with % lines.length]
      ;[lines[a], lines[b]] = [lines[b] as string, lines[a] as string]
      return lines.join('\n')
    }
  }
}

/** A JSON text, or one of its lines, with another value somewhere; other texts have it after a colon. */
function withValue(text: string, at: number, value: unknown): string {
  const lines = text.trimEnd().split('\n')
  const isWhole = isJson(text)
  const index = at % lines.length
  const part = isWhole ? text : (lines[index] as string)
  if (!isJson(part)) {
    let count = -1
    const values = text.match(/: [^\n]*/g)?.length ?? 1
    return text.replace(/: [^\n]*/g, (old) => (++count === at % values ? `: ${JSON.stringify(value)}` : old))
  }
  const data: unknown = JSON.parse(part)
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, key })
      walk((node as Record<string, unknown>)[key])
    }
  }
  walk(data)
  const place = places[Math.floor(at / lines.length) % Math.max(1, places.length)]
  if (place !== undefined) {
    if (value === null && at % 2 === 0) delete place.holder[place.key]
    else place.holder[place.key] = value
  }
  return isWhole ? JSON.stringify(data) : lines.with(index, JSON.stringify(data)).join('\n')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** What is wrong with how a text was read; null: nothing. */
async function complaintAbout(kind: Kind, text: string): Promise<string | null> {
  const before = performance.now()
  try {
    await kind.read(text)
  } catch (error) {
    if (!(error instanceof UsageError)) return `${String((error as Error).stack ?? error)}`
    if (error.message === '' || /\n\s+at .*:\d+:\d+/.test(error.message))
      return `its message is no message: ${error.message}`
    if (error.message.length > 20_000) return `its message has ${error.message.length} characters`
  }
  const tookMs = performance.now() - before
  return tookMs > SLOW_MS ? `it took ${tookMs.toFixed(0)} ms` : null
}

describe.each(KINDS)('a damaged $name', (kind) => {
  it('is read or refused, and nothing else', { timeout: timeoutMs(600_000) }, async () => {
    const seeds = whole.get(kind) as readonly string[]
    expect(seeds.length).toBeGreaterThan(0)
    const untouched = seeds.filter((_, index) => isLarge || index % 10 === 0)
    for (const seed of untouched) expect(await complaintAbout(kind, seed)).toBeNull()
    const failures: string[] = []
    for (const bomb of BOMBS) {
      const complaint = await complaintAbout(kind, bomb)
      if (complaint !== null) failures.push(`${bomb.slice(0, 40)}… ${complaint}`)
    }
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (seed, changes) => {
          const text = changes.reduce(mutated, seed)
          if (text.length > 2_000_000) return
          expect(await complaintAbout(kind, text)).toBeNull()
          refused += 1
        },
      ),
      { numRuns: TRIES, seed: SEED },
    )
    tell(`files: ${kind.name}`, refused + BOMBS.length, failures)
  })
})

it('is told by the command in one message, and nothing is written', { timeout: timeoutMs(600_000) }, () => {
  const cwd = path.join(folder, 'here')
  mkdirSync(cwd)
  const failures: string[] = []
  let refused = 0
  const sample = fc.sample(
    fc.tuple(fc.constantFrom(...KINDS), fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 })),
    {
      numRuns: THROUGH_COMMAND,
      seed: SEED,
    },
  )
  for (const [kind, which, changes] of sample) {
    const seeds = whole.get(kind) as readonly string[]
    const text = changes.reduce(mutated, seeds[which % seeds.length] as string)
    // No command line holds more.
    if (text.length > 100_000 || (kind.name.includes('token') && Buffer.from(text, 'latin1').includes(0))) continue
    const file = fileWith(`damaged${kind.extension}`, text)
    const { code, stdout, stderr } = lockstorm(kind.command(file), { cwd })
    const said = `${kind.name}: exit code ${code}\n${stdout.slice(0, 300)}\n${stderr.slice(0, 2_000)}\n${JSON.stringify(text.slice(0, 2_000))}`
    if (code === 64) {
      refused += 1
      if (stdout !== '' || stderr === '' || /\n\s+at .*:\d+:\d+/.test(stderr) || readdirSync(cwd).length > 0)
        failures.push(said)
    } else if (![0, 1, 2, 3].includes(code as number)) failures.push(said)
    rmSync(path.join(cwd, 'reports'), { recursive: true, force: true })
  }
  expect(refused).toBeGreaterThan(THROUGH_COMMAND / 4)
  tell('files: through the command', THROUGH_COMMAND, failures)
})
