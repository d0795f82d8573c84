/**
 * What a workload is: what the clients of a world do with the code under test, and everything that the rest of lockstorm
 * asks about it. One folder a workload; `registry.ts` joins them.
 *
 *   scenario file ── schema ──► settings in the plan ──► run, for each client ──► probe, when all is calm ──► rules of the checks
 *
 * No other folder knows a workload by its name.
 */
import type * as z from 'zod'
import type { PropertyName } from '../check/verdict.ts'
import type { Rules } from '../history/rules.ts'
import type { SubjectKinds } from '../subject/subject.ts'
import type { InLanguages } from '../text/language.ts'
import type { Client } from './client.ts'
import type { StorageOptions } from './storage.ts'

/** What the settings of every workload have. */
export interface WorkloadSettings {
  /** How long one piece of a client's work takes. */
  readonly workUs: number
}

/** One client in one world: what its workload gets to run it with. A client that crashed and came back has another. */
export interface Life<Settings, Takes extends keyof SubjectKinds, Shared> {
  readonly client: Client
  readonly subject: SubjectKinds[Takes]
  readonly settings: Settings
  /** The lease that the lock is asked for, or the session's time to live. */
  readonly ttlMs: number
  /** Its number among the clients, from 0: workloads give the first or the last one another role. -1: it only probes. */
  readonly index: number
  /** How many clients there are. */
  readonly clients: number
  /** What the clients of this world share outside of Redis. */
  readonly shared: Shared
}

/** How the clients of a hunt work. */
export interface Pace {
  /** How often each client does what the workload is about. */
  readonly rounds: number
  readonly workUs: number
  readonly retryUs: number
  /** The lease, or a session's time to live. */
  readonly ttlMs: number
  /** Whether the lock can prolong its lease. */
  readonly canExtend?: boolean
}

/** How hunts use a workload. */
export interface HuntUse<Settings> {
  /** Whether a hunt uses it when it names no workload. */
  readonly isUsual: boolean
  /** One fault-free plan for each of these. */
  settings(pace: Pace): readonly Settings[]
  /** The time to live in leases: a session lives longer than a lock is held. */
  readonly ttlLeases: number
  /** How long before the others the first client begins. */
  readonly headStartUs: number
  /** So much of a lease a message may take at most: one part of so many. Missing: as long as drawn. */
  readonly messagesALease?: number
}

/** One workload. Its settings are plain data: they stand in plans. */
export interface Workload<
  Settings extends WorkloadSettings = WorkloadSettings,
  Kind extends string = string,
  Takes extends keyof SubjectKinds = keyof SubjectKinds,
  Shared = unknown,
> {
  /** Its name in scenario files and plans. */
  readonly kind: Kind
  /** What it is run with. */
  readonly takes: Takes
  /** Settings as scenario files write them, and back. */
  readonly schema: z.ZodType<Settings>
  /** What clients record while the storm lasts, in the order in which it happens: what anchors may name. */
  readonly operations: readonly string[]
  /** At which of them random storms strike. */
  readonly anchors: readonly string[]
  /** Of the operations those that are the work itself: one that ended well says that a client got it done. */
  readonly doneBy: readonly string[]
  /** What can be broken in it. */
  readonly properties: readonly PropertyName[]
  /** The Redis key that it is about. */
  readonly key: string
  /** The keys whose truth is recorded; none: only the subject knows them. */
  watches(subject: SubjectKinds[Takes]): readonly string[]
  /** The storage machine that it needs; missing: it needs none. */
  storage?(settings: Settings): StorageOptions
  /** Makes what the clients of one world share outside of Redis. */
  share?(): Shared
  /** Starts what a client needs before the storm counts its messages; undefined: there is nothing to start. */
  open?(life: Life<Settings, Takes, Shared>): Promise<unknown> | undefined
  /** What one client does, from start to end. */
  run(life: Life<Settings, Takes, Shared>): Promise<void>
  /** What one client looks at when all is calm; `isOver`: it has tried for long enough. */
  probe(life: Life<Settings, Takes, Shared>, isOver: () => boolean): Promise<void>
  /** What one client's work takes when nothing is in its way; `talkUs`: a round's messages. */
  lastsUs(settings: Settings, talkUs: number): number
  /** How often each client does what the workload is about: storms are smaller with fewer rounds. */
  roundsOf(settings: Settings): number
  withRounds(settings: Settings, rounds: number): Settings
  /** The same by clients that do not ask their lease before they write, as applications seldom do; missing: they never ask. */
  unasked?(settings: Settings): Settings
  /** What the checks must know of it. */
  rules?(settings: Settings): Partial<Pick<Rules, 'checkFence' | 'bypassesMax' | 'isWriterLocked' | 'runs' | 'doneBy'>>
  /** In a few words: `counter, 3 clients × 2 rounds`; one text: in English alone. */
  describe(settings: Settings, clients: number): string | InLanguages
  /** Missing: no hunt uses it. */
  readonly hunts?: HuntUse<Settings>
}

/** A client's life in any workload. */
export type AnyLife = Life<WorkloadSettings, keyof SubjectKinds, unknown>

/** Keeps the types of one workload's schema and functions in step. */
export const defineWorkload = <
  Settings extends WorkloadSettings,
  const Kind extends string,
  Takes extends keyof SubjectKinds,
  Shared = unknown,
>(
  workload: Workload<Settings, Kind, Takes, Shared>,
): Workload<Settings, Kind, Takes, Shared> => workload
