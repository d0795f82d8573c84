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
 * What it hears of others is in `hearing.ts`, its connections in `bus-links.ts`, whose slots are whose in `slot-table.ts`.
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
import type { BusDial } from './bus.ts'
import { BusLinks } from './bus-links.ts'
import { attachTo, type ClusterNode, detach, makePrimary, type NodeAddress, newNode } from './cluster-node.ts'
import { Failover } from './failover.ts'
import { Hearing } from './hearing.ts'
import { SlotTable } from './slot-table.ts'
import { SLOT_COUNT, type SlotRange, slotsIn } from './slots.ts'

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

/** A primary that starts again serves no keys before that. */
const WRITABLE_DELAY_MS = 2000
const REJOIN_MS_MIN = 500
const REJOIN_MS_MAX = 5000
const HANDSHAKE_MS_MIN = 1000
/** Of so many nodes the one that was heard of the longest ago is pinged once a second. */
const PINGED_AT_RANDOM = 5
const LOOPS_A_SECOND = 10
const ID_DIGITS = 40

export class Cluster {
  readonly server: MemoryRedis
  readonly me: ClusterNode
  readonly nodes = new Map<string, ClusterNode>()
  readonly slots = new SlotTable(this)
  readonly hearing = new Hearing(this)
  readonly links: BusLinks
  currentEpoch = 0
  isOk: boolean
  readonly failover: Failover
  readonly random: Random
  #startedMs: number
  /** When it last saw too few primaries. */
  #inMinorityMs = 0
  #loops = 0
  /** Perhaps keys are served from now on, or no longer. */
  mustUpdate = false

  constructor(server: MemoryRedis, seed: string, { dial, nodes, isRunning }: ClusterOptions) {
    this.server = server
    this.random = new Random(`${seed}/cluster`)
    this.links = new BusLinks(this, dial)
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
    this.slots.remember(node, slots)
  }

  /** The process starts again: it has its configuration file, and nothing else. */
  restart(): void {
    for (const node of this.nodes.values()) {
      this.links.close(node)
      Object.assign(node, { pingSentMs: 0, pongReceivedMs: 0, heardMs: 0, votedMs: 0, heardGossip: null })
      if (node.hasFailed) node.failedMs = this.server.nowMs
      node.reports.clear()
    }
    this.links.restart()
    this.failover.restart()
    this.isOk = false
    this.#startedMs = this.server.nowMs
    this.#inMinorityMs = 0
    this.mustUpdate = true
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

  // Roles.

  /** It becomes a replica of this node. */
  follow(primary: ClusterNode): void {
    if (this.me.isPrimary) this.slots.endMigrations()
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
    for (const slot of slotsIn(this.slots.rangesOf(primary))) this.slots.give(slot, this.me)
    this.changed()
    this.updateState()
    this.links.announce()
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
    this.links.forgetGossip()
    this.mustUpdate = true
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
    this.slots.forget(node)
    for (const replica of [...node.replicas]) detach(replica)
    detach(node)
    for (const other of this.nodes.values()) {
      other.reports.delete(node)
      other.heardGossip = null
    }
    this.links.close(node)
    this.nodes.delete(node.id)
    this.changed()
  }

  /** FORGET: for a minute no gossip brings it back. */
  forgetForLong(node: ClusterNode): void {
    this.hearing.ignore(node)
    this.forget(node)
  }

  // Time.

  /** Ten times a second. */
  cron(): void {
    const { nowMs, timeoutMs } = this
    const handshakeMs = Math.max(timeoutMs, HANDSHAKE_MS_MIN)
    for (const node of [...this.nodes.values()]) {
      if (node === this.me) continue
      if (node.isInHandshake && nowMs - node.createdMs > handshakeMs) this.forget(node)
      else if (node.link === null) this.links.connect(node)
    }
    if (this.#loops % LOOPS_A_SECOND === 0) this.#pingAtRandom()
    this.#loops += 1
    for (const node of this.nodes.values()) {
      if (node !== this.me && !node.isInHandshake) this.#watch(node, nowMs, timeoutMs)
    }
    this.failover.cron()
    if (!this.isOk) this.mustUpdate = true
    this.afterEvent()
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
    if (oldest !== null) this.links.ping(oldest)
  }

  #watch(node: ClusterNode, nowMs: number, timeoutMs: number): void {
    const unansweredMs = node.pingSentMs === 0 ? 0 : nowMs - node.pingSentMs
    const silentMs = nowMs - node.heardMs
    const halfMs = timeoutMs / 2
    const { link } = node
    if (link !== null && nowMs - link.createdMs > timeoutMs && unansweredMs > halfMs && silentMs > halfMs)
      this.links.close(node)
    if (node.link !== null && node.pingSentMs === 0 && nowMs - node.pongReceivedMs > halfMs) {
      this.links.ping(node)
      return
    }
    if (this.failover.hurriesFor(node)) {
      this.links.ping(node)
      return
    }
    if (Math.min(unansweredMs, silentMs) <= timeoutMs || node.isSuspected || node.hasFailed) return
    node.isSuspected = true
    this.changed()
  }

  /** RESET: it knows no other node and has no slots; `isHard`: it is another node, too. */
  reset(isHard: boolean): void {
    makePrimary(this.me)
    this.server.replication?.becomePrimary()
    this.failover.reset(isHard)
    this.slots.endMigrations()
    for (const slot of slotsIn()) this.slots.give(slot, null)
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
  afterEvent(): void {
    if (this.mustUpdate) this.updateState()
  }

  /** Whether keys are served. */
  updateState(): void {
    this.mustUpdate = false
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
