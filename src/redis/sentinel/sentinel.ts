/**
 * A Redis Sentinel: looks after a primary and its replicas together with other Sentinels, promotes a replica when the primary is down, and
 * tells clients where the primary is.
 *
 *   look (10 to 19 times a second)
 *     ├─ connect, PING, INFO, hello             what is known of each server (`instance.ts`)
 *     ├─ is it down? do enough others say so?   subjectively, objectively
 *     └─ a failover goes on                     `failover.ts`
 *
 * Its clients' side is a server like any other (`MemoryRedis`) with commands of its own (`commands.ts`).
 *
 * Models          detection, votes with epochs, election, selection, promotion, reconfiguration, conversion of a former primary, TILT,
 *                 SENTINEL FAILOVER, events in their order and words, what is kept across a restart.
 * Does not model  notification and reconfiguration scripts, TLS, INFO-CACHE and SIMULATE-FAILURE; connections that several primaries share.
 *
 * Invariants
 * - It knows no world: time comes from `nowUs`, connections from `dial`, randomness from `seed`, and somebody calls `look` again when
 *   the time that it gave has passed.
 *
 * Source: sentinel.c of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
 */
import type { User } from '../acl/user.ts'
import type { Configuration } from '../config.ts'
import type { CommandDocs } from '../docs/command-docs.ts'
import { MemoryRedis } from '../memory-redis.ts'
import { Random } from '../random.ts'
import type { Dial } from '../replication/primary-link.ts'
import type { ServerAddress } from '../replication/replication.ts'
import type { Reply } from '../reply.ts'
import { SENTINEL_VOCABULARY, sentinelCommands } from './commands.ts'
import { goOn, isDue, startFailover } from './failover.ts'
import { type GlobalSettings, usualSettings } from './global-settings.ts'
import { hearHello, sayHello } from './hello.ts'
import { readInfo } from './info-report.ts'
import { type Instance, KIND_WORDS } from './instance.ts'
import { type LinkHost, type Login, loginWith } from './instance-link.ts'
import { MonitoredPrimary, type MonitorOptions } from './monitored-primary.ts'
import { LOOKS_PER_SECOND, type Periods, usualPeriods, WATCHFUL_INFO_MS } from './periods.ts'

/** What a Sentinel needs from the outside. */
export interface SentinelOptions {
  /** Its wall clock: whole microseconds since 1970. */
  readonly nowUs: () => number
  /** Its id and all that it draws at random. */
  readonly seed: string
  readonly dial: Dial
  /** Where others find it. */
  readonly address: ServerAddress
  readonly primaries: readonly MonitorOptions[]
  /** Of the server that its clients talk to. */
  readonly configuration?: Configuration
  /** See `MemoryRedisOptions`. */
  readonly docs?: () => CommandDocs
  /** Hears each event, as its subscribers do. */
  readonly onEvent?: (channel: string, text: string) => void
}

/** The id of the Sentinel with this seed: 40 hexadecimal digits, which outlive a restart. */
export const sentinelId = (seed: string): string => new Random(`${seed}/sentinel/id`).hex(40)

export class Sentinel implements LinkHost {
  /** Its clients' side. */
  readonly redis: MemoryRedis
  readonly id: string
  readonly address: ServerAddress
  readonly dial: Dial
  readonly clientName: string
  readonly primaries = new Map<string, MonitoredPrimary>()
  currentEpoch = 0
  periods: Periods = usualPeriods()
  readonly settings: GlobalSettings = usualSettings()
  /** Something was wrong with its clock: it watches, and does nothing. Since when; null: all is well. */
  tiltSinceMs: number | null = null
  #lookedMs: number
  readonly #random: Random
  /** As its file has them. */
  #savedUsers: readonly User[] = []
  readonly #onEvent: ((channel: string, text: string) => void) | null

  constructor(options: SentinelOptions) {
    const { nowUs, seed, dial, address, primaries, configuration, onEvent, docs } = options
    this.id = sentinelId(seed)
    this.clientName = `sentinel-${this.id.slice(0, 8)}`
    this.address = address
    this.dial = dial
    this.#random = new Random(`${seed}/sentinel`)
    this.#onEvent = onEvent ?? null
    this.redis = new MemoryRedis({
      ...{ nowUs, seed, commands: sentinelCommands(), vocabulary: SENTINEL_VOCABULARY },
      ...(configuration === undefined ? {} : { configuration }),
      ...(docs === undefined ? {} : { docs }),
    })
    this.redis.sentinel = this
    this.#lookedMs = this.nowMs
    for (const each of primaries) this.monitor(each)
  }

  /** Where it tells others that it is. */
  get announced(): ServerAddress {
    const { 'announce-ip': host, 'announce-port': port } = this.settings
    return { host: host === '' ? this.address.host : host, port: Number(port) || this.address.port }
  }

  /** With the password that it asks for itself, if it was told no other one. */
  get login(): Login {
    const { 'sentinel-user': user, 'sentinel-pass': password } = this.settings
    return password === '' ? loginWith('', this.redis.config.get('requirepass')) : loginWith(user, password)
  }

  /** Connects anew to the other Sentinels, at its next look. */
  leaveSentinels(): void {
    for (const { sentinels } of this.primaries.values()) for (const { link } of sentinels.values()) link.close()
  }

  get nowMs(): number {
    return this.redis.nowMs
  }

  /** A whole number below `limit`. */
  draw(limit: number): number {
    return this.#random.below(limit)
  }

  /** Begins to look after a primary. */
  monitor(options: MonitorOptions): void {
    const primary = new MonitoredPrimary(options, this)
    this.primaries.set(options.name, primary)
    this.tell('+monitor', primary, primary.instance, ` quorum ${primary.quorum}`)
  }

  /** Looks after no such primary any more. */
  forget(primary: MonitoredPrimary): void {
    this.tell('-monitor', primary, primary.instance)
    primary.reset(false)
    this.primaries.delete(primary.name)
  }

  /** The process ends and starts again, with what its configuration file says. */
  restart(): void {
    const kept = [...this.primaries.values()].map(({ saved, configEpoch, voteEpoch }) => ({
      saved,
      configEpoch,
      voteEpoch,
    }))
    for (const primary of this.primaries.values()) primary.reset(false)
    this.primaries.clear()
    this.tiltSinceMs = null
    this.periods = usualPeriods()
    this.redis.restart({ keepData: false })
    this.redis.loadUsers(this.#savedUsers.map((user) => user.copy()))
    this.#lookedMs = this.nowMs
    for (const { saved, configEpoch, voteEpoch } of kept) {
      this.monitor(saved)
      const primary = this.primaries.get(saved.name) as MonitoredPrimary
      primary.configEpoch = configEpoch
      primary.voteEpoch = voteEpoch
    }
  }

  /** Whoever asks for the primary at an address; null: this Sentinel looks after none there. */
  primaryAt(address: ServerAddress): MonitoredPrimary | null {
    return [...this.primaries.values()].find(({ instance }) => instance.isAt(address)) ?? null
  }

  /**
   * An event for those who subscribed to it here. Of an instance its kind, name and address come first, and whose it is.
   */
  tell(channel: string, primary: MonitoredPrimary | null, about: Instance | null, more = ''): void {
    const text = (about === null || primary === null ? '' : describe(about, primary)) + more
    this.redis.pubSub.publish(channel, text)
    this.#onEvent?.(channel, text)
  }

  /** Writes its file: what it knows of primaries is in there anyway (`saved`), what it was told of users is from now on. */
  save(): void {
    this.#savedUsers = this.redis.copyUsers()
  }

  /** A higher epoch was seen. */
  reachEpoch(epoch: number, primary: MonitoredPrimary): void {
    if (epoch <= this.currentEpoch) return
    this.currentEpoch = epoch
    this.save()
    this.tell('+new-epoch', primary, null, String(epoch))
  }

  /** Looks at everything once; answers after how many ms it must look again. */
  look(): number {
    this.#checkClock()
    for (const primary of [...this.primaries.values()]) {
      this.#lookAt(primary.instance, primary)
      for (const replica of primary.replicas.values()) this.#lookAt(replica, primary)
      for (const sentinel of primary.sentinels.values()) this.#lookAt(sentinel, primary)
      if (primary.failover === 'update_config')
        this.switchPrimary(primary, (primary.promoted ?? primary.instance).address)
      for (const { link } of this.#instancesOf(primary)) link.flush()
    }
    return Math.floor(1000 / (LOOKS_PER_SECOND + this.draw(LOOKS_PER_SECOND)))
  }

  #instancesOf({ instance, replicas, sentinels }: MonitoredPrimary): readonly Instance[] {
    return [instance, ...replicas.values(), ...sentinels.values()]
  }

  #checkClock(): void {
    const { nowMs } = this
    const gapMs = nowMs - this.#lookedMs
    this.#lookedMs = nowMs
    if (gapMs >= 0 && gapMs <= this.periods['TILT-TRIGGER']) return
    this.tiltSinceMs = nowMs
    this.tell('+tilt', null, null, '#tilt mode entered')
  }

  #lookAt(instance: Instance, primary: MonitoredPrimary): void {
    const { host, port } = instance.address
    instance.link.reconnect(host, port, (text) => this.hear(text))
    this.#ask(instance, primary)
    if (this.tiltSinceMs !== null) {
      if (this.nowMs - this.tiltSinceMs < this.periods['TILT-PERIOD']) return
      this.tiltSinceMs = null
      this.tell('-tilt', null, null, '#tilt mode exited')
    }
    this.#checkDown(instance, primary)
    if (instance !== primary.instance) return
    this.#checkObjectivelyDown(primary)
    if (isDue(this, primary)) {
      startFailover(this, primary)
      this.#askOthers(primary, true)
    }
    goOn(this, primary)
    this.#askOthers(primary, false)
  }

  /** What is sent to every server from time to time. */
  #ask(instance: Instance, primary: MonitoredPrimary): void {
    const { nowMs, periods } = this
    const { link } = instance
    if (link.isDisconnected || link.pendingCount >= PENDING_MAX) return
    const isWatched =
      instance.kind === 'replica' && (primary.isDown || primary.failover !== 'none' || instance.linkDownMs !== 0)
    const infoPeriodMs = isWatched ? WATCHFUL_INFO_MS : periods['INFO-PERIOD']
    if (instance.kind !== 'sentinel' && (instance.infoMs === 0 || nowMs - instance.infoMs > infoPeriodMs)) {
      link.request(['INFO'], (reply) => this.#informed(reply, instance, primary))
    }
    const pingPeriodMs = Math.min(primary.downAfterMs, periods['PING-PERIOD'])
    if (nowMs - link.answeredMs > pingPeriodMs && nowMs - link.pingedMs > pingPeriodMs / 2) {
      link.ping()
    }
    if (nowMs - instance.publishedMs > periods['PUBLISH-PERIOD']) sayHello(this, instance, primary)
  }

  #informed(reply: Reply, instance: Instance, primary: MonitoredPrimary): void {
    if (typeof reply !== 'string') return
    readInfo(this, instance, primary, reply)
    instance.link.flush()
  }

  /** A hello of some Sentinel. */
  hear(text: string): void {
    if (!text.includes(this.id)) hearHello(this, text)
  }

  #checkDown(instance: Instance, primary: MonitoredPrimary): void {
    const { link } = instance
    const { downAfterMs } = primary
    const silentMs = link.silentMs()
    link.dropSilent(downAfterMs)
    const saysReplica =
      instance.kind === 'primary' &&
      instance.roleReported === 'replica' &&
      this.nowMs - instance.roleReportedMs > downAfterMs + 2 * this.periods['INFO-PERIOD']
    const isDown = silentMs > downAfterMs || saysReplica
    if (isDown === instance.isDown) return
    this.tell(isDown ? '+sdown' : '-sdown', primary, instance)
    instance.isDown = isDown
    if (isDown) instance.downSinceMs = this.nowMs
    link.believe(isDown)
  }

  #checkObjectivelyDown(primary: MonitoredPrimary): void {
    const { instance, sentinels, quorum } = primary
    const others = [...sentinels.values()].filter(({ saysPrimaryIsDown }) => saysPrimaryIsDown).length
    const isDown = instance.isDown && others + 1 >= quorum
    if (isDown === primary.isDown) return
    if (isDown) {
      this.tell('+odown', primary, instance, ` #quorum ${others + 1}/${quorum}`)
      primary.downSinceMs = this.nowMs
    } else this.tell('-odown', primary, instance)
    primary.isDown = isDown
  }

  /** Asks the others whether the primary is down, and for their votes if a failover has begun. */
  #askOthers(primary: MonitoredPrimary, isUrgent: boolean): void {
    const { instance, failover } = primary
    const { host, port } = instance.address
    for (const other of primary.sentinels.values()) {
      const sinceMs = this.nowMs - other.answeredMs
      if (sinceMs > 5 * this.periods['ASK-PERIOD']) {
        other.saysPrimaryIsDown = false
        other.vote = null
      }
      if (!instance.isDown || other.link.isDisconnected || (!isUrgent && sinceMs < this.periods['ASK-PERIOD'])) continue
      const candidate = failover === 'none' ? '*' : this.id
      other.link.request(
        ['SENTINEL', 'is-master-down-by-addr', host, String(port), String(this.currentEpoch), candidate],
        (reply) => this.#answered(reply, other),
      )
    }
  }

  #answered(reply: Reply, other: Instance): void {
    const [isDown, vote, epoch] = Array.isArray(reply) ? (reply as readonly Reply[]) : []
    if (typeof isDown !== 'number' || typeof vote !== 'string' || typeof epoch !== 'number') return
    other.answeredMs = this.nowMs
    other.saysPrimaryIsDown = isDown === 1
    if (vote === '*') return
    other.vote = vote
    other.voteEpoch = epoch
  }

  /** Another server is the primary from now on, which clients are told. */
  switchPrimary(primary: MonitoredPrimary, to: ServerAddress): void {
    const { host, port } = primary.instance.address
    this.tell('+switch-master', primary, null, `${primary.name} ${host} ${port} ${to.host} ${to.port}`)
    for (const replica of primary.changeAddress(to)) this.tell('+slave', primary, replica)
    this.save()
  }
}

/** More requests than this do not wait for their answers. */
const PENDING_MAX = 100

/** `master mymaster redis-1 6379`, `slave redis-2:6379 redis-2 6379 @ mymaster redis-1 6379`. */
function describe({ kind, name, address }: Instance, primary: MonitoredPrimary): string {
  const own = `${KIND_WORDS[kind]} ${name} ${address.host} ${address.port}`
  if (kind === 'primary') return own
  const { host, port } = primary.instance.address
  return `${own} @ ${primary.name} ${host} ${port}`
}
