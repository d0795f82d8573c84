/**
 * Where an exhaustive hunt could let a fault strike, and how large what breaks locks is: just under, at, and over the
 * lease. Each fault says for which places it has something on its menu; `explore/menu.ts` goes from place to place.
 */

/** A machine at a moment, as a fault's menu needs it. */
export interface MenuPlace {
  /** The client or Redis node that the fault is to befall. */
  readonly process: string
  /** The Redis nodes that clients ask: of servers that replicate, the primary. */
  readonly nodes: readonly string[]
  /** The servers that follow it; none in a Cluster. */
  readonly replicas: readonly string[]
  /** The Sentinels that look after them. */
  readonly sentinels: readonly string[]
  /** Longer than it takes until a replica was promoted by itself, µs; 0: none is. */
  readonly promotedUs: number
  /** Of a primary of a Cluster: its replicas, and all other nodes. */
  readonly clusterReplicas: readonly string[]
  readonly clusterPeers: readonly string[]
  /** Sizes around the lease, µs: just under it, as long, longer, several leases. Only "longer" for the second fault of a pair. */
  readonly aroundLeaseUs: readonly number[]
  /** The same without the one that is as long as the lease. */
  readonly besideLeaseUs: readonly number[]
  /** Longer than the lease, µs. */
  readonly overLeaseUs: number
  /** Several leases, µs: what is looked at once a lease has been looked at more than once meanwhile. */
  readonly leasesUs: number
  /** It is said what servers have on their disks. */
  readonly hasDisk: boolean
  /** Another fault strikes before this one. */
  readonly isSecond: boolean
}

/** Which settings a hunt tries at a place. A place that is left out: the fault is not tried there. */
export interface Menu<Settings> {
  /** Each client, from the beginning of the world. */
  readonly clientAtStart?: (place: MenuPlace) => readonly Settings[]
  readonly nodeAtStart?: (place: MenuPlace) => readonly Settings[]
  /** A client that is about to send a message. */
  readonly clientAtSend?: (place: MenuPlace) => readonly Settings[]
  /** A client that is about to see a reply. */
  readonly clientAtReply?: (place: MenuPlace) => readonly Settings[]
  /** A Redis node at the moment at which a client is about to send a message. */
  readonly nodeAtSend?: (place: MenuPlace) => readonly Settings[]
}
