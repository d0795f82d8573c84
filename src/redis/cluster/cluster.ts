/**
 * One node of a Redis Cluster: its view of the others, whose slots are whose, and whether it serves keys.
 *
 *   cron, 10 times a second ── PING ─► others        no answer for node-timeout: suspected (PFAIL)
 *   PONG, gossip            ◄─────────               a majority of primaries suspects it: failed (FAIL), all are told
 *                                                    a replica of it asks for votes (`failover.ts`), and takes its slots
 *
 * Who claims a slot with the higher config epoch has it. A node that does not reach a majority of primaries, or misses the owner of a slot,
 * answers CLUSTERDOWN (`redirection.ts`).
 *
 * Models          the bus by its effects: epochs, slots, suspicion, failure, votes, UPDATE, MEET, publishing on all nodes.
 * Does not model  that gossip saves pings; hostnames, migration of replicas to orphaned primaries, limits of the bus's buffers.
 *
 * Invariants
 * - Nothing happens but in `cron`, in a command, or when a message comes.
 * - A slot has one owner or none; `slotCount` of a node is how many it has.
 *
 * Source: cluster.c of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
import type { MemoryRedis } from '../memory-redis.ts'
import { Random } from '../random.ts'
import type { BusDial, BusHandler, BusMessage, BusMessageKind, BusSocket, Gossip, Header } from './bus.ts'
import { attachTo, type ClusterNode, detach, makePrimary, type NodeAddress, newNode } from './cluster-node.ts'
import { Failover } from './failover.ts'
import { SlotOwners } from './slot-owners.ts'
import { isSameRanges, keySlot, SLOT_COUNT, type SlotRange, slotsIn } from './slots.ts'

/** What the configuration file of a node says of one node. */
export interface KnownNode extends NodeAddress {
  /** The id of its primary; null: it is one. */
  readonly primary: string | null
  readonly slots: readonly SlotRange[]
  readonly configEpoch: number
}

/** What a server needs in order to be a node. */
export interface ClusterOptions {
  readonly dial: BusDial
  /** All nodes that it knows, the first is itself. */
  readonly nodes: readonly KnownNode[]
  /** It has been one for long: it serves keys from the start. */
  readonly isRunning: boolean
}

/** Votes and reports count for this many times the node timeout. */
const VALID_TIMEOUTS = 2
/** A primary that starts again serves no keys before that. */
const WRITABLE_DELAY_MS = 2000
const REJOIN_MS_MIN = 500
const REJOIN_MS_MAX = 5000
const HANDSHAKE_MS_MIN = 1000
const FORGOTTEN_MS = 60_000
/** Of so many nodes the one that was heard of the longest ago is pinged once a second. */
const PINGED_AT_RANDOM = 5
const LOOPS_A_SECOND = 10
const ID_DIGITS = 40

export class Cluster {
  readonly server: MemoryRedis
  readonly me: ClusterNode
  readonly nodes = new Map<string, ClusterNode>()
  /** By slot. */
  readonly owners = new SlotOwners()
  /** Slots that are leaving for another node, or coming from one. */
  readonly migrating = new Map<number, ClusterNode>()
  readonly importing = new Map<number, ClusterNode>()
  currentEpoch = 0
  isOk: boolean
  readonly failover: Failover
  readonly sent = new Map<BusMessageKind, number>()
  readonly received = new Map<BusMessageKind, number>()
  readonly random: Random
  readonly #dial: BusDial
  readonly #inbound = new Set<BusSocket>()
  /** FORGET: no gossip brings these back for a while. */
  readonly #forgotten = new Map<string, number>()
  #startedMs: number
  /** When it last saw too few primaries. */
  #inMinorityMs = 0
  #loops = 0
  /** What each node has as ranges, and what is said of all in gossip, until something changes. */
  #ranges: Map<ClusterNode, SlotRange[]> | null = null
  #gossip: readonly Gossip[] | null = null
  #mustUpdate = false

  constructor(server: MemoryRedis, seed: string, { dial, nodes, isRunning }: ClusterOptions) {
    this.server = server
    this.random = new Random(`${seed}/cluster`)
    this.#dial = dial
    this.#startedMs = isRunning ? server.nowMs - WRITABLE_DELAY_MS : server.nowMs
    this.isOk = isRunning
    this.failover = new Failover(this)
    for (const known of nodes) this.#remember(known)
    this.me = this.nodes.get(nodes[0]!.id)!
    for (const { id, primary } of nodes) {
      const node = this.nodes.get(primary ?? '')
      if (node !== undefined) attachTo(this.nodes.get(id)!, node)
    }
    if (!isRunning) return
    for (const node of this.nodes.values()) {
      node.pongReceivedMs = server.nowMs
      node.heardMs = server.nowMs
      node.offset = this.offset
    }
  }

  #remember({ id, host, port, busPort, slots, configEpoch }: KnownNode): void {
    const node = newNode({ id, host, port, busPort }, this.server.nowMs)
    this.nodes.set(id, node)
    node.configEpoch = configEpoch
    this.currentEpoch = Math.max(this.currentEpoch, configEpoch)
    for (const [first, last] of slots) {
      this.owners.give(first, last, node)
      node.slotCount += last - first + 1
    }
  }

  /** The process starts again: it has its configuration file, and nothing else. */
  restart(): void {
    for (const node of this.nodes.values()) {
      this.closeLink(node)
      Object.assign(node, { pingSentMs: 0, pongReceivedMs: 0, heardMs: 0, votedMs: 0, heardGossip: null })
      if (node.hasFailed) node.failedMs = this.server.nowMs
      node.reports.clear()
    }
    for (const socket of this.#inbound) socket.close()
    this.#inbound.clear()
    this.sent.clear()
    this.received.clear()
    this.failover.restart()
    this.isOk = false
    this.#startedMs = this.server.nowMs
    this.#inMinorityMs = 0
    this.#mustUpdate = true
  }

  get nowMs(): number {
    return this.server.nowMs
  }

  get timeoutMs(): number {
    return Number(this.server.config.get('cluster-node-timeout'))
  }

  /** The primary of its shard, which may be itself. */
  get myPrimary(): ClusterNode {
    return this.me.primary ?? this.me
  }

  /** How far its stream is, or what it has of its primary's. */
  get offset(): number {
    return this.server.replication?.offset ?? 0
  }

  /** Primaries with slots: who votes. */
  get voters(): readonly ClusterNode[] {
    return [...this.nodes.values()].filter(({ isPrimary, slotCount }) => isPrimary && slotCount > 0)
  }

  get quorum(): number {
    return Math.floor(this.voters.length / 2) + 1
  }

  newId(): string {
    return this.random.hex(ID_DIGITS)
  }

  // Slots.

  rangesOf(node: ClusterNode): readonly SlotRange[] {
    this.#ranges ??= this.#allRanges()
    return this.#ranges.get(node) ?? NO_RANGES
  }

  #allRanges(): Map<ClusterNode, SlotRange[]> {
    const ranges = new Map<ClusterNode, SlotRange[]>()
    for (let first = 0; first < SLOT_COUNT; ) {
      const owner = this.owners.of(first)
      let last = first
      while (last + 1 < SLOT_COUNT && this.owners.of(last + 1) === owner) last += 1
      if (owner !== null) {
        const known = ranges.get(owner)
        if (known === undefined) ranges.set(owner, [[first, last]])
        else known.push([first, last])
      }
      first = last + 1
    }
    return ranges
  }

  /** Gives a slot to a node, or to none. */
  give(slot: number, node: ClusterNode | null): void {
    const before = this.owners.of(slot)
    if (before === node) return
    if (before !== null) before.slotCount -= 1
    this.owners.give(slot, slot, node)
    if (node !== null) node.slotCount += 1
    this.#ranges = null
    // Who listens to a channel of this slot here must listen elsewhere.
    if (before === this.myPrimary) this.server.pubSub.dropShardChannels((channel) => keySlot(channel) === slot)
  }

  /** The keys of a slot, at the present time of the running command. */
  keysIn(slot: number): readonly string[] {
    const keys = this.server.database(0)
    return [...keys.entries()].map(([key]) => key).filter((key) => keySlot(key) === slot)
  }

  /** A node says that these slots are its own. */
  #takeClaim(claimant: ClusterNode, epoch: number, claimed: readonly SlotRange[]): void {
    if (claimant === this.me) return
    const { myPrimary } = this
    const lost: number[] = []
    let isLosing = false
    for (const slot of slotsIn(claimed)) {
      const owner = this.owners.of(slot)
      if (owner === claimant || this.importing.has(slot)) continue
      if (owner !== null && owner.configEpoch >= epoch) continue
      if (owner === this.me) lost.push(slot)
      if (owner === myPrimary) isLosing = true
      this.migrating.delete(slot)
      this.give(slot, claimant)
      this.#mustUpdate = true
    }
    if (isLosing && myPrimary.slotCount === 0) this.follow(claimant)
    else if (lost.length > 0) this.#dropKeysOf(new Set(lost))
  }

  /** What it still has of slots that another node has won. */
  #dropKeysOf(slots: ReadonlySet<number>): void {
    const keys = this.server.database(0)
    for (const [key] of [...keys.entries()]) {
      if (!slots.has(keySlot(key))) continue
      keys.remove(key)
      this.server.replication?.removed(keys, key)
    }
  }

  // Roles.

  /** It becomes a replica of this node. */
  follow(primary: ClusterNode): void {
    if (this.me.isPrimary) {
      this.migrating.clear()
      this.importing.clear()
    }
    attachTo(this.me, primary)
    this.changed()
    this.server.replicate().becomeReplicaOf({ host: primary.host, port: primary.port })
    this.failover.forgetManual()
  }

  /** It takes the place of its primary, and says so to all. */
  replacePrimary(): void {
    const { primary } = this.me
    if (primary === null) return
    makePrimary(this.me)
    this.server.replication?.becomePrimary()
    for (const slot of slotsIn(this.rangesOf(primary))) this.give(slot, this.me)
    this.changed()
    this.updateState()
    this.announce()
    this.failover.forgetManual()
  }

  /** TAKEOVER: it takes the place of its primary without asking any node. */
  takeOver(): void {
    this.bumpEpoch()
    this.replacePrimary()
  }

  /** A higher epoch than all that it knows of, without asking; null: it has the highest already. */
  bumpEpoch(): number | null {
    const highest = [...this.nodes.values()].reduce(
      (most, { configEpoch }) => Math.max(most, configEpoch),
      this.currentEpoch,
    )
    if (this.me.configEpoch !== 0 && this.me.configEpoch === highest) return null
    this.currentEpoch += 1
    this.me.configEpoch = this.currentEpoch
    return this.currentEpoch
  }

  /** What is said of nodes in gossip has changed, and perhaps whether keys are served. */
  changed(): void {
    this.#gossip = null
    this.#mustUpdate = true
  }

  // Nodes.

  /** MEET: a node is known by its address alone; false: that is under way already. */
  meet(host: string, port: number, busPort: number, mustMeet: boolean): boolean {
    for (const known of this.nodes.values()) {
      if (known.isInHandshake && known.host === host && known.busPort === busPort) return false
    }
    const node = newNode({ id: this.newId(), host, port, busPort }, this.nowMs)
    node.isInHandshake = true
    node.mustMeet = mustMeet
    this.nodes.set(node.id, node)
    return true
  }

  forget(node: ClusterNode): void {
    for (const slot of slotsIn()) if (this.owners.of(slot) === node) this.give(slot, null)
    for (const [slot, other] of [...this.migrating]) if (other === node) this.migrating.delete(slot)
    for (const [slot, other] of [...this.importing]) if (other === node) this.importing.delete(slot)
    for (const replica of [...node.replicas]) detach(replica)
    detach(node)
    for (const other of this.nodes.values()) {
      other.reports.delete(node)
      other.heardGossip = null
    }
    this.closeLink(node)
    this.nodes.delete(node.id)
    this.changed()
  }

  /** FORGET: for a minute no gossip brings it back. */
  forgetForLong(node: ClusterNode): void {
    this.#forgotten.set(node.id, this.nowMs + FORGOTTEN_MS)
    this.forget(node)
  }

  // The bus.

  /** Another node has connected. */
  accept(socket: BusSocket): BusHandler {
    this.#inbound.add(socket)
    return {
      onOpen: () => {},
      onMessage: (message) => this.#receive(message, null, socket),
      onClose: () => this.#inbound.delete(socket),
    }
  }

  #connect(node: ClusterNode): void {
    const link: NonNullable<ClusterNode['link']> = { socket: null, createdMs: this.nowMs, isOpen: false }
    node.link = link
    const isCurrent = (): boolean => node.link === link && this.nodes.get(node.id) === node
    link.socket = this.#dial(node.host, node.busPort, {
      onOpen: () => {
        if (!isCurrent()) return
        link.isOpen = true
        const before = node.pingSentMs
        this.#ping(node, node.mustMeet ? 'meet' : 'ping')
        if (before !== 0) node.pingSentMs = before
        node.mustMeet = false
      },
      onMessage: (message) => {
        if (isCurrent() && link.socket !== null) this.#receive(message, node, link.socket)
      },
      onClose: () => {
        if (node.link === link) node.link = null
      },
    })
  }

  closeLink(node: ClusterNode): void {
    const { link } = node
    node.link = null
    link?.socket?.close()
  }

  #ping(node: ClusterNode, kind: 'ping' | 'meet'): void {
    node.pingSentMs = this.nowMs
    this.send(node, this.#message(kind))
  }

  /** On the connection that this node has opened to it; nothing, while there is none. */
  send(node: ClusterNode, message: BusMessage): void {
    const { link } = node
    if (link === null || !link.isOpen || link.socket === null) return
    this.#sendOn(link.socket, message)
  }

  #sendOn(socket: BusSocket, message: BusMessage): void {
    count(this.sent, message.kind)
    socket.send(message)
  }

  /** To all that it is connected to. */
  broadcast(message: BusMessage): void {
    for (const node of this.nodes.values()) if (node !== this.me && !node.isInHandshake) this.send(node, message)
  }

  /** To those that have its data, or whose data it has. */
  broadcastToShard(message: BusMessage): void {
    const { myPrimary } = this
    for (const node of [myPrimary, ...myPrimary.replicas]) if (node !== this.me) this.send(node, message)
  }

  /** PUBLISH: to all nodes. SPUBLISH: to those of the shard. Each tells its own subscribers. */
  publish(kind: 'publish' | 'publishshard', channel: string, message: string): void {
    const said = { kind, header: this.header, channel, message }
    if (kind === 'publish') this.broadcast(said)
    else this.broadcastToShard(said)
  }

  get header(): Header {
    const { me, myPrimary } = this
    return {
      sender: me.id,
      host: me.host,
      port: me.port,
      busPort: me.busPort,
      currentEpoch: this.currentEpoch,
      configEpoch: myPrimary.configEpoch,
      slots: this.rangesOf(myPrimary),
      primary: me.primary?.id ?? null,
      offset: this.offset,
      isPaused: me.isPrimary && this.failover.isManual,
      hasNoFailover: me.hasNoFailover,
    }
  }

  #message(kind: 'ping' | 'pong' | 'meet'): BusMessage {
    this.#gossip ??= [...this.nodes.values()]
      .filter((node) => node !== this.me && !node.isInHandshake)
      .map(({ id, host, port, busPort, isSuspected, hasFailed }) => ({
        ...{ id, host, port, busPort },
        isDown: isSuspected || hasFailed,
      }))
    return { kind, header: this.header, gossip: this.#gossip }
  }

  /** A message: on a connection that this node opened to `to`, or (null) on one that the sender did. */
  #receive(message: BusMessage, to: ClusterNode | null, socket: BusSocket): void {
    const { header, kind } = message
    const { nowMs } = this
    count(this.received, kind)
    const sender = to !== null && !to.isInHandshake ? to : (this.nodes.get(header.sender) ?? null)
    if (sender !== null) {
      sender.heardMs = nowMs
      if (!sender.isInHandshake) this.#hearOf(sender, header)
    }
    switch (message.kind) {
      case 'ping':
      case 'pong':
      case 'meet':
        if (kind === 'meet' && sender === null) this.meet(header.host, header.port, header.busPort, false)
        if (kind !== 'pong') this.#sendOn(socket, this.#message('pong'))
        if (to !== null && !this.#identify(to, sender, header)) break
        if (to !== null && kind === 'pong') this.#hearPong(to)
        if (sender !== null && !sender.isInHandshake) this.#takeIn(sender, header, message.gossip)
        break
      case 'fail':
        if (sender !== null) this.#hearFailure(message.node)
        break
      case 'publish':
        if (sender !== null) this.server.pubSub.publish(message.channel, message.message)
        break
      case 'publishshard':
        if (sender !== null) this.server.pubSub.publishShard(message.channel, message.message)
        break
      case 'auth-req':
        if (sender !== null) this.failover.vote(sender, header, message.isForced)
        break
      case 'auth-ack':
        if (sender !== null) this.failover.count(sender, header)
        break
      case 'mfstart':
        if (sender !== null && sender.primary === this.me) this.failover.giveWay(sender)
        break
      case 'update':
        if (sender !== null) this.#takeUpdate(message)
        break
    }
    this.#afterEvent()
  }

  /** What every message of a known node says. */
  #hearOf(sender: ClusterNode, { currentEpoch, configEpoch, offset, isPaused }: Header): void {
    this.currentEpoch = Math.max(this.currentEpoch, currentEpoch)
    sender.configEpoch = Math.max(sender.configEpoch, configEpoch)
    sender.offset = offset
    if (isPaused && this.me.primary === sender) this.failover.primaryStandsStill(offset)
  }

  /** Whether who answers on this connection is whom it was opened to; one in handshake gets its name. */
  #identify(to: ClusterNode, sender: ClusterNode | null, header: Header): boolean {
    if (to.isInHandshake) {
      if (sender !== null) {
        // It is known by its name already.
        this.forget(to)
        return false
      }
      this.nodes.delete(to.id)
      to.id = header.sender
      to.isInHandshake = false
      this.nodes.set(to.id, to)
      this.changed()
      return true
    }
    if (to.id === header.sender) return true
    this.closeLink(to)
    return false
  }

  #hearPong(node: ClusterNode): void {
    node.pongReceivedMs = this.nowMs
    node.pingSentMs = 0
    if (node.isSuspected) {
      node.isSuspected = false
      this.changed()
    } else if (node.hasFailed) this.#clearFailure(node)
  }

  #clearFailure(node: ClusterNode): void {
    const isHarmless = !node.isPrimary || node.slotCount === 0
    if (!isHarmless && this.nowMs - node.failedMs <= this.timeoutMs * VALID_TIMEOUTS) return
    node.hasFailed = false
    this.changed()
  }

  #takeIn(sender: ClusterNode, header: Header, gossip: readonly Gossip[]): void {
    sender.hasNoFailover = header.hasNoFailover
    if (header.primary === null) {
      if (!sender.isPrimary) {
        makePrimary(sender)
        this.changed()
      }
    } else {
      if (sender.isPrimary) {
        for (const slot of slotsIn(this.rangesOf(sender))) this.give(slot, null)
        sender.isPrimary = false
        this.changed()
      }
      const primary = this.nodes.get(header.primary)
      if (primary !== undefined && sender.primary !== primary) attachTo(sender, primary)
    }
    const primary = sender.isPrimary ? sender : sender.primary
    if (primary !== null && !isSameRanges(this.rangesOf(primary), header.slots)) {
      if (sender.isPrimary) this.#takeClaim(sender, header.configEpoch, header.slots)
      this.#correct(sender, header)
    }
    if (this.me.isPrimary && sender.isPrimary && header.configEpoch === this.me.configEpoch) this.#settleEpochs(sender)
    this.#takeGossip(sender, gossip)
  }

  /** A node that claims what is another's, by a higher epoch, is told. */
  #correct(sender: ClusterNode, { slots, configEpoch }: Header): void {
    for (const slot of slotsIn(slots)) {
      const owner = this.owners.of(slot)
      if (owner === null || owner === sender || owner.configEpoch <= configEpoch) continue
      this.send(sender, {
        kind: 'update',
        header: this.header,
        node: owner.id,
        configEpoch: owner.configEpoch,
        slots: this.rangesOf(owner),
      })
      return
    }
  }

  /** Two primaries with one epoch: the one with the smaller name takes a new one. */
  #settleEpochs(sender: ClusterNode): void {
    if (sender.id <= this.me.id) return
    this.currentEpoch += 1
    this.me.configEpoch = this.currentEpoch
  }

  #takeGossip(sender: ClusterNode, gossip: readonly Gossip[]): void {
    if (sender.heardGossip === gossip) return
    let isSettled = true
    for (const { id, host, port, busPort, isDown } of gossip) {
      const node = this.nodes.get(id)
      if (node === undefined) {
        isSettled = false
        this.#discover({ id, host, port, busPort })
        continue
      }
      if (!sender.isPrimary || node === this.me) continue
      if (isDown) {
        // Its report is as old as the last time it was heard.
        isSettled = false
        node.reports.set(sender, this.nowMs)
        this.#judge(node)
      } else node.reports.delete(sender)
    }
    sender.heardGossip = isSettled ? gossip : null
  }

  #discover(address: NodeAddress): void {
    const untilMs = this.#forgotten.get(address.id)
    if (untilMs !== undefined && this.nowMs < untilMs) return
    this.#forgotten.delete(address.id)
    this.nodes.set(address.id, newNode(address, this.nowMs))
    this.changed()
  }

  /** Those whose reports still count. */
  reportsOf(node: ClusterNode): number {
    const validMs = this.timeoutMs * VALID_TIMEOUTS
    for (const [sender, atMs] of [...node.reports]) if (this.nowMs - atMs > validMs) node.reports.delete(sender)
    return node.reports.size
  }

  /** A node that a majority of primaries cannot reach has failed, and all are told. */
  #judge(node: ClusterNode): void {
    if (!node.isSuspected || node.hasFailed) return
    if (this.reportsOf(node) + (this.me.isPrimary ? 1 : 0) < this.quorum) return
    this.#markFailed(node)
    this.broadcast({ kind: 'fail', header: this.header, node: node.id })
  }

  #hearFailure(id: string): void {
    const node = this.nodes.get(id)
    if (node !== undefined && node !== this.me && !node.hasFailed) this.#markFailed(node)
  }

  #markFailed(node: ClusterNode): void {
    node.isSuspected = false
    node.hasFailed = true
    node.failedMs = this.nowMs
    this.changed()
  }

  #takeUpdate({ node: id, configEpoch, slots }: BusMessage & { readonly kind: 'update' }): void {
    const node = this.nodes.get(id)
    if (node === undefined || node.configEpoch >= configEpoch) return
    if (!node.isPrimary) makePrimary(node)
    node.configEpoch = configEpoch
    this.#takeClaim(node, configEpoch, slots)
  }

  // Time.

  /** Ten times a second. */
  cron(): void {
    const { nowMs, timeoutMs } = this
    const handshakeMs = Math.max(timeoutMs, HANDSHAKE_MS_MIN)
    for (const node of [...this.nodes.values()]) {
      if (node === this.me) continue
      if (node.isInHandshake && nowMs - node.createdMs > handshakeMs) this.forget(node)
      else if (node.link === null) this.#connect(node)
    }
    if (this.#loops % LOOPS_A_SECOND === 0) this.#pingAtRandom()
    this.#loops += 1
    for (const node of this.nodes.values()) {
      if (node !== this.me && !node.isInHandshake) this.#watch(node, nowMs, timeoutMs)
    }
    this.failover.cron()
    if (!this.isOk) this.#mustUpdate = true
    this.#afterEvent()
    this.server.redirectBlocked()
  }

  #pingAtRandom(): void {
    const all = [...this.nodes.values()]
    let oldest: ClusterNode | null = null
    for (let draw = 0; draw < PINGED_AT_RANDOM; draw += 1) {
      const node = all[this.random.below(all.length)]!
      if (node === this.me || node.link === null || node.pingSentMs !== 0 || node.isInHandshake) continue
      if (oldest === null || node.pongReceivedMs < oldest.pongReceivedMs) oldest = node
    }
    if (oldest !== null) this.#ping(oldest, 'ping')
  }

  #watch(node: ClusterNode, nowMs: number, timeoutMs: number): void {
    const unansweredMs = node.pingSentMs === 0 ? 0 : nowMs - node.pingSentMs
    const silentMs = nowMs - node.heardMs
    const halfMs = timeoutMs / 2
    const { link } = node
    if (link !== null && nowMs - link.createdMs > timeoutMs && unansweredMs > halfMs && silentMs > halfMs)
      this.closeLink(node)
    if (node.link !== null && node.pingSentMs === 0 && nowMs - node.pongReceivedMs > halfMs) {
      this.#ping(node, 'ping')
      return
    }
    if (this.failover.hurriesFor(node)) {
      this.#ping(node, 'ping')
      return
    }
    if (Math.min(unansweredMs, silentMs) <= timeoutMs || node.isSuspected || node.hasFailed) return
    node.isSuspected = true
    this.changed()
  }

  /** Tells all where it stands. */
  announce(): void {
    this.broadcast(this.#message('pong'))
  }

  /** Tells a replica now how far it is. */
  sayOffset(node: ClusterNode): void {
    this.#ping(node, 'ping')
  }

  /** RESET: it knows no other node and has no slots; `isHard`: it is another node, too. */
  reset(isHard: boolean): void {
    makePrimary(this.me)
    this.server.replication?.becomePrimary()
    this.failover.reset(isHard)
    this.migrating.clear()
    this.importing.clear()
    for (const slot of slotsIn()) this.give(slot, null)
    for (const node of [...this.nodes.values()]) if (node !== this.me) this.forget(node)
    if (isHard) {
      this.currentEpoch = 0
      this.me.configEpoch = 0
      this.nodes.delete(this.me.id)
      this.me.id = this.newId()
      this.nodes.set(this.me.id, this.me)
    }
    this.changed()
    this.updateState()
  }

  /** More of the primary's stream was executed. */
  streamAdvanced(): void {
    if (this.failover.isManual) this.failover.advance()
  }

  /** What Redis does before it sleeps. */
  #afterEvent(): void {
    if (this.#mustUpdate) this.updateState()
  }

  /** Whether keys are served. */
  updateState(): void {
    this.#mustUpdate = false
    const { nowMs, voters, me } = this
    if (me.isPrimary && !this.isOk && nowMs - this.#startedMs < WRITABLE_DELAY_MS) return
    const needsAll = this.server.config.get('cluster-require-full-coverage') === 'yes'
    const served = voters.reduce((sum, { slotCount, hasFailed }) => sum + (hasFailed ? 0 : slotCount), 0)
    const reachable = voters.filter(({ isSuspected, hasFailed }) => !isSuspected && !hasFailed).length
    const hasMajority = reachable >= this.quorum
    if (!hasMajority) this.#inMinorityMs = nowMs
    const isOk = hasMajority && (!needsAll || served === SLOT_COUNT)
    if (isOk === this.isOk) return
    const rejoinMs = Math.min(Math.max(this.timeoutMs, REJOIN_MS_MIN), REJOIN_MS_MAX)
    if (isOk && me.isPrimary && nowMs - this.#inMinorityMs < rejoinMs) return
    this.isOk = isOk
  }
}

const NO_RANGES: readonly SlotRange[] = []

function count(counts: Map<BusMessageKind, number>, kind: BusMessageKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}
