/**
 * Whose each slot is as one node sees it, and which are leaving or coming.
 *
 * Who claims a slot with the higher config epoch has it.
 *
 * Source: cluster.c (`clusterUpdateSlotsConfigWith`, `delKeysInSlot`) of Redis 7.0
 */
import type { Cluster } from './cluster.ts'
import type { ClusterNode } from './cluster-node.ts'
import { SlotOwners } from './slot-owners.ts'
import { keySlot, SLOT_COUNT, type SlotRange, slotsIn } from './slots.ts'

export class SlotTable {
  /** By slot. */
  readonly owners = new SlotOwners()
  /** Slots that are leaving for another node, or coming from one. */
  readonly migrating = new Map<number, ClusterNode>()
  readonly importing = new Map<number, ClusterNode>()
  readonly #cluster: Cluster
  /** What each node has as ranges, until something changes. */
  #ranges: Map<ClusterNode, SlotRange[]> | null = null

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** As the configuration file says. */
  remember(node: ClusterNode, slots: readonly SlotRange[]): void {
    for (const [first, last] of slots) {
      this.owners.give(first, last, node)
      node.slotCount += last - first + 1
    }
  }

  rangesOf(node: ClusterNode): readonly SlotRange[] {
    this.#ranges ??= this.#allRanges()
    return this.#ranges.get(node) ?? NO_RANGES
  }

  #allRanges(): Map<ClusterNode, SlotRange[]> {
    const ranges = new Map<ClusterNode, SlotRange[]>()
    for (let first = 0; first < SLOT_COUNT; ) {
      const owner = this.owners.of(first)
      let last = first
      while (last + 1 < SLOT_COUNT && this.owners.of(last + 1) === owner) last += 1
      if (owner !== null) {
        const known = ranges.get(owner)
        if (known === undefined) ranges.set(owner, [[first, last]])
        else known.push([first, last])
      }
      first = last + 1
    }
    return ranges
  }

  /** Gives a slot to a node, or to none. */
  give(slot: number, node: ClusterNode | null): void {
    const before = this.owners.of(slot)
    if (before === node) return
    if (before !== null) before.slotCount -= 1
    this.owners.give(slot, slot, node)
    if (node !== null) node.slotCount += 1
    this.#ranges = null
    // Who listens to a channel of this slot here must listen elsewhere.
    if (before === this.#cluster.myPrimary)
      this.#cluster.server.pubSub.dropShardChannels((channel) => keySlot(channel) === slot)
  }

  /** The keys of a slot, at the present time of the running command. */
  keysIn(slot: number): readonly string[] {
    const keys = this.#cluster.server.database(0)
    return [...keys.entries()].map(([key]) => key).filter((key) => keySlot(key) === slot)
  }

  /** A node says that these slots are its own. */
  takeClaim(claimant: ClusterNode, epoch: number, claimed: readonly SlotRange[]): void {
    const { me, myPrimary } = this.#cluster
    if (claimant === me) return
    const lost: number[] = []
    let isLosing = false
    for (const slot of slotsIn(claimed)) {
      const owner = this.owners.of(slot)
      if (owner === claimant || this.importing.has(slot)) continue
      if (owner !== null && owner.configEpoch >= epoch) continue
      if (owner === me) lost.push(slot)
      if (owner === myPrimary) isLosing = true
      this.migrating.delete(slot)
      this.give(slot, claimant)
      this.#cluster.mustUpdate = true
    }
    if (isLosing && myPrimary.slotCount === 0) this.#cluster.follow(claimant)
    else if (lost.length > 0) this.#dropKeysOf(new Set(lost))
  }

  /** What it still has of slots that another node has won. */
  #dropKeysOf(slots: ReadonlySet<number>): void {
    const keys = this.#cluster.server.database(0)
    for (const [key] of [...keys.entries()]) {
      if (!slots.has(keySlot(key))) continue
      keys.remove(key)
      this.#cluster.server.replication?.removed(keys, key)
    }
  }

  /** No slot leaves or comes any more. */
  endMigrations(): void {
    this.migrating.clear()
    this.importing.clear()
  }

  /** A node is forgotten. */
  forget(node: ClusterNode): void {
    for (const slot of slotsIn()) if (this.owners.of(slot) === node) this.give(slot, null)
    for (const [slot, other] of [...this.migrating]) if (other === node) this.migrating.delete(slot)
    for (const [slot, other] of [...this.importing]) if (other === node) this.importing.delete(slot)
  }
}

const NO_RANGES: readonly SlotRange[] = []
