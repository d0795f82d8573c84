/**
 * FAILOVER: a primary hands its role over to one of its replicas, without losing anything.
 *
 *   no-failover ── FAILOVER ──► waiting-for-sync ── a replica has everything ──► failover-in-progress ── it is the primary ──► no-failover
 *        ▲                          └─────────── FAILOVER ABORT, TIMEOUT ────────────┘ (ABORT)
 *        └──────────────────────────────────────────┘
 *
 * From the command on writes wait, as with CLIENT PAUSE WRITE. Then this server follows the replica, and asks it with `PSYNC … FAILOVER` to
 * become the primary. What waited meanwhile is answered READONLY.
 *
 * Does not model  a CLIENT PAUSE of a client's beside it: the end of one ends both.
 *
 * Source: replication.c (`failoverCommand`, `updateFailoverStatus`, `abortFailover`) of Redis 7.0; https://redis.io/docs/latest/commands/failover/
 */
import type { MemoryRedis } from '../memory-redis.ts'
import type { Replica } from './replicas.ts'
import type { Replication, ServerAddress } from './replication.ts'

/** As INFO prints it. */
export type HandoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress'

/** What FAILOVER was told. */
export interface HandoverOrder {
  /** Null: any replica that has everything. */
  readonly target: ServerAddress | null
  /** 0: it may take as long as it likes. */
  readonly timeoutMs: number
  /** When its time is up the target becomes the primary, whatever it has. */
  readonly isForced: boolean
}

export class Handover {
  state: HandoverState = 'no-failover'
  /** When it gives up, server wall clock, ms; null: never. */
  untilMs: number | null = null
  readonly #server: MemoryRedis
  readonly #replication: Replication
  #target: ServerAddress | null = null
  #isForced = false

  constructor(server: MemoryRedis, replication: Replication) {
    this.#server = server
    this.#replication = replication
  }

  begin({ target, timeoutMs, isForced }: HandoverOrder): void {
    this.state = 'waiting-for-sync'
    this.#target = target
    this.#isForced = isForced
    this.untilMs = timeoutMs === 0 ? null : this.#server.nowMs + timeoutMs
    this.#server.pause(Infinity, true)
  }

  /** A replica has acknowledged, a command is over, or time has passed. */
  update(): void {
    if (this.state !== 'waiting-for-sync') return
    if (this.untilMs !== null && this.#server.nowMs >= this.untilMs) {
      if (this.#isForced && this.#target !== null) this.#demote(this.#target)
      else this.abort()
      return
    }
    const { replicas, offset } = this.#replication
    const ready = replicas.online.find(
      (replica) => replica.ackedOffset === offset && (this.#target === null || isAt(replica, this.#target)),
    )
    if (ready !== undefined) this.#demote(ready)
  }

  #demote({ host, port }: ServerAddress): void {
    this.state = 'failover-in-progress'
    this.untilMs = null
    this.#replication.becomeReplicaOf({ host, port })
  }

  /** The target has answered `PSYNC … FAILOVER`. */
  answered(isAccepted: boolean): void {
    if (this.state !== 'failover-in-progress') return
    if (isAccepted) this.#end()
    else this.abort()
  }

  /** It is given up: this server is, or is again, the primary. */
  abort(): void {
    const wasDemoted = this.state === 'failover-in-progress'
    if (wasDemoted) this.#replication.becomePrimary()
    this.#end()
  }

  #end(): void {
    this.state = 'no-failover'
    this.untilMs = null
    this.#target = null
    this.#server.unpause()
    this.#server.runDeferred()
  }
}

/** Whether a replica says that it is there. */
export const isAt = ({ host, port }: Replica, address: ServerAddress): boolean =>
  host === address.host && port === address.port
