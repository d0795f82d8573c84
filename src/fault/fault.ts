/**
 * What a fault is: a piece of data (as a scenario or a storm writes it down), the code that makes it happen, and what it
 * says of itself: its effects, its size, where hunts try it, its words.
 *
 * One fault a file; `registry.ts` joins them. The data is plain, so storms can be generated, shrunk, stored and
 * replayed; the YAML form and its checks come from the fault's own zod schema. Planned faults are asked through
 * `planned-fault.ts`.
 */
import type { Arbitrary } from 'fast-check'
import type * as z from 'zod'
import type { Network } from '../net/network.ts'
import type { FailoverMode, Kept } from '../server/server.ts'
import type { NodeTrouble, TroubleName } from '../server/trouble.ts'
import type { SimProcess } from '../sim/process.ts'
import type { World } from '../sim/world.ts'
import type { Draws } from './draws.ts'
import type { Effect, MessageEffect } from './effect.ts'
import type { Menu } from './menu-place.ts'

/**
 * When a fault strikes.
 * - `time`: at a true time since the world began.
 * - `event`: when a process records an operation the nth time: `A after acquire`, `B before release 2`.
 *   `before` is the moment it begins, `after` the moment it ended well.
 * - `site`: at a message: `A before send 3` (its third message since its workload began leaves), `A before reply 3`
 *   (its third message arrives), `redis-1 before exec 7`, `redis-1 before answer 7`.
 */
export type Anchor =
  | { readonly kind: 'time'; readonly atUs: number }
  | {
      readonly kind: 'event'
      readonly process: string
      readonly when: 'before' | 'after'
      readonly op: string
      readonly count: number
    }
  | { readonly kind: 'site'; readonly process: string; readonly site: Site; readonly count: number }

/** Where in the flow of messages: the process's own sends and receipts, a server's executions and answers. */
export type Site = 'send' | 'reply' | 'exec' | 'answer'

/** A fault in a plan: its kind, its own settings, and when it strikes. */
export interface PlannedFault {
  readonly kind: string
  readonly settings: FaultSettings
  readonly at: Anchor
}

/** The settings of any fault. */
export type FaultSettings = Readonly<Record<string, unknown>>

/** What a fault may reach when it strikes. */
export interface FaultContext {
  readonly world: World
  readonly network: Network
  /** A process by name; a scenario that names an unknown one was refused when it was loaded. */
  process(name: string): SimProcess
  /** Runs `heal` after a while, or when the storm is over if that comes first. */
  healAfter(us: number, heal: () => void): void
  /** Runs `heal` when the storm is over. */
  healAtEnd(heal: () => void): void
  /** Starts a crashed process again: a client with its workload, a Redis node with this of its data. */
  restart(process: SimProcess, kept: Kept): void
  /** The Redis nodes. */
  readonly servers: readonly string[]
  /** The primary of the servers that this one replicates with; null: it does not. */
  primaryOf(process: SimProcess): SimProcess | null
  /** Makes a replica the primary: the name that clients connect to leads there, and the other replicas follow it. */
  promote(process: SimProcess): void
  /** Tells a former primary to follow the present one, and cuts its clients. */
  demote(process: SimProcess): void
  /** Tells a Sentinel to have a replica promoted, as an operator does. */
  failOver(process: SimProcess): void
  /** Tells a replica of a Cluster to take the place of its primary. */
  clusterFailover(process: SimProcess, how: FailoverMode): void
  /** Begins to move the slot of a key of a Cluster to the shard of this node. */
  moveSlot(key: string, to: SimProcess): SlotOnItsWay
  /** Makes each piece of work of a client take longer from now on. */
  slowDown(process: SimProcess, byUs: number): void
  /**
   * Makes something happen inside a Redis node. A kind of Redis that cannot have it says why: that is put on record, and
   * the world's verdict is `unknown` unless something was found all the same.
   */
  suffer(node: SimProcess, trouble: NodeTrouble): void
  /** The key that the world is about: the lock, or the session. */
  readonly watchedKey: string
}

/** A slot that an operator moves. */
export interface SlotOnItsWay {
  /** As far as this, now or as soon as it can be done: it is open, its keys have moved, its new owner is told. */
  advance(stage: 'open' | 'keys' | 'closed'): void
}

/** What a process is in its world. */
export type Role = 'client' | 'redis' | 'sentinel' | 'storage'

export const EVERY_ROLE: readonly Role[] = ['client', 'redis', 'sentinel', 'storage']

/** One kind of fault: it strikes at once, or it acts on a message. */
export type FaultKind<Settings = FaultSettings> = FaultWords<Settings> & (Striking<Settings> | OnMessage<Settings>)

interface Striking<Settings> {
  /** Makes it happen, now. */
  strike(settings: Settings, context: FaultContext): void
  /** What `strike` does, as data. */
  effects(settings: Settings): readonly Effect[]
  readonly onMessage?: undefined
}

interface OnMessage<Settings> {
  /**
   * What it does to one message: the one at which it is anchored, or else the next request of (or reply to) this client; it
   * strikes when that is sent. It has no other effect.
   */
  onMessage(settings: Settings): MessageEffect
  readonly strike?: undefined
}

/** A fault in words, in each language: `pause A for 2 s`. */
interface InWords<Settings> {
  en(settings: Settings): string
  zh(settings: Settings): string
}

interface FaultWords<Settings> {
  /** As in YAML: `pause`, `lose-reply`. */
  readonly name: string
  /** One line for `lockstorm list faults`. */
  readonly summary: string
  /** A YAML example that loads. */
  readonly example: string
  /** The settings as YAML writes them; the output is what `strike` takes. */
  readonly schema: z.ZodType<Settings>
  /** The setting that says how large it is, µs: it may be made smaller. Without it the fault has no size. */
  readonly size?: keyof Settings & string
  /** The processes for which it does anything; a scenario that aims it at others is refused. */
  readonly roles: readonly Role[]
  /**
   * It is about a primary and its replicas, who promotes them, Sentinels, a Cluster, or what only a Redis has or does: a scenario without is
   * refused.
   */
  readonly needs?: 'a Redis' | 'replicas' | 'an operator' | 'sentinels' | 'a cluster'
  /** The processes the settings name, to be checked against the scenario. */
  processes(settings: Settings): readonly string[]
  /** How long it lasts, µs; 0 for an instant, null until the storm is over. */
  durationUs(settings: Settings): number | null
  /** In words, for reports. */
  readonly describe: InWords<Settings>
  /** The trouble that a node must be able to have; a hunt on a Redis that cannot does not try it. Missing: none. */
  trouble?(settings: Settings): TroubleName | null
  /** Where an exhaustive hunt tries it, and with which settings; without it: nowhere. */
  readonly menu?: Menu<Settings>
  /** What random storms draw its settings from; without it they have none of this kind. */
  random?(draws: Draws): Arbitrary<Settings>
}

/** Keeps the types of one fault's schema and functions in step. */
export const defineFault = <Settings>(kind: FaultKind<Settings>): FaultKind<Settings> => kind

/** A fault in a plan, with settings of its kind. */
export const planFault = <Settings extends FaultSettings>(
  { name: kind }: FaultKind<Settings>,
  settings: Settings,
  at: Anchor,
): PlannedFault => ({ kind, settings, at })
