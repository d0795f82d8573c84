/**
 * The server processes of a run: those in use, and those that wait for the next world.
 */
import { MemoryRedis } from '../../redis/memory-redis.ts'
import { writeSnapshot } from '../../redis/replication/snapshot.ts'
import { sentinelId } from '../../redis/sentinel/sentinel.ts'
import { assert } from '../../sim/assert.ts'
import { REDIS_PORT } from '../ports.ts'
import type { NodeReplication, RedisServer, SentinelNodeOptions, SentinelRedisServer } from '../server.ts'
import { Bridge } from './bridge.ts'
import type { HangGuard } from './hang-guard.ts'
import type { Launcher } from './launcher.ts'
import { CLUSTER_LEAD_US, clusterSettings, nodesFile } from './real-cluster.ts'
import { FIRST_CRON_US, LEAD_SETTINGS, LEAD_US } from './real-replication.ts'
import { RealSentinel, sentinelFile } from './real-sentinel.ts'
import { RedisProcess, type RedisProcessOptions } from './redis-process.ts'
import { RedisServerNode } from './redis-server-node.ts'
import { type SaidVersion, versionIn } from './said-version.ts'
import { seedNumber } from './seed-number.ts'
import { PacedClock } from './server-clock.ts'

/** What a running server says of itself. */
export interface ServerFacts {
  /** Null: it does not say. */
  readonly version: SaidVersion | null
  /** Why its clock is not virtual though it should be; null: it is. */
  readonly whyNotVirtual: string | null
}

export class RedisPool {
  readonly #launcher: Launcher
  readonly #runFolder: string
  readonly #guard: HangGuard
  readonly #idle: RedisProcess[] = []
  readonly #processes = new Set<RedisProcess>()
  #started = 0
  #isClosed = false

  constructor(launcher: Launcher, runFolder: string, guard: HangGuard) {
    this.#launcher = launcher
    this.#runFolder = runFolder
    this.#guard = guard
  }

  /** Starts `count` processes. */
  prepare(count: number): void {
    while (this.#idle.length < count) this.#idle.push(this.#start())
  }

  /** Asks one process for its version, and whether it really follows its clock file. */
  facts(): ServerFacts {
    this.prepare(1)
    const process = this.#idle[0]!
    const bridge = new Bridge(process, process.clock ?? new PacedClock(0), this.#guard)
    const [time, info] = bridge.ask([['TIME'], ['INFO', 'server']]) as [readonly [string, string], string]
    bridge.close()
    return {
      version: versionIn(info),
      whyNotVirtual: process.clock === null ? null : this.#whyNotVirtual(process.clock.wallUs, time, info),
    }
  }

  #whyNotVirtual(wallUs: number, [seconds, micros]: readonly [string, string], info: string): string | null {
    if (Number(seconds) * 1e6 + Number(micros) !== wallUs) {
      return `no virtual clock: ${this.#launcher.program} does not load the preload library`
    }
    const monotonic = /^monotonic_clock:(.*)\r$/m.exec(info)?.[1]
    if (monotonic === undefined || monotonic === 'POSIX clock_gettime') return null
    return `no virtual clock: ${this.#launcher.program} reads the processor's clock (${monotonic})`
  }

  /** A node for a world. */
  take(name: string, seed: string, nowUs: number): RedisServer {
    const process = this.#idle.pop() ?? this.#start()
    process.node = name
    process.clock?.set(nowUs)
    return new RedisServerNode({
      process,
      seed,
      nowUs,
      clock: process.clock ?? new PacedClock(nowUs),
      guard: this.#guard,
      giveBack: (isEmpty) => this.#giveBack(process, isEmpty),
    })
  }

  /**
   * A node that replicates: a process of its own. It has been running for long: its snapshot says of which stream it has everything, so a
   * replica goes on with that of its primary.
   */
  join(name: string, seed: string, nowUs: number, given: NodeReplication): RedisServer {
    const { cluster } = given
    const process = this.#make(true, cluster === undefined ? {} : { nodesFile: nodesFile(cluster.nodes) })
    const { clock } = process
    assert(clock !== null, 'servers that replicate have virtual clocks')
    const membership = {
      ...given,
      settings: [
        ...given.settings,
        ['replica-announce-port', String(REDIS_PORT)] as const,
        ...(cluster === undefined ? [] : clusterSettings(cluster.nodes)),
      ],
    }
    const { streamId: id, offset = 0, primary, settings } = membership
    process.node = name
    // Ids of servers and streams come from the seed, and must differ.
    clock.reseed(seedNumber(seed))
    clock.set(nowUs - (cluster === undefined ? LEAD_US : CLUSTER_LEAD_US))
    clock.flush()
    process.writeSnapshot(writeSnapshot(new MemoryRedis({ nowUs: () => nowUs, seed: '' }), { id, offset }))
    const isTold = cluster === undefined && primary !== null
    process.start([
      ...(cluster === undefined ? LEAD_SETTINGS : []),
      ...settings,
      ...(isTold ? [['replicaof', `${primary.host} ${primary.port}`] as const] : []),
    ])
    return new RedisServerNode({
      ...{ process, seed, nowUs, clock, membership },
      guard: this.#guard,
      giveBack: () => this.#giveBack(process, false),
    })
  }

  /** A Sentinel. */
  watch({ name, seed, nowUs, dial, address, primary, onEvent }: SentinelNodeOptions): SentinelRedisServer {
    const file = sentinelFile({ address, primary, id: sentinelId(seed) })
    const process = this.#make(true, { sentinelFile: file })
    const { clock } = process
    assert(clock !== null, 'Sentinels have virtual clocks')
    process.node = name
    clock.reseed(seedNumber(seed))
    clock.set(nowUs - FIRST_CRON_US)
    clock.flush()
    process.start()
    return new RealSentinel({
      process,
      clock,
      seed,
      dial,
      onEvent,
      guard: this.#guard,
      end: () => this.#giveBack(process, false),
    })
  }

  #giveBack(process: RedisProcess, isEmpty: boolean): void {
    if (this.#isClosed) return
    if (isEmpty) this.#idle.push(process)
    else this.#end(process)
  }

  #start(): RedisProcess {
    const process = this.#make(false)
    process.start()
    return process
  }

  #make(hasPeers: boolean, files: Pick<RedisProcessOptions, 'sentinelFile' | 'nodesFile'> = {}): RedisProcess {
    this.#started += 1
    const process = new RedisProcess({
      launcher: this.#launcher,
      guard: this.#guard,
      runFolder: this.#runFolder,
      number: this.#started,
      hasPeers,
      ...files,
    })
    this.#processes.add(process)
    return process
  }

  #end(process: RedisProcess): void {
    this.#processes.delete(process)
    process.close()
  }

  close(): void {
    this.#isClosed = true
    for (const process of this.#processes) this.#end(process)
  }
}
