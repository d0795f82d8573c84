/**
 * The replicas of one server: what each has acknowledged, who waits for that, and how one that comes (back) is brought up to date.
 *
 *   PSYNC ? -1            +FULLRESYNC <id> <offset>, a snapshot, then the stream once the replica says that it has loaded it
 *   PSYNC <id> <offset>   +CONTINUE <id>, then the stream from that offset, if the backlog still has it
 *   SYNC                  a snapshot, then the stream at once
 *
 * Does not model  the time that a snapshot takes to be made: it holds the data of the moment at which it is sent. Its bytes take what
 *                 the network takes. Snapshots are written to no disk first (`repl-diskless-sync` is yes, its default).
 *
 * Source: replication.c (`syncCommand`, `replconfCommand`, `replicationRequestAckFromSlaves`, `waitCommand`) of Redis 7.0
 */
import { BLOCKED, type Outcome } from '../command.ts'
import type { RedisConnection } from '../connection.ts'
import { REPLICA } from '../connection-mode.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { encodeRequest } from '../resp/encode-request.ts'
import type { Replication } from './replication.ts'
import { writeSnapshot } from './snapshot.ts'

const GETACK = encodeRequest(['REPLCONF', 'GETACK', '*'])

/** `wait_bgsave`: the snapshot is not begun; `send_bulk`: it is under way; `online`: it gets the stream. */
export type ReplicaState = 'wait_bgsave' | 'send_bulk' | 'online'

export interface Replica {
  readonly connection: RedisConnection
  /** Where it says that it listens. */
  readonly host: string
  readonly port: number
  state: ReplicaState
  /** When it asked, server wall clock, whole seconds. */
  readonly sinceSecond: number
  ackedOffset: number
  /** When it acknowledged last, server wall clock, whole seconds. */
  ackedSecond: number
  /** What is sent when it has loaded its snapshot. */
  held: string
  /** It said SYNC: it never acknowledges anything, and is not cut off for that. */
  readonly isOld: boolean
}

/** What a connection has said of itself with REPLCONF before PSYNC. */
export interface Introduction {
  host: string | null
  port: number
  takesEndMark: boolean
}

interface Waiter {
  readonly connection: RedisConnection
  readonly offset: number
  readonly count: number
}

export class Replicas {
  readonly #server: MemoryRedis
  readonly #replication: Replication
  readonly #replicas = new Map<RedisConnection, Replica>()
  readonly #introductions = new WeakMap<RedisConnection, Introduction>()
  #waiters: Waiter[] = []
  /** Online, and heard of within `min-replicas-max-lag`; as of the last second, or of the last that came or went. */
  goodCount = 0

  constructor(server: MemoryRedis, replication: Replication) {
    this.#server = server
    this.#replication = replication
  }

  get all(): readonly Replica[] {
    return [...this.#replicas.values()]
  }

  get online(): readonly Replica[] {
    return this.all.filter(({ state }) => state === 'online')
  }

  get count(): number {
    return this.#replicas.size
  }

  /** What this connection said of itself. */
  introductionOf(connection: RedisConnection): Introduction {
    const known = this.#introductions.get(connection)
    if (known !== undefined) return known
    const introduction = { host: null, port: 0, takesEndMark: false }
    this.#introductions.set(connection, introduction)
    return introduction
  }

  /** PSYNC from a connection that is no replica yet: it goes on where it was, or waits for a snapshot. */
  attach(connection: RedisConnection, id: string, offset: number): void {
    const replica = this.#add(connection, false)
    const missed = this.#replication.missedSince(id, offset)
    const traffic = this.#server.statistics?.traffic
    if (missed === null) {
      if (traffic !== undefined) {
        traffic.fullSyncCount++
        if (id !== '?') traffic.refusedSyncCount++
      }
      this.#replication.openBacklog()
      this.startSnapshots()
      return
    }
    if (traffic !== undefined) traffic.partialSyncCount++
    connection.sendRaw(`+CONTINUE ${this.#replication.id}\r\n${missed}`)
    replica.state = 'online'
    replica.ackedOffset = offset - 1
    this.refreshGood()
  }

  /** SYNC from a connection that is no replica yet: its snapshot is not put off, because it cannot be shared with others. */
  attachOld(connection: RedisConnection): void {
    const replica = this.#add(connection, true)
    const traffic = this.#server.statistics?.traffic
    if (traffic !== undefined) traffic.fullSyncCount++
    this.#replication.openBacklog()
    this.#sendSnapshot(replica)
  }

  #add(connection: RedisConnection, isOld: boolean): Replica {
    const introduction = this.introductionOf(connection)
    const replica: Replica = {
      connection,
      host: introduction.host ?? connection.address.slice(0, connection.address.lastIndexOf(':')),
      port: introduction.port,
      state: 'wait_bgsave',
      sinceSecond: this.#second,
      ackedOffset: 0,
      ackedSecond: this.#second,
      held: '',
      isOld,
    }
    connection.mode |= REPLICA
    this.#replicas.set(connection, replica)
    return replica
  }

  /** Sends a snapshot to each that has waited for `repl-diskless-sync-delay`, in which others may join in. */
  startSnapshots(): void {
    const delayS = Number(this.#server.config.get('repl-diskless-sync-delay'))
    for (const replica of this.all) {
      if (replica.state === 'wait_bgsave' && this.#second - replica.sinceSecond >= delayS) this.#sendSnapshot(replica)
    }
  }

  #sendSnapshot(replica: Replica): void {
    const { id, offset } = this.#replication
    const { connection } = replica
    const bytes = writeSnapshot(this.#server, { id, offset })
    const takesEndMark = !replica.isOld && this.introductionOf(connection).takesEndMark
    const mark = this.#server.random.hex(40)
    const framed = takesEndMark ? `$EOF:${mark}\r\n${bytes}${mark}` : `$${bytes.length}\r\n${bytes}`
    connection.sendRaw(replica.isOld ? framed : `+FULLRESYNC ${id} ${offset}\r\n${framed}`)
    this.#replication.forgetDatabase()
    // One that cannot tell where the snapshot ends is sent the stream behind it; the other says when it is ready.
    replica.state = takesEndMark ? 'send_bulk' : 'online'
    this.refreshGood()
  }

  /** A part of the stream, to all. */
  feed(bytes: string): void {
    for (const replica of this.#replicas.values()) {
      if (replica.state === 'online') replica.connection.sendRaw(bytes)
      else if (replica.state === 'send_bulk') replica.held += bytes
    }
  }

  /** REPLCONF ACK. */
  acknowledge(connection: RedisConnection, offset: number): void {
    const replica = this.#replicas.get(connection)
    if (replica === undefined) return
    replica.ackedOffset = Math.max(replica.ackedOffset, offset)
    replica.ackedSecond = this.#second
    if (replica.state === 'send_bulk') {
      replica.state = 'online'
      if (replica.held !== '') connection.sendRaw(replica.held)
      replica.held = ''
      this.refreshGood()
    }
    this.#serveWaiters()
    this.#replication.handover?.update()
  }

  /** How many have acknowledged everything up to this offset. */
  ackedCount(offset: number): number {
    return this.online.filter(({ ackedOffset }) => ackedOffset >= offset).length
  }

  /** WAIT: until `count` replicas have what this connection wrote, or its time is up. */
  wait(connection: RedisConnection, count: number, timeoutMs: number | null, mustNotBlock: boolean): Outcome {
    const offset = connection.writtenOffset
    const acked = this.ackedCount(offset)
    if (acked >= count || mustNotBlock) return acked
    const replicas = this
    // It waits for one thing at a time: an earlier WAIT of its own is over.
    this.#waiters = this.#waiters.filter((waiter) => waiter.connection !== connection)
    this.#waiters.push({ connection, offset, count })
    connection.block({
      keys: [],
      timeoutMs,
      retry: () => BLOCKED,
      get onTimeout() {
        return replicas.ackedCount(offset)
      },
    })
    this.#replication.feed(GETACK)
    return BLOCKED
  }

  #serveWaiters(): void {
    this.#waiters = this.#waiters.filter(({ connection }) => connection.isBlocked)
    for (const { connection, offset, count } of this.#waiters) {
      const acked = this.ackedCount(offset)
      if (acked >= count) connection.unblock(acked)
    }
  }

  /** The connection is closed. */
  forget(connection: RedisConnection): void {
    if (this.#replicas.delete(connection)) this.refreshGood()
  }

  /** All of them must ask again: what they follow has changed. */
  disconnect(): void {
    for (const { connection } of this.all) connection.close()
  }

  /** Once a second. */
  cron(): void {
    const timeoutS = Number(this.#server.config.get('repl-timeout'))
    for (const { connection, state, ackedSecond, isOld } of this.all) {
      if (state === 'online' && !isOld && this.#second - ackedSecond > timeoutS) connection.close()
    }
    this.startSnapshots()
    // A replica that waits for its snapshot hears that its primary lives.
    for (const { connection, state } of this.all) if (state === 'wait_bgsave') connection.sendRaw('\n')
    this.refreshGood()
  }

  refreshGood(): void {
    const lagMaxS = Number(this.#server.config.get('min-replicas-max-lag'))
    this.goodCount = this.online.filter(({ ackedSecond }) => this.#second - ackedSecond <= lagMaxS).length
  }

  get #second(): number {
    return Math.floor(this.#server.nowMs / 1000)
  }
}
