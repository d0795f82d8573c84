/**
 * The in-memory Redis on a port of this machine, for clients outside of any simulated world: `lockstorm serve`.
 *
 * Invariant: it listens on 127.0.0.1 alone, where no other machine reaches it.
 */
import { randomUUID } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Cluster, ClusterOptions } from '../../redis/cluster/cluster.ts'
import { type Configuration, configurationOf, configuredValue } from '../../redis/config.ts'
import { loadCommandDocs } from '../../redis/docs/node/load.ts'
import { MemoryRedis } from '../../redis/memory-redis.ts'
import type { Dial } from '../../redis/replication/primary-link.ts'
import type { ReplicationOptions, ServerAddress } from '../../redis/replication/replication.ts'
import { loadLuaEngine } from '../../redis/script/node/load.ts'
import type { MonitorOptions } from '../../redis/sentinel/monitored-primary.ts'
import { Sentinel } from '../../redis/sentinel/sentinel.ts'
import type { RedisVersion } from '../../redis/version.ts'
import type { ServeClockKind } from '../serve-clock-kind.ts'
import { serveClock } from './serve-clock.ts'

export const HOST = '127.0.0.1'
/** As often as redis-server looks for keys whose time is up. */
const CYCLE_MS = 100
/** As often as a node of a cluster looks after the others. */
const CLUSTER_MS = 100
/** As often as it looks after its replicas and its primary. */
const REPLICATION_MS = 1000
/** `setTimeout` takes no more. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1
/** What a client sends is not read while so much of what it is told waits to be read by it. */
const UNREAD_BYTES_PAUSE = 1 << 20
/** A subscriber that does not read is cut off, as by the default `client-output-buffer-limit`. */
const UNREAD_BYTES_MAX = 32 << 20
const FULL = '-ERR max number of clients reached\r\n'

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number
  readonly clock: ServeClockKind
  /** Whose newer commands it has. */
  readonly version: RedisVersion
  readonly configuration: Configuration
  readonly seed: string
  /** It is one of several that replicate, and follows this one; null: none. */
  readonly follows?: ServerAddress | null
  /** It is a Sentinel, and looks after these. */
  readonly monitors?: readonly MonitorOptions[]
}

/** What a node of a cluster is to the others. */
export interface Membership {
  readonly cluster: ClusterOptions
  readonly replication: ReplicationOptions
}

export class ServedRedis {
  /** Resolves when SHUTDOWN or `close` has ended it. */
  readonly ended: Promise<void>
  readonly #redis: MemoryRedis
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Its connections to other servers. */
  readonly #peers = new Set<Socket>()
  readonly #usesTimers: boolean
  readonly #cycle: NodeJS.Timeout
  readonly #replication: NodeJS.Timeout
  readonly #clusterCron: NodeJS.Timeout | null
  readonly #sentinel: Sentinel | null
  #look: NodeJS.Timeout | null = null
  #resolveEnded: () => void = () => {}
  #alarm: NodeJS.Timeout | null = null
  #alarmAtMs: number | null = null
  #hasMoved = false

  /** `server` listens already. */
  constructor(server: Server, { clock: kind, version, seed, ...options }: ServeOptions, membership?: Membership) {
    this.#server = server
    server.on('connection', (socket) => this.#accept(socket))
    const { nowUs, pass } = serveClock(kind)
    this.#usesTimers = kind === 'real'
    const { follows, monitors: primaries } = options
    const dial = this.#dial
    const configuration = withPort(options.configuration, this.port)
    // Servers of one seed replicate and meet each other, also across processes: their ids must differ.
    const identity = randomUUID()
    const address = { host: HOST, port: this.port }
    this.#sentinel =
      primaries === undefined
        ? null
        : new Sentinel({ ...{ nowUs, seed: identity, dial, address, primaries, configuration }, docs: loadCommandDocs })
    this.#redis =
      this.#sentinel?.redis ??
      new MemoryRedis({
        ...{ nowUs, seed, identity, version, configuration, dial },
        ...(follows === undefined ? {} : { replication: follows === null ? {} : { primary: follows } }),
        ...membership,
        scripts: loadLuaEngine(),
        docs: loadCommandDocs,
        measureUs: () => performance.now() * 1000,
        hasMovableClock: kind === 'manual',
        passMs: (ms) => {
          pass(ms)
          this.#hasMoved = true
        },
      })
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#cycle = setInterval(() => this.#redis.tick(), CYCLE_MS).unref()
    if (!this.#usesTimers) clearInterval(this.#cycle)
    this.#replication = setInterval(() => this.#redis.replication?.cron(), REPLICATION_MS).unref()
    const { cluster } = this.#redis
    this.#clusterCron = cluster === null ? null : setInterval(() => this.act(() => cluster.cron()), CLUSTER_MS).unref()
    this.#redis.replication?.link?.connect()
    this.#lookAgain()
  }

  /** A Sentinel looks, and looks again when it says so. */
  #lookAgain(): void {
    if (this.#sentinel === null) return
    this.#look = setTimeout(() => this.#lookAgain(), this.#sentinel.look()).unref()
  }

  /**
   * Listens.
   * @throws the error of `listen`, such as EADDRINUSE
   */
  static async start(options: ServeOptions): Promise<ServedRedis> {
    return new ServedRedis(await listen(options.port), options)
  }

  get port(): number {
    return portOf(this.#server)
  }

  /** Its part in a cluster; null: it is on its own. */
  get cluster(): Cluster | null {
    return this.#redis.cluster
  }

  /** Whether SHUTDOWN has ended it. */
  get isDown(): boolean {
    return this.#redis.isDown
  }

  /** Something happens in it that no client asked for. */
  act(task: () => void): void {
    if (this.#redis.isDown) return
    task()
    this.#afterInput()
  }

  /** `Redis 7.0.15`. */
  get description(): string {
    return `${this.#redis.kind === 'redis' ? 'Redis' : 'Valkey'} ${this.#redis.version}`
  }

  get version(): string {
    return this.#redis.version
  }

  /** Ends it and all its connections. */
  close(): void {
    clearInterval(this.#cycle)
    clearInterval(this.#replication)
    if (this.#clusterCron !== null) clearInterval(this.#clusterCron)
    if (this.#look !== null) clearTimeout(this.#look)
    for (const peer of this.#peers) peer.destroy()
    this.#redis.replication?.link?.close()
    if (this.#alarm !== null) clearTimeout(this.#alarm)
    this.#server.close(() => this.#resolveEnded())
    for (const socket of this.#sockets) socket.destroy()
  }

  /** To another server, wherever it is: REPLICAOF names it, or SENTINEL MONITOR. */
  readonly #dial: Dial = (host, port, handler) => {
    const socket = connect({ host, port, noDelay: true }).setEncoding('latin1')
    this.#peers.add(socket)
    socket.on('connect', () => handler.onOpen())
    socket.on('data', (bytes: string) => {
      handler.onBytes(bytes)
      this.#afterInput()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#peers.delete(socket)
      handler.onClose()
      this.#afterInput()
    })
    return { send: (bytes) => socket.write(bytes, 'latin1'), close: () => socket.destroy() }
  }

  #accept(socket: Socket): void {
    const redis = this.#redis
    if (redis.connections.size >= Number(redis.config.get('maxclients'))) {
      socket.end(FULL)
      return
    }
    this.#sockets.add(socket)
    socket.setEncoding('latin1')
    const connection = redis.connect({
      address: `${socket.remoteAddress}:${socket.remotePort}`,
      onBytes: (bytes) => this.#send(socket, bytes),
      onClose: () => socket.destroySoon(),
    })
    socket.on('data', (bytes: string) => {
      connection.receive(bytes)
      this.#afterInput()
    })
    socket.on('drain', () => socket.resume())
    // A client that has gone needs no other word.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      connection.close()
      this.#afterInput()
    })
  }

  #send(socket: Socket, bytes: string): void {
    socket.write(bytes, 'latin1')
    if (socket.writableLength <= UNREAD_BYTES_PAUSE) return
    socket.pause()
    if (socket.writableLength > UNREAD_BYTES_MAX && bytes.length < UNREAD_BYTES_PAUSE) socket.destroy()
  }

  /** Commands have run: they may have ended the server, moved the clock, or be waiting for a time to come. */
  #afterInput(): void {
    if (this.#redis.isDown) {
      this.close()
      return
    }
    if (this.#hasMoved) {
      this.#hasMoved = false
      this.#redis.tick()
    }
    if (this.#usesTimers) this.#setAlarm()
  }

  #setAlarm(): void {
    const atMs = this.#redis.waiting.wakeAtMs()
    if (atMs === this.#alarmAtMs) return
    this.#alarmAtMs = atMs
    if (this.#alarm !== null) clearTimeout(this.#alarm)
    const delayMs = atMs === null ? null : Math.min(TIMEOUT_MS_MAX, Math.max(0, atMs - this.#redis.nowMs))
    this.#alarm = delayMs === null ? null : setTimeout(() => this.#ring(), delayMs)
  }

  #ring(): void {
    this.#alarmAtMs = null
    this.#redis.wake()
    this.#afterInput()
  }
}

/**
 * Listens on a port of this machine; 0: any that is free.
 * @throws the error of `listen`, such as EADDRINUSE
 */
export async function listen(port: number): Promise<Server> {
  const server = createServer({ noDelay: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  })
  return server
}

export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Servers that replicate log in to each other with the password that each of them asks for, unless they were told another one. */
export const amongEachOther = (configuration: Configuration): Configuration =>
  new Map([...configurationOf([['masterauth', configuredValue(configuration, 'requirepass')]]), ...configuration])

const withPort = (configuration: Configuration, port: number): Configuration =>
  new Map([...configuration, ...configurationOf([['port', String(port)]])])
