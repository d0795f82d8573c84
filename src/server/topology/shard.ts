/**
 * Servers that hold one set of keys: a primary and its replicas, as the world knows them.
 *
 *   redis-1  |---- the truth ----|-- takes writes of clients that have not moved: they count for nothing --|-- a copy --
 *   redis-2  |------ a copy -----|------------------------------ the truth ------------------------------------------
 *                                ^ redis-2 is promoted
 *
 * The truth is what the server holds that was promoted last. What it had not got by then is lost at that moment (`failover`), whatever the
 * other one still answers. See docs/adr/0015-two-primaries.md.
 */
import type { RedisNode } from '../redis-node.ts'

/** How many states of a key it is remembered whose they were: more never are under way. */
const REMEMBERED_MAX = 64

export class Shard {
  readonly nodes: RedisNode[] = []
  /** Called when another node is the primary now. */
  onPromoted: ((node: RedisNode, before: RedisNode) => void) | null = null
  #primary: RedisNode | null = null
  readonly #owners = new Map<string, { readonly text: string | null; readonly owner: string }[]>()

  /** The first one is the primary. */
  add(node: RedisNode): void {
    this.nodes.push(node)
    this.#primary ??= node
    node.keys.shard = this
    const { replication } = node.server
    if (replication === undefined) return
    replication.onPromoted = () => this.#promoted(node)
    replication.onDemoted = () => {
      const { world } = node.process
      world.record(node.process, 'note', 'demoted', this.primary.process.name)
    }
  }

  get primary(): RedisNode {
    return this.#primary as RedisNode
  }

  /** Whether what this node holds is the truth. */
  isPrimary(name: string): boolean {
    return this.primary.process.name === name
  }

  isServer(name: string): boolean {
    return this.nodes.some(({ process }) => process.name === name)
  }

  #promoted(node: RedisNode): void {
    const before = this.primary
    if (node === before) return
    this.#primary = node
    node.process.world.record(node.process, 'note', 'promoted', before.process.name)
    node.keys.takeOver(before.keys)
    this.onPromoted?.(node, before)
  }

  /** A client put this text there. */
  remember(key: string, text: string | null, owner: string): void {
    const known = this.#owners.get(key) ?? []
    if (known.length === 0) this.#owners.set(key, known)
    known.push({ text, owner })
    if (known.length > REMEMBERED_MAX) known.shift()
  }

  /** Who put this text there last, on whichever server; null: no client did. */
  ownerOf(key: string, text: string | null): string | null {
    return this.#owners.get(key)?.findLast((each) => each.text === text)?.owner ?? null
  }
}
