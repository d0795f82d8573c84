/**
 * A primary that a Sentinel looks after, under the name that clients ask for, with its replicas, the other Sentinels that look after it,
 * and how far a failover of it has come.
 *
 *   none ── wait_start ── select_slave ── send_slaveof_noone ── wait_promotion ── reconf_slaves ── update_config ── none
 *              └────────────── given up ────────┴───────────────────┘
 *
 * Source: sentinel.c (`sentinelRedisInstance` with SRI_MASTER, `sentinelSelectSlave`, `sentinelResetMaster`) of Redis 7.0
 */
import type { ServerAddress } from '../replication/replication.ts'
import { Instance, isSame, replicaName } from './instance.ts'
import { type LinkHost, type Login, loginWith } from './instance-link.ts'
import { DEFAULT_PARALLEL_SYNCS } from './periods.ts'

export type FailoverState =
  | 'none'
  | 'wait_start'
  | 'select_slave'
  | 'send_slaveof_noone'
  | 'wait_promotion'
  | 'reconf_slaves'
  | 'update_config'

/** What a configuration file says of a primary. */
export interface MonitorOptions {
  readonly name: string
  readonly address: ServerAddress
  readonly quorum: number
  readonly downAfterMs?: number
  readonly failoverTimeoutMs?: number
  readonly parallelSyncs?: number
  /** How the Sentinel logs in to it and to its replicas: `auth-user` and `auth-pass`. */
  readonly user?: string
  readonly password?: string
  /** What a Sentinel that has been running for long has written there. */
  readonly replicas?: readonly ServerAddress[]
  readonly sentinels?: readonly (ServerAddress & { readonly id: string })[]
}

export class MonitoredPrimary {
  readonly name: string
  readonly instance: Instance
  /** By address. */
  replicas = new Map<string, Instance>()
  /** Of the others, by id. */
  sentinels = new Map<string, Instance>()
  quorum: number
  downAfterMs: number
  failoverTimeoutMs: number
  parallelSyncs: number
  user: string
  password: string
  configEpoch = 0
  /** For whom this Sentinel has voted, and in which epoch. */
  vote: string | null = null
  voteEpoch = 0
  /** Objectively down: enough Sentinels say so. */
  isDown = false
  downSinceMs = 0
  failover: FailoverState = 'none'
  failoverStateMs = 0
  failoverStartMs = 0
  failoverEpoch = 0
  /** SENTINEL FAILOVER: it needs no election. */
  isForced = false
  promoted: Instance | null = null
  readonly #host: LinkHost

  constructor(options: MonitorOptions, host: LinkHost) {
    const { name, address, quorum } = options
    this.#host = host
    this.name = name
    this.quorum = quorum
    this.downAfterMs = options.downAfterMs ?? host.periods['DEFAULT-DOWN-AFTER']
    this.failoverTimeoutMs = options.failoverTimeoutMs ?? host.periods['DEFAULT-FAILOVER-TIMEOUT']
    this.parallelSyncs = options.parallelSyncs ?? DEFAULT_PARALLEL_SYNCS
    this.user = options.user ?? ''
    this.password = options.password ?? ''
    this.instance = new Instance('primary', name, address, host, this.#login)
    for (const replica of options.replicas ?? []) this.addReplica(replica)
    for (const { id, ...at } of options.sentinels ?? []) this.addSentinel(id, at)
  }

  readonly #login = (): Login => loginWith(this.user, this.password)

  /** Connects anew to the primary and its replicas, at its Sentinel's next look. */
  leaveServers(): void {
    for (const { link } of [this.instance, ...this.replicas.values()]) link.close()
  }

  /** A replica that is not known yet; null: it is. */
  addReplica(address: ServerAddress): Instance | null {
    const name = replicaName(address)
    if (this.replicas.has(name)) return null
    const replica = new Instance('replica', name, address, this.#host, this.#login)
    this.replicas.set(name, replica)
    return replica
  }

  addSentinel(id: string, address: ServerAddress): Instance {
    const sentinel = new Instance('sentinel', id, address, this.#host, () => this.#host.login)
    sentinel.runId = id
    this.sentinels.set(id, sentinel)
    return sentinel
  }

  removeSentinel(sentinel: Instance): void {
    sentinel.link.close()
    this.sentinels.delete(sentinel.name)
  }

  /** Where clients are sent: a promoted replica as soon as it has said that it is a primary. */
  get currentAddress(): ServerAddress {
    const isDecided = this.failover === 'reconf_slaves' || this.failover === 'update_config'
    return isDecided && this.promoted !== null ? this.promoted.address : this.instance.address
  }

  /** It is what it is said to be, as far as is known: what contradicts it may be told to follow. */
  get looksSane(): boolean {
    const { roleReported, isDown, infoMs } = this.instance
    const { nowMs, periods } = this.#host
    return roleReported === 'primary' && !isDown && !this.isDown && nowMs - infoMs < 2 * periods['INFO-PERIOD']
  }

  /** How many of all Sentinels can be asked, this one among them. */
  get usableCount(): number {
    return 1 + [...this.sentinels.values()].filter(({ isDown }) => !isDown).length
  }

  /** How many of all Sentinels must vote for a leader, whoever lives. */
  get majority(): number {
    return Math.floor((this.sentinels.size + 1) / 2) + 1
  }

  /** The replica that is to be promoted; null: none is fit for it. */
  selectReplica(): Instance | null {
    const { nowMs, periods } = this.#host
    const { isDown, downSinceMs } = this.instance
    const linkDownMsMax = (isDown ? nowMs - downSinceMs : 0) + 10 * this.downAfterMs
    const infoMsMax = isDown ? 5 * periods['PING-PERIOD'] : 3 * periods['INFO-PERIOD']
    const fit = [...this.replicas.values()].filter(
      (replica) =>
        !replica.isDown &&
        !replica.link.isDisconnected &&
        nowMs - replica.link.aliveMs <= 5 * periods['PING-PERIOD'] &&
        replica.priority !== 0 &&
        nowMs - replica.infoMs <= infoMsMax &&
        replica.linkDownMs <= linkDownMsMax,
    )
    return fit.sort(better)[0] ?? null
  }

  enter(state: FailoverState): void {
    this.failover = state
    this.failoverStateMs = this.#host.nowMs
  }

  /** Before a replica has said that it is a primary now. */
  giveUp(): void {
    this.enter('none')
    this.isForced = false
    if (this.promoted !== null) this.promoted.isPromoted = false
    this.promoted = null
  }

  /** Everything that was learnt is forgotten, but (`keepsSentinels`) who the others are. */
  reset(keepsSentinels: boolean): void {
    for (const { link } of this.replicas.values()) link.close()
    this.replicas = new Map()
    if (!keepsSentinels) {
      for (const { link } of this.sentinels.values()) link.close()
      this.sentinels = new Map()
    }
    const { instance } = this
    const { nowMs } = this.#host
    instance.link.reset()
    instance.isDown = false
    instance.link.believe(false)
    instance.runId = null
    instance.primaryReported = null
    instance.roleReported = 'primary'
    instance.roleReportedMs = nowMs
    this.isDown = false
    this.isForced = false
    this.vote = null
    this.failover = 'none'
    this.failoverStateMs = 0
    this.failoverStartMs = 0
    this.promoted = null
  }

  /** Another server is the primary now, and the one that was is a replica. The replicas that there are now, all of them new. */
  changeAddress(address: ServerAddress): readonly Instance[] {
    const former = this.instance.address
    const others = [...this.replicas.values()].map((replica) => replica.address).filter((at) => !isSame(at, address))
    if (!isSame(former, address)) others.push(former)
    this.reset(true)
    this.instance.address = address
    this.instance.downSinceMs = 0
    this.downSinceMs = 0
    return others.map((at) => this.addReplica(at)).filter((replica) => replica !== null)
  }

  /** What its configuration file says by now. */
  get saved(): MonitorOptions {
    const {
      name,
      quorum,
      downAfterMs,
      failoverTimeoutMs,
      parallelSyncs,
      user,
      password,
      currentAddress: address,
    } = this
    const known = [...this.replicas.values()].map((replica) => replica.address)
    const replicas = isSame(address, this.instance.address)
      ? known
      : [...known.filter((at) => !isSame(at, address)), this.instance.address]
    const sentinels = [...this.sentinels.values()].map((each) => ({ ...each.address, id: each.name }))
    return { name, address, quorum, downAfterMs, failoverTimeoutMs, parallelSyncs, user, password, replicas, sentinels }
  }
}

/** Lower priority, then more of the stream, then the smaller run id. */
function better(one: Instance, other: Instance): number {
  if (one.priority !== other.priority) return one.priority - other.priority
  if (one.offset !== other.offset) return other.offset - one.offset
  if (one.runId === other.runId) return 0
  if (one.runId === null || other.runId === null) return one.runId === null ? 1 : -1
  return one.runId < other.runId ? -1 : 1
}
