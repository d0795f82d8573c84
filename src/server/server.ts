/**
 * Who answers when simulated code talks to Redis: one simulated Redis node, in memory or a real server.
 *
 * `memory` is the in-memory Redis; `redis-server`, `container`, `url` are real servers reached through a synchronous
 * bridge; `mock` is ioredis-mock. The world never knows which: it hands over bytes (or a command) and gets bytes
 * (or replies) back before the call returns, unless a command blocks.
 */
import type { Address } from '../net/names.ts'
import type { BusDial, BusHandler, BusSocket } from '../redis/cluster/bus.ts'
import type { KnownNode } from '../redis/cluster/cluster.ts'
import type { Found } from '../redis/persistence/disk.ts'
import type { Ending, Persistence } from '../redis/persistence/persistence.ts'
import type { Dial } from '../redis/replication/primary-link.ts'
import type { Reply } from '../redis/reply.ts'
import type { MonitorOptions } from '../redis/sentinel/monitored-primary.ts'
import type { RedisVersion } from '../redis/version.ts'
import type { ClockName } from '../sim/clock.ts'
import type { Trouble, TroubleName } from './trouble.ts'

/** What the truth lane records of a watched key: who holds it according to this server, and until when. */
export interface KeyState {
  readonly type: string
  /**
   * The value of a string; of a list or sorted set its head; of a hash or set its smallest field or member, for a server may
   * keep these in any order. Null when there is none.
   */
  readonly text: string | null
  /** Server wall clock, ms since 1970; null: never. */
  readonly expireAtMs: number | null
}

/** How a connection hands out what the server sends. Exactly one of `onBytes` and `onReply` is given. */
export interface ServerSink {
  /** RESP bytes as a latin-1 string (each char is one byte). */
  readonly onBytes?: (bytes: string) => void
  /** Replies and pushes in order, without RESP, for the direct client. */
  readonly onReply?: (reply: Reply) => void
  /** The server closed the connection. */
  readonly onClose?: () => void
}

/** One client's connection to the server. */
export interface ServerConnection {
  /** Bytes from the client, cut anywhere; answers arrive through the sink before this returns, or later when a command blocks. */
  receive(bytes: string): void
  /** One command without RESP; the same contract. */
  execute(args: readonly string[]): void
  /** The client's end is gone. */
  close(): void
}

/** A node's part in replication. */
export interface ServerReplication {
  /** Whether it takes writes, whatever others think of it. */
  readonly isPrimary: boolean
  /** Called when it has become a primary. */
  onPromoted: (() => void) | null
  /** Called when it follows another server, having been a primary. */
  onDemoted: (() => void) | null
  /**
   * A replica connects to its primary. `phaseUs`: when it looks after the others first; answers when `cron` is to be called first, null: never,
   * for it does that when it looks after its cluster.
   */
  begin(phaseUs: number): number | null
  /** It looks after the others; answers when it is to be called again, µs later on its monotonic clock. */
  cron(): number
  /** REPLICAOF NO ONE, as an operator says it. */
  promote(): void
  /** REPLICAOF, and its clients are cut, as Sentinel does it. */
  follow(primary: Address): void
}

/** A node's part in a Redis Cluster. */
export interface ServerCluster {
  /** A tenth of a second has passed on its monotonic clock. */
  cron(): void
  /** Another node has connected to its bus port. */
  accept(socket: BusSocket<unknown>): BusHandler<unknown>
  /** CLUSTER FAILOVER, or with FORCE, or TAKEOVER: a replica is to take the place of its primary. False: it is none. */
  failOver(how: FailoverMode): boolean
  /** What it answers to this command of an operator; undefined: nothing yet. */
  ask(args: readonly string[]): Reply | undefined
}

/** `agreed`: the primary stops first, nothing is lost; `forced`: it is not asked; `takeover`: no node is. */
export const FAILOVER_MODES = ['agreed', 'forced', 'takeover'] as const
export type FailoverMode = (typeof FAILOVER_MODES)[number]

/** What a node is to others from the start. */
export interface NodeReplication {
  readonly dial: Dial
  /** The stream that all of them have a part of. */
  readonly streamId: string
  /** How long that stream is. */
  readonly offset?: number
  /** Null: it is the primary. */
  readonly primary: Address | null
  /** Lines of its redis.conf. */
  readonly settings: readonly (readonly [string, string])[]
  /** The cluster that it is a node of; missing: none. */
  readonly cluster?: {
    readonly dial: BusDial<unknown>
    /** Itself first. */
    readonly nodes: readonly KnownNode[]
  }
}

/**
 * What a server has when it starts again: all, nothing, what its former life had written to its files (its process ended), or what of
 * that was on the disk (its machine lost power).
 */
export type Kept = 'all' | 'nothing' | Ending

/** One running Redis node. */
export interface RedisServer {
  /** False: everything that it is asked is done before the call returns, and no promise is left behind. */
  readonly usesPromises?: boolean
  /** Its part in replication; missing: it has none. */
  readonly replication?: ServerReplication
  /** Its part in a cluster; missing: it is no node of one. */
  readonly cluster?: ServerCluster
  /** A client connected. */
  connect(sink: ServerSink): ServerConnection
  /** The clock by which it counts; missing: the wall clock, in µs since 1970. */
  readonly clock?: ClockName
  /** What that clock shows now, in whole µs; called before every receive, execute, observe, wake and suffer. */
  setClock(nowUs: number): void
  /** When (by its clock, ms) something waits for time to pass, or null. Real servers do not say: their bridge knows the commands that wait. */
  wakeAtMs(): number | null
  /** Time has passed: ends blocked calls that are due. */
  wake(): void
  /** CLIENT PAUSE is on: an operator's command would wait, too. */
  readonly isPaused: boolean
  /** Makes trouble happen, at once; answers null, or in one line why this kind of server cannot have it. */
  suffer(trouble: Trouble): string | null
  /** What a key holds now, without side effects. */
  observe(key: string): KeyState | null
  /** The process has died, at this time of its wall clock; called before `restart`, of servers that have a disk. */
  end?(atUs: number): void
  /** Its connections are cut, and it starts again. What it found on its disk, if that decides what it has. */
  restart(kept: Kept): Found | null
  /** Ends the server for good; safe to call twice. */
  stop(): void
}

/** What a node begins with. */
export interface NodeOptions {
  readonly seed: string
  readonly nowUs: number
  readonly replication?: NodeReplication
  /** It has a disk: how it uses that. Missing: it is said at each restart what it has. */
  readonly persistence?: Persistence
  /** Which Redis or Valkey it is; missing: the one that the provider has. */
  readonly version?: RedisVersion
  /** It is no Redis, but the coordination service of the world. */
  readonly service?: 'keeper'
}

/** A Sentinel as a server. */
export interface SentinelRedisServer extends RedisServer {
  /** It looks at everything; answers in how many µs it must look again. */
  look(): number
  /** SENTINEL FAILOVER, as an operator says it. */
  failOver(name: string): void
}

/** What a Sentinel begins with. */
export interface SentinelNodeOptions {
  readonly name: string
  readonly seed: string
  readonly nowUs: number
  readonly dial: Dial
  /** Where others find it. */
  readonly address: Address
  readonly primary: MonitorOptions
  /** Hears each event, as its subscribers do. */
  readonly onEvent: (channel: string, text: string) => void
}

/** How servers replicate: a primary and replicas that an operator promotes, or Sentinels, or each other in a Cluster. */
export type Replicating = 'replicas' | 'sentinels' | 'cluster'

/** Starts nodes for worlds; one provider serves a whole run, so that work done once per process is not done once per world. */
export interface ServerProvider {
  /** 'memory' | 'mock' | 'server' | 'container' | 'url'. */
  readonly kind: string
  /** What the report says: name and version. */
  readonly description: string
  /** The same of nodes that are of this version; null: they are not. Missing: it has nodes of no version. */
  readonly descriptionOf?: (version: RedisVersion) => string | null
  /** Whether the same plan gives the same history. */
  readonly deterministic: boolean
  /** What its nodes cannot have; missing: there is nothing. Hunts do not try it. */
  readonly lacks?: readonly TroubleName[]
  /** What they cannot have besides when they are a cluster. */
  readonly lacksInCluster?: readonly TroubleName[]
  /** An empty node for one world; nodes of ended worlds may be reused after `stop`. */
  node(name: string, options: NodeOptions): RedisServer
  /** A Sentinel for one world; missing: it is in memory. */
  readonly sentinel?: (options: SentinelNodeOptions) => SentinelRedisServer
  /** How its nodes can replicate; missing: they cannot. */
  readonly replicates?: readonly Replicating[]
  /** Whether they can have a disk. */
  readonly persists?: boolean
  /** Whether one of them can be a coordination service. */
  readonly hasKeeper?: boolean
  /** Ends everything that was started; safe to call twice. */
  close(): Promise<void>
}
