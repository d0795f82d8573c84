/**
 * `--redis memory`: the in-memory Redis as a server of the world, and what a world has in place of a Redis.
 */
import type { Address } from '../net/names.ts'
import { clientType } from '../redis/client-line.ts'
import type { BusHandler, BusSocket } from '../redis/cluster/bus.ts'
import type { Cluster } from '../redis/cluster/cluster.ts'
import { configurationOf } from '../redis/config.ts'
import { MemoryRedis } from '../redis/memory-redis.ts'
import type { Found } from '../redis/persistence/disk.ts'
import { persistenceSettings } from '../redis/persistence/persistence.ts'
import type { Reply } from '../redis/reply.ts'
import type { ScriptEngine } from '../redis/script/engine.ts'
import { versionText } from '../redis/version.ts'
import { KeeperServer } from './keeper-server.ts'
import { sufferInMemory } from './memory-trouble.ts'
import type {
  FailoverMode,
  Kept,
  KeyState,
  NodeOptions,
  RedisServer,
  ServerCluster,
  ServerConnection,
  ServerProvider,
  ServerReplication,
  ServerSink,
} from './server.ts'
import type { Trouble } from './trouble.ts'

/** How often Redis looks after replication. */
const REPLICATION_CRON_US = 1_000_000

class MemoryServer implements RedisServer {
  readonly usesPromises = false
  #nowUs: number
  readonly #redis: MemoryRedis

  readonly replication?: ServerReplication
  readonly cluster?: ServerCluster

  constructor(scripts: ScriptEngine, { seed, nowUs, replication, persistence, version }: NodeOptions) {
    this.#nowUs = nowUs
    const common = { nowUs: () => this.#nowUs, seed, scripts, ...(version === undefined ? {} : { version }) }
    const hasDisk = persistence !== undefined
    const ofDisk = hasDisk ? persistenceSettings(persistence) : []
    if (replication === undefined) {
      this.#redis = hasDisk
        ? new MemoryRedis({ ...common, configuration: configurationOf(ofDisk), hasDisk })
        : new MemoryRedis(common)
      return
    }
    const { dial, streamId, offset = 0, primary, settings, cluster } = replication
    const configuration = configurationOf([...settings, ...ofDisk])
    this.#redis = new MemoryRedis({
      ...{ ...common, configuration, dial, hasDisk },
      replication: { streamId, offset, ...(primary === null ? {} : { primary }) },
      ...(cluster === undefined ? {} : { cluster: { ...cluster, isRunning: true } }),
    })
    if (this.#redis.cluster !== null) this.cluster = new MemoryCluster(this.#redis, this.#redis.cluster)
    this.replication = new MemoryReplication(this.#redis)
  }

  connect(sink: ServerSink): ServerConnection {
    return this.#redis.connect(sink)
  }

  setClock(nowUs: number): void {
    this.#nowUs = nowUs
    if (this.#redis.disk !== null) this.#redis.disk.tick(Math.floor(nowUs / 1000))
  }

  wakeAtMs(): number | null {
    return this.#redis.wakeAtMs()
  }

  wake(): void {
    this.#redis.wake()
  }

  get isPaused(): boolean {
    return this.#redis.waiting.isPaused
  }

  suffer(trouble: Trouble): null {
    sufferInMemory(this.#redis, trouble)
    return null
  }

  observe(key: string): KeyState | null {
    return this.#redis.observe(key)
  }

  end(atUs: number): void {
    this.#redis.disk?.end(Math.floor(atUs / 1000))
  }

  restart(kept: Kept): Found | null {
    const redis = this.#redis
    if (redis.disk !== null && (kept === 'written' || kept === 'synced')) return redis.restartFromDisk(kept)
    redis.restart({ keepData: kept === 'all' })
    redis.disk?.startAgain(0)
    return null
  }

  stop(): void {}
}

class MemoryCluster implements ServerCluster {
  readonly #redis: MemoryRedis
  readonly #cluster: Cluster

  constructor(redis: MemoryRedis, cluster: Cluster) {
    this.#redis = redis
    this.#cluster = cluster
  }

  cron(): void {
    this.#cluster.cron()
  }

  accept(socket: BusSocket): BusHandler {
    return this.#cluster.links.accept(socket)
  }

  failOver(how: FailoverMode): boolean {
    if (this.#cluster.me.primary === null) return false
    if (how === 'takeover') this.#cluster.takeOver()
    else this.#cluster.failover.begin(how === 'forced')
    return true
  }

  ask(args: readonly string[]): Reply | undefined {
    let answer: Reply | undefined
    const connection = this.#redis.connect({
      onReply: (reply) => {
        answer = reply
      },
    })
    connection.execute(args)
    connection.close()
    return answer
  }
}

class MemoryReplication implements ServerReplication {
  readonly #redis: MemoryRedis

  constructor(redis: MemoryRedis) {
    this.#redis = redis
  }

  get isPrimary(): boolean {
    return !this.#redis.replication?.isReplica
  }

  get onPromoted(): (() => void) | null {
    return this.#redis.onPromoted
  }

  set onPromoted(onPromoted: (() => void) | null) {
    this.#redis.onPromoted = onPromoted
  }

  get onDemoted(): (() => void) | null {
    return this.#redis.onDemoted
  }

  set onDemoted(onDemoted: (() => void) | null) {
    this.#redis.onDemoted = onDemoted
  }

  begin(phaseUs: number): number {
    this.#redis.replication?.link?.connect()
    return phaseUs
  }

  cron(): number {
    this.#redis.replication?.cron()
    return REPLICATION_CRON_US
  }

  promote(): void {
    this.#redis.replication?.becomePrimary()
    this.#redis.saveConfiguration()
  }

  follow(primary: Address): void {
    this.#redis.replicate().becomeReplicaOf(primary)
    this.#redis.saveConfiguration()
    for (const connection of [...this.#redis.connections]) {
      const type = clientType(connection)
      if (type === 'normal' || type === 'pubsub') connection.close()
    }
  }
}

/** Nodes in memory; `scripts` runs their Lua and is shared by all worlds of the process. */
export function createMemoryProvider(scripts: ScriptEngine): ServerProvider {
  return {
    kind: 'memory',
    description: 'in-memory Redis (7.0.15)',
    descriptionOf: (version) => `in-memory ${versionText(version).replace(/ (.*)/, ' ($1)')}`,
    deterministic: true,
    replicates: ['replicas', 'sentinels', 'cluster'],
    persists: true,
    hasKeeper: true,
    node: (_name, options) => (options.service === 'keeper' ? new KeeperServer() : new MemoryServer(scripts, options)),
    close: async () => {},
  }
}
