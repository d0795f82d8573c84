/**
 * One world from its plan: builds it, lets the storm rage, heals everything, looks whether all is well, and hands out
 * the trace.
 *
 *   setup ── storm (clients work, faults strike) ── heal ── calm (what was begun ends, the lock is taken once more)
 *
 * The storm is over when every client has ended, or when the plan's time is up. Liveness is judged in the calm.
 */
import type { Driver } from '../client/driver.ts'
import type { ClientKind } from '../client/kind.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { durationOf } from '../fault/planned-fault.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'
import { ArrivalOrder } from '../net/arrival-order.ts'
import { Network } from '../net/network.ts'
import { RedisNode } from '../server/redis-node.ts'
import type { RedisServer, ServerProvider } from '../server/server.ts'
import { assert } from '../sim/assert.ts'
import { EPOCH_US } from '../sim/clock.ts'
import { HostError } from '../sim/host-error.ts'
import type { SimProcess } from '../sim/process.ts'
import { hashTrace, type TraceRecord } from '../sim/trace.ts'
import { UsageError } from '../sim/usage-error.ts'
import { forgetTimerIds } from '../sim/virtual-timers.ts'
import { DEFAULT_LIMITS, type Limits, World } from '../sim/world.ts'
import { isBlocking, nodesOf, type Subject } from '../subject/subject.ts'
import { type Client, type LoadModule, reason } from '../workload/client.ts'
import { workloadOf } from '../workload/registry.ts'
import { Storage, StorageClient } from '../workload/storage.ts'
import type { Workload } from '../workload/workload.ts'
import { clientName, type Plan, planFor } from './plan.ts'
import { Storm, type StormWatch } from './storm.ts'
import type { SeenMessage } from './story.ts'

/** What a world needs from its host. */
export interface Environment {
  readonly provider: ServerProvider
  /** Opens connections for subjects that do not say which client they need. */
  readonly driver: Driver
  /** The driver that a subject asks for by name; where it is missing there is only the one above. */
  readonly driverFor?: (client: ClientKind) => Driver
  /** Makes the `load` of one life of one client: its own copies of packages. */
  readonly makeLoad?: () => LoadModule
  /** Runs the world to its end, synchronously. */
  readonly loop: (world: World) => void
  readonly limits?: Limits
  /** The workloads that there are; missing: those that come with lockstorm. */
  readonly workloads?: readonly Workload[]
  /** Hears every message, for pictures. */
  readonly onMessage?: (message: SeenMessage) => void
  /** Hears of every moment at which a fault could strike, and of every fault that does. */
  readonly watch?: StormWatch
}

/** What a world leaves behind. */
export interface WorldRun {
  readonly plan: Plan
  /** In the order of virtual time. */
  readonly records: readonly TraceRecord[]
  readonly historyHash: string
  /** When everything had healed, and when the world ended, µs. */
  readonly healedUs: number
  readonly endUs: number
  readonly turns: number
  /** How many nodes vote on the lock: more than one for a quorum lock. */
  readonly voters: number
  /** Whether the lock's acquire waits by itself. */
  readonly isBlocking: boolean
  /** Which limit was reached, or which fault this kind of Redis could not have; null: all went as planned. */
  readonly limitReached: string | null
  /** The faults that struck, in the order of their records. */
  readonly struck: readonly PlannedFault[]
  /** Of a plan with an order: from how many connections the first could be chosen, at each choice. */
  readonly choices: readonly number[]
}

type AnyLife = Parameters<Workload['run']>[0]

const START_SPREAD_US = 500
/** How long a client of several nodes waits for its connections before it begins with those that it has. */
const CONNECT_US_MAX = 100_000
const ROUNDING_US = 2_000

/** What there was of a world when a server that it ran on died; undefined for any other error. */
export const unfinishedRun = (error: HostError): WorldRun | undefined => unfinished.get(error)

const unfinished = new WeakMap<HostError, WorldRun>()

/** Runs one world. A HostError that ends it leaves its history with `unfinishedRun`. */
export function runWorld(plan: Plan, subject: Subject, environment: Environment): WorldRun {
  const world = new PlannedWorld(plan, subject, environment)
  try {
    environment.loop(world.world)
  } catch (error) {
    if (error instanceof HostError) unfinished.set(error, world.result())
    throw error
  } finally {
    world.stopServers()
  }
  return world.result()
}

/** The same where the host has no synchronous drain: `loop` awaits a macrotask after each turn. */
export async function runWorldAwaiting(
  plan: Plan,
  subject: Subject,
  environment: Omit<Environment, 'loop'> & { readonly loop: (world: World) => Promise<void> },
): Promise<WorldRun> {
  const world = new PlannedWorld(plan, subject, environment)
  try {
    await environment.loop(world.world)
  } finally {
    world.stopServers()
  }
  return world.result()
}

class PlannedWorld {
  readonly world: World
  readonly #plan: Plan
  readonly #subject: Subject
  readonly #workload: Workload
  readonly #driver: Driver
  readonly #makeLoad: () => LoadModule
  readonly #network: Network
  readonly #nodes: RedisNode[] = []
  readonly #servers: RedisServer[] = []
  readonly #clients: SimProcess[] = []
  readonly #storm: Storm
  readonly #extraWorkUs = new Map<SimProcess, number>()
  /** Clients whose workload has ended, or ended for good by a crash. */
  readonly #done = new Set<SimProcess>()
  /** Clients whose workload has begun. */
  readonly #begun = new Map<SimProcess, AnyLife>()
  /** What the clients share outside of Redis. */
  readonly #shared: unknown
  #healedUs = 0
  #isProbing = false
  #usageError: UsageError | null = null
  readonly #looks: (() => void)[] = []

  constructor(plan: Plan, subject: Subject, environment: Omit<Environment, 'loop'>) {
    this.#plan = planFor(plan, subject)
    this.#subject = subject
    this.#workload = workloadOf(plan.workload, environment.workloads)
    assert(this.#workload.takes === subject.kind, `the workload ${this.#workload.kind} takes a ${this.#workload.takes}`)
    this.#shared = this.#workload.share?.()
    this.#driver = driverOf(subject, environment)
    this.#makeLoad = () => this.#guardLoad(environment.makeLoad?.() ?? loadNothing)
    this.world = new World(plan.seed, environment.limits ?? DEFAULT_LIMITS)
    this.#network = new Network(this.world, plan.latency)
    if (plan.order !== undefined) this.#network.arrivalOrder = new ArrivalOrder(this.world, plan.order)
    const { onMessage } = environment
    if (onMessage !== undefined) {
      this.#network.onTransmit = (endpoint, message, sentUs, arrivedUs) =>
        onMessage({ from: endpoint.process.name, to: endpoint.peer.process.name, sentUs, arrivedUs, message })
    }
    this.world.onUncaught = (process, error, origin) => {
      this.world.record(process, 'note', 'uncaught', [reason(error), origin])
      process.crash()
    }
    for (let index = 1; index <= this.#plan.nodes; index += 1) this.#addNode(`redis-${index}`, environment.provider)
    const storage = this.#workload.storage?.(plan.workload)
    if (storage !== undefined) new Storage(this.#addProcess('storage'), this.#network, storage)
    this.#storm = new Storm(this.world, this.#network, plan.faults, {
      restart: (process, options) => this.#restart(process, options),
      slowDown: (process, byUs) => this.#extraWorkUs.set(process, byUs),
      suffer: (process, trouble, cannot) => {
        const node = this.#nodes.find((candidate) => candidate.process === process)
        assert(node !== undefined, `only a Redis node suffers ${trouble.kind}: not ${process.name}`)
        node.suffer(trouble, cannot)
      },
      // An application alone knows its keys; what strikes one of them strikes none.
      watchedKey: this.#workload.watches(this.#subject)[0] ?? this.#workload.key,
    })
    this.#storm.watch = environment.watch ?? null
    for (const node of this.#nodes) node.onExec = () => this.#storm.onExec(node.process, node.execCount)
    const spread = this.world.random.stream('start')
    for (let index = 0; index < plan.clients; index += 1) {
      const process = this.#addProcess(clientName(index))
      this.#clients.push(process)
      const behindUs = index === 0 ? 0 : plan.headStartUs + (index - 1) * (plan.staggerUs ?? 0)
      const startUs = (plan.order === undefined ? spread.below(START_SPREAD_US) : 0) + behindUs
      this.world.schedule(startUs, process, 'timer', () => this.#start(process))
    }
    this.world.schedule(stormUs(plan, this.#workload), null, 'timer', () => this.#heal())
  }

  /** Nothing is watched where no lease asks for it. */
  #onMoment(look: () => void): void {
    this.#looks.push(look)
    if (this.#looks.length > 1) return
    const { trace } = this.world
    const { onRecord } = trace
    const lookAll = (): void => {
      for (const each of this.#looks) each()
    }
    trace.onRecord = (record) => {
      onRecord?.(record)
      if (record.op === 'acquire' && record.type === 'ok') lookAll()
      // Milliseconds are the unit of leases: until then a difference is rounding.
      else if (record.op === 'expired' && record.type === 'truth')
        this.world.schedule(this.world.nowUs + ROUNDING_US, null, 'timer', lookAll)
    }
  }

  /** What cannot be loaded is the user's affair, not the lock's: it ends the world. */
  #guardLoad(load: LoadModule): LoadModule {
    return (name, from) => {
      try {
        return load(name, from)
      } catch (error) {
        if (error instanceof UsageError) this.#usageError ??= error
        this.world.stop()
        throw error
      }
    }
  }

  /** Ends the servers of this world. */
  stopServers(): void {
    for (const server of this.#servers) server.stop()
    forgetTimerIds()
  }

  result(): WorldRun {
    if (this.#usageError !== null) throw this.#usageError
    const records = this.world.trace.sort()
    return {
      plan: this.#plan,
      records,
      historyHash: hashTrace(records),
      healedUs: this.#healedUs,
      endUs: this.world.nowUs,
      turns: this.world.turnCount,
      voters: this.#voters,
      isBlocking: isBlocking(this.#subject),
      limitReached: this.world.limitReached ?? this.#storm.leftOut,
      struck: this.#storm.struck,
      choices: this.#network.arrivalOrder?.widths ?? [],
    }
  }

  #addProcess(name: string): SimProcess {
    const process = this.world.addProcess(name)
    process.onKilled = () => {
      this.#network.dropAll(process)
      if (this.#clients.includes(process)) this.#finish(process)
    }
    return process
  }

  #addNode(name: string, provider: ServerProvider): void {
    const process = this.#addProcess(name)
    const server = provider.node(name, { seed: `${this.#plan.seed}/${name}`, nowUs: EPOCH_US })
    this.#servers.push(server)
    const node = new RedisNode(process, this.#network, server)
    for (const key of this.#workload.watches(this.#subject)) node.watch(key, (token) => this.#ownerOf(token))
    this.#nodes.push(node)
  }

  /** The process whose attempt a token names. */
  #ownerOf(token: string): string | null {
    const name = /^[A-Za-z]+/.exec(token)?.[0] ?? ''
    return this.world.processes.has(name) ? name : null
  }

  /** A client's main function. */
  #start(process: SimProcess): void {
    this.#connect(process)
      .then((client) => {
        const life = this.#lifeOf(client, this.#clients.indexOf(process))
        // What a client sends while it starts is no part of the storm.
        const opening = this.#workload.open?.(life)
        return opening === undefined ? life : opening.then(() => life)
      })
      .then((life) => {
        process.isCounting = true
        this.#begun.set(process, life)
        return this.#workload.run(life)
      })
      .then(
        () => this.#finish(process),
        (error) => this.world.charge(process, error, 'workload'),
      )
  }

  #lifeOf(client: Client, index: number): AnyLife {
    const { workload: settings, ttlMs, clients } = this.#plan
    return { client, subject: this.#subject, settings, ttlMs, index, clients, shared: this.#shared }
  }

  async #connect(process: SimProcess): Promise<Client> {
    const { incarnation } = process
    const connect = (host: string): Promise<RedisCommands> =>
      this.#driver.connect(process, this.#network, host) as Promise<RedisCommands>
    const nodes = this.#voters === 1 ? [await connect('redis-1')] : await this.#connectToAll(process)
    return {
      process,
      name: process.name,
      nodes,
      storage: new StorageClient(process, this.#network, 'storage'),
      connect: () => connect('redis-1'),
      load: this.#makeLoad(),
      onMoment: (look) => this.#onMoment(look),
      isStopping: () => this.#storm.isOver || process.incarnation !== incarnation,
      extraWorkUs: () => this.#extraWorkUs.get(process) ?? 0,
    }
  }

  /** One object for each node. A node that does not answer keeps no client from starting. */
  #connectToAll(process: SimProcess): Promise<RedisCommands[]> {
    const made = new Map<number, RedisCommands>()
    const inOrder = (): RedisCommands[] => this.#nodes.map((_, index) => made.get(index) as RedisCommands)
    const ready = this.#nodes.map(({ process: { name } }, index) =>
      this.#driver.connect(process, this.#network, name, (redis) => made.set(index, redis as RedisCommands)),
    )
    return new Promise((resolve, reject) => {
      const timer = process.setTimer(CONNECT_US_MAX, () => {
        if (made.size === ready.length) resolve(inOrder())
      })
      Promise.all(ready).then((nodes) => {
        timer.cancel()
        resolve(nodes as RedisCommands[])
      }, reject)
    })
  }

  /** How many nodes vote on the lock. */
  get #voters(): number {
    return nodesOf(this.#subject) > 1 ? this.#nodes.length : 1
  }

  /** A client has nothing left to do; when all have, the storm is over. */
  #finish(process: SimProcess): void {
    this.#done.add(process)
    if (this.#done.size < this.#clients.length || this.#storm.isOver) return
    // Not at once: this may be the middle of a turn, and a fault that struck in it must act before it heals.
    this.world.schedule(this.world.nowUs, null, 'timer', () => {
      if (this.#done.size === this.#clients.length) this.#heal()
    })
  }

  #restart(process: SimProcess, options: { readonly keepData: boolean }): void {
    if (!process.isCrashed) return
    process.restart()
    this.#network.revive(process)
    process.isCounting = false
    const node = this.#nodes.find((candidate) => candidate.process === process)
    node?.restart(options)
    if (this.#clients.includes(process)) {
      this.#done.delete(process)
      this.#begun.delete(process)
      this.world.schedule(this.world.nowUs, process, 'timer', () => this.#start(process))
    }
  }

  /** The end of the storm: everything heals, nothing new is begun. */
  #heal(): void {
    if (this.#storm.isOver) return
    this.#storm.heal()
    for (const node of this.#nodes) this.#restart(node.process, { keepData: true })
    this.#healedUs = this.world.nowUs
    this.world.record(null, 'fault', 'healed', null)
    if (this.#done.size === this.#clients.length) this.#probe()
    else this.world.schedule(this.world.nowUs + this.#plan.settleUs, null, 'timer', () => this.#probe())
  }

  /** A client that is still well looks once more: is the lock free, what does the session hold? */
  #probe(): void {
    if (this.#isProbing) return
    this.#isProbing = true
    this.world.record(null, 'note', 'settled', null)
    const prober = this.#clients.find(
      (process) => this.#done.has(process) && !process.isCrashed && this.#begun.has(process),
    )
    const process = prober ?? this.#addProcess('probe')
    this.world.schedule(this.world.nowUs, process, 'timer', () => {
      const deadlineUs = this.world.nowUs + this.#probeUs()
      const begun = this.#begun.get(process)
      const life =
        begun === undefined ? this.#connect(process).then((client) => this.#lifeOf(client, 0)) : Promise.resolve(begun)
      life
        .then((ready) => this.#workload.probe(ready, () => this.world.nowUs >= deadlineUs))
        .then(
          () => this.world.stop(),
          (error) => this.world.charge(process, error, 'workload'),
        )
    })
    // Whoever waits for ever, or crashed, does not keep the world from ending.
    this.world.schedule(this.world.nowUs + this.#probeUs() * 2, null, 'timer', () => this.world.stop())
  }

  /** A lease that nobody holds ends by itself; twice its length is enough for any lock that lets go at all. */
  #probeUs(): number {
    return this.#plan.ttlMs * 2000 + this.#plan.settleUs
  }
}

/** What opens this subject's connections. */
function driverOf(subject: Subject, environment: Omit<Environment, 'loop'>): Driver {
  const needed = subject.kind === 'lock' ? subject.lock.client : undefined
  if (needed === undefined) return environment.driver
  if (environment.driverFor !== undefined) return environment.driverFor(needed)
  throw new UsageError(subject.name, `it needs the client ${needed}, which there is not here`)
}

const loadNothing: LoadModule = (name) => {
  throw new UsageError(name, 'packages cannot be loaded here')
}

/** How long the storm may last at most: what the work takes when nothing is in its way, thrice, and what the faults last. */
export function stormUs(plan: Plan, workload: Workload): number {
  const { clients, latency, ttlMs } = plan
  let us = 3 * clients * workload.lastsUs(plan.workload, 12 * latency.maxUs) + 3 * ttlMs * 1000
  us += (plan.staggerUs ?? 0) * clients
  for (const fault of plan.faults) us += (durationOf(fault) ?? 0) + (fault.at.kind === 'time' ? fault.at.atUs : 0)
  return us
}
