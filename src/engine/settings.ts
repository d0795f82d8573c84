/**
 * The settings of `run` and `replay`, and where each value comes from: flag, environment, config file, default, in this
 * order.
 */

import { CLIENT_KINDS, type ClientKind } from '../client/kind.ts'
import { parseShard, type Shard } from '../explore/shard.ts'
import type { Latency } from '../net/link.ts'
import { PERSISTENCE, type PersistenceKind } from '../redis/persistence/persistence.ts'
import { REDIS_VERSIONS, type RedisVersion, readRedisVersion } from '../redis/version.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { SERVE_CLOCKS, type ServeClockKind } from '../server/serve-clock-kind.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { LANGUAGES, type Language } from '../text/language.ts'
import { withoutPasswords } from './secrets.ts'
import {
  parseCount,
  parseDuration,
  parseList,
  parsePath,
  parseRange,
  parseSignedDuration,
  parseSwitch,
  parseText,
  parseWord,
  type Setting,
  variableOf,
} from './setting.ts'

/** Which Redis servers a hunt can have. */
const HUNT_TOPOLOGIES = ['single', 'replicated', 'sentinel', 'cluster'] as const
type HuntTopology = (typeof HUNT_TOPOLOGIES)[number]

/** What `--redis` may say besides a URL. */
export const REDIS_KINDS = ['memory', 'mock', 'server', 'container'] as const

function parseRedis(raw: unknown, place: string): string {
  if (typeof raw === 'string' && /^rediss?:\/\/./.test(raw)) return raw
  const shown = typeof raw === 'string' ? withoutPasswords(raw) : raw
  return parseWord(REDIS_KINDS, `${REDIS_KINDS.join(', ')} or redis://…`)(shown, place)
}

function parseQueue(raw: unknown, place: string): string {
  if (typeof raw === 'string' && /^rediss?:\/\/./.test(raw) && URL.canParse(raw)) return raw
  const text = shown(typeof raw === 'string' ? withoutPasswords(raw) : raw)
  throw new UsageError(place, `expected the Redis of a queue such as redis://host:6379, got ${text}`)
}

/** `{ 'cache.internal': 'redis-1' }`, or `cache.internal=redis-1` with commas between several in the environment. */
function parseHosts(raw: unknown, place: string): Readonly<Record<string, string>> {
  const entries: readonly (readonly unknown[])[] =
    typeof raw === 'string'
      ? raw.split(',').map((pair) => pair.trim().split('='))
      : typeof raw === 'object' && raw !== null && !Array.isArray(raw)
        ? Object.entries(raw)
        : [[]]
  for (const [host, node, ...more] of entries) {
    const isHost = typeof host === 'string' && /^[^\s=,/]+$/.test(host)
    if (isHost && typeof node === 'string' && /^\S+$/.test(node) && more.length === 0) continue
    throw new UsageError(
      place,
      `expected names of hosts, each with the Redis node that it leads to (cache.internal: redis-1), got ${shown(raw)}`,
    )
  }
  return Object.fromEntries(entries) as Readonly<Record<string, string>>
}

/** `2/8`: the second of eight parts. */
function parseShardWord(raw: unknown, place: string): Shard {
  const shard = typeof raw === 'string' ? parseShard(raw) : null
  if (shard !== null) return shard
  throw new UsageError(place, `expected a part of the hunt such as 2/8, got ${shown(raw)}`)
}

/** What `--reporter` may say. */
export const REPORTERS = ['text', 'json', 'markdown', 'junit', 'agent'] as const

export type Reporter = (typeof REPORTERS)[number]

const DEFAULT_LATENCY: Latency = { minUs: 200, maxUs: 900 }

const files = parseList(parsePath('the name of a file'))

const setting = <Value>(value: Setting<Value>): Setting<Value> => value

/** Every setting by its key in `lockstorm.config.ts`. */
export const SETTINGS = {
  lock: setting({ flag: '--lock', argument: 'FILE', isList: true, default: [] as readonly string[], parse: files }),
  only: setting({
    flag: '--only',
    argument: 'SUBJECT',
    isList: true,
    default: [] as readonly string[],
    defaultText: 'all',
    parse: parseList(parseText('the name of a lock or session store')),
  }),
  tag: setting({
    flag: '--tag',
    argument: 'WORD',
    isList: true,
    default: [] as readonly string[],
    defaultText: 'all',
    parse: parseList(parseText("a tag of scenarios, or '!' and one", 100)),
  }),
  seed: setting({ flag: '--seed', argument: 'TEXT', default: '1', parse: parseText('a seed: a short text', 100) }),
  runs: setting<number | null>({
    flag: '--runs',
    argument: 'N',
    default: null,
    defaultText: 'what the scenario says',
    parse: parseCount(1, 1_000_000),
  }),
  redis: setting<string>({ flag: '--redis', argument: 'WHAT', default: 'memory', parse: parseRedis }),
  redisBinary: setting<string | null>({
    flag: '--redis-binary',
    argument: 'FILE',
    default: null,
    defaultText: 'redis-server or valkey-server on the PATH',
    parse: parsePath('the name of a file'),
  }),
  image: setting<string | null>({
    flag: '--image',
    argument: 'NAME',
    default: null,
    defaultText: 'redis:7',
    parse: parseText('the name of a container image'),
  }),
  hosts: setting<Readonly<Record<string, string>>>({
    flag: '--hosts',
    default: {},
    defaultText: 'every other host leads to the first node',
    parse: parseHosts,
  }),
  client: setting<ClientKind>({
    flag: '--client',
    argument: 'KIND',
    default: 'ioredis',
    parse: parseWord(CLIENT_KINDS),
  }),
  output: setting<string | null>({
    flag: '--output',
    argument: 'DIR',
    default: null,
    defaultText: 'reports/<suite>',
    parse: parsePath('the name of a folder'),
  }),
  reporter: setting({
    flag: '--reporter',
    argument: 'LIST',
    isList: true,
    default: ['text'] as readonly Reporter[],
    parse: parseList(parseWord(REPORTERS)),
  }),
  json: setting({ flag: '--json', default: false, parse: parseSwitch }),
  quiet: setting({ flag: '--quiet', short: '-q', default: false, parse: parseSwitch }),
  verbose: setting({ flag: '--verbose', short: '-v', default: false, parse: parseSwitch }),
  color: setting<boolean | null>({
    flag: '--color',
    negatable: true,
    default: null,
    defaultText: 'NO_COLOR, FORCE_COLOR, or whether it is a terminal',
    parse: parseSwitch,
  }),
  maxFailures: setting<number | null>({
    flag: '--max-failures',
    argument: 'N',
    default: null,
    defaultText: 'no limit',
    parse: parseCount(1, 1_000_000),
  }),
  unknownOk: setting({ flag: '--unknown-ok', default: false, parse: parseSwitch }),
  allow: setting<'limit' | null>({
    flag: '--allow',
    argument: 'limit',
    default: null,
    defaultText: 'every finding fails',
    parse: parseWord(['limit'] as const),
  }),
  maxLimit: setting<number | null>({
    flag: '--max-limit',
    argument: 'N',
    default: null,
    defaultText: '0; run, --allow limit: no maximum',
    parse: parseCount(0, 1_000_000),
  }),
  faults: setting<number | null>({
    flag: '--faults',
    argument: 'K',
    default: null,
    defaultText: '1 and 8,000 of 2; fewer, when worlds cost very much',
    parse: parseCount(0, 3),
  }),
  allMagnitudes: setting({ flag: '--all-magnitudes', default: false, parse: parseSwitch }),
  guided: setting({ flag: '--guided', default: false, parse: parseSwitch }),
  time: setting<number | null>({
    flag: '--time',
    argument: 'DURATION',
    default: null,
    defaultText: 'no limit',
    parse: parseDuration(1_000),
  }),
  clients: setting({ flag: '--clients', argument: 'N', default: 3, parse: parseCount(1, 26) }),
  workload: setting<string | null>({
    flag: '--workload',
    argument: 'NAME',
    default: null,
    defaultText: 'counter for a lock, cart for sessions',
    parse: parseText('the name of a workload'),
  }),
  callers: setting({ flag: '--callers', argument: 'N', default: 1, parse: parseCount(1, 26) }),
  rounds: setting({ flag: '--rounds', argument: 'N', default: 2, parse: parseCount(1, 50) }),
  ttl: setting<number | null>({
    flag: '--ttl',
    argument: 'DURATION',
    default: null,
    defaultText: '200ms, or what suits the lock',
    parse: parseDuration(1_000),
  }),
  work: setting<number | null>({
    flag: '--work',
    argument: 'DURATION',
    default: null,
    defaultText: '20ms, or what suits the lock',
    parse: parseDuration(1, { isZeroAllowed: true }),
  }),
  retry: setting<number | null>({
    flag: '--retry',
    argument: 'DURATION',
    default: null,
    defaultText: '20ms, or what suits the lock',
    parse: parseDuration(1),
  }),
  latency: setting<Latency>({
    flag: '--latency',
    argument: 'RANGE',
    default: DEFAULT_LATENCY,
    defaultText: '200us..900us',
    parse: parseRange,
  }),
  ttls: setting<readonly number[]>({
    flag: '--ttls',
    argument: 'LIST',
    isList: true,
    default: [50, 100, 200, 500, 1_000, 2_000, 3_000, 5_000],
    defaultText: '50ms, 100ms, 200ms, 500ms, 1s, 2s, 3s, 5s',
    parse: parseList(parseDuration(1_000)),
  }),
  pauses: setting<readonly number[]>({
    flag: '--pauses',
    argument: 'LIST',
    isList: true,
    default: [0, 50_000, 200_000, 1_000_000],
    defaultText: '0s, 50ms, 200ms, 1s',
    parse: parseList(parseDuration(1, { isZeroAllowed: true })),
  }),
  skews: setting<readonly number[]>({
    flag: '--skews',
    argument: 'LIST',
    isList: true,
    default: [0, 1_000_000, -1_000_000],
    defaultText: '0s, +1s, -1s',
    parse: parseList(parseSignedDuration),
  }),
  latencies: setting<readonly Latency[]>({
    flag: '--latencies',
    argument: 'LIST',
    isList: true,
    default: [DEFAULT_LATENCY, { minUs: 5_000, maxUs: 20_000 }],
    defaultText: '200us..900us, 5ms..20ms',
    parse: parseList(parseRange),
  }),
  lossy: setting({ flag: '--lossy', default: false, parse: parseSwitch }),
  topology: setting<HuntTopology>({
    flag: '--topology',
    argument: 'NAME',
    default: 'single',
    parse: parseWord(HUNT_TOPOLOGIES),
  }),
  persistence: setting<PersistenceKind | null>({
    flag: '--persistence',
    argument: 'KIND',
    default: null,
    defaultText: 'faults say it',
    parse: parseWord(PERSISTENCE),
  }),
  workers: setting<number | null>({
    flag: '--workers',
    argument: 'N',
    default: null,
    defaultText: 'as many as pay',
    parse: parseCount(1, 256),
  }),
  shrink: setting({ flag: '--shrink', negatable: true, default: true, parse: parseSwitch }),
  port: setting<number | null>({
    flag: '--port',
    argument: 'N',
    default: null,
    defaultText: 'serve: 6379; studio: any free one',
    parse: parseCount(0, 65_535),
  }),
  open: setting({ flag: '--open', negatable: true, default: true, parse: parseSwitch }),
  clock: setting<ServeClockKind>({
    flag: '--clock',
    argument: 'KIND',
    default: 'real',
    parse: parseWord(SERVE_CLOCKS),
  }),
  sentinel: setting({ flag: '--sentinel', default: false, parse: parseSwitch }),
  cluster: setting({ flag: '--cluster', default: false, parse: parseSwitch }),
  redisVersion: setting<RedisVersion | null>({
    flag: '--redis-version',
    argument: 'VERSION',
    default: null,
    defaultText: '7.0, or what the scenario or the token says',
    parse: (raw, place) => readRedisVersion(raw) ?? parseWord(REDIS_VERSIONS)(raw, place),
  }),
  set: setting({
    flag: '--set',
    argument: 'NAME=VALUE',
    isList: true,
    default: [] as readonly string[],
    parse: parseList(parseText('a parameter of redis.conf and its value, such as maxmemory=100mb')),
  }),
  queue: setting<string | null>({
    flag: '--queue',
    argument: 'URL',
    default: null,
    defaultText: 'none',
    parse: parseQueue,
  }),
  changed: setting<string | null>({
    flag: '--changed',
    argument: 'REF',
    isArgumentOptional: true,
    default: null,
    defaultText: 'whether or not something has changed',
    parse: (raw, place) => {
      if (raw === false || raw === 'false') return null
      return raw === true || raw === 'true' || raw === '1'
        ? 'HEAD'
        : parseText('a commit, a branch or a tag', 500)(raw, place)
    },
  }),
  watch: setting({ flag: '--watch', default: false, parse: parseSwitch }),
  lastFailed: setting({ flag: '--last-failed', default: false, parse: parseSwitch }),
  replays: setting<string | null>({
    flag: '--replays',
    argument: 'DIR',
    negatable: true,
    default: 'lockstorm/replays',
    parse: (raw, place) => (raw === false || raw === 'false' ? null : parsePath('the name of a folder')(raw, place)),
  }),
  baseline: setting<string | null>({
    flag: '--baseline',
    argument: 'FILE',
    default: null,
    defaultText: 'every finding is new',
    parse: parsePath('the name of a file'),
  }),
  belief: setting({ flag: '--belief', argument: 'FILE', isList: true, default: [] as readonly string[], parse: files }),
  effect: setting({ flag: '--effect', argument: 'FILE', isList: true, default: [] as readonly string[], parse: files }),
  server: setting({ flag: '--server', argument: 'FILE', isList: true, default: [] as readonly string[], parse: files }),
  keys: setting({
    flag: '--keys',
    argument: 'GLOB',
    isList: true,
    default: [] as readonly string[],
    defaultText: 'learned from the recording',
    parse: parseList(parseText('the name of a key, or a pattern as KEYS takes it')),
  }),
  oneConnection: setting({ flag: '--one-connection', default: false, parse: parseSwitch }),
  jepsen: setting({ flag: '--jepsen', argument: 'FILE', isList: true, default: [] as readonly string[], parse: files }),
  initial: setting<string | null>({
    flag: '--initial',
    argument: 'VALUE',
    default: null,
    defaultText: 'not known',
    parse: parseText('the first value of a register, as the history writes it', 1_000),
  }),
  clockError: setting({
    flag: '--clock-error',
    argument: 'DURATION',
    default: 0,
    defaultText: '0s',
    parse: parseDuration(1, { isZeroAllowed: true }),
  }),
  shard: setting<Shard | null>({
    flag: '--shard',
    argument: 'I/N',
    default: null,
    defaultText: 'the whole hunt',
    parse: parseShardWord,
  }),
  allowMissing: setting({ flag: '--allow-missing', default: false, parse: parseSwitch }),
  lang: setting<Language>({ flag: '--lang', argument: 'LANGUAGE', default: 'en', parse: parseWord(LANGUAGES) }),
  updateBaseline: setting({ flag: '--update-baseline', default: false, parse: parseSwitch }),
} as const

export type SettingKey = keyof typeof SETTINGS

const COMMON_KEYS: readonly SettingKey[] = [
  'seed',
  'runs',
  'redis',
  'redisVersion',
  'redisBinary',
  'image',
  'client',
  'output',
  'json',
  'quiet',
  'verbose',
  'color',
  'maxFailures',
  'maxLimit',
  'unknownOk',
  'changed',
  'watch',
]

/** The settings of `lockstorm run`. */
export const RUN_KEYS: readonly SettingKey[] = ['lock', 'only', 'tag', 'reporter', 'workers', ...COMMON_KEYS]

/** The settings of `lockstorm hunt`. */
export const HUNT_KEYS: readonly SettingKey[] = [
  ...COMMON_KEYS,
  'only',
  'faults',
  'allMagnitudes',
  'time',
  'guided',
  'workload',
  'clients',
  'callers',
  'rounds',
  'ttl',
  'work',
  'retry',
  'latency',
  'lossy',
  'topology',
  'persistence',
  'workers',
  'shrink',
  'lastFailed',
  'reporter',
  'shard',
  'replays',
  'baseline',
  'updateBaseline',
  'allow',
]

const NOT_OF_FLEETS: readonly SettingKey[] = ['shard', 'changed', 'watch', 'workers']

/** The settings of `lockstorm fleet start`. */
export const FLEET_START_KEYS: readonly SettingKey[] = [
  ...HUNT_KEYS.filter((key) => !NOT_OF_FLEETS.includes(key)),
  'queue',
]

/** The settings of `lockstorm fleet work`: the hunt says the others. */
export const FLEET_WORK_KEYS: readonly SettingKey[] = [
  ...(['queue', 'workers', 'redisBinary', 'image', 'quiet', 'verbose', 'color'] as const),
]

/** The settings of `lockstorm judge`. */
export const JUDGE_KEYS: readonly SettingKey[] = [
  'server',
  'keys',
  'oneConnection',
  'belief',
  'effect',
  'jepsen',
  'initial',
  'clockError',
  'unknownOk',
  'json',
  'color',
]

/** The settings of `lockstorm learn`. */
export const LEARN_KEYS: readonly SettingKey[] = ['lang', 'json', 'color']

/** The settings of `lockstorm diff`. */
export const DIFF_KEYS: readonly SettingKey[] = ['json', 'color']

/** What decides what a hunt runs: the same in all its parts. */
export const PLAN_KEYS: readonly SettingKey[] = [
  'seed',
  'runs',
  'redis',
  'redisVersion',
  'client',
  'only',
  'faults',
  'allMagnitudes',
  'guided',
  'workload',
  'clients',
  'callers',
  'rounds',
  'ttl',
  'work',
  'retry',
  'latency',
  'lossy',
  'topology',
  'persistence',
  'shrink',
  'replays',
  'hosts',
]

/** The settings of `lockstorm merge`: its parts say the others. */
export const MERGE_KEYS: readonly SettingKey[] = [
  'lock',
  'allowMissing',
  'redisBinary',
  'image',
  'workers',
  'output',
  'reporter',
  'json',
  'quiet',
  'verbose',
  'color',
  'unknownOk',
  'allow',
  'maxLimit',
  'baseline',
  'updateBaseline',
]

/** The settings of `lockstorm frontier`. */
export const FRONTIER_KEYS: readonly SettingKey[] = [
  'verbose',
  'seed',
  'redis',
  'redisVersion',
  'redisBinary',
  'image',
  'client',
  'output',
  'json',
  'quiet',
  'color',
  'only',
  'clients',
  'callers',
  'rounds',
  'work',
  'retry',
  'workers',
  'ttls',
  'pauses',
  'skews',
  'latencies',
]

/** The settings of `lockstorm replay`. */
export const REPLAY_KEYS: readonly SettingKey[] = [
  'lock',
  'redis',
  'redisVersion',
  'redisBinary',
  'image',
  'json',
  'quiet',
  'verbose',
  'color',
]

/** The settings of `lockstorm serve`. */
export const SERVE_KEYS: readonly SettingKey[] = [
  ...(['port', 'clock', 'sentinel', 'cluster', 'redisVersion', 'set', 'seed', 'json', 'quiet'] as const),
]

/** The settings of `lockstorm studio`. */
export const STUDIO_KEYS: readonly SettingKey[] = ['port', 'open', 'json', 'quiet']

/** Settings of every verb that no flag has: a config file says it once for a project. */
export const PROJECT_KEYS: readonly SettingKey[] = ['hosts']

/** The values of all settings. */
export type Settings = {
  readonly [Key in SettingKey]: ReturnType<(typeof SETTINGS)[Key]['parse']> | (typeof SETTINGS)[Key]['default']
}

/** A value, and what it came from: `flag`, `environment`, `config` or `default`, with its place. */
export interface Origin {
  readonly key: SettingKey
  readonly value: unknown
  readonly from: string
}

/** What a config file holds, and how messages call it. */
export interface ConfigFile {
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface Sources {
  /** What commander parsed, by key; what was not given is undefined. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly config: ConfigFile | null
  /** How messages name what is given as flags; default: by the flag. */
  readonly placeOf?: (key: SettingKey) => string
}

/**
 * The value of every setting, with its origin.
 * @throws UsageError at the first value that is wrong, or at an unknown key of the config file
 */
export function resolveSettings(sources: Sources): {
  readonly settings: Settings
  readonly origins: readonly Origin[]
  /** What was given, as it was given. */
  readonly given: Readonly<Record<string, unknown>>
} {
  const { config } = sources
  const keys = Object.keys(SETTINGS) as SettingKey[]
  for (const key of Object.keys(config?.values ?? {})) {
    if ((keys as string[]).includes(key)) continue
    throw new UsageError(config?.path ?? '', `unknown setting ${JSON.stringify(key)}${didYouMean(key, keys)}`)
  }
  const all = keys.map((key) => ({ key, ...originOf(key, sources) }))
  const origins = all.map(({ key, value, from }) => ({ key, value, from }))
  const settings = Object.fromEntries(origins.map(({ key, value }) => [key, value])) as unknown as Settings
  if (settings.quiet && settings.verbose) {
    throw new UsageError('--quiet', 'expected one of --quiet and --verbose, got both', 'leave out one of them')
  }
  const isJson = settings.json || settings.reporter.includes('json')
  if (isJson && settings.reporter.length > 1) {
    throw new UsageError(
      '--reporter',
      'JSON is one document: expected no other reporter beside it',
      'leave out the others',
    )
  }
  const given = Object.fromEntries(all.filter(({ from }) => from !== 'default').map(({ key, raw }) => [key, raw]))
  return { settings, origins, given }
}

function originOf(
  key: SettingKey,
  { flags, environment, config, placeOf }: Sources,
): Omit<Origin, 'key'> & { readonly raw?: unknown } {
  const setting: Setting<unknown> = SETTINGS[key]
  const { flag } = setting
  if (flags[key] !== undefined)
    return { value: setting.parse(flags[key], placeOf?.(key) ?? flag), from: `flag ${flag}`, raw: flags[key] }
  const variable = variableOf(flag)
  const text = environment[variable]
  if (text !== undefined && text !== '') {
    return { value: setting.parse(text, variable), from: `environment ${variable}`, raw: text }
  }
  const configured = config?.values[key]
  if (config !== null && configured !== undefined && configured !== null) {
    return {
      value: setting.parse(configured, `${config.path} ${key}`),
      from: `config ${config.path}`,
      raw: configured,
    }
  }
  return { value: setting.default, from: 'default' }
}

/** `--print-config`: a line for each setting. */
export function describeOrigins(origins: readonly Origin[]): string {
  const rows = origins.map(({ key, value, from }) => [key, valueText(key, value), from] as const)
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows
    .map(([key, value, from]) => `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}`)
    .join('\n')
}

function valueText(key: SettingKey, value: unknown): string {
  const setting: Setting<unknown> = SETTINGS[key]
  if (value === setting.default && setting.defaultText !== undefined) return `(${setting.defaultText})`
  if (key === 'hosts')
    return Object.entries(value as object)
      .map((pair) => pair.join(' → '))
      .join(', ')
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(', ')
  return withoutPasswords(String(value))
}
