/**
 * The stage of one world: its processes on a network, and what brings them back when they fell.
 *
 *   A ──┐
 *   B ──┼── network ──┬── redis-1, … (a server of the environment behind each)
 *   C ──┘             └── storage (when the workload needs it)
 */
import type { Driver, SentinelAddresses } from '../client/driver.ts'
import { type Callers, matesOf } from '../history/rules.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'
import { ArrivalOrder } from '../net/arrival-order.ts'
import { type Address, LOOPBACK } from '../net/names.ts'
import { Network } from '../net/network.ts'
import type { NodeAddress } from '../redis/cluster/cluster-node.ts'
import { clusterPlan, type PlannedMember } from '../redis/cluster/plan.ts'
import { keySlot, slotsFor } from '../redis/cluster/slots.ts'
import type { MonitorOptions } from '../redis/sentinel/monitored-primary.ts'
import { BUS_PORT_OFFSET } from '../server/ports.ts'
import { RedisNode } from '../server/redis-node.ts'
import type { FailoverMode, Kept, NodeOptions, NodeReplication, RedisServer, ServerProvider } from '../server/server.ts'
import { busDialFrom, dialFrom, type InServer } from '../server/topology/dial.ts'
import { SentinelNode } from '../server/topology/sentinel-node.ts'
import { Shard } from '../server/topology/shard.ts'
import { type SlotMap, SlotMove } from '../server/topology/slot-move.ts'
import type { NodeTrouble } from '../server/trouble.ts'
import { assert, assertNever } from '../sim/assert.ts'
import { EPOCH_US } from '../sim/clock.ts'
import type { SimProcess } from '../sim/process.ts'
import { UsageError } from '../sim/usage-error.ts'
import { forgetTimerIds } from '../sim/virtual-timers.ts'
import { DEFAULT_LIMITS, World } from '../sim/world.ts'
import type { Subject } from '../subject/subject.ts'
import { type Client, type LoadModule, reason } from '../workload/client.ts'
import { workloadOf } from '../workload/registry.ts'
import { Storage, StorageClient } from '../workload/storage.ts'
import type { AnyLife, Workload } from '../workload/workload.ts'
import { callersOf } from './callers.ts'
import { type Cast, castOf, namesOf, type ServerMember, STORAGE, votersIn } from './cast.ts'
import { connectToAll, driverOf } from './connections.ts'
import type { Environment } from './environment.ts'
import { Moments } from './moments.ts'
import { besideEachOther } from './placement.ts'
import { type Plan, planFor } from './plan.ts'
import { isSentinelPort, monitorOf, priorityOf, sentinelsOf } from './sentinels.ts'
import { hasReplicas, shardCount } from './topology.ts'
import { whoAnswers, whyApart } from './who-answers.ts'

export class Stage {
  readonly world: World
  readonly network: Network
  readonly plan: Plan
  readonly subject: Subject
  readonly workload: Workload
  readonly cast: Cast
  /** The nodes that vote on the lock. */
  readonly voters: readonly ServerMember[]
  readonly nodes: RedisNode[] = []
  /** The Sentinels that look after them. */
  readonly sentinels: SentinelNode[] = []
  /** Both. */
  readonly servers: RedisNode[] = []
  /** The servers that replicate, by whose keys they hold; none: each is on its own. */
  readonly shards: readonly Shard[]
  /** When clients may begin: replicas are in step by then. */
  readonly readyUs: number
  readonly clients: SimProcess[] = []
  readonly callers: Callers
  /** Called when a process ended. */
  onKilled: (process: SimProcess) => void = () => {}
  /** Where the first of them listens: the only one for most. */
  readonly #first: Address
  /** The servers of which clients know the primary by a name. */
  readonly #named: readonly Shard[]
  readonly driver: Driver
  /** Where clients ask for the primary; null: there are no Sentinels. */
  readonly #sentinels: SentinelAddresses | null
  /** Of the streams that servers which replicate have had a part of for long, one for each primary. */
  #streamIds: readonly string[] = []
  /** Slots of a Cluster that are not, or no longer, where they were. */
  readonly #movedSlots = new Map<number, Shard>()
  #clusterPlan: readonly PlannedMember[] | null = null
  readonly #environment: Environment<unknown>
  readonly #servers: RedisServer[] = []
  readonly #extraWorkUs = new Map<SimProcess, number>()
  readonly #moments: Moments
  /** Each client's own copy of what is under test. */
  readonly #subjects = new Map<SimProcess, Subject>()
  /** What the clients share outside of Redis. */
  readonly #shared: unknown

  constructor(plan: Plan, subject: Subject, environment: Environment<unknown>) {
    this.plan = planFor(plan, subject)
    this.subject = subject
    this.workload = workloadOf(plan.workload, environment.workloads)
    const { kind, takes } = this.workload
    assert(takes === subject.kind, `the workload ${kind} takes a ${takes}, not a ${subject.kind}`)
    this.#shared = this.workload.share?.()
    this.#environment = environment
    this.driver = driverOf(subject, environment)
    this.world = new World(plan.seed, environment.limits ?? DEFAULT_LIMITS)
    this.world.onUncaught = (process, error, origin) => {
      this.world.record(process, 'note', 'uncaught', [reason(error), origin])
      for (const mate of this.#matesOf(process)) mate.crash()
    }
    this.#moments = new Moments(this.world)
    this.network = new Network(this.world, plan.latency)
    if (plan.order !== undefined) this.network.arrivalOrder = new ArrivalOrder(this.world, plan.order)
    const { onMessage } = environment
    if (onMessage !== undefined) {
      const servers = namesOf(castOf(this.plan, environment.workloads), 'redis')
      this.network.onTransmit = (endpoint, message, sentUs, arrivedUs) => {
        const [from, to] = [endpoint.process.name, endpoint.peer.process.name]
        if (this.#isOfSentinels(from) || this.#isOfSentinels(to)) return
        // What nodes of a Cluster say to each other all the time is no story.
        if (endpoint.mode === 'messages' && servers.includes(from) && servers.includes(to)) return
        onMessage({ from, to, sentUs, arrivedUs, message })
      }
    }
    this.cast = castOf(this.plan, environment.workloads)
    if (plan.placement === 'beside') this.network.latencyOf = besideEachOther(this.cast, plan.latency)
    this.voters = votersIn(this.cast, subject)
    this.shards = Array.from({ length: shardCount(this.plan.topology) }, () => new Shard())
    if (this.plan.topology.kind !== 'cluster') {
      const ids = this.world.random.stream('replication/id')
      const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
      this.#streamIds = this.shards.map(() => [...ids.bytes(STREAM_ID_BYTES)].map(hex).join(''))
    }
    // Nodes of a Cluster have connected to each other by then.
    const connectedUs = this.plan.topology.kind === 'cluster' ? CLUSTER_PHASE_US : 0
    this.readyUs = this.shards.length === 0 ? 0 : connectedUs + IN_STEP_ROUND_TRIPS * 2 * plan.latency.maxUs
    const { address } = this.voters[0] as ServerMember
    this.#sentinels = sentinelsOf(this.plan.topology, this.cast)
    this.#named = this.#sentinels === null && this.plan.topology.kind !== 'cluster' ? this.shards : []
    this.#first = this.#clientsAddress(this.voters[0] as ServerMember, 0)
    this.#leadTo(address)
    for (const index of this.#named.keys()) this.#name(index, this.#addresses[index] as NodeAddress)
    if (this.#sentinels !== null) this.network.choose(isSentinelPort, this.#sentinels.sentinels)
    for (const [name, node] of Object.entries(environment.hosts ?? {})) this.network.alias(name, this.#addressOf(node))
    // Servers listen before clients come.
    for (const member of this.cast) if (member.role !== 'client') this.#addServer(member)
    this.#beginReplication()
    for (const { name, role } of this.cast) if (role === 'client') this.clients.push(this.addProcess(name))
    this.callers = callersOf(namesOf(this.cast, 'client'), this.plan.callers ?? 1)
    for (const group of this.callers)
      for (const name of group) this.#processOf(name).home = this.#processOf(group[0] as string)
  }

  /** The only primary's servers, which are one Redis to clients that read from its replicas, too; null: there is none such. */
  get #single(): Shard | null {
    return hasReplicas(this.plan.topology) && this.shards.length === 1 ? (this.shards[0] as Shard) : null
  }

  /** The servers that this one stands with, unless they look after themselves. */
  #shardWith({ name }: SimProcess): Shard | null {
    if (this.plan.topology.kind === 'cluster') return null
    return this.shards.find((shard) => shard.isServer(name)) ?? null
  }

  /** The primary of the servers that this one stands with, of which an operator decides; null: there is none. */
  primaryOf(process: SimProcess): SimProcess | null {
    return this.#shardWith(process)?.primary.process ?? null
  }

  /** Where clients connect to a node: the name of a primary leads to another one after a failover. */
  #clientsAddress({ address }: ServerMember, index: number): Address {
    return this.#named.length === 0 ? address : { host: this.#primaryName(index), port: address.port }
  }

  #primaryName(index: number): string {
    return this.#named.length === 1 ? PRIMARY_NAME : `${PRIMARY_NAME}-${index + 1}`
  }

  /** The name of a primary leads there. */
  #name(index: number, address: Address): void {
    const name = this.#primaryName(index)
    this.network.ownNames.add(name)
    this.network.alias(name, address)
  }

  #processOf(name: string): SimProcess {
    return this.world.processes.get(name) as SimProcess
  }

  /** All callers in the process of one of them. */
  #matesOf(process: SimProcess): readonly SimProcess[] {
    return matesOf(process.name, this.callers).map((name) => this.#processOf(name))
  }

  /** Where the Redis node listens to which a host is to lead. */
  #addressOf(name: string): Address {
    const nodes = this.cast.filter((member) => member.role === 'redis') as readonly ServerMember[]
    const node = nodes.find((member) => member.name === name)
    if (node !== undefined) return node.address
    const names = nodes.map((member) => member.name).join(', ')
    throw new UsageError(
      'hosts',
      `${name} is no Redis node of this world: expected one of ${names}`,
      'name one of these',
    )
  }

  /** One more process on the network. */
  addProcess(name: string): SimProcess {
    const process = this.world.addProcess(name)
    process.onKilled = () => {
      this.network.dropAll(process)
      this.onKilled(process)
    }
    return process
  }

  #addServer({ name, role, address }: ServerMember): void {
    const process = this.addProcess(name)
    switch (role) {
      case 'redis':
        this.#addNode(process, address)
        break
      case 'sentinel':
        this.#addSentinel(process, address)
        break
      case 'storage':
        new Storage(process, this.network, address, this.workload.storage?.(this.plan.workload) ?? {})
        break
      default:
        assertNever(role)
    }
  }

  #addNode(process: SimProcess, address: Address): void {
    const node = this.#nodeIn(process, address)
    this.nodes.push(node)
    this.servers.push(node)
  }

  #addSentinel(process: SimProcess, address: Address): void {
    const sentinel = this.#sentinelIn(process, address)
    this.sentinels.push(sentinel)
    this.servers.push(sentinel.node)
  }

  #nodeIn(process: SimProcess, { port }: Address): RedisNode {
    const { name } = process
    const { provider } = this.#environment
    const seed = `${this.plan.seed}/${name}`
    let made: RedisNode | null = null
    const inServer = (task: () => void, by: string): void => made?.act(task, by)
    const dial = dialFrom(process, this.network, inServer)
    const replication = this.#clusterOf(process, dial, inServer) ?? this.#replicationOf(process, dial)
    const { persistence, redisVersion } = this.plan
    whoAnswers(provider, this.plan)
    const why = whyApart(provider, this.plan.topology)
    if (why !== null) throw new UsageError('topology', why, 'use --redis memory')
    if (persistence !== undefined && provider.persists !== true) throw noDisk(provider.description)
    const server = provider.node(name, {
      ...{ seed, nowUs: EPOCH_US },
      ...(replication === null ? {} : { replication }),
      ...(persistence === undefined ? {} : { persistence }),
      ...(redisVersion === undefined ? {} : { version: redisVersion }),
      ...this.#serviceIn(provider),
    })
    this.#servers.push(server)
    const node = new RedisNode(process, this.network, server, port)
    made = node
    const shard = this.shards[this.nodes.length % this.shards.length]
    shard?.add(node)
    for (const key of this.workload.watches(this.subject)) {
      if (this.plan.topology.kind !== 'cluster' || this.#shardOf(key) === shard)
        node.keys.add(key, (token) => this.#ownerOf(token))
    }
    return node
  }

  /** What the nodes are if they are no Redis. */
  #serviceIn({ hasKeeper = false, description }: ServerProvider): Pick<NodeOptions, 'service'> {
    const { topology, persistence } = this.plan
    if (topology.kind !== 'keeper') return {}
    if (persistence !== undefined) {
      throw new UsageError('persistence', 'a coordination service keeps what it acknowledged', 'leave it out')
    }
    if (hasKeeper) return { service: 'keeper' }
    throw new UsageError('topology', `${description} has no coordination service here`, 'use --redis memory')
  }

  #sentinelIn(process: SimProcess, address: Address): SentinelNode {
    const { topology, seed } = this.plan
    assert(topology.kind === 'sentinel', 'Sentinels are of a topology that has them')
    const monitor = (name: string): MonitorOptions => monitorOf(topology, this.cast, name, seed)
    const sentinel = new SentinelNode(process, this.network, address, monitor, seed, this.#environment.provider)
    this.#servers.push(sentinel.node.server)
    return sentinel
  }

  /** Messages of Sentinels are left out of pictures: there are too many. */
  #isOfSentinels(name: string): boolean {
    return this.sentinels.some(({ node }) => node.process.name === name)
  }

  /** The servers of a Cluster that hold this key. */
  #shardOf(key: string): Shard {
    return this.#slots.shardOf(keySlot(key))
  }

  /** An operator of a Cluster moves the slot of a key to the shard of this node. */
  moveSlot(key: string, { name }: SimProcess): SlotMove {
    const to = this.shards.find((shard) => shard.isServer(name))
    assert(to !== undefined, `${name} is a node of a Cluster`)
    return new SlotMove(this.world, this.#slots, key, to)
  }

  /** Where the slots of a Cluster are, and whose keys are looked at where. */
  get #slots(): SlotMap {
    const { shards, network } = this
    return {
      shards,
      shardOf: (slot) =>
        this.#movedSlots.get(slot) ??
        (shards[slotsFor(shards.length).findIndex(([first, last]) => first <= slot && slot <= last)] as Shard),
      moved: (slot, to) => this.#movedSlots.set(slot, to),
      opened: (slot, { nodes }) => {
        for (const key of this.workload.watches(this.subject)) {
          if (keySlot(key) === slot) for (const { keys } of nodes) keys.add(key, (token) => this.#ownerOf(token))
        }
      },
      isConnected: ({ process: one }, { process: other }) =>
        !network.link(one.name, other.name).isBlocked && !network.link(other.name, one.name).isBlocked,
    }
  }

  /** What a node of a cluster knows when it begins; null: there is no cluster. */
  #clusterOf(process: SimProcess, dial: NodeReplication['dial'], inServer: InServer): NodeReplication | null {
    const { topology } = this.plan
    if (topology.kind !== 'cluster') return null
    this.#clusterPlan ??= clusterPlan(this.#addresses, topology.primaries, `${this.plan.seed}`)
    const { nodes, replication } = this.#clusterPlan[this.nodes.length] as PlannedMember
    const { streamId = '', offset = 0, primary = null } = replication
    return {
      ...{ dial, streamId, offset, primary },
      settings: [
        ['cluster-enabled', 'yes'],
        ['cluster-node-timeout', String(topology.nodeTimeoutMs)],
        ['replica-announce-ip', process.name],
        ['repl-diskless-sync-delay', '0'],
        ['min-replicas-to-write', String(topology.minReplicasToWrite ?? 0)],
      ],
      cluster: { dial: busDialFrom(process, this.network, inServer), nodes },
    }
  }

  /** Where the Redis nodes listen. */
  get #addresses(): readonly Omit<NodeAddress, 'id'>[] {
    const nodes = this.cast.filter((member) => member.role === 'redis') as readonly ServerMember[]
    return nodes.map(({ address: { host, port } }) => ({ host, port, busPort: port + BUS_PORT_OFFSET }))
  }

  /** What this node is to the others; null: each is on its own. */
  #replicationOf({ name }: SimProcess, dial: NodeReplication['dial']): NodeReplication | null {
    const { topology } = this.plan
    if (!hasReplicas(topology)) return null
    const index = this.nodes.length % this.shards.length
    const { host, port } = this.#addresses[index] as NodeAddress
    const { minReplicasToWrite = 0, minReplicasMaxLagS = 10 } = topology
    return {
      dial,
      streamId: this.#streamIds[index] as string,
      primary: name === host ? null : { host, port },
      settings: [
        ['replica-announce-ip', name],
        ['min-replicas-to-write', String(minReplicasToWrite)],
        ['min-replicas-max-lag', String(minReplicasMaxLagS)],
        ['replica-priority', String(priorityOf(topology, this.cast, name))],
      ],
    }
  }

  #beginReplication(): void {
    if (this.shards.length === 0) return
    for (const [index, shard] of this.#named.entries()) shard.onPromoted = (node) => this.#follow(index, node)
    const phases = this.world.random.stream('replication')
    for (const node of this.nodes) node.beginReplication(phases.below(SECOND_US))
    for (const sentinel of this.sentinels) sentinel.begin()
    if (this.plan.topology.kind !== 'cluster') return
    const clusterPhases = this.world.random.stream('cluster')
    for (const [index, node] of this.nodes.entries()) {
      const { busPort } = this.#addresses[index] as NodeAddress
      node.beginCluster(this.network, busPort, clusterPhases.below(CLUSTER_PHASE_US))
    }
  }

  /** The name that clients know, and what leads to it, is another server's now; the other replicas follow. */
  #follow(index: number, primary: RedisNode): void {
    const address = { host: primary.process.name, port: this.#first.port }
    this.#name(index, address)
    if (index === 0) this.#leadTo(address)
  }

  /** Code with default settings connects to its own machine, and any other name leads to the primary, too. */
  #leadTo(address: Address): void {
    for (const name of LOOPBACK) this.network.alias(name, address)
    this.network.substitute = address
  }

  /** A replica becomes the primary, as an operator does it: then the others are told. */
  promote(process: SimProcess): void {
    const node = this.nodeOf(process)
    const shard = this.#shardWith(process)
    if (shard === null || node === undefined || process.isCrashed) return
    const { primary: former } = shard
    node.act(() => node.server.replication?.promote(), 'failover')
    for (const other of shard.nodes) if (other !== node && other !== former) this.#tell(other)
  }

  /** A replica of a Cluster is told to take the place of its primary. */
  clusterFailover(process: SimProcess, how: FailoverMode): void {
    const node = this.nodeOf(process)
    if (node === undefined || process.isCrashed) return
    const tell = (): void => node.act(() => node.server.cluster?.failOver(how), 'failover')
    if (process.isPaused) this.world.defer(process, tell)
    else tell()
  }

  /** A former primary follows the present one, and its clients are cut. */
  demote(process: SimProcess): void {
    const node = this.nodeOf(process)
    if (node !== undefined && process !== this.primaryOf(process)) this.#tell(node)
  }

  #tell(node: RedisNode): void {
    const { process, server } = node
    const primary = this.primaryOf(process)
    if (primary === null || process.isCrashed) return
    const { name } = primary
    const follow = (): void => server.replication?.follow({ host: name, port: this.#first.port })
    if (process.isPaused) this.world.defer(process, () => node.act(follow, name))
    else node.act(follow, name)
  }

  /** The process whose attempt a token names. */
  #ownerOf(token: string): string | null {
    const name = /^[A-Za-z]+/.exec(token)?.[0] ?? ''
    return this.world.processes.has(name) ? name : null
  }

  /** The connections of a client; `isOver`: nothing new is begun. */
  async connect(process: SimProcess, isOver: () => boolean): Promise<Client> {
    const { incarnation } = process
    if (this.subject.in !== undefined) this.#subjects.set(process, await this.subject.in(process))
    const connect = (): Promise<RedisCommands> => this.#connectOnce(process) as Promise<RedisCommands>
    const voters = this.voters.map((voter, index) => ({ ...voter, address: this.#clientsAddress(voter, index) }))
    const nodes =
      this.voters.length === 1
        ? [await connect()]
        : ((await connectToAll(this.driver, process, this.network, voters)) as RedisCommands[])
    const replica = this.cast.find((member) => member.role === 'redis' && !member.votes) as ServerMember | undefined
    const readsReplicas = this.subject.kind === 'session' && replica !== undefined && this.#single !== null
    return {
      process,
      name: process.name,
      nodes,
      ...(readsReplicas
        ? { replica: (await this.driver.connect(process, this.network, replica.address)) as RedisCommands }
        : {}),
      address: this.#first,
      storage: new StorageClient(process, this.network, STORAGE.address),
      connect,
      load: this.#guardLoad(process, this.#environment.loadOf?.(process) ?? loadNothing),
      onMoment: (look) => this.#moments.watch(look),
      isStopping: () => isOver() || process.incarnation !== incarnation,
      extraWorkUs: () => this.#extraWorkUs.get(process) ?? 0,
    }
  }

  /** To the one Redis that a lock asks, of however many servers it is made. */
  #connectOnce(process: SimProcess): Promise<unknown> {
    const { driver, network } = this
    if (this.#sentinels !== null) return driver.connectSentinel(process, network, this.#sentinels)
    if (this.plan.topology.kind !== 'cluster') return driver.connect(process, network, this.#first)
    return driver.connectCluster(process, network, this.#addresses)
  }

  /** What the workload is given to run a client with. */
  lifeOf(client: Client): AnyLife {
    const { workload: settings, ttlMs, clients } = this.plan
    const index = this.clients.indexOf(client.process)
    const subject = this.#subjects.get(client.process) ?? this.subject
    return { client, subject, settings, ttlMs, index, clients, shared: this.#shared }
  }

  /** What cannot be loaded is the user's affair, not the lock's: it ends the world. */
  #guardLoad(process: SimProcess, load: LoadModule): LoadModule {
    return (name, from) => {
      try {
        return load(name, from)
      } catch (error) {
        if (error instanceof UsageError) this.world.charge(process, error, 'load')
        this.world.stop()
        throw error
      }
    }
  }

  /** Each piece of work of a client takes longer from now on. */
  slowDown(process: SimProcess, byUs: number): void {
    this.#extraWorkUs.set(process, byUs)
  }

  /** Something happens inside a Redis node; `cannot` is told why when its server cannot have it. */
  suffer(process: SimProcess, trouble: NodeTrouble, cannot: (why: string) => void): void {
    const node = this.nodeOf(process)
    assert(node !== undefined, `only a Redis node suffers ${trouble.kind}: not ${process.name}`)
    node.suffer(trouble, cannot)
  }

  /** SENTINEL FAILOVER, said to this Sentinel. */
  failOver(process: SimProcess): void {
    const sentinel = this.sentinels.find(({ node }) => node.process === process)
    if (sentinel === undefined || process.isCrashed) return
    const ask = (): void => sentinel.failOver(this.#sentinels?.name ?? '')
    if (process.isPaused) this.world.defer(process, ask)
    else ask()
  }

  nodeOf(process: SimProcess): RedisNode | undefined {
    return this.servers.find((node) => node.process === process)
  }

  /** A process that had ended starts again: a node with this of its data. */
  revive(process: SimProcess, kept: Kept): void {
    process.restart()
    this.network.revive(process)
    process.isCounting = false
    const node = this.nodeOf(process)
    node?.restart(kept)
    // Its configuration was changed while it was away.
    if (node === undefined || this.#named.length === 0) return
    if (process !== this.primaryOf(process)) this.#tell(node)
  }

  /** Ends the servers of this world. */
  clear(): void {
    for (const server of this.#servers) server.stop()
    forgetTimerIds()
  }
}

/** By which clients know the primary of servers that replicate: it leads to another one after a failover. */
const PRIMARY_NAME = 'redis-primary'
/** What a replica needs to ask for the stream, generously. */
const IN_STEP_ROUND_TRIPS = 6
const SECOND_US = 1_000_000
const CLUSTER_PHASE_US = 100_000
const STREAM_ID_BYTES = 20

const noDisk = (description: string): UsageError =>
  new UsageError('persistence', `${description} has no disk here`, 'use --redis memory')

const loadNothing: LoadModule = (name) => {
  throw new UsageError(name, 'packages cannot be loaded here')
}
