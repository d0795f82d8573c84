/**
 * The cluster bus: what nodes say to each other, and the connections on which they say it. Messages are plain data: who opens
 * connections writes them as it likes.
 *
 * Models          the messages of Redis's bus by their content: PING, PONG, MEET, FAIL, PUBLISH, the votes, MFSTART, UPDATE.
 * Does not model  their bytes; MODULE.
 *
 * Source: cluster.h (`clusterMsg`) of Redis 7.0
 */
import type { SlotRange } from './slots.ts'

/** What every message says of its sender. */
export interface Header {
  readonly sender: string
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly currentEpoch: number
  /** Of its primary, if it is a replica; so are the slots. */
  readonly configEpoch: number
  readonly slots: readonly SlotRange[]
  /** Whom it replicates; null: it is a primary. */
  readonly primary: string | null
  /** Of its replication stream. */
  readonly offset: number
  /** A failover is under way, and it takes no writes for that: its offset is final. */
  readonly isPaused: boolean
  /** It asks for no votes by itself. */
  readonly hasNoFailover: boolean
}

/** What a node thinks of another one. */
export interface Gossip {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly busPort: number
  /** The sender cannot reach it, or all know that it failed. */
  readonly isDown: boolean
}

export type BusMessage = { readonly header: Header } & (
  | { readonly kind: 'ping' | 'pong' | 'meet'; readonly gossip: readonly Gossip[] }
  | { readonly kind: 'fail'; readonly node: string }
  | { readonly kind: 'publish' | 'publishshard'; readonly channel: string; readonly message: string }
  | { readonly kind: 'auth-req'; readonly isForced: boolean }
  | { readonly kind: 'auth-ack' }
  | { readonly kind: 'mfstart' }
  | {
      readonly kind: 'update'
      readonly node: string
      readonly configEpoch: number
      readonly slots: readonly SlotRange[]
    }
)

export type BusMessageKind = BusMessage['kind']

/** An open connection to another node; real servers say bytes. */
export interface BusSocket<Said = BusMessage> {
  send(message: Said): void
  close(): void
}

/** Is told what comes from there. */
export interface BusHandler<Said = BusMessage> {
  onOpen(): void
  onMessage(message: Said): void
  /** It is closed, or could not be opened. */
  onClose(): void
}

/** Opens a connection to another node's bus port. */
export type BusDial<Said = BusMessage> = (host: string, busPort: number, handler: BusHandler<Said>) => BusSocket<Said>
