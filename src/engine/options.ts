/**
 * The options of the functions of the package: the names and the forms of the flags, as keys of an object. What is wrong is a
 * `UsageError` with the place (`hunt({ ttl })`), what was expected, and a fix.
 */
import type { ClientKind } from '../client/kind.ts'
import type { LeaderDefinition } from '../leader/leader.ts'
import type { LockDefinition } from '../lock/lock.ts'
import type { QueueDefinition } from '../queue/job-queue.ts'
import type { ReadWriteLockDefinition } from '../read-write/read-write-lock.ts'
import type { RedisVersion } from '../redis/version.ts'
import { subjectOf } from '../scenario/exported-subjects.ts'
import { didYouMean } from '../scenario/nearest.ts'
import type { SessionAppDefinition } from '../session/session-app.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../subject/subject.ts'
import { checkChoice } from './provider.ts'
import {
  HUNT_KEYS,
  PROJECT_KEYS,
  REPLAY_KEYS,
  RUN_KEYS,
  resolveSettings,
  type SettingKey,
  type Settings,
} from './settings.ts'

type AnyMethod = (...args: never[]) => unknown

/** The methods of a lock as people have them. */
type LockMethods =
  | { readonly acquire: AnyMethod; readonly release: AnyMethod }
  | { readonly lock: AnyMethod; readonly unlock: AnyMethod }
  | { readonly withLock: AnyMethod }
  | { readonly using: AnyMethod }

/**
 * A lock that is told by its shape: a class, an object of one, a factory, a function that runs a callback under the lock. What
 * is not clear is a `UsageError` that asks.
 */
export type LockByShape = LockMethods | (abstract new (...args: never[]) => LockMethods) | AnyMethod

/** What can be under test, as an object. */
export type SubjectDefinition =
  | LockDefinition
  | SessionStoreDefinition
  | SessionAppDefinition
  | QueueDefinition
  | LeaderDefinition
  | ReadWriteLockDefinition
  | LockByShape

interface RedisOptions {
  /** What answers: `memory` (default), `mock`, `server`, `container`, or a URL. */
  readonly redis?: string
  /**
   * Which Redis or Valkey `redis: 'memory'` is, with the commands that are newer than 7.0 (default): `'8.4'` has DELEX and `SET … IFEQ`.
   * `run` has what a scenario says, `replay` that of the world, unless this says otherwise. Every other `redis` must be of this version.
   */
  readonly redisVersion?: RedisVersion
  /** The redis-server or valkey-server of `redis: 'server'`. */
  readonly redisBinary?: string
  /** The image of `redis: 'container'`. */
  readonly image?: string
  /** Which Redis node answers to the name of another host: `{ 'cache.internal': 'redis-2' }`; default: the first, to all. */
  readonly hosts?: Readonly<Record<string, string>>
  /** Ends it early; what there is by then is the result. */
  readonly signal?: AbortSignal
}

interface SearchOptions extends RedisOptions {
  /** Which subjects; for a file that has several. */
  readonly only?: string | readonly string[]
  /** Where all randomness comes from; default 1. */
  readonly seed?: string | number
  /** What code under test is given that does not say what it needs; default ioredis. */
  readonly client?: ClientKind
  /** How many threads; the answer is the same. Objects always run in the calling thread. */
  readonly workers?: number
  /** Ends it after this many findings, or cells not as expected. */
  readonly maxFailures?: number
  /**
   * More limits than this fail it, those of a baseline (`hunt`) or of a scenario's `expect` (`run`) not counted. Default: 0, with
   * `allow: 'limit'` and for `run` no maximum.
   */
  readonly maxLimit?: number
  /** Unknown and vacuous count as fine. */
  readonly unknownOk?: boolean
  /** The folder of the report; missing: none is written. */
  readonly output?: string
}

/** As the flags of `lockstorm hunt`: its help tells each. Durations are texts such as `'200ms'`. */
export interface HuntOptions extends SearchOptions {
  readonly faults?: 0 | 1 | 2 | 3
  /** Storms of one fault have every magnitude that makes a difference, not only those around the lease. */
  readonly allMagnitudes?: boolean
  readonly runs?: number
  readonly time?: string
  /** Half of the random storms are mutants of those that led somewhere new. */
  readonly guided?: boolean
  /** What the clients do with it, by the name of a workload; default: what clients of such a subject usually do. */
  readonly workload?: string
  readonly clients?: number
  /** How many of the clients are callers in one process, which share its modules and its fate; default 1. */
  readonly callers?: number
  readonly rounds?: number
  readonly ttl?: string
  readonly work?: string
  readonly retry?: string
  readonly latency?: string
  readonly lossy?: boolean
  /**
   * `'single'`; `'replicated'`: a primary with a replica, and failovers; `'sentinel'`: with two replicas and three Sentinels; `'cluster'`:
   * three primaries with a replica each.
   */
  readonly topology?: 'single' | 'replicated' | 'sentinel' | 'cluster'
  /** What servers keep on their disks when they end: nothing, their last snapshot, all but the last second, all. */
  readonly persistence?: 'none' | 'rdb' | 'aof-everysec' | 'aof-always'
  readonly shrink?: boolean
  readonly lastFailed?: boolean
  /** The folder of the replays that the project keeps, which are run first; default `lockstorm/replays`; false: none. */
  readonly replays?: string | false
  /** The file of the findings that the project lives with. */
  readonly baseline?: string
  /** Writes what was found into it, with `output`. */
  readonly updateBaseline?: boolean
  readonly allow?: 'limit'
}

/** Files, or objects; not both. */
type Locks = string | SubjectDefinition | readonly (string | SubjectDefinition)[]

/** As the flags of `lockstorm run`. */
export interface RunOptions extends SearchOptions {
  /** Subjects of the user's own, beside the built-in ones. */
  readonly lock?: Locks
  /** Only scenarios with one of these tags, and without those behind a `!`. */
  readonly tag?: string | readonly string[]
  /** Worlds for each cell; default: as the scenario says. */
  readonly runs?: number
}

/** As the flags of `lockstorm replay`. */
export interface ReplayOptions extends RedisOptions {
  /** The lock that the token names, when it is none of the built-in ones. */
  readonly lock?: Locks
  /** The scenario files, when the token names a scenario that did not come with lockstorm. */
  readonly scenarios?: string | readonly string[]
}

type Verb = 'hunt' | 'run' | 'replay'

/** Settings that only matter to a terminal, and what the functions take in other forms. */
const NO_OPTIONS: readonly string[] = [
  ...['json', 'quiet', 'verbose', 'color', 'reporter', 'lock'],
  ...['changed', 'watch'],
]
const KEYS: Readonly<Record<Verb, readonly SettingKey[]>> = { hunt: HUNT_KEYS, run: RUN_KEYS, replay: REPLAY_KEYS }

/** How messages name an option. */
export const placeOf = (verb: Verb, key: string): string => `${verb}({ ${key} })`

/**
 * The settings that options ask for. Neither the environment nor a config file has a say.
 * @param others options of this function that are no settings
 * @throws UsageError
 */
export function settingsOf(verb: Verb, options: object, others: readonly string[]): Settings {
  const known = [...KEYS[verb].filter((key) => !NO_OPTIONS.includes(key)), ...PROJECT_KEYS, ...others]
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    throw new UsageError(placeOf(verb, key), `unknown option ${JSON.stringify(key)}${didYouMean(key, known)}`)
  }
  const flags = Object.fromEntries(Object.entries(options).filter(([key]) => !others.includes(key)))
  const place = (key: string): string => placeOf(verb, key)
  const { settings } = resolveSettings({ flags, environment: {}, config: null, placeOf: place })
  checkChoice(settings.redis, flags, place)
  return settings
}

/**
 * The user's own subjects: files (which run in workers), or objects (which run in the calling thread).
 * @throws UsageError when there are both, or something else
 */
export function locksOf(
  verb: Verb,
  lock: Locks | undefined,
): { readonly lockFiles: readonly string[]; readonly objects: readonly Subject[] } {
  const all = lock === undefined ? [] : Array.isArray(lock) ? (lock as readonly (string | SubjectDefinition)[]) : [lock]
  const lockFiles = all.filter((one) => typeof one === 'string')
  const objects = all.filter((one) => typeof one !== 'string').map((one) => subjectOf(placeOf(verb, 'lock'), one))
  if (lockFiles.length > 0 && objects.length > 0) {
    throw new UsageError(
      placeOf(verb, 'lock'),
      'expected files or objects, got both: files run in workers, objects in this thread',
      'export the objects from a file and name that',
    )
  }
  return { lockFiles, objects }
}
