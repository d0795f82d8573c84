/**
 * One redis-sentinel process as a server of the world. It pings, asks and greets the servers and the other Sentinels through the network of
 * the world (`peer-links.ts`), by a clock of its own.
 *
 * It looks after them ten to nineteen times a second, and draws anew each time how soon again (`hz = 10 + rand() % 10`). INFO says what it drew,
 * so it is woken just then: woken later, Sentinels would wake each other up, all begin an election at once, and none would win.
 *
 * Does not model  being asked for the time by its configuration file: it keeps across a restart what it has written there, as ever.
 *
 * Source: sentinel.c (`sentinelTimer`, `sentinelHandleConfiguration`) of Redis 7.0
 */
import type { Address } from '../../net/names.ts'
import type { Dial } from '../../redis/replication/primary-link.ts'
import type { MonitorOptions } from '../../redis/sentinel/monitored-primary.ts'
import type { SentinelNodeOptions, SentinelRedisServer, ServerConnection, ServerSink } from '../server.ts'
import { Bridge } from './bridge.ts'
import type { ClockFile } from './clock-file.ts'
import type { HangGuard } from './hang-guard.ts'
import { FIRST_CRON_US } from './real-replication.ts'
import type { RedisProcess } from './redis-process.ts'
import { seedNumber } from './seed-number.ts'

/** How a channel's name and a text come to a subscriber. */
const PUSHED_LENGTH = 4

export interface RealSentinelOptions extends Pick<SentinelNodeOptions, 'seed' | 'onEvent'> {
  readonly process: RedisProcess
  readonly clock: ClockFile
  readonly dial: Dial
  readonly guard: HangGuard
  /** The process is not needed any more. */
  readonly end: () => void
}

export class RealSentinel implements SentinelRedisServer {
  readonly isPaused = false
  readonly #options: RealSentinelOptions
  #bridge: Bridge
  #restarts = 0
  /** When it looks again, monotonic clock. */
  #dueUs = 0
  #isStopped = false

  constructor(options: RealSentinelOptions) {
    this.#options = options
    this.#bridge = this.#openBridge()
  }

  #openBridge(): Bridge {
    const { process, clock, guard, seed, dial, onEvent } = this.#options
    clock.reseed(seedNumber(`${seed}/${this.#restarts}`))
    const bridge = new Bridge(process, clock, guard, { openSpare: () => process.openSpare(), dial }, true)
    const listener = bridge.connect({
      onReply: (reply) => {
        if (!Array.isArray(reply) || reply.length !== PUSHED_LENGTH) return
        const [, , channel, text] = reply as readonly string[]
        onEvent(channel as string, text as string)
      },
    })
    bridge.execute(listener, ['PSUBSCRIBE', '*'])
    return bridge
  }

  look(): number {
    const nowUs = this.#options.clock.monotonicUs
    this.#bridge.tick()
    if (nowUs >= this.#dueUs) {
      const [info] = this.#bridge.ask([['INFO', 'server']])
      const hz = Number(/^hz:(\d+)/m.exec(String(info))?.[1])
      this.#dueUs = nowUs + Math.floor(1000 / hz) * 1000
    }
    return this.#dueUs - nowUs
  }

  failOver(name: string): void {
    this.#bridge.ask([['SENTINEL', 'FAILOVER', name]])
    this.#bridge.wake()
  }

  connect(sink: ServerSink): ServerConnection {
    const bridge = this.#bridge
    const connection = bridge.connect(sink)
    return {
      receive: (bytes) => bridge.receive(connection, bytes),
      execute: (args) => bridge.execute(connection, args),
      close: () => bridge.disconnect(connection),
    }
  }

  setClock(nowUs: number): void {
    this.#options.clock.set(nowUs)
  }

  wakeAtMs(): number | null {
    return this.#bridge.wakeAtMs()
  }

  wake(): void {
    this.#bridge.wake()
  }

  suffer(): string {
    return 'a Sentinel holds no data'
  }

  observe(): null {
    return null
  }

  restart(): null {
    const { process, clock } = this.#options
    const { wallUs } = clock
    const old = this.#bridge
    process.kill()
    clock.set(wallUs - FIRST_CRON_US)
    clock.flush()
    process.start()
    this.#restarts += 1
    this.#dueUs = 0
    this.#bridge = this.#openBridge()
    old.cut()
    clock.set(wallUs)
    this.#bridge.tick()
    return null
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#bridge.close()
    this.#options.end()
  }
}

/** The configuration file of a Sentinel that has been running for long. */
export function sentinelFile({
  address,
  primary,
  id,
}: {
  readonly address: Address
  readonly primary: MonitorOptions
  readonly id: string
}): string {
  const { name, replicas = [], sentinels = [] } = primary
  const at = ({ host, port }: Address): string => `${host} ${port}`
  const settings: readonly (readonly [string, number | undefined])[] = [
    ['down-after-milliseconds', primary.downAfterMs],
    ['failover-timeout', primary.failoverTimeoutMs],
    ['parallel-syncs', primary.parallelSyncs],
  ]
  const lines = [
    'resolve-hostnames yes',
    'announce-hostnames yes',
    `myid ${id}`,
    `announce-ip ${address.host}`,
    `announce-port ${address.port}`,
    `monitor ${name} ${at(primary.address)} ${primary.quorum}`,
    ...settings.flatMap(([setting, value]) => (value === undefined ? [] : [`${setting} ${name} ${value}`])),
    ...replicas.map((replica) => `known-replica ${name} ${at(replica)}`),
    ...sentinels.map((other) => `known-sentinel ${name} ${at(other)} ${other.id}`),
  ]
  return lines.map((line) => `sentinel ${line}\n`).join('')
}
