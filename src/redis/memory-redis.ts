/**
 * The in-memory Redis server: databases, connections, time, blocked clients, faults, restarts.
 *
 * Made ten thousand times a second, so everything that a world may never use is made when it is first used.
 *
 * Does not model  the bytes of files: what is on its disk is beside it, in `persistence/`. So is replication, in `replication/`.
 *
 * Invariants
 * - One command runs at a time, to its end; replies of blocked clients come after it.
 * - Everything derives from `nowUs()` and `seed`.
 */

import { assert } from '../sim/assert.ts'
import { SERVER_VOCABULARY, type Vocabulary } from './acl/categories.ts'
import { isAmong } from './acl/selector.ts'
import type { User } from './acl/user.ts'
import { DEFAULT_USER, Users } from './acl/users.ts'
import { Cluster, type ClusterOptions } from './cluster/cluster.ts'
import { redirectionOfBlocked } from './cluster/redirection.ts'
import type { CommandRow } from './commands/command-row.ts'
import { newerCommands } from './commands/newer.ts'
import { commandTable, findCommand, findIn } from './commands/table.ts'
import { type Configuration, ServerConfig } from './config.ts'
import { RedisConnection, type Wait } from './connection.ts'
import { CLOSE_AFTER_REPLY, RESTRICTED, UNAUTHENTICATED } from './connection-mode.ts'
import type { CommandDocs } from './docs/command-docs.ts'
import { BUSY_FUNCTION, BUSY_SCRIPT, type ErrorReply } from './errors.ts'
import { FunctionLibraries } from './function-libraries.ts'
import { KeyListeners } from './key-listeners.ts'
import { Keyspace } from './keyspace.ts'
import { eventPublisher } from './keyspace-events.ts'
import { makeRoom, memoryLimit } from './memory-limit.ts'
import { Monitors } from './monitors.ts'
import { Disk, type Found } from './persistence/disk.ts'
import type { Ending } from './persistence/persistence.ts'
import { Random } from './random.ts'
import type { Dial } from './replication/primary-link.ts'
import { Replication, type ReplicationOptions } from './replication/replication.ts'
import { loadSnapshot } from './replication/snapshot.ts'
import type { Reply } from './reply.ts'
import type { ScriptEngine } from './script/engine.ts'
import { ScriptCache } from './script-cache.ts'
import type { Sentinel } from './sentinel/sentinel.ts'
import { type Limits, Statistics } from './statistics.ts'
import { PubSub } from './subscriptions.ts'
import { Tracking } from './tracking.ts'
import type { FrequencySettings } from './usage-clock.ts'
import { firstText } from './value.ts'
import { type Feature, type RedisVersion, VERSIONS } from './version.ts'
import { WaitingClients } from './waiting-clients.ts'

export { RedisConnection, type Wait }

/** What a server needs from the outside. */
export interface MemoryRedisOptions {
  /** The server's wall clock: whole microseconds since 1970. It may jump, also backwards. */
  readonly nowUs: () => number
  /** Runs EVAL and its relatives; without one they answer an error. */
  readonly scripts?: ScriptEngine
  /** Seeds whatever Redis draws at random (run id, RANDOMKEY, SPOP); the same seed, the same replies. */
  readonly seed?: string
  /** Seeds its ids (of the run, the stream, the node), which no two servers may share; default: `seed`. */
  readonly identity?: string
  /** Whose newer commands it has; default 7.0. */
  readonly version?: RedisVersion
  /** What it has that is newer than 7.0; missing: what its version has. */
  readonly features?: ReadonlySet<Feature>
  /** Microseconds that only go forward, if commands take time: statistics of them are kept then. */
  readonly measureUs?: () => number
  /** Parameters as a configuration file would set them, checked: see `readConfiguration`. */
  readonly configuration?: Configuration
  /** What COMMAND DOCS says, asked for when a client asks; without it each command's entry is empty. */
  readonly docs?: () => CommandDocs
  /** Moves the clock, for DEBUG SLEEP and DEBUG CLOCK ADVANCE; without it both are refused. */
  readonly passMs?: (ms: number) => void
  /** Opens connections to other servers, for REPLICAOF; without it none is reached. */
  readonly dial?: Dial
  /** It is part of a topology from the start; without it that begins with the first replica, or with REPLICAOF. */
  readonly replication?: ReplicationOptions
  /** It is a node of a cluster: its configuration says `cluster-enabled yes`. */
  readonly cluster?: ClusterOptions
  /** Whether a client may move the clock with DEBUG CLOCK ADVANCE, whatever `enable-debug-command` says. */
  readonly hasMovableClock?: boolean
  /** It has a disk, whose files are what its configuration says; without it a restart has all data or none. */
  readonly hasDisk?: boolean
  /** The only commands that it has, by lower case name; missing: all of its version. */
  readonly commands?: ReadonlyMap<string, CommandRow>
  /** Which commands rules of access control may name; missing: those of Redis 7.0. */
  readonly vocabulary?: Vocabulary
}

const noDocs = (): CommandDocs => ({})

/** How a connection hands out what the server sends. Exactly one of `onBytes` and `onReply` is given. */
export interface ConnectionSink {
  /** RESP bytes as a latin-1 string. */
  readonly onBytes?: (bytes: string) => void
  /** Replies and pushes in order, without RESP, for the direct client. */
  readonly onReply?: (reply: Reply) => void
  /** The server closed the connection (QUIT, CLIENT KILL, a protocol error). */
  readonly onClose?: () => void
  /** The server has made it for itself: nobody has connected. */
  readonly isOwn?: boolean
  /** Peer address for CLIENT LIST; default 127.0.0.1 with a port that counts up. */
  readonly address?: string
}

/** States that faults put a server into; each makes the matching commands answer Redis's own error. */
export interface ServerFault {
  /** A replica: commands that write answer READONLY. */
  readonly readOnly?: boolean
  /** The last snapshot failed: commands that write (and PING) answer MISCONF. */
  readonly misconf?: boolean
  /** Reading its data after a restart: commands that need data answer LOADING. */
  readonly loading?: boolean
}

/** A script that never ends: what its caller gets once SCRIPT KILL has ended it. */
export interface BusyScript {
  readonly caller: RedisConnection
  /** EVAL runs scripts, FCALL functions, and each is killed by a command of its own. */
  readonly kind: 'script' | 'function'
  /** The SHA-1 of a script, the name of a function. */
  readonly name: string
  /** The command that called it. */
  readonly args: readonly string[]
  readonly sinceMs: number
  readonly hasWritten: boolean
  replyWhenKilled: Reply
}

/** Why a server may have to refuse or put off a command, as bits of `gate`; 0: it runs everything. */
const FAULTY = 1
const BUSY = 2
const PAUSED = 4
const MONITORED = 8
const LIMITED = 16
const NEEDS_REPLICAS = 32
const RESTRICTING = 64
const TRACKING = 128
const MEASURED = 256
const REPLICATING = 512
const CLUSTERED = 1024

/** Ten times a second the active expiry cycle removes the keys whose time is up. */
const EXPIRY_CYCLE_MS = 100

/** The drand48 state a redis-server starts with: the 48 bits 0x1234_ABCD_330E, as two halves. */
const FIRST_SCRIPT_RANDOM = { hi: 0x1234ab, lo: 0xcd330e }

export class MemoryRedis {
  readonly nowUs: () => number
  readonly scripts: ScriptEngine | null
  /** As INFO and HELLO print it. */
  readonly version: string
  readonly kind: 'redis' | 'valkey'
  readonly features: ReadonlySet<Feature>
  /** Commands that Redis 7.0 has not, or all that this server has; null: it has those of Redis 7.0. */
  readonly newer: ReadonlyMap<string, CommandRow> | null
  readonly #hasFewCommands: boolean
  readonly #vocabulary: Vocabulary
  /** True while a command runs: whatever comes in meanwhile waits. */
  isRunning = false
  /** Not 0: commands have to be asked whether they may run. */
  gate = 0
  hasDeferred = false
  waiting = new WaitingClients()
  /** Since the start, as INFO prints it. */
  commandCount = 0
  connectionCount = 0
  startedMs: number
  /** The command that runs (or ran last) found more memory used than `maxmemory` allows, and nothing to evict. */
  isOutOfMemory = false
  /** LASTSAVE. */
  lastSaveMs: number
  evictedCount = 0
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may call everything. */
  allowsAllInScripts = false
  /** DEBUG SET-ACTIVE-EXPIRE. */
  expiresActively = true
  #savedChanges = 0
  /** CLIENT PAUSE stops the active expiry cycle, too. */
  #pausedUntilMs = -Infinity
  /** The state of `math.random` in scripts, which runs on from script to script. */
  scriptRandom = { ...FIRST_SCRIPT_RANDOM }
  readonly #seed: string
  readonly #identity: string
  readonly #configuration: Configuration | undefined
  /** See `MemoryRedisOptions`. */
  readonly passMs: ((ms: number) => void) | null
  readonly docs: () => CommandDocs
  readonly hasMovableClock: boolean
  #restarts = 0
  #databases: (Keyspace | undefined)[] = []
  #listeners: (KeyListeners | undefined)[] = []
  #connections = new Set<RedisConnection>()
  #lastId = 0
  #fault: ServerFault = {}
  #busy: BusyScript | null = null
  #random: Random | null = null
  #pubSub: PubSub | null = null
  #config: ServerConfig | null = null
  #users: Users | null = null
  /** What commands took; null: they take no time. */
  readonly statistics: Statistics | null
  /** Its part in replication; null: it has neither replicas nor a primary, and never had. */
  replication: Replication | null = null
  /** Null: it has none. */
  readonly disk: Disk | null
  /** Its part in a cluster; null: it is on its own. */
  readonly cluster: Cluster | null
  /** See `MemoryRedisOptions`. */
  readonly dial: Dial | null
  readonly #isMember: boolean
  /** Whose clients talk to it; null: it is no Sentinel. */
  sentinel: Sentinel | null = null
  /** Told when it has become a primary. */
  onPromoted: (() => void) | null = null
  /** Told when it follows another server, having been a primary. */
  onDemoted: (() => void) | null = null
  /** Whom it follows after a restart: what CONFIG REWRITE has kept. */
  #savedPrimary: ReplicationOptions['primary']
  /** Client side caching; null: no client has asked for it. */
  tracking: Tracking | null = null
  #scriptCache: ScriptCache | null = null
  #functions: FunctionLibraries | null = null
  #runId: string | null = null
  #monitors: Monitors | null = null
  #isDown = false
  #deferred: RedisConnection[] = []

  constructor(options: MemoryRedisOptions) {
    this.nowUs = options.nowUs
    this.scripts = options.scripts ?? null
    this.#seed = options.seed ?? ''
    this.#identity = options.identity ?? this.#seed
    const version = VERSIONS[options.version ?? '7.0']
    this.version = version.number
    this.kind = version.server
    this.features = options.features ?? version.features
    this.newer = options.commands ?? (this.features.size === 0 ? null : newerCommands(this.features))
    this.#hasFewCommands = options.commands !== undefined
    this.#vocabulary = options.vocabulary ?? SERVER_VOCABULARY
    this.#configuration = options.configuration
    this.passMs = options.passMs ?? null
    this.docs = options.docs ?? noDocs
    this.dial = options.dial ?? null
    this.#isMember = options.replication !== undefined
    this.#savedPrimary = options.replication?.primary
    this.statistics = options.measureUs === undefined ? null : new Statistics(options.measureUs)
    if (this.statistics !== null) this.gate |= MEASURED
    this.hasMovableClock = options.hasMovableClock ?? false
    this.startedMs = this.nowMs
    this.lastSaveMs = this.startedMs
    if (this.#configuration !== undefined) this.reconfigure()
    if (options.replication !== undefined) this.#replicate(options.replication)
    this.cluster = options.cluster === undefined ? null : new Cluster(this, this.#identity, options.cluster)
    if (this.cluster !== null) this.gate |= CLUSTERED
    this.disk = options.hasDisk === true ? new Disk(this) : null
  }

  /** Its part in replication, begun if there is none. */
  replicate(): Replication {
    return this.replication ?? this.#replicate({})
  }

  #replicate(options: ReplicationOptions): Replication {
    const replication = new Replication(this, `${this.#identity}/replication/${this.#restarts}`, options)
    this.replication = replication
    this.gate |= REPLICATING
    for (const keys of this.databases) this.#follow(keys, replication)
    return replication
  }

  /** What happens to late keys of this database is a matter of replication. */
  #follow(keys: Keyspace, replication: Replication): void {
    keys.lateKey = () => (this.waiting.isPaused ? 'hidden' : replication.lateKey())
    keys.onExpire = (from, key) => replication.removed(from, key)
  }

  /** Commands that write are refused: it is a replica, or a fault has made it one. */
  get isReadOnly(): boolean {
    return this.#fault.readOnly === true || (this.replication?.isReadOnly ?? false)
  }

  /** CONFIG REWRITE: whom it follows now, it follows after a restart. False: it has no configuration file. */
  saveConfiguration(): boolean {
    if (!this.#isMember) return false
    const link = this.replication?.link ?? null
    this.#savedPrimary = link === null ? undefined : { host: link.host, port: link.port }
    return true
  }

  /** What it is, as HELLO and INFO say it. */
  get mode(): 'standalone' | 'cluster' | 'sentinel' {
    if (this.sentinel !== null) return 'sentinel'
    return this.cluster === null ? 'standalone' : 'cluster'
  }

  /** The server's wall clock in whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.nowUs() / 1000)
  }

  /** A client connected. */
  connect(sink: ConnectionSink): RedisConnection {
    const connection = new RedisConnection(this, ++this.#lastId, sink, this.database(0), this.nowMs)
    if (sink.isOwn !== true) this.connectionCount++
    this.#connections.add(connection)
    if (this.#isDown) connection.close()
    else connection.mode |= this.newMode()
    return connection
  }

  /** All open connections, in the order they came. */
  get connections(): ReadonlySet<RedisConnection> {
    return this.#connections
  }

  /** One of the databases SELECT chooses from, at the present time of the running command. */
  database(index: number): Keyspace {
    const known = this.#databases[index]
    if (known !== undefined) return known
    const keys = new Keyspace(index)
    this.#databases[index] = keys
    if (this.#config !== null) this.#configure(keys, this.#config)
    if (this.waiting.isPaused) this.#pauseExpiry(keys)
    if (this.replication !== null) this.#follow(keys, this.replication)
    const { tracking } = this
    if (tracking !== null) this.listeners(index).track((key) => tracking.touched(key))
    return keys
  }

  /** The databases that were ever used. */
  get databases(): readonly Keyspace[] {
    return this.#databases.filter((keys) => keys !== undefined)
  }

  /** SWAPDB: the contents change places; clients stay where they are, and so do their watches and waits. */
  swapDatabases(first: number, second: number, nowMs: number): void {
    const one = this.database(first)
    const other = this.database(second)
    one.nowMs = nowMs
    other.nowMs = nowMs
    one.swapWith(other)
    this.#listeners[first]?.replaced(other)
    this.#listeners[second]?.replaced(one)
  }

  /** Who listens to a database's keys. */
  listeners(index: number): KeyListeners {
    const known = this.#listeners[index]
    if (known !== undefined) return known
    const listeners = new KeyListeners(this.database(index), (from, key) => this.waiting.keyIsReady(from, key))
    this.#listeners[index] = listeners
    return listeners
  }

  get pubSub(): PubSub {
    this.#pubSub ??= new PubSub()
    return this.#pubSub
  }

  get config(): ServerConfig {
    this.#config ??= new ServerConfig(this.#configuration)
    return this.#config
  }

  /** What a client is before it has said anything, as bits of its mode. */
  newMode(): number {
    if (this.#users === null && (this.#config === null || this.#config.get('requirepass') === '')) return 0
    const { mustLogIn, default: user } = this.users
    if (!user.allowsEverything) this.hasRestrictedUsers()
    return (mustLogIn ? UNAUTHENTICATED : 0) | (user.allowsEverything ? 0 : RESTRICTED)
  }

  /** What the configuration says of slow commands. */
  statisticsLimits(): Limits {
    const number = (name: string): number => Number(this.config.get(name))
    return {
      slowUs: number('slowlog-log-slower-than'),
      slowEntriesMax: number('slowlog-max-len'),
      latencyMs: number('latency-monitor-threshold'),
    }
  }

  /** CLIENT TRACKING ON. */
  startTracking(): void {
    if (this.tracking !== null) return
    const tracking = new Tracking(() => this.#connections)
    this.tracking = tracking
    this.gate |= TRACKING
    for (const { index } of this.databases) this.listeners(index).track((key) => tracking.touched(key))
  }

  /** Everything in some databases goes, which clients with a cache are told once. */
  flush(databases: readonly Keyspace[]): void {
    const clear = (): void => {
      for (const keys of databases) keys.clear()
    }
    if (this.tracking === null) clear()
    else this.tracking.flush(clear)
  }

  /** Who may do what. */
  get users(): Users {
    this.#users ??= new Users(this.config.get('requirepass'), this.#vocabulary)
    return this.#users
  }

  /** Copies of the users, if there is anything to say of them. */
  copyUsers(): readonly User[] {
    return this.#users?.all().map((user) => user.copy()) ?? []
  }

  /** What a configuration file says of users, before the first client comes. */
  loadUsers(users: readonly User[]): void {
    for (const user of users) {
      if (user.name === DEFAULT_USER) this.users.default.adopt(user)
      else this.users.add(user)
    }
  }

  /** Some client may not do everything, so scripts must ask. */
  hasRestrictedUsers(): void {
    this.gate |= RESTRICTING
  }

  /** CONFIG SET requirepass. */
  passwordChanged(): void {
    this.#users?.setDefaultPassword(this.config.get('requirepass'))
  }

  /** ACL SETUSER: its clients take notice. */
  userChanged(user: User): void {
    for (const connection of this.#connections) if (connection.user === user) connection.restrict()
  }

  /** ACL DELUSER: its clients are cut, the caller after its reply. */
  dropUser(user: User, caller: RedisConnection): void {
    for (const connection of [...this.#connections]) {
      if (connection.user !== user) continue
      if (connection !== caller) connection.close()
      else {
        connection.logOut()
        connection.mode |= CLOSE_AFTER_REPLY
      }
    }
  }

  /** ACL SETUSER took channels away: clients that listen to what they may not any more are cut. */
  dropSubscribers(user: User, changed: User): void {
    if (changed.selectors.some(({ hasAllChannels }) => hasAllChannels)) return
    const allowed = changed.selectors.flatMap(({ channels }) => channels)
    const lostNone = user.selectors.every(
      ({ hasAllChannels, channels }) => !hasAllChannels && channels.every((channel) => allowed.includes(channel)),
    )
    if (lostNone) return
    for (const connection of [...this.#connections]) {
      const { subscriptions } = connection
      if (connection.user !== user || subscriptions === null) continue
      const channels = [...subscriptions.channels, ...subscriptions.shardChannels]
      const mayStay =
        channels.every((channel) => isAmong(allowed, channel, false)) &&
        [...subscriptions.patterns].every((pattern) => isAmong(allowed, pattern, true))
      if (!mayStay) connection.close()
    }
  }

  /** The libraries of FUNCTION LOAD. */
  get functions(): FunctionLibraries {
    this.#functions ??= new FunctionLibraries()
    return this.#functions
  }

  set functions(functions: FunctionLibraries) {
    this.#functions = functions
  }

  /** The scripts this server was told. */
  get scriptCache(): ScriptCache {
    this.#scriptCache ??= new ScriptCache()
    return this.#scriptCache
  }

  set scriptCache(cache: ScriptCache) {
    this.#scriptCache = cache
  }

  /** 40 hexadecimal digits that change with every start. */
  get runId(): string {
    this.#runId ??= new Random(`${this.#identity}/run-id/${this.#restarts}`).hex(40)
    return this.#runId
  }

  /** Where clients connect to, as CLIENT LIST shows it. */
  get address(): string {
    return `127.0.0.1:${this.config.get('port')}`
  }

  /** See `commands/table.ts`. */
  findCommand(args: readonly string[]): CommandRow | undefined | null {
    const { newer } = this
    if (newer !== null && this.#hasFewCommands) return findIn(newer, args)
    const found = findCommand(args)
    return found === undefined ? newer?.get(args[0]!.toLowerCase()) : found
  }

  /** Every command, by its lower case name. */
  get commands(): ReadonlyMap<string, CommandRow> {
    const { newer } = this
    if (newer === null) return commandTable()
    return this.#hasFewCommands ? newer : new Map([...commandTable(), ...newer])
  }

  /** MONITOR. */
  addMonitor(connection: RedisConnection): void {
    this.#monitors ??= new Monitors()
    this.#monitors.add(connection)
    this.gate |= MONITORED
  }

  /** RESET of a monitor, or its connection is gone. */
  removeMonitor(connection: RedisConnection): void {
    this.#monitors?.delete(connection)
    if (this.#monitors?.count === 0) this.gate &= ~MONITORED
  }

  /** Shows a command to the monitors. */
  feedMonitors(args: readonly string[], database: number, source: string): void {
    this.#monitors?.show(args, { nowUs: this.nowUs(), database, source })
  }

  get random(): Random {
    this.#random ??= new Random(`${this.#seed}/redis/${this.#restarts}`)
    return this.#random
  }

  /** Hidden states that faults switch on. */
  get fault(): ServerFault {
    return this.#fault
  }

  set fault(fault: ServerFault) {
    this.#fault = fault
    this.#setGate(FAULTY, fault.readOnly || fault.misconf || fault.loading || false)
  }

  /** CONFIG SET has changed something: what depends on the configuration takes notice. */
  reconfigure(): void {
    this.isOutOfMemory = false
    this.#setGate(LIMITED, memoryLimit(this) !== 0)
    const needsReplicas = this.config.get('min-replicas-to-write') !== '0'
    this.#setGate(NEEDS_REPLICAS, needsReplicas && this.config.get('min-replicas-max-lag') !== '0')
    for (const keys of this.databases) this.#configure(keys, this.config)
    this.tracking?.limit(Number(this.config.get('tracking-table-max-keys')))
  }

  #setGate(bit: number, isOn: boolean): void {
    this.gate = isOn ? this.gate | bit : this.gate & ~bit
  }

  #configure(keys: Keyspace, config: ServerConfig): void {
    keys.compactLimits = config.compactLimits()
    keys.frequencies = config.get('maxmemory-policy').endsWith('-lfu') ? this.#frequencies(config) : null
    keys.onEvent = eventPublisher(config.keyspaceEvents, keys.index, () => this.pubSub)
  }

  #frequencies(config: ServerConfig): FrequencySettings {
    return {
      logFactor: Number(config.get('lfu-log-factor')),
      decayMinutes: Number(config.get('lfu-decay-time')),
      random: () => this.random,
    }
  }

  /** `min-replicas-to-write` asks for more good replicas than there are. */
  get lacksReplicas(): boolean {
    if ((this.gate & NEEDS_REPLICAS) === 0) return false
    return (this.replication?.replicas.goodCount ?? 0) < Number(this.config.get('min-replicas-to-write'))
  }

  /** The active expiry cycle, as it ran up to now: for commands that can see whether expired keys are still there. */
  removeExpired(): void {
    if (!this.expiresActively || this.waiting.isPaused) return
    const cycles = Math.floor((this.nowMs - this.startedMs) / EXPIRY_CYCLE_MS)
    const lastCycleMs = this.startedMs + cycles * EXPIRY_CYCLE_MS
    if (lastCycleMs <= this.#pausedUntilMs) return
    for (const keys of this.databases) keys.expireDue(lastCycleMs)
  }

  /** Changes that no snapshot holds. */
  get unsavedChanges(): number {
    return this.changes - this.#savedChanges
  }

  /** Changes of all databases since the start. */
  get changes(): number {
    return this.databases.reduce((sum, { changes }) => sum + changes, 0)
  }

  /** What this does has not changed its data since the last snapshot: it puts other data in its place. */
  replaceData(task: () => void): void {
    const before = this.changes
    task()
    this.#savedChanges += this.changes - before
  }

  /** A snapshot was written. */
  hasSaved(nowMs: number): void {
    this.lastSaveMs = nowMs
    this.#savedChanges = this.changes
    this.disk?.saved(nowMs)
  }

  /** Before a command: makes room as `maxmemory-policy` says, and remembers whether that was enough. */
  makeRoom(): void {
    // A replica has room for what its primary had room for.
    if ((this.gate & LIMITED) !== 0 && !this.replication?.isReplica) this.isOutOfMemory = !makeRoom(this)
  }

  /** It became a replica: clients that wait for what only a primary can give are told and cut, in the order of connecting. */
  dropBlockedClients(): void {
    for (const connection of [...this.#connections]) if (connection.isBlocked) connection.dropBlocked()
    this.runDeferred()
  }

  /** In a cluster: clients that wait for a key of another node by now are told so. */
  redirectBlocked(): void {
    const { cluster } = this
    if (cluster === null || this.waiting.blockedCount === 0) return
    for (const connection of [...this.#connections]) {
      const key = connection.blockedKey
      const reply = key === null ? null : redirectionOfBlocked(cluster, key, connection)
      if (reply !== null) connection.unblock(reply)
    }
    this.runDeferred()
  }

  /** Counts a command and gives the time it sees, in ms. */
  beginCommand(): number {
    this.commandCount++
    return Math.floor(this.nowUs() / 1000)
  }

  /** CLIENT PAUSE. */
  pause(untilMs: number, onlyWrites: boolean): void {
    if (untilMs < this.nowMs) return
    this.waiting.pause(untilMs, onlyWrites)
    for (const keys of this.databases) this.#pauseExpiry(keys)
    this.gate |= PAUSED
    this.#pausedUntilMs = untilMs
  }

  #pauseExpiry(keys: Keyspace): void {
    keys.lateKey ??= () => (this.waiting.isPaused ? 'hidden' : 'removed')
  }

  /** CLIENT UNPAUSE. */
  unpause(): void {
    this.gate &= ~PAUSED
    this.#pausedUntilMs = Math.min(this.#pausedUntilMs, this.nowMs)
    this.waiting.unpause()
  }

  /** The script that never ends, if one runs. */
  get busyScript(): BusyScript | null {
    return this.#busy
  }

  /** What all other clients are told meanwhile. */
  get busyReply(): ErrorReply {
    return this.#busy?.kind === 'function' ? BUSY_FUNCTION : BUSY_SCRIPT
  }

  /** A script has reached the limit: until SCRIPT KILL every command answers BUSY. */
  becomeBusy(script: BusyScript): void {
    this.#busy = script
    this.gate |= BUSY
  }

  /** SCRIPT KILL: the caller gets the error Redis gives it. */
  killBusyScript(): void {
    const busy = this.#busy
    if (busy === null) return
    this.#busy = null
    this.gate &= ~BUSY
    busy.caller.resume(busy.replyWhenKilled)
  }

  /** After each command: answers clients that waited for what it changed. */
  serveReadyKeys(): void {
    // A script that never ends still holds the server: clients that wait for its keys wait on.
    if (this.#busy === null) this.waiting.serveReadyKeys(this.nowMs)
  }

  /** What this connection sent and could not run yet runs after the present command. */
  defer(connection: RedisConnection): void {
    this.#deferred.push(connection)
    this.hasDeferred = true
  }

  runDeferred(): void {
    if (this.isRunning) return
    const deferred = this.#deferred
    this.#deferred = []
    this.hasDeferred = false
    for (const connection of deferred) connection.runWaiting()
  }

  /** The connection is closed. */
  forget(connection: RedisConnection): void {
    this.#connections.delete(connection)
    this.#pubSub?.forget(connection)
    this.removeMonitor(connection)
    this.replication?.replicas.forget(connection)
    this.waiting.forget(connection)
  }

  /** Whether SHUTDOWN has ended it. */
  get isDown(): boolean {
    return this.#isDown
  }

  /** SHUTDOWN: the process ends, and no client can connect until `restart`. */
  shutDown(saves: boolean): void {
    if (saves) this.hasSaved(this.nowMs)
    this.disk?.flush()
    this.#isDown = true
    for (const connection of [...this.#connections]) connection.close()
  }

  /** When (server wall clock, ms) something waits for time to pass: a blocked client's timeout, CLIENT PAUSE. */
  wakeAtMs(): number | null {
    if (this.#busy !== null) return null
    const handoverMs = this.replication?.handover?.untilMs ?? null
    const blockedMs = this.waiting.wakeAtMs()
    const waitingMs = handoverMs !== null && handoverMs < (blockedMs ?? Infinity) ? handoverMs : blockedMs
    const cycleMs = this.#nextCycleMs()
    return waitingMs === null || (cycleMs !== null && cycleMs < waitingMs) ? cycleMs : waitingMs
  }

  /** When the active expiry cycle will remove a key in front of a client that listens or waits; null: no client does. */
  #nextCycleMs(): number | null {
    let firstMs: number | null = null
    for (const keys of this.databases) {
      const isHeard = keys.onEvent !== null || this.tracking !== null
      const deadlineMs = !isHeard ? this.#listeners[keys.index]?.firstDeadlineMs() : keys.firstDeadlineMs()
      if (typeof deadlineMs === 'number' && (firstMs === null || deadlineMs < firstMs)) firstMs = deadlineMs
    }
    if (firstMs === null) return null
    const cycles = Math.floor((firstMs - this.startedMs) / EXPIRY_CYCLE_MS) + 1
    return this.startedMs + cycles * EXPIRY_CYCLE_MS
  }

  /** The clock has reached (or jumped over) `wakeAtMs`: ends what is due. Also harmless at any other time. */
  wake(): void {
    const { nowMs } = this
    const atMs = this.isRunning ? null : this.wakeAtMs()
    if (atMs !== null && atMs <= nowMs) this.#endDue((this.#nextCycleMs() ?? Infinity) <= nowMs)
  }

  /** Some time has passed, seen or not: as `wake`, and removes every key whose time is up. */
  tick(): void {
    this.statistics?.traffic.sample(this.nowMs, this.commandCount)
    if (!this.isRunning && this.#busy === null) this.#endDue(true)
  }

  #endDue(expires: boolean): void {
    this.isRunning = true
    if (expires) this.removeExpired()
    this.waiting.endDue(this.nowMs)
    if (this.waiting.hasReadyKeys) this.serveReadyKeys()
    if (!this.waiting.isPaused) this.gate &= ~PAUSED
    this.tracking?.broadcast()
    this.isRunning = false
    this.replication?.handover?.update()
    this.runDeferred()
  }

  /** What a key holds now in the first database that has it, without side effects and without counting as a command. */
  observe(
    key: string,
  ): { readonly type: string; readonly text: string | null; readonly expireAtMs: number | null } | null {
    for (const keys of this.#databases) {
      const entry = keys?.peek(key)
      if (entry === undefined || (entry.expireAtMs !== null && this.nowMs > entry.expireAtMs)) continue
      const expireAtMs = entry.expireAtMs === null ? null : Number(entry.expireAtMs)
      return { type: entry.value.type, text: firstText(entry.value), expireAtMs }
    }
    return null
  }

  /** The process ends and starts again: connections are closed, scripts and data forgotten unless `keepData`. */
  restart({ keepData }: { readonly keepData: boolean }): void {
    const connections = [...this.#connections]
    this.replication?.link?.close()
    this.replication = null
    this.#connections = new Set()
    this.#deferred = []
    this.hasDeferred = false
    for (const connection of connections) connection.close()
    this.waiting = new WaitingClients()
    this.#listeners = []
    this.#config = null
    this.#users = null
    this.tracking = null
    if (keepData) for (const keys of this.databases) this.#startAgain(keys)
    else this.#databases = []
    this.#busy = null
    this.fault = {}
    this.gate = (this.statistics === null ? 0 : MEASURED) | (this.cluster === null ? 0 : CLUSTERED)
    this.isOutOfMemory = false
    this.#pubSub = null
    this.#random = null
    this.#scriptCache = null
    if (!keepData) this.#functions = null
    this.#runId = null
    this.#monitors = null
    this.#isDown = false
    if (this.#configuration !== undefined) this.reconfigure()
    this.scriptRandom = { ...FIRST_SCRIPT_RANDOM }
    this.#restarts++
    this.#lastId = 0
    this.commandCount = 0
    this.connectionCount = 0
    this.startedMs = this.nowMs
    this.lastSaveMs = this.startedMs
    this.evictedCount = 0
    this.expiresActively = true
    this.#pausedUntilMs = -Infinity
    this.#savedChanges = 0
    this.cluster?.restart()
    this.#replicateAgain()
  }

  /** The process that has ended starts again, with what it finds on its disk: what that is. */
  restartFromDisk(ending: Ending): Found {
    const { disk } = this
    assert(disk !== null, 'only a server that has a disk starts from it')
    const startsWithLog = new ServerConfig(this.#configuration).get('appendonly') === 'yes'
    const found = disk.foundAfter(ending, startsWithLog)
    this.restart({ keepData: found.kind === 'whole log' })
    if ('bytes' in found) loadSnapshot(this, found.bytes, this.nowMs)
    // Changes that were made again count as such.
    const changes = 'changes' in found ? found.changes : 0
    this.#savedChanges -= changes
    disk.startAgain(changes)
    return found
  }

  /** Whom it follows by its configuration file. */
  get #configuredPrimary(): ReplicationOptions['primary'] {
    return this.cluster === null ? this.#savedPrimary : (this.cluster.me.primary ?? undefined)
  }

  /** After a restart a primary begins a stream of its own, and a replica knows nothing of the one that it had a part of. */
  #replicateAgain(): void {
    if (!this.#isMember) return
    const primary = this.#configuredPrimary
    const { link } = this.#replicate(primary === undefined ? {} : { primary })
    link?.connect()
  }

  /** A database whose data survives a restart: no client listens, nothing is counted yet. */
  #startAgain(keys: Keyspace): void {
    keys.onChange = null
    keys.onReady = null
    keys.lateKey = null
    keys.onExpire = null
    keys.resetCounts()
    keys.changes = 0
    this.#configure(keys, this.config)
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.commandCount = 0
    this.connectionCount = 0
    this.evictedCount = 0
    this.statistics?.reset()
    for (const keys of this.databases) keys.resetCounts()
  }
}
