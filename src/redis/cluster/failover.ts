/**
 * How a replica takes the place of its primary: by votes when that has failed, by hand when an operator says so.
 *
 *   primary failed ── 500 ms + 0…499 ms + 1 s for each replica that has more ── asks all primaries for their votes
 *   majority, within 2 × node-timeout ── takes the slots with the epoch of the election
 *
 *   CLUSTER FAILOVER ── the primary takes no writes, says its offset ── the replica has all of it ── the same votes, at once
 *
 * A primary votes once in an epoch, and for the replicas of one primary once in 2 × node-timeout.
 *
 * Source: cluster.c (`clusterHandleSlaveFailover`, `clusterSendFailoverAuthIfNeeded`, `clusterHandleManualFailover`) of Redis 7.0
 */
import type { Header } from './bus.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './cluster-node.ts'
import { slotsIn } from './slots.ts'

const DELAY_MS = 500
const DELAY_DRAWN_MS = 500
const RANK_MS = 1000
const ELECTION_MS_MIN = 2000
const VALID_TIMEOUTS = 2
/** How long a failover by hand is tried, and for how long at most the primary takes no writes. */
const MANUAL_MS = 5000
const PAUSE_MS = 10_000

/** An election of this node. */
interface Election {
  /** When it asks for votes. */
  atMs: number
  rank: number
  /** Null: it has not asked yet. */
  epoch: number | null
  readonly votes: Set<ClusterNode>
}

/** A failover by hand, on either side. */
interface Manual {
  readonly untilMs: number
  /** On the primary: who takes its place. */
  readonly heir: ClusterNode | null
  /** On the replica: how far the primary's stream goes; null: it has not said yet. */
  primaryOffset: number | null
  canStart: boolean
}

export class Failover {
  readonly #cluster: Cluster
  #election: Election | null = null
  #manual: Manual | null = null
  /** The epoch in which it voted last. */
  lastVoteEpoch = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  restart(): void {
    this.#election = null
    this.#manual = null
  }

  /** RESET. */
  reset(isHard: boolean): void {
    this.forgetManual()
    this.#election = null
    if (isHard) this.lastVoteEpoch = 0
  }

  /** A failover by hand is under way. */
  get isManual(): boolean {
    return this.#manual !== null
  }

  cron(): void {
    const { me, nowMs } = this.#cluster
    if (this.#manual !== null && this.#manual.untilMs < nowMs) this.forgetManual()
    if (!me.isPrimary) this.advance()
  }

  /** Goes on as far as it can. */
  advance(): void {
    const manual = this.#manual
    if (manual !== null && !manual.canStart && manual.primaryOffset === this.#cluster.offset) manual.canStart = true
    this.#elect()
  }

  #elect(): void {
    const cluster = this.#cluster
    const { me, nowMs, timeoutMs } = cluster
    const { primary } = me
    const isByHand = this.#manual?.canStart === true
    if (primary === null || primary.slotCount === 0) return
    if (!isByHand && (!primary.hasFailed || me.hasNoFailover || this.#isTooOld())) return
    const electionMs = Math.max(timeoutMs * VALID_TIMEOUTS, ELECTION_MS_MIN)
    const ageMs = this.#election === null ? Number.POSITIVE_INFINITY : nowMs - this.#election.atMs
    if (this.#election === null || ageMs > electionMs * 2) {
      const rank = isByHand ? 0 : this.#rank()
      const atMs = isByHand ? nowMs : nowMs + DELAY_MS + cluster.random.below(DELAY_DRAWN_MS) + rank * RANK_MS
      this.#election = { atMs, rank, epoch: null, votes: new Set() }
      // So that the others of this shard know how far it is.
      cluster.links.broadcastToShard({ kind: 'pong', header: cluster.links.header, gossip: [] })
      if (isByHand) this.#elect()
      return
    }
    const election = this.#election
    if (election.epoch === null && !isByHand) this.#makeWay(election)
    if (nowMs < election.atMs || nowMs - election.atMs > electionMs) return
    if (election.epoch === null) {
      cluster.currentEpoch += 1
      election.epoch = cluster.currentEpoch
      cluster.links.broadcast({ kind: 'auth-req', header: cluster.links.header, isForced: isByHand })
    } else if (election.votes.size >= cluster.quorum) {
      me.configEpoch = Math.max(me.configEpoch, election.epoch)
      this.#election = null
      cluster.replacePrimary()
    }
  }

  /** A replica that has more goes first. */
  #makeWay(election: Election): void {
    const rank = this.#rank()
    if (rank <= election.rank) return
    election.atMs += (rank - election.rank) * RANK_MS
    election.rank = rank
  }

  /** How many replicas of the same primary have more. */
  #rank(): number {
    const { me, offset } = this.#cluster
    const others = me.primary?.replicas ?? []
    return others.filter((other) => other !== me && !other.hasNoFailover && other.offset > offset).length
  }

  /** It has been without its primary for so long that its data is worth nothing. */
  #isTooOld(): boolean {
    const { server, timeoutMs, nowMs } = this.#cluster
    const factor = Number(server.config.get('cluster-replica-validity-factor'))
    const link = server.replication?.link ?? null
    if (factor === 0 || link === null) return false
    const sinceMs = link.isUp ? link.lastBytesMs : (link.downSinceMs ?? nowMs)
    const ageMs = (Math.floor(nowMs / 1000) - Math.floor(sinceMs / 1000)) * 1000
    const limitMs = Number(server.config.get('repl-ping-replica-period')) * 1000 + timeoutMs * factor
    return (ageMs > timeoutMs ? ageMs - timeoutMs : ageMs) > limitMs
  }

  /** A replica asks for this node's vote. */
  vote(replica: ClusterNode, { currentEpoch, configEpoch, slots }: Header, isForced: boolean): void {
    const cluster = this.#cluster
    const { me, nowMs, timeoutMs } = cluster
    const { primary } = replica
    if (!me.isPrimary || me.slotCount === 0) return
    if (currentEpoch < cluster.currentEpoch || this.lastVoteEpoch === cluster.currentEpoch) return
    if (primary === null || (!primary.hasFailed && !isForced)) return
    if (primary.votedMs !== 0 && nowMs - primary.votedMs < timeoutMs * VALID_TIMEOUTS) return
    for (const slot of slotsIn(slots)) if ((cluster.slots.owners.of(slot)?.configEpoch ?? 0) > configEpoch) return
    primary.votedMs = nowMs
    this.lastVoteEpoch = cluster.currentEpoch
    cluster.links.send(replica, { kind: 'auth-ack', header: cluster.links.header })
  }

  /** A vote has come. */
  count(voter: ClusterNode, { currentEpoch }: Header): void {
    const epoch = this.#election?.epoch ?? null
    if (epoch === null || !voter.isPrimary || voter.slotCount === 0 || currentEpoch < epoch) return
    this.#election?.votes.add(voter)
    if (!this.#cluster.me.isPrimary) this.advance()
  }

  // By hand.

  /** CLUSTER FAILOVER: the primary is to wait for this replica; `isForced`: it is not asked. */
  begin(isForced: boolean): void {
    const cluster = this.#cluster
    this.forgetManual()
    this.#manual = { untilMs: cluster.nowMs + MANUAL_MS, heir: null, primaryOffset: null, canStart: isForced }
    if (isForced) this.advance()
    else cluster.links.send(cluster.me.primary as ClusterNode, { kind: 'mfstart', header: cluster.links.header })
  }

  /** A replica wants the place of this primary: no writes until it has everything. */
  giveWay(heir: ClusterNode): void {
    const cluster = this.#cluster
    this.forgetManual()
    this.#manual = { untilMs: cluster.nowMs + MANUAL_MS, heir, primaryOffset: null, canStart: false }
    cluster.server.pause(cluster.nowMs + PAUSE_MS, true)
    cluster.links.ping(heir)
  }

  /** The primary has stopped at this offset. */
  primaryStandsStill(offset: number): void {
    const manual = this.#manual
    if (manual === null || manual.primaryOffset !== null || manual.heir !== null) return
    manual.primaryOffset = offset
    this.advance()
  }

  /** Whether this replica is pinged all the time, to tell it the offset. */
  hurriesFor(node: ClusterNode): boolean {
    return this.#manual?.heir === node && this.#cluster.me.isPrimary && node.link !== null
  }

  /** It is over, or was given up. */
  forgetManual(): void {
    const manual = this.#manual
    this.#manual = null
    if (manual?.heir != null) this.#cluster.server.unpause()
  }
}
