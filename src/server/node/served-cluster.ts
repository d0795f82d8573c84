/**
 * A Redis Cluster on ports of this machine, for clients outside of any simulated world: `lockstorm serve --cluster`. Three primaries, and a
 * replica of each, which fail over by themselves.
 *
 * Their bus has no ports: what nodes say to each other stays in this process, so no node of another program can join. CLUSTER NODES
 * names the ports all the same, as clients expect it to.
 */
import type { Server } from 'node:net'
import type { BusDial, BusHandler, BusMessage, BusSocket } from '../../redis/cluster/bus.ts'
import type { KnownNode } from '../../redis/cluster/cluster.ts'
import { clusterPlan } from '../../redis/cluster/plan.ts'
import { configurationOf } from '../../redis/config.ts'
import {
  amongEachOther,
  HOST,
  listen,
  type Membership,
  portOf,
  ServedRedis,
  type ServeOptions,
} from './served-redis.ts'

const PRIMARIES = 3
const REPLICAS = 1
const BUS_PORT_OFFSET = 10_000
/** Of a node, whose bus has a port, too. */
const CLUSTER_PORT_MAX = 65_535 - BUS_PORT_OFFSET
/** The first node may have this one at most. */
export const FIRST_CLUSTER_PORT_MAX = CLUSTER_PORT_MAX - PRIMARIES * (1 + REPLICAS) + 1

export class ServedCluster {
  readonly nodes: readonly ServedRedis[]
  /** Resolves when all of them have ended. */
  readonly ended: Promise<unknown>

  private constructor(nodes: readonly ServedRedis[]) {
    this.nodes = nodes
    this.ended = Promise.all(nodes.map(({ ended }) => ended))
  }

  /**
   * Listens at `port` and those after it; 0: any that are free.
   * @throws the error of `listen`, such as EADDRINUSE
   */
  static async start(options: ServeOptions): Promise<ServedCluster> {
    const servers: Server[] = []
    const count = PRIMARIES * (1 + REPLICAS)
    try {
      while (servers.length < count) {
        servers.push(
          options.port === 0 ? await listenBelow(CLUSTER_PORT_MAX) : await listen(options.port + servers.length),
        )
      }
    } catch (error) {
      for (const server of servers) server.close()
      throw error
    }
    const addresses = servers.map((server) => {
      const port = portOf(server)
      return { host: HOST, port, busPort: port + BUS_PORT_OFFSET }
    })
    const plan = clusterPlan(addresses, PRIMARIES, options.seed)
    const bus = new LocalBus()
    const nodes = servers.map((server, index) => {
      const member = plan[index]!
      const membership: Membership = {
        cluster: { dial: bus.dial, nodes: member.nodes, isRunning: true },
        replication: member.replication,
      }
      const node = new ServedRedis(
        server,
        { ...options, configuration: new Map([...NODE, ...amongEachOther(options.configuration)]) },
        membership,
      )
      bus.add(member.nodes[0]!, node)
      return node
    })
    return new ServedCluster(nodes)
  }

  get version(): string {
    return this.nodes[0]!.version
  }

  get description(): string {
    return this.nodes[0]!.description
  }

  close(): void {
    for (const node of this.nodes) node.close()
  }
}

/** Listens on a port that is free and not too high. */
async function listenBelow(portMax: number): Promise<Server> {
  const tooHigh: Server[] = []
  try {
    for (;;) {
      const server = await listen(0)
      if (portOf(server) <= portMax) return server
      tooHigh.push(server)
    }
  } finally {
    for (const server of tooHigh) server.close()
  }
}

/** What a node has unless the user says otherwise. */
const NODE = configurationOf([
  ['cluster-enabled', 'yes'],
  ['repl-diskless-sync-delay', '0'],
])

/** What nodes say to each other arrives in the next turn of the event loop. */
class LocalBus {
  readonly #nodes = new Map<number, ServedRedis>()

  add({ busPort }: KnownNode, node: ServedRedis): void {
    this.#nodes.set(busPort, node)
  }

  readonly dial: BusDial = (_host, busPort, handler) => {
    let isOpen = true
    let remote: BusHandler | null = null
    const target = this.#nodes.get(busPort)
    const close = (): void => {
      if (!isOpen) return
      isOpen = false
      setImmediate(() => {
        handler.onClose()
        remote?.onClose()
      })
    }
    const socketTo = (hears: (message: BusMessage) => void): BusSocket => ({
      send: (message) => {
        setImmediate(() => {
          if (isOpen) hears(message)
        })
      },
      close,
    })
    const back = socketTo((message) => handler.onMessage(message))
    setImmediate(() => {
      const cluster = target?.cluster ?? null
      if (target === undefined || cluster === null || target.isDown) {
        close()
        return
      }
      target.act(() => {
        remote = cluster.links.accept(back)
      })
      handler.onOpen()
    })
    return socketTo((message) => {
      if (target === undefined || target.isDown) close()
      else target.act(() => remote?.onMessage(message))
    })
  }
}
