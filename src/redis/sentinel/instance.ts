/**
 * What a Sentinel knows of one server: a primary, a replica of it, or another Sentinel that looks after it.
 *
 * Source: sentinel.c (`sentinelRedisInstance`) of Redis 7.0
 */
import type { ServerAddress } from '../replication/replication.ts'
import { InstanceLink, type LinkHost, type Login } from './instance-link.ts'
import { DEFAULT_PRIORITY } from './periods.ts'

export type InstanceKind = 'primary' | 'replica' | 'sentinel'

/** How Redis calls them. */
export const KIND_WORDS = { primary: 'master', replica: 'slave', sentinel: 'sentinel' } as const

/** All times are those of the Sentinel's wall clock, ms. */
export class Instance {
  readonly kind: InstanceKind
  readonly name: string
  address: ServerAddress
  readonly link: InstanceLink
  runId: string | null = null
  publishedMs: number
  /** Subjectively down, and when that began last; 0: it never was. */
  isDown = false
  downSinceMs = 0

  // Of a primary or a replica: what its last INFO said.
  infoMs = 0
  roleReported: 'primary' | 'replica'
  roleReportedMs: number
  primaryReported: ServerAddress | null = null
  followsSinceMs: number
  isLinkUp = false
  linkDownMs = 0
  priority = DEFAULT_PRIORITY
  offset = 0
  isAnnounced = true

  // Of a replica: its part in a failover.
  isPromoted = false
  reconfiguration: 'none' | 'sent' | 'in progress' | 'done' = 'none'
  reconfigurationSentMs = 0

  // Of another Sentinel: what it said last.
  helloMs: number
  saysPrimaryIsDown = false
  answeredMs: number
  /** For whom it votes, and in which epoch. */
  vote: string | null = null
  voteEpoch = 0

  constructor(kind: InstanceKind, name: string, address: ServerAddress, host: LinkHost, login: () => Login) {
    this.kind = kind
    this.name = name
    this.address = address
    this.link = new InstanceLink(host, kind !== 'sentinel', login)
    const { nowMs } = host
    this.publishedMs = nowMs
    this.roleReported = kind === 'replica' ? 'replica' : 'primary'
    this.roleReportedMs = nowMs
    this.followsSinceMs = nowMs
    this.helloMs = nowMs
    this.answeredMs = nowMs
  }

  /** Whether it is at this address. */
  isAt({ host, port }: ServerAddress): boolean {
    return isSame(this.address, { host, port })
  }
}

/** Whether two addresses are the same. */
export const isSame = (one: ServerAddress, other: ServerAddress): boolean =>
  one.port === other.port && one.host.toLowerCase() === other.host.toLowerCase()

/** How Redis names a replica. */
export const replicaName = ({ host, port }: ServerAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
