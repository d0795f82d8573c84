/**
 * Replay tokens: one short word that names one world, so that a failure can be seen again by a reader of the report.
 *
 *   L1.<base64url>      L1 = this layout
 *   bytes:  engine · scenario · checksum of its plan · subject · client and Redis · seed · world      checksum
 *           └──────────── texts, each behind its length ────────────┘                               3 bytes
 *
 * Behind the world stands the version of Redis, where one was asked for that the scenario does not say.
 *
 * Invariants
 * - Decoding an encoded token gives what was encoded; the same parts give the same token.
 * - A token with a wrong, missing or added character is refused (but one in 16 million), never replayed as another world.
 * - It holds no code and no path: scenario and subject are names that the replaying side must know.
 */
import { CLIENT_KINDS, type ClientKind } from '../client/kind.ts'
import { REDIS_VERSIONS, type RedisVersion } from '../redis/version.ts'
import { assert } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { nodesOf, type Subject } from '../subject/subject.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import { planFor } from '../world/plan.ts'
import { isCounted, nodeCount } from '../world/topology.ts'
import type { Scenario } from './scenario.ts'

// Of every host, though not of the language.
declare class TextEncoder {
  encode(text: string): Uint8Array
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string
}

/** What names one world. */
export interface TokenParts {
  readonly scenario: string
  /** `planChecksum` of the scenario that was run. */
  readonly planChecksum: string
  /** The lock or the session store. */
  readonly subject: string
  readonly client: ClientKind
  /** What answered: `memory`, `mock`, `server`, `container`, `url`. */
  readonly redis: string
  readonly seed: string
  /** Which world of the cell, from 0. */
  readonly world: number
  /** The version of Redis, whatever the scenario says; missing: as that says. */
  readonly redisVersion?: RedisVersion
}

/** What names one world of a hunt, whose plan is no scenario's: it is in the token. */
export interface StormTokenParts {
  /** The plan as a text; `explore/storm-text.ts` writes and reads it. */
  readonly storm: string
  readonly subject: string
  readonly client: ClientKind
  readonly redis: string
  readonly seed: string
}

const PREFIX = 'L1.'
const REDIS_KINDS: readonly string[] = ['memory', 'mock', 'server', 'container', 'url']
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CHECKSUM_BYTES = 3

/** The token of one world, for the engine that is running. */
export function encodeToken(parts: TokenParts, engine: string = ENGINE_VERSION): string {
  const client = CLIENT_KINDS.indexOf(parts.client)
  const redis = REDIS_KINDS.indexOf(parts.redis)
  assert(client >= 0 && redis >= 0, `a token knows its client and Redis: ${parts.client}, ${parts.redis}`)
  const texts = [engine, parts.scenario, parts.planChecksum, parts.subject, `${client}${redis}`, parts.seed]
  const version = parts.redisVersion === undefined ? [] : [parts.redisVersion]
  const bytes = [...texts, parts.world.toString(36), ...version].flatMap(sized)
  return PREFIX + toBase64Url([...bytes, ...checksumBytes(bytes)])
}

/** The token of one world of a hunt. */
export function encodeStormToken(parts: StormTokenParts, engine: string = ENGINE_VERSION): string {
  // No scenario is called nothing.
  const { storm, ...rest } = parts
  return encodeToken({ ...rest, scenario: '', planChecksum: storm, world: 0 }, engine)
}

/**
 * The parts of a token.
 * @throws UsageError when it is broken, something else, or of another engine
 */
export function decodeToken(token: string, engine: string = ENGINE_VERSION): TokenParts | StormTokenParts {
  const text = token.trim()
  const [prefix = ''] = /^L\d+\./.exec(text) ?? []
  if (prefix === '') throw new UsageError('token', `expected a token such as L1.kQz9…, got ${brief(text)}`, COPY)
  if (prefix !== PREFIX) {
    throw new UsageError('token', `${prefix}… is a token of another lockstorm: this one reads ${PREFIX}…`, OTHER_ENGINE)
  }
  const foreign = [...text.slice(PREFIX.length)].find((char) => !ALPHABET.includes(char))
  if (foreign !== undefined) {
    throw new UsageError('token', `expected letters, digits, "-" and "_", got ${JSON.stringify(foreign)}`, COPY)
  }
  const texts = readTexts(fromBase64Url(text.slice(PREFIX.length)))
  // The engine comes first, so that a token of an engine with other parts still says whose it is.
  if (texts?.[0] !== undefined && texts[0] !== engine) {
    throw new UsageError(
      'token',
      `it was made by engine ${brief(texts[0])}, this is engine ${engine}: the same seed gives another history`,
      OTHER_ENGINE,
    )
  }
  const parts = texts === null ? null : toParts(texts)
  if (parts === null) throw new UsageError('token', 'it is broken: a character is wrong or missing', COPY)
  if (parts.scenario !== '') return parts
  const { planChecksum: storm, subject, client: kind, redis, seed } = parts
  return { storm, subject, client: kind, redis, seed }
}

/**
 * A fingerprint of what a scenario plans for a subject, whatever the seed and the client: an edited scenario, or a lock that
 * needs more nodes, makes other worlds.
 */
export function planChecksum(scenario: Scenario, subject: Subject): string {
  const { scenario: _name, ...plan } = planFor(scenario.plan('', 'ioredis'), subject)
  // As scenario files say it, which is how older tokens were made.
  const told = Object.entries(plan).map(([key, value]) =>
    key === 'topology' && isCounted(plan.topology) ? ['nodes', nodeCount(plan.topology)] : [key, value],
  )
  return fnv1a(utf8(JSON.stringify(Object.fromEntries(told)))).toString(36)
}

/**
 * Refuses a scenario that is not the one the token was made with.
 * @throws UsageError
 */
export function checkPlan(parts: TokenParts, scenario: Scenario, subject: Subject): void {
  if (planChecksum(scenario, subject) === parts.planChecksum) return
  const nodes = nodesOf(subject)
  throw new UsageError(
    'token',
    `the scenario ${scenario.name} (${scenario.path})${nodes > 1 ? `, or how many nodes ${subject.name} needs (${nodes}),` : ''} has changed since this token was made`,
    `replay it with the file as it was, or run the scenario again: lockstorm run ${scenario.name}`,
  )
}

const COPY = 'copy it whole, from "L1." to the end, out of the failure or the report'
const OTHER_ENGINE = 'replay it with the version of lockstorm that made it, or run the scenario again'

function toParts(texts: readonly string[]): TokenParts | null {
  const [, scenario, planChecksum, subject, kinds, seed, world, version, ...more] = texts
  if (scenario === undefined || planChecksum === undefined || subject === undefined || seed === undefined) return null
  const client = CLIENT_KINDS[Number(kinds?.[0])]
  const redis = REDIS_KINDS[Number(kinds?.[1])]
  const index = Number.parseInt(world ?? '', 36)
  const redisVersion = REDIS_VERSIONS.find((each) => each === version)
  if (client === undefined || redis === undefined || !Number.isSafeInteger(index) || more.length > 0) return null
  if (version !== redisVersion) return null
  const parts = { scenario, planChecksum, subject, client, redis, seed, world: index }
  return redisVersion === undefined ? parts : { ...parts, redisVersion }
}

/** A text behind its length, in seven-bit groups, the last one without the eighth bit. */
function sized(text: string): number[] {
  const bytes = utf8(text)
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>>= 7) {
    if (rest < 128) return [...length, rest, ...bytes]
    length.push((rest & 127) | 128)
  }
}

/** The texts of a token; null when its checksum or its lengths are wrong. */
function readTexts(bytes: readonly number[]): readonly string[] | null {
  const body = bytes.slice(0, -CHECKSUM_BYTES)
  if (body.length === 0 || String(checksumBytes(body)) !== String(bytes.slice(-CHECKSUM_BYTES))) return null
  const texts: string[] = []
  for (let at = 0; at < body.length; ) {
    let length = 0
    let shift = 0
    let byte: number
    do {
      byte = body[at++] ?? 0
      length += (byte & 127) * 2 ** shift
      shift += 7
    } while (byte >= 128)
    if (at + length > body.length) return null
    texts.push(new TextDecoder().decode(Uint8Array.from(body.slice(at, at + length))))
    at += length
  }
  return texts
}

const utf8 = (text: string): readonly number[] => [...new TextEncoder().encode(text)]

/** FNV-1a, 32 bits: against slips of the hand, not against forgers. */
function fnv1a(bytes: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

function checksumBytes(bytes: readonly number[]): readonly number[] {
  const hash = fnv1a(bytes)
  return [(hash >>> 16) & 255, (hash >>> 8) & 255, (hash ^ (hash >>> 24)) & 255]
}

function toBase64Url(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.slice(at, at + 3)
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    const count = c === undefined ? (b === undefined ? 2 : 3) : 4
    for (let index = 0; index < count; index += 1) text += ALPHABET[(group >>> (18 - 6 * index)) & 63]
  }
  return text
}

/** Empty when the text is not what `toBase64Url` writes: a dangling character, or bits after the last byte. */
function fromBase64Url(text: string): readonly number[] {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 4) {
    const values = [...text.slice(at, at + 4)].map((char) => ALPHABET.indexOf(char))
    const group = values.reduce((sum, value, index) => sum | (value << (18 - 6 * index)), 0)
    for (let index = 0; index < values.length - 1; index += 1) bytes.push((group >>> (16 - 8 * index)) & 255)
  }
  return toBase64Url(bytes) === text ? bytes : []
}

const brief = (text: string): string => JSON.stringify(text.length <= 24 ? text : `${text.slice(0, 21)}...`)
