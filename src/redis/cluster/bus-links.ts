/**
 * The bus of one node: its connections to the others and theirs to it, and what it says on them.
 *
 * Source: cluster.c (`clusterLinkConnectHandler`, `clusterSendPing`, `clusterBroadcastMessage`) of Redis 7.0
 */
import type { BusDial, BusHandler, BusMessage, BusMessageKind, BusSocket, Gossip, Header } from './bus.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './cluster-node.ts'

export class BusLinks {
  readonly sent = new Map<BusMessageKind, number>()
  readonly received = new Map<BusMessageKind, number>()
  readonly #cluster: Cluster
  readonly #dial: BusDial
  readonly #inbound = new Set<BusSocket>()
  /** What is said of all in gossip, until something changes. */
  #gossip: readonly Gossip[] | null = null

  constructor(cluster: Cluster, dial: BusDial) {
    this.#cluster = cluster
    this.#dial = dial
  }

  restart(): void {
    for (const socket of this.#inbound) socket.close()
    this.#inbound.clear()
    this.sent.clear()
    this.received.clear()
  }

  /** What is said of nodes in gossip has changed. */
  forgetGossip(): void {
    this.#gossip = null
  }

  /** Another node has connected. */
  accept(socket: BusSocket): BusHandler {
    this.#inbound.add(socket)
    return {
      onOpen: () => {},
      onMessage: (message) => this.#cluster.hearing.receive(message, null, socket),
      onClose: () => this.#inbound.delete(socket),
    }
  }

  /** Opens a connection to another node, and greets it. */
  connect(node: ClusterNode): void {
    const link: NonNullable<ClusterNode['link']> = { socket: null, createdMs: this.#cluster.nowMs, isOpen: false }
    node.link = link
    const isCurrent = (): boolean => node.link === link && this.#cluster.nodes.get(node.id) === node
    link.socket = this.#dial(node.host, node.busPort, {
      onOpen: () => {
        if (!isCurrent()) return
        link.isOpen = true
        const before = node.pingSentMs
        this.ping(node, node.mustMeet ? 'meet' : 'ping')
        if (before !== 0) node.pingSentMs = before
        node.mustMeet = false
      },
      onMessage: (message) => {
        if (isCurrent() && link.socket !== null) this.#cluster.hearing.receive(message, node, link.socket)
      },
      onClose: () => {
        if (node.link === link) node.link = null
      },
    })
  }

  /** Of this node's connections, the one to another node. */
  close(node: ClusterNode): void {
    const { link } = node
    node.link = null
    link?.socket?.close()
  }

  ping(node: ClusterNode, kind: 'ping' | 'meet' = 'ping'): void {
    node.pingSentMs = this.#cluster.nowMs
    this.send(node, this.message(kind))
  }

  /** On the connection that this node has opened to it; nothing, while there is none. */
  send(node: ClusterNode, message: BusMessage): void {
    const { link } = node
    if (link === null || !link.isOpen || link.socket === null) return
    this.sendOn(link.socket, message)
  }

  /** On whichever connection. */
  sendOn(socket: BusSocket, message: BusMessage): void {
    count(this.sent, message.kind)
    socket.send(message)
  }

  /** To all that it is connected to. */
  broadcast(message: BusMessage): void {
    for (const node of this.#cluster.nodes.values())
      if (node !== this.#cluster.me && !node.isInHandshake) this.send(node, message)
  }

  /** To those that have its data, or whose data it has. */
  broadcastToShard(message: BusMessage): void {
    const { myPrimary } = this.#cluster
    for (const node of [myPrimary, ...myPrimary.replicas]) if (node !== this.#cluster.me) this.send(node, message)
  }

  /** PUBLISH: to all nodes. SPUBLISH: to those of the shard. Each tells its own subscribers. */
  publish(kind: 'publish' | 'publishshard', channel: string, message: string): void {
    const said = { kind, header: this.header, channel, message }
    if (kind === 'publish') this.broadcast(said)
    else this.broadcastToShard(said)
  }

  /** What every message of this node says. */
  get header(): Header {
    const { me, myPrimary } = this.#cluster
    return {
      sender: me.id,
      host: me.host,
      port: me.port,
      busPort: me.busPort,
      currentEpoch: this.#cluster.currentEpoch,
      configEpoch: myPrimary.configEpoch,
      slots: this.#cluster.slots.rangesOf(myPrimary),
      primary: me.primary?.id ?? null,
      offset: this.#cluster.offset,
      isPaused: me.isPrimary && this.#cluster.failover.isManual,
      hasNoFailover: me.hasNoFailover,
    }
  }

  /** Where it stands, and what it thinks of the others. */
  message(kind: 'ping' | 'pong' | 'meet'): BusMessage {
    this.#gossip ??= [...this.#cluster.nodes.values()]
      .filter((node) => node !== this.#cluster.me && !node.isInHandshake)
      .map(({ id, host, port, busPort, isSuspected, hasFailed }) => ({
        ...{ id, host, port, busPort },
        isDown: isSuspected || hasFailed,
      }))
    return { kind, header: this.header, gossip: this.#gossip }
  }

  /** Tells all where it stands. */
  announce(): void {
    this.broadcast(this.message('pong'))
  }
}

/** One more message of this kind. */
export function count(counts: Map<BusMessageKind, number>, kind: BusMessageKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}
