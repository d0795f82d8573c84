/**
 * One real server process as a node of a world.
 *
 * A restart is `kill -9` and a new start in the same folder. If all is kept a SAVE goes before it, so nothing is lost
 * and ordinary commands need no append-only file; expired keys stay away when the file is loaded, as after any restart.
 */
import { isError } from '../../redis/reply.ts'
import type { Kept, KeyState, NodeReplication, RedisServer, ServerConnection, ServerSink } from '../server.ts'
import type { Trouble } from '../trouble.ts'
import { Bridge } from './bridge.ts'
import type { HangGuard } from './hang-guard.ts'
import { KeyObserver } from './key-observer.ts'
import { RealCluster } from './real-cluster.ts'
import { RealReplication } from './real-replication.ts'
import type { RedisProcess } from './redis-process.ts'
import { seedNumber } from './seed-number.ts'
import type { ServerClock } from './server-clock.ts'
import { ServerLostError } from './server-lost-error.ts'
import { ServerTroubles } from './server-troubles.ts'

/**
 * What makes a used server equal to a fresh one. The seed is the state that `math.random` begins with in every
 * process: rand.c starts from 0x1234ABCD330E, and seeding puts 330E below the 32 bits it is given.
 */
const EMPTYING: readonly (readonly string[])[] = [
  ['FLUSHALL', 'SYNC'],
  ['FUNCTION', 'FLUSH', 'SYNC'],
  ['EVAL', `math.randomseed(${0x1234abcd})`, '0'],
  ['SCRIPT', 'FLUSH', 'SYNC'],
  ['SLOWLOG', 'RESET'],
  ['CONFIG', 'RESETSTAT'],
]

export interface RedisServerNodeOptions {
  readonly process: RedisProcess
  readonly clock: ServerClock
  readonly guard: HangGuard
  readonly seed: string
  /** When the world begins, wall clock, µs. */
  readonly nowUs: number
  /** Its part in replication; missing: it has none. */
  readonly membership?: NodeReplication
  /** The node is done with the process; `isEmpty`: it is as good as a fresh one. */
  readonly giveBack: (isEmpty: boolean) => void
}

export class RedisServerNode implements RedisServer {
  readonly #options: RedisServerNodeOptions
  #bridge: Bridge
  #observer: KeyObserver
  #troubles: ServerTroubles
  #restarts = 0
  #isStopped = false
  readonly replication?: RealReplication | RealCluster
  readonly cluster?: RealCluster

  constructor(options: RedisServerNodeOptions) {
    this.#options = options
    const { membership, clock, nowUs } = options
    if (membership !== undefined) {
      const { primary, cluster } = membership
      const common = { bridge: () => this.#bridge, clock }
      if (cluster === undefined) this.replication = new RealReplication({ ...common, nowUs, primary })
      else {
        this.cluster = new RealCluster({ ...common, isPrimary: primary === null })
        this.replication = this.cluster
      }
    }
    this.#bridge = this.#openBridge()
    this.cluster?.settle()
    this.#observer = new KeyObserver(this.#bridge, options.clock, undefined, this.cluster !== undefined)
    this.#troubles = new ServerTroubles(this.#bridge, options.process)
  }

  #openBridge(): Bridge {
    const { process, clock, guard, seed, membership } = this.#options
    process.clock?.reseed(seedNumber(`${seed}/${this.#restarts}`))
    const bus = membership?.cluster && {
      ...{ port: membership.cluster.nodes[0]?.busPort as number, dial: membership.cluster.dial },
      open: () => process.openBus(),
    }
    const peers =
      membership === undefined
        ? null
        : { openSpare: () => process.openSpare(), dial: membership.dial, ...(bus === undefined ? {} : { bus }) }
    const bridge = new Bridge(process, clock, guard, peers)
    bridge.onRole = (isPrimary) => this.cluster?.hear(isPrimary)
    return bridge
  }

  connect(sink: ServerSink): ServerConnection {
    const bridge = this.#bridge
    const connection = bridge.connect(sink)
    return {
      receive: (bytes) => {
        this.#observer.notice(bytes)
        bridge.receive(connection, bytes)
        this.#noticeRole(bytes)
      },
      execute: (args) => {
        this.#observer.notice(args[0] ?? '')
        bridge.execute(connection, args)
        this.#noticeRole(args[0] ?? '')
      },
      close: () => bridge.disconnect(connection),
    }
  }

  /** A client's command: it may have told the server whom to follow. */
  #noticeRole(command: string): void {
    if (this.replication !== undefined && /\b(replicaof|slaveof|failover)\b/i.test(command)) this.replication.look()
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

  get isPaused(): boolean {
    return this.#bridge.isPaused
  }

  suffer(trouble: Trouble): string | null {
    // A replica takes no writes as it is.
    if (trouble.kind === 'state' && trouble.state === 'read-only' && this.replication?.isPrimary === false) return null
    return this.#troubles.suffer(trouble)
  }

  observe(key: string): KeyState | null {
    return this.#observer.observe(key)
  }

  restart(kept: Kept): null {
    const { process, clock } = this.#options
    const keepData = kept === 'all'
    if (keepData) this.#save()
    process.kill()
    const old = this.#bridge
    if (!keepData) process.removeData()
    const start = (): void => {
      clock.flush()
      process.start([...(this.#options.membership?.settings ?? []), ...(this.replication?.settings ?? [])])
      this.#restarts += 1
      this.#bridge = this.#openBridge()
      this.#observer = new KeyObserver(this.#bridge, clock, this.#observer, this.cluster !== undefined)
      this.#troubles = new ServerTroubles(this.#bridge, process)
      old.cut()
    }
    if (this.replication === undefined) start()
    else this.replication.restart(start)
    return null
  }

  #save(): void {
    if (this.#bridge.isPaused) {
      throw new Error('a server that CLIENT PAUSE holds cannot save its data, so it cannot restart with them')
    }
    const [answer] = this.#bridge.ask([['SAVE']])
    if (answer !== undefined && isError(answer)) throw new Error(`the server cannot save its data: ${answer.text}`)
    if (this.replication === undefined) return
    // What a server had read of the stream is not in its append-only file, which stands for whatever data is kept.
    const { process } = this.#options
    process.writeSnapshot(withoutStream(process.readSnapshot()))
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    const isEmpty = this.#empty()
    this.#bridge.close()
    this.#options.giveBack(isEmpty)
  }

  /** Makes the server as good as a fresh one, if that is possible. */
  #empty(): boolean {
    if (this.#bridge.isUnruly || this.#troubles.isSpoilt) return false
    const { process, membership } = this.#options
    // It has a part of a stream, and counts its length.
    if (membership !== undefined) return false
    // All clients go first, so that nothing they wait for is served by what follows.
    this.#bridge.closeClients()
    try {
      const answers = this.#bridge.ask(EMPTYING)
      process.removeData()
      // Redis 6 has no functions to flush.
      return answers.every((answer) => !isError(answer) || answer.text.startsWith('ERR unknown command'))
    } catch (error) {
      if (!(error instanceof ServerLostError)) throw error
      // It died in the world that is over now; the clients that used it then were told.
      return false
    }
  }
}

/** A snapshot that does not say which stream its data was read from; without a checksum it is not checked. */
const withoutStream = (snapshot: string): string => snapshot.slice(0, -8).replace('repl-id', 'none-id') + '\0'.repeat(8)
