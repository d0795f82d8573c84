/**
 * What a node learns from the messages of others: who they are, whose slots are whose, who is down.
 *
 * Source: cluster.c (`clusterProcessPacket`, `clusterProcessGossipSection`, `markNodeAsFailingIfNeeded`) of Redis 7.0
 */
import type { BusMessage, BusSocket, Gossip, Header } from './bus.ts'
import { count } from './bus-links.ts'
import type { Cluster } from './cluster.ts'
import { attachTo, type ClusterNode, makePrimary, type NodeAddress, newNode } from './cluster-node.ts'
import { isSameRanges, slotsIn } from './slots.ts'

/** Reports, and that a node has failed, count for this many times the node timeout. */
const VALID_TIMEOUTS = 2
const FORGOTTEN_MS = 60_000

export class Hearing {
  readonly #cluster: Cluster
  /** FORGET: no gossip brings these back for a while. */
  readonly #forgotten = new Map<string, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** For a minute no gossip brings it back. */
  ignore(node: ClusterNode): void {
    this.#forgotten.set(node.id, this.#cluster.nowMs + FORGOTTEN_MS)
  }

  /** A message: on a connection that this node opened to `to`, or (null) on one that the sender did. */
  receive(message: BusMessage, to: ClusterNode | null, socket: BusSocket): void {
    const { header, kind } = message
    const { nowMs, links, failover, server } = this.#cluster
    count(links.received, kind)
    const sender = to !== null && !to.isInHandshake ? to : (this.#cluster.nodes.get(header.sender) ?? null)
    if (sender !== null) {
      sender.heardMs = nowMs
      if (!sender.isInHandshake) this.#hearOf(sender, header)
    }
    switch (message.kind) {
      case 'ping':
      case 'pong':
      case 'meet':
        if (kind === 'meet' && sender === null) this.#cluster.meet(header.host, header.port, header.busPort, false)
        if (kind !== 'pong') links.sendOn(socket, links.message('pong'))
        if (to !== null && !this.#identify(to, sender, header)) break
        if (to !== null && kind === 'pong') this.#hearPong(to)
        if (sender !== null && !sender.isInHandshake) this.#takeIn(sender, header, message.gossip)
        break
      case 'fail':
        if (sender !== null) this.#hearFailure(message.node)
        break
      case 'publish':
        if (sender !== null) server.pubSub.publish(message.channel, message.message)
        break
      case 'publishshard':
        if (sender !== null) server.pubSub.publishShard(message.channel, message.message)
        break
      case 'auth-req':
        if (sender !== null) failover.vote(sender, header, message.isForced)
        break
      case 'auth-ack':
        if (sender !== null) failover.count(sender, header)
        break
      case 'mfstart':
        if (sender !== null && sender.primary === this.#cluster.me) failover.giveWay(sender)
        break
      case 'update':
        if (sender !== null) this.#takeUpdate(message)
        break
    }
    this.#cluster.afterEvent()
  }

  /** What every message of a known node says. */
  #hearOf(sender: ClusterNode, { currentEpoch, configEpoch, offset, isPaused }: Header): void {
    this.#cluster.currentEpoch = Math.max(this.#cluster.currentEpoch, currentEpoch)
    sender.configEpoch = Math.max(sender.configEpoch, configEpoch)
    sender.offset = offset
    if (isPaused && this.#cluster.me.primary === sender) this.#cluster.failover.primaryStandsStill(offset)
  }

  /** Whether who answers on this connection is whom it was opened to; one in handshake gets its name. */
  #identify(to: ClusterNode, sender: ClusterNode | null, header: Header): boolean {
    if (to.isInHandshake) {
      if (sender !== null) {
        // It is known by its name already.
        this.#cluster.forget(to)
        return false
      }
      this.#cluster.nodes.delete(to.id)
      to.id = header.sender
      to.isInHandshake = false
      this.#cluster.nodes.set(to.id, to)
      this.#cluster.changed()
      return true
    }
    if (to.id === header.sender) return true
    this.#cluster.links.close(to)
    return false
  }

  #hearPong(node: ClusterNode): void {
    node.pongReceivedMs = this.#cluster.nowMs
    node.pingSentMs = 0
    if (node.isSuspected) {
      node.isSuspected = false
      this.#cluster.changed()
    } else if (node.hasFailed) this.#clearFailure(node)
  }

  #clearFailure(node: ClusterNode): void {
    const isHarmless = !node.isPrimary || node.slotCount === 0
    if (!isHarmless && this.#cluster.nowMs - node.failedMs <= this.#cluster.timeoutMs * VALID_TIMEOUTS) return
    node.hasFailed = false
    this.#cluster.changed()
  }

  #takeIn(sender: ClusterNode, header: Header, gossip: readonly Gossip[]): void {
    sender.hasNoFailover = header.hasNoFailover
    if (header.primary === null) {
      if (!sender.isPrimary) {
        makePrimary(sender)
        this.#cluster.changed()
      }
    } else {
      if (sender.isPrimary) {
        for (const slot of slotsIn(this.#cluster.slots.rangesOf(sender))) this.#cluster.slots.give(slot, null)
        sender.isPrimary = false
        this.#cluster.changed()
      }
      const primary = this.#cluster.nodes.get(header.primary)
      if (primary !== undefined && sender.primary !== primary) attachTo(sender, primary)
    }
    const primary = sender.isPrimary ? sender : sender.primary
    if (primary !== null && !isSameRanges(this.#cluster.slots.rangesOf(primary), header.slots)) {
      if (sender.isPrimary) this.#cluster.slots.takeClaim(sender, header.configEpoch, header.slots)
      this.#correct(sender, header)
    }
    if (this.#cluster.me.isPrimary && sender.isPrimary && header.configEpoch === this.#cluster.me.configEpoch)
      this.#settleEpochs(sender)
    this.#takeGossip(sender, gossip)
  }

  /** A node that claims what is another's, by a higher epoch, is told. */
  #correct(sender: ClusterNode, { slots: claimed, configEpoch }: Header): void {
    const { links, slots } = this.#cluster
    for (const slot of slotsIn(claimed)) {
      const owner = slots.owners.of(slot)
      if (owner === null || owner === sender || owner.configEpoch <= configEpoch) continue
      links.send(sender, {
        kind: 'update',
        header: links.header,
        node: owner.id,
        configEpoch: owner.configEpoch,
        slots: slots.rangesOf(owner),
      })
      return
    }
  }

  /** Two primaries with one epoch: the one with the smaller name takes a new one. */
  #settleEpochs(sender: ClusterNode): void {
    if (sender.id <= this.#cluster.me.id) return
    this.#cluster.currentEpoch += 1
    this.#cluster.me.configEpoch = this.#cluster.currentEpoch
  }

  #takeGossip(sender: ClusterNode, gossip: readonly Gossip[]): void {
    if (sender.heardGossip === gossip) return
    let isSettled = true
    for (const { id, host, port, busPort, isDown } of gossip) {
      const node = this.#cluster.nodes.get(id)
      if (node === undefined) {
        isSettled = false
        this.#discover({ id, host, port, busPort })
        continue
      }
      if (!sender.isPrimary || node === this.#cluster.me) continue
      if (isDown) {
        // Its report is as old as the last time it was heard.
        isSettled = false
        node.reports.set(sender, this.#cluster.nowMs)
        this.#judge(node)
      } else node.reports.delete(sender)
    }
    sender.heardGossip = isSettled ? gossip : null
  }

  #discover(address: NodeAddress): void {
    const untilMs = this.#forgotten.get(address.id)
    if (untilMs !== undefined && this.#cluster.nowMs < untilMs) return
    this.#forgotten.delete(address.id)
    this.#cluster.nodes.set(address.id, newNode(address, this.#cluster.nowMs))
    this.#cluster.changed()
  }

  /** Those whose reports still count. */
  reportsOf(node: ClusterNode): number {
    const validMs = this.#cluster.timeoutMs * VALID_TIMEOUTS
    for (const [sender, atMs] of [...node.reports])
      if (this.#cluster.nowMs - atMs > validMs) node.reports.delete(sender)
    return node.reports.size
  }

  /** A node that a majority of primaries cannot reach has failed, and all are told. */
  #judge(node: ClusterNode): void {
    if (!node.isSuspected || node.hasFailed) return
    if (this.reportsOf(node) + (this.#cluster.me.isPrimary ? 1 : 0) < this.#cluster.quorum) return
    this.#markFailed(node)
    this.#cluster.links.broadcast({ kind: 'fail', header: this.#cluster.links.header, node: node.id })
  }

  #hearFailure(id: string): void {
    const node = this.#cluster.nodes.get(id)
    if (node !== undefined && node !== this.#cluster.me && !node.hasFailed) this.#markFailed(node)
  }

  #markFailed(node: ClusterNode): void {
    node.isSuspected = false
    node.hasFailed = true
    node.failedMs = this.#cluster.nowMs
    this.#cluster.changed()
  }

  #takeUpdate({ node: id, configEpoch, slots }: BusMessage & { readonly kind: 'update' }): void {
    const node = this.#cluster.nodes.get(id)
    if (node === undefined || node.configEpoch >= configEpoch) return
    if (!node.isPrimary) makePrimary(node)
    node.configEpoch = configEpoch
    this.#cluster.slots.takeClaim(node, configEpoch, slots)
  }
}
