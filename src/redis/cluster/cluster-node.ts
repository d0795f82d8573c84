/**
 * A node of the cluster as one node sees it: what it has been told, what it has found out by itself. Views of several nodes differ for a
 * while.
 *
 * Source: cluster.h (`clusterNode`) of Redis 7.0
 */
import type { BusSocket, Gossip } from './bus.ts'

/** An open connection of the bus that this node opened. */
export interface BusLink {
  socket: BusSocket | null
  readonly createdMs: number
  isOpen: boolean
}

/** Times are of the server's wall clock, in ms; 0: never. */
export interface ClusterNode {
  id: string
  host: string
  port: number
  busPort: number
  isPrimary: boolean
  /** Whom it replicates; null: a primary, or not known. */
  primary: ClusterNode | null
  readonly replicas: ClusterNode[]
  configEpoch: number
  /** How many slots it has. */
  slotCount: number
  /** PFAIL: this node alone thinks that it cannot be reached. */
  isSuspected: boolean
  /** FAIL: a majority of primaries thinks so. */
  hasFailed: boolean
  failedMs: number
  /** It is known by its address alone, and has not answered yet. */
  isInHandshake: boolean
  /** The first message says MEET: it does not know this node. */
  mustMeet: boolean
  hasNoFailover: boolean
  readonly createdMs: number
  /** When the ping was sent that is not answered yet; 0: none is. */
  pingSentMs: number
  pongReceivedMs: number
  /** When anything came from it. */
  heardMs: number
  /** When this node voted for a replica of it. */
  votedMs: number
  /** Of its replication stream, as it said last. */
  offset: number
  link: BusLink | null
  /** Which primaries said that they cannot reach it, and when. */
  readonly reports: Map<ClusterNode, number>
  /** What it said of others last, if all of it has been taken in. */
  heardGossip: readonly Gossip[] | null
}

export interface NodeAddress {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly busPort: number
}

export const newNode = (address: NodeAddress, createdMs: number): ClusterNode => ({
  ...address,
  isPrimary: true,
  primary: null,
  replicas: [],
  configEpoch: 0,
  slotCount: 0,
  isSuspected: false,
  hasFailed: false,
  failedMs: 0,
  isInHandshake: false,
  mustMeet: false,
  hasNoFailover: false,
  createdMs,
  pingSentMs: 0,
  pongReceivedMs: 0,
  heardMs: 0,
  votedMs: 0,
  offset: 0,
  link: null,
  reports: new Map(),
  heardGossip: null,
})

/** It is a replica of this one now. */
export function attachTo(node: ClusterNode, primary: ClusterNode): void {
  detach(node)
  node.isPrimary = false
  node.primary = primary
  primary.replicas.push(node)
}

/** It is a primary, or on its way to be one. */
export function makePrimary(node: ClusterNode): void {
  detach(node)
  node.isPrimary = true
}

/** It has no primary any more. */
export function detach(node: ClusterNode): void {
  const { primary } = node
  node.primary = null
  if (primary === null) return
  const at = primary.replicas.indexOf(node)
  if (at !== -1) primary.replicas.splice(at, 1)
}
