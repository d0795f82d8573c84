/**
 * A cluster in memory on a clock of the test's: what nodes send each other arrives at once, unless they are cut off from each other.
 */
import type { BusDial, BusHandler, BusMessage, BusSocket } from '../../../src/redis/cluster/bus.ts'
import type { Cluster } from '../../../src/redis/cluster/cluster.ts'
import { clusterPlan } from '../../../src/redis/cluster/plan.ts'
import { readConfiguration } from '../../../src/redis/config.ts'
import { MemoryRedis, type RedisConnection } from '../../../src/redis/memory-redis.ts'
import type { Dial } from '../../../src/redis/replication/primary-link.ts'
import type { Reply } from '../../../src/redis/reply.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'

const CRON_MS = 100
const CRONS_A_SECOND = 10

export interface Client {
  readonly connection: RedisConnection
  /** The reply of a command; undefined: it blocks. An error is its text. */
  ask(...args: readonly string[]): unknown
  /** What it was sent since the last call. */
  told(): unknown[]
}

export interface Node {
  readonly name: string
  readonly server: MemoryRedis
  readonly cluster: Cluster
  readonly client: Client
  /** It does nothing, and what it is sent waits. */
  isPaused: boolean
  isDead: boolean
}

/** A connection between two nodes. */
interface Line {
  readonly ends: readonly [string, string]
  /** What was under way is lost with it. */
  readonly isOpen: () => boolean
  drop(): void
}

export class Nodes {
  nowMs = 1_800_000_000_000
  readonly all: readonly Node[]
  #wire: { readonly from: string; readonly to: string; readonly deliver: () => void }[] = []
  #lines: Line[] = []
  readonly #cuts = new Set<string>()
  #crons = 0

  /** They are called n0, n1, …; the first are the primaries. */
  constructor(
    settings: readonly (readonly [string, string])[] = [],
    { primaries = 3, replicas = 3, seed = 'nodes' } = {},
  ) {
    const addresses = Array.from({ length: primaries + replicas }, (_, index) => ({
      ...{ host: `n${index}`, port: 6379, busPort: 16_379 },
    }))
    this.all = clusterPlan(addresses, primaries, seed).map(({ nodes, replication }, index) => {
      const name = `n${index}`
      const configuration = readConfiguration([
        ['cluster-enabled', 'yes'],
        ['cluster-node-timeout', '1000'],
        ['replica-announce-ip', name],
        ['repl-diskless-sync-delay', '0'],
        ...settings,
      ])
      if (typeof configuration === 'string') throw new Error(configuration)
      const server = new MemoryRedis({
        ...{
          nowUs: () => this.nowMs * 1000,
          scripts: loadLuaEngine(),
          seed: `${seed}/${name}`,
          configuration,
          replication,
        },
        dial: this.#dial(name),
        cluster: { dial: this.#busDial(name), nodes, isRunning: true },
      })
      return {
        ...{ name, server, cluster: server.cluster as Cluster, client: clientOf(server) },
        ...{ isPaused: false, isDead: false },
      }
    })
    for (const { server } of this.all) server.replication?.link?.connect()
    this.deliver()
    this.pass(2000)
  }

  node(name: string): Node {
    return this.all.find((node) => node.name === name) as Node
  }

  /** Opens a line: `accept` gives what ends it on the other side. */
  #line(from: string, to: string, open: (target: Node) => void, lost: readonly (() => void)[]): Line {
    let isOpen = true
    const line: Line = {
      ends: [from, to],
      isOpen: () => isOpen,
      drop: () => {
        if (!isOpen) return
        isOpen = false
        this.#lines = this.#lines.filter((other) => other !== line)
        for (const tell of lost) tell()
      },
    }
    this.#lines.push(line)
    this.#send(from, to, () => {
      const target = this.node(to)
      if (target.isDead) line.drop()
      else if (isOpen) open(target)
    })
    return line
  }

  readonly #dial =
    (from: string): Dial =>
    (to, _port, handler) => {
      let remote: RedisConnection | null = null
      const line = this.#line(
        from,
        to,
        ({ server }) => {
          remote = server.connect({
            address: `${from}:40000`,
            onBytes: (bytes) => this.#send(to, from, () => line.isOpen() && handler.onBytes(bytes)),
            onClose: () => line.drop(),
          })
          handler.onOpen()
        },
        [() => handler.onClose(), () => remote?.close()],
      )
      const send = (bytes: string): void => this.#send(from, to, () => line.isOpen() && remote?.receive(bytes))
      return { send, close: () => line.drop() }
    }

  readonly #busDial =
    (from: string): BusDial =>
    (to, _busPort, handler) => {
      let remote: BusHandler | null = null
      const line = this.#line(
        from,
        to,
        ({ cluster }) => {
          const back: BusSocket = {
            send: (message) => this.#send(to, from, () => line.isOpen() && handler.onMessage(message)),
            close: () => line.drop(),
          }
          remote = cluster.links.accept(back)
          handler.onOpen()
        },
        [() => handler.onClose(), () => remote?.onClose()],
      )
      const send = (message: BusMessage): void =>
        this.#send(from, to, () => line.isOpen() && remote?.onMessage(message))
      return { send, close: () => line.drop() }
    }

  #send(from: string, to: string, deliver: () => void): void {
    this.#wire.push({ from, to, deliver })
  }

  /** Everything that can arrive does. */
  deliver(): void {
    for (;;) {
      const index = this.#wire.findIndex(({ from, to }) => !this.#cuts.has(`${from} ${to}`) && !this.node(to).isPaused)
      if (index === -1) return
      this.#wire.splice(index, 1)[0]!.deliver()
    }
  }

  /** Time passes, a cron at a time. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += CRON_MS) {
      this.nowMs += CRON_MS
      this.#crons += 1
      for (const node of this.all) {
        if (node.isPaused || node.isDead) continue
        node.server.tick()
        if (this.#crons % CRONS_A_SECOND === 0) node.server.replication?.cron()
        node.cluster.cron()
      }
      this.deliver()
    }
  }

  /** Time passes until something is so; how long that took, in ms. */
  until(isSo: () => boolean, limitMs = 30_000): number {
    const fromMs = this.nowMs
    while (!isSo()) {
      if (this.nowMs - fromMs > limitMs) throw new Error(`not so within ${limitMs} ms`)
      this.pass(CRON_MS)
    }
    return this.nowMs - fromMs
  }

  /** Nothing gets from these nodes to the others, or back: it waits. */
  isolate(...names: readonly string[]): void {
    for (const name of names) {
      for (const { name: other } of this.all) {
        if (names.includes(other)) continue
        this.#cuts.add(`${name} ${other}`)
        this.#cuts.add(`${other} ${name}`)
      }
    }
  }

  heal(): void {
    this.#cuts.clear()
    this.deliver()
  }

  /** The process ends, and its connections with it. */
  kill(name: string): void {
    this.node(name).isDead = true
    for (const line of [...this.#lines]) if (line.ends.includes(name)) line.drop()
  }

  /** It starts again, with its data or without. */
  start(name: string, keepData: boolean): void {
    const node = this.node(name)
    node.isDead = false
    node.server.restart({ keepData })
  }
}

export function clientOf(server: MemoryRedis): Client {
  let replies: Reply[] = []
  const connection = server.connect({ onReply: (reply) => replies.push(reply) })
  const told = (): unknown[] => {
    const taken = replies
    replies = []
    return taken.map(plain)
  }
  return {
    connection,
    told,
    ask: (...args) => {
      connection.execute(args)
      return told().at(-1)
    },
  }
}

/** An error as its text. */
function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  if (typeof reply !== 'object' || reply === null) return reply
  if ('items' in reply) return (reply.items as readonly Reply[]).map(plain)
  return 'text' in reply ? reply.text : reply
}
