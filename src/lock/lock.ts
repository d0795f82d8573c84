/**
 * The contract of a lock under test, and `defineLock`.
 *
 * A lock is two functions over a connected driver object. What a lease says of itself (`expiresAt`, `isHeld`,
 * `signal`) is what it is judged by, so no finding can be argued away.
 */

import type { ClientKind } from '../client/kind.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { type Around, endsOf } from './around.ts'
import { checkClientKind, checkMethods } from './definition.ts'
import type { RedisCommands } from './redis-commands.ts'

/** What a lock is given for one attempt. */
export interface LockContext<Redis = RedisCommands> {
  /** A connected driver object: a real ioredis by default. */
  readonly redis: Redis
  /** One for each node that votes, for locks that say `nodes`; else only `redis`, which is the first. */
  readonly nodes: readonly Redis[]
  /** The lock's key. */
  readonly key: string
  /** Unique for each attempt: what the lock should write into the key. */
  readonly token: string
  /** The machine's own name, the same for all attempts that it makes, whichever of its callers asks. */
  readonly owner: string
  /** The lease to ask for, in ms. */
  readonly ttlMs: number
  /** Opens one more connection to the first node, for subscribers and blocking commands. */
  connect(): Promise<Redis>
  /**
   * This client's own copy of a package, evaluated afresh for each client of each world with everything that it requires.
   * For locks that are given as objects: a lock file's own imports are each client's own already. `from` says from where it is
   * looked for: `import.meta.url`; default: the current folder.
   * @throws UsageError when it is not installed
   */
  load<Module = unknown>(name: string, from?: string): Module
}

/** What a lock hands to its holder. Every field is optional; every field that is there is held against it. */
export interface Lease {
  readonly token?: string
  /** Grows with each grant; sent along with each write, so that the resource can refuse a superseded holder. */
  readonly fence?: number | bigint
  /** Until when the holder may believe in it, in ms of the client's wall clock (`Date.now()`). */
  readonly expiresAt?: number
  /**
   * Until when the holder may believe in it, in ms of the client's monotonic clock (`performance.now()`). May move while
   * the lease is renewed; it is looked at after each turn of a lease that also has `isHeld`.
   */
  readonly validUntil?: number
  /** Whether the holder may still believe in it. */
  isHeld?(): boolean
  /** Aborted when the lock was lost. */
  readonly signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void }
  /** Resolves when the lock was lost. */
  readonly lost?: Promise<unknown>
}

/** Names of what a lease says, without spaces. */
export type Statements = { readonly [Field in 'expiresAt' | 'validUntil' | 'isHeld' | 'signal' | 'lost']?: string }

/** A lock under test. */
export interface LockDefinition<Redis = RedisCommands> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  /** What it is, in a few words. */
  readonly title?: string
  /** The commands it sends, for readers of the report. */
  readonly commands?: string
  /**
   * One attempt. Null or false: another client holds it. Throwing: the outcome is unknown. `true` and a token are leases, too
   * (see `GivenLock`); `release` is given what it returned.
   */
  acquire(context: LockContext<Redis>): Promise<Lease | null>
  /** True: I released it. False: it was no longer mine. */
  release(context: LockContext<Redis>, lease: Lease): Promise<boolean>
  /** Prolongs the lease. True: it is mine for another TTL. */
  extend?(context: LockContext<Redis>, lease: Lease): Promise<boolean>
  /** `acquire` waits by itself until it has the lock; the workload then does not retry. */
  readonly blocking?: boolean
  /** The client that it needs, whatever `--client` says; default: what the run asks for. */
  readonly client?: ClientKind
  /**
   * What it asks in place of a Redis: the coordination service of the world, by requests through `redis.call` of the direct client
   * (docs/topologies.md). Default: Redis.
   */
  readonly service?: 'keeper'
  /**
   * How many independent nodes it needs; default 1. With more than one it is a quorum lock: it gets at least so many
   * `nodes`, uses all that it gets, and has the lock when a majority of them has its token.
   */
  readonly nodes?: number
  /**
   * How many clients are callers in one process, which share its modules and its `owner`: requests of one web server. Default:
   * each client is a process of its own.
   */
  readonly callers?: number
  /** How many clients may have it at once: permits of a semaphore, requests of a window. Default: one. */
  readonly limit?: number
  /** What a library calls the things that its leases say, for sentences about them: `{ isHeld: 'mutex.isAcquired' }`. */
  readonly statements?: Statements
  /** The keys it really uses for a lock key, when it adds a prefix: they are watched for the truth lane. */
  keys?(key: string): readonly string[]
}

/** A lock whose leases are `true`, or tokens. */
export interface GivenLock<Redis = RedisCommands> extends Omit<LockDefinition<Redis>, 'acquire' | 'release'> {
  acquire(context: LockContext<Redis>): Promise<string | boolean | null>
  release(context: LockContext<Redis>, lease: never): Promise<boolean>
}

/** A lock that is built on a callback: `around` instead of `acquire` and `release`. */
export interface AroundDefinition<Redis = RedisCommands>
  extends Omit<LockDefinition<Redis>, 'acquire' | 'release' | 'extend'> {
  /** Takes the lock, runs `work` under it, gives the lock back. See `Around`. */
  readonly around: Around<Redis>
}

/**
 * Declares a lock under test: with `acquire` and `release`, or with `around`.
 * @throws UsageError when something that every lock has is missing.
 */
export function defineLock<Redis = RedisCommands>(
  definition: LockDefinition<Redis> | AroundDefinition<Redis>,
): LockDefinition<Redis>
export function defineLock<Redis = RedisCommands>(definition: GivenLock<Redis>): LockDefinition<Redis>
export function defineLock<Redis = RedisCommands>(
  definition: LockDefinition<Redis> | AroundDefinition<Redis> | GivenLock<Redis>,
): LockDefinition<Redis> {
  const lock = withEnds(definition as LockDefinition<Redis> | AroundDefinition<Redis>)
  const candidate = lock as Partial<LockDefinition<Redis>> | null
  if (typeof candidate !== 'object' || candidate === null) {
    throw new UsageError(
      'defineLock',
      'expected an object with name, acquire and release',
      'see README.md, "Your own lock"',
    )
  }
  if (typeof candidate.name !== 'string' || candidate.name.trim() === '') {
    throw new UsageError('defineLock', 'expected a name: a non-empty string', "add name: 'my-lock'")
  }
  checkMethods(`defineLock(${candidate.name})`, candidate, {
    acquire: 'add async acquire(context) { … }',
    release: 'add async release(context) { … }',
  })
  checkCount(`defineLock(${candidate.name})`, 'nodes', candidate.nodes)
  checkCount(`defineLock(${candidate.name})`, 'callers', candidate.callers)
  checkCount(`defineLock(${candidate.name})`, 'limit', candidate.limit)
  checkClientKind(`defineLock(${candidate.name})`, 'lock', candidate.client)
  checkService(`defineLock(${candidate.name})`, candidate)
  return lock
}

/** A lock with two ends, whether it was declared with them or with a callback. */
export function withEnds<Redis>(lock: LockDefinition<Redis> | AroundDefinition<Redis>): LockDefinition<Redis> {
  if (typeof lock !== 'object' || lock === null || !('around' in lock) || typeof lock.around !== 'function') {
    return lock as LockDefinition<Redis>
  }
  const { around, ...others } = lock
  return { ...others, ...endsOf(around) }
}

/** The same lock with some of it changed, whether it is a plain object or one of a class. */
export function variantOf(lock: LockDefinition, changes: Partial<LockDefinition>): LockDefinition {
  const given = Object.fromEntries(
    OPTIONAL.flatMap((field) => (lock[field] === undefined ? [] : [[field, boundTo(lock, lock[field])]])),
  ) as Partial<LockDefinition>
  return {
    name: lock.name,
    ...given,
    acquire: (context) => lock.acquire(context),
    release: (context, lease) => lock.release(context, lease),
    ...changes,
  }
}

const OPTIONAL = [
  'title',
  'commands',
  'extend',
  'blocking',
  'client',
  'service',
  'nodes',
  'callers',
  'limit',
  'statements',
  'keys',
] as const

const boundTo = (lock: LockDefinition, value: unknown): unknown =>
  typeof value === 'function' ? value.bind(lock) : value

/** As many nodes as a scenario may have, and as many clients as a hunt may. */
const COUNTS = {
  nodes: { max: 9, example: 'nodes: 3 for a lock that needs a majority of three' },
  callers: { max: 26, example: 'callers: 2 for a lock that two requests of one process use' },
  limit: { max: 1_000, example: 'limit: 2: as many clients may have it at once' },
}

/**
 * Refuses a number of nodes or callers that no world has.
 * @throws UsageError
 */
export function checkCount(place: string, name: keyof typeof COUNTS, count: unknown): void {
  const { max, example } = COUNTS[name]
  if (count === undefined || (Number.isInteger(count) && Number(count) >= 1 && Number(count) <= max)) return
  throw new UsageError(place, `expected ${name} to be a whole number from 1 to ${max}, got ${shown(count)}`, example)
}

/**
 * Refuses a service that there is not, and what only a Redis has.
 * @throws UsageError
 */
export function checkService(
  place: string,
  { service, client = 'direct', nodes = 1 }: Pick<Partial<LockDefinition>, 'service' | 'client' | 'nodes'>,
): void {
  if (service === undefined) return
  if (service !== 'keeper') {
    throw new UsageError(place, `expected service to be 'keeper', got ${shown(service)}`, 'leave it out to ask a Redis')
  }
  if (client !== 'direct') {
    throw new UsageError(
      place,
      `${client} speaks to a Redis, and it asks a coordination service`,
      "say client: 'direct'",
    )
  }
  if (nodes > 1) {
    throw new UsageError(place, `there is one coordination service, and it asks for ${nodes} nodes`, 'leave nodes out')
  }
}
