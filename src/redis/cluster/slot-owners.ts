/**
 * Whose each slot is, in as little memory as it takes: a world has this once for each node.
 */
import type { ClusterNode } from './cluster-node.ts'
import { SLOT_COUNT } from './slots.ts'

export class SlotOwners {
  /** Of the owner, the place in `#known` and one; 0: none. */
  readonly #places = new Uint16Array(SLOT_COUNT)
  readonly #known: ClusterNode[] = []

  of(slot: number): ClusterNode | null {
    const place = this.#places[slot] as number
    return place === 0 ? null : (this.#known[place - 1] as ClusterNode)
  }

  /** Gives the slots from `first` to `last` to a node, or to none. */
  give(first: number, last: number, node: ClusterNode | null): void {
    this.#places.fill(node === null ? 0 : this.#placeOf(node), first, last + 1)
  }

  #placeOf(node: ClusterNode): number {
    const at = this.#known.indexOf(node)
    return at === -1 ? this.#known.push(node) : at + 1
  }
}
