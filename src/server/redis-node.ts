/**
 * A Redis node as a process of the world: it listens, hands what arrives to its server (`node-connection.ts`), suffers what
 * faults do to it, and has what became of the watched keys recorded (`key-watch.ts`).
 *
 * Models          one command message at a time, blocked commands, a clock of its own, crash and restart.
 * Does not model  the time a command takes: execution is instantaneous, waiting happens on the network.
 */
import type { Endpoint, EndpointHandler, Message } from '../net/connection.ts'
import type { Network } from '../net/network.ts'
import { assert } from '../sim/assert.ts'
import type { SimProcess, SimTimer } from '../sim/process.ts'
import { ClientPause } from './client-pause.ts'
import { KeyWatch } from './key-watch.ts'
import { NodeConnection } from './node-connection.ts'
import { REDIS_PORT } from './ports.ts'
import type { Kept, RedisServer } from './server.ts'
import { acceptBus } from './topology/dial.ts'
import { type NodeTrouble, troubleMaker } from './trouble.ts'

/** How often a node of a cluster looks after the others. */
const CLUSTER_CRON_US = 100_000

/** What a node does again and again. */
interface Chore {
  readonly firstUs: number
  readonly run: () => number
  /** When it was held up, what had arrived meanwhile comes first. */
  readonly isAfterSockets: boolean
}

export class RedisNode {
  readonly process: SimProcess
  readonly server: RedisServer
  /** Its truth lane. */
  readonly keys: KeyWatch
  #wakeAlarm: SimTimer | null = null
  #wakeAtMs: number | null = null
  /** Trouble that came while a client's CLIENT PAUSE or a fault's was on: an operator's command waits like those of clients. */
  #heldUp: (() => void)[] = []
  #pause: ClientPause | null = null
  /** What it does again and again, in this life and in those that follow. */
  readonly #chores: Chore[] = []
  /** Called just before a message of a client whose workload has begun is executed: a site of faults. */
  onExec: (() => void) | null = null
  /** How many such messages there were. */
  execCount = 0

  constructor(process: SimProcess, network: Network, server: RedisServer, port = REDIS_PORT) {
    this.process = process
    this.server = server
    this.keys = new KeyWatch(process, server)
    process.usesPromises = server.usesPromises !== false
    network.listen(process, port, (endpoint) => this.#accept(endpoint))
  }

  /** It is one of several that replicate: a replica connects to its primary, and each looks after the others once a second. */
  beginReplication(phaseUs: number): void {
    const { replication } = this.server
    assert(replication !== undefined, `${this.process.name} is one of several that replicate`)
    let firstUs: number | null = null
    this.act(() => {
      firstUs = replication.begin(phaseUs)
    }, 'time')
    if (firstUs !== null) this.beginChore(firstUs, () => replication.cron())
  }

  /** It does something again and again, in this life and in those that follow. `run` says when the next time is, µs later. */
  beginChore(firstUs: number, run: () => number, isAfterSockets = false): void {
    const chore = { firstUs, run, isAfterSockets }
    this.#chores.push(chore)
    this.#armChore(chore, firstUs)
  }

  /** It is a node of a cluster: others connect to its bus port, and it looks after them ten times a second. */
  beginCluster(network: Network, busPort: number, phaseUs: number): void {
    const { cluster } = this.server
    assert(cluster !== undefined, `${this.process.name} is a node of a cluster`)
    const inServer = (task: () => void, by: string): void => this.act(task, by)
    network.listen(this.process, busPort, (endpoint) => {
      this.#setClock()
      return acceptBus(endpoint, inServer, (socket) => cluster.accept(socket))
    })
    const run = (): number => {
      cluster.cron()
      return CLUSTER_CRON_US
    }
    this.beginChore(phaseUs, run, true)
  }

  #armChore(chore: Chore, delayUs: number): void {
    const { process } = this
    const { world } = process
    const run = (): void => {
      let nextUs = 0
      this.act(() => {
        nextUs = chore.run()
      }, 'time')
      this.#armChore(chore, nextUs)
    }
    process.setTimer(delayUs, () => {
      // Redis reads its sockets before it looks at the time: after a pause, what had arrived comes first.
      if (chore.isAfterSockets && process.resumeAtUs === world.nowUs) world.schedule(world.nowUs, process, 'io', run)
      else run()
    })
  }

  /** Something happens in the server that no client asked for; `by` is who caused it. */
  act(task: () => void, by: string): void {
    this.#setClock()
    this.keys.observeExpired()
    task()
    this.keys.observe(by)
    this.#armWake()
  }

  /** The process ends and starts again. */
  restart(kept: Kept): void {
    const { process } = this
    const { world, crashedAtUs } = process
    const endedUs = process.wallUs - (world.nowUs - crashedAtUs)
    this.server.end?.(endedUs)
    this.#setClock()
    const found = this.server.restart(kept)
    if (found !== null) {
      const olderMs = 'atMs' in found ? Math.floor(endedUs / 1000) - found.atMs : null
      world.record(process, 'note', 'loaded', [found.kind, olderMs])
    }
    // The alarms of the former life ended with it.
    this.#wakeAlarm = null
    this.#wakeAtMs = null
    this.#heldUp = []
    this.#pause = null
    this.keys.forgetAlarms()
    this.keys.observe('restart')
    for (const chore of this.#chores) this.#armChore(chore, chore.firstUs)
  }

  /** A fault strikes from inside the server; `cannot` is told why when this kind of server cannot have it. */
  suffer(trouble: NodeTrouble, cannot: (why: string) => void): void {
    const { process } = this
    // A dead server has no trouble; what it suffered is over when it comes back.
    if (process.isCrashed) return
    if (process.isPaused) {
      process.world.defer(process, () => this.suffer(trouble, cannot))
      return
    }
    if (this.server.isPaused || this.#pausesOperator(trouble)) {
      this.#heldUp.push(() => this.suffer(trouble, cannot))
      return
    }
    if (trouble.kind === 'client-pause') {
      this.#pauseClients(Math.floor(process.wallUs / 1000) + trouble.ms, trouble.onlyWrites)
      return
    }
    this.#setClock()
    const why = this.server.suffer(trouble)
    if (why !== null) cannot(why)
    this.keys.observe(troubleMaker(trouble))
    this.#armWake()
  }

  /** Whether an operator's command waits, too: always, or when it writes. */
  #pausesOperator({ kind }: NodeTrouble): boolean {
    if (this.#pause === null) return false
    return !this.#pause.onlyWrites || kind === 'flush' || kind === 'evict'
  }

  #pauseClients(untilMs: number, onlyWrites: boolean): void {
    if (this.#pause === null) {
      this.#pause = new ClientPause(untilMs, onlyWrites)
      this.#awaitEndOfPause(this.#pause)
    } else this.#pause.extend(untilMs, onlyWrites)
  }

  #awaitEndOfPause(pause: ClientPause): void {
    const { untilMs } = pause
    // Over when the clock is past the deadline, not at it.
    this.process.setAlarm('wall', (untilMs + 1) * 1000, () => {
      if (pause.untilMs > untilMs) {
        this.#awaitEndOfPause(pause)
        return
      }
      this.process.world.schedule(this.process.world.nowUs, this.process, 'timer', () => {
        this.#pause = null
        for (const execute of pause.release()) if (!this.process.isCrashed) execute()
        for (const suffer of this.#heldUp.splice(0)) suffer()
      })
    })
  }

  #accept(endpoint: Endpoint): EndpointHandler {
    this.#setClock()
    return new NodeConnection(this, endpoint)
  }

  /** A message has arrived: a site of faults when its client's workload has begun. False: the node ended here. */
  beforeMessage(client: SimProcess): boolean {
    if (!client.isCounting) return true
    this.execCount += 1
    this.onExec?.()
    return !this.process.isCrashed
  }

  /** A connection is closed: what it sent and a pause held up is never executed. */
  forget(connection: NodeConnection): void {
    this.#pause?.forget(connection)
  }

  /** Has a message executed at the node's present time; what it changed is on record before its answer leaves. */
  execute(connection: NodeConnection, message: Message): void {
    if (this.#pause?.holdsBack(connection, message, () => this.execute(connection, message))) return
    this.#setClock()
    this.keys.observeExpired()
    connection.execute(message)
    this.#armWake()
  }

  #setClock(): void {
    this.server.setClock(this.process.clockUs(this.server.clock ?? 'wall'))
  }

  /** Sets the alarm for what waits for this node's clock: blocked commands, CLIENT PAUSE. */
  #armWake(): void {
    const atMs = this.server.wakeAtMs()
    if (atMs === this.#wakeAtMs) return
    this.#wakeAtMs = atMs
    this.#wakeAlarm?.cancel()
    this.#wakeAlarm =
      atMs === null
        ? null
        : this.process.setAlarm(this.server.clock ?? 'wall', atMs * 1000, () => {
            this.#wakeAtMs = null
            this.process.world.schedule(this.process.world.nowUs, this.process, 'timer', () => {
              this.#setClock()
              this.server.wake()
              this.keys.observe('time')
              this.#armWake()
              if (!this.server.isPaused) for (const suffer of this.#heldUp.splice(0)) suffer()
            })
          })
  }
}
