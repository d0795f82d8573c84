/**
 * An operator who moves a slot of a Cluster to another primary, in the commands of `redis-cli --cluster reshard`.
 *
 *   open     SETSLOT IMPORTING on the one, MIGRATING on the other
 *   keys     each key of the slot leaves the one for the other (MIGRATE), with what is left of its time to live
 *   closed   SETSLOT NODE on the new owner, the former one, all other primaries
 *
 * What fails, because a node is away or refuses it, is tried again until it is done: each try begins with what is there by then, so a
 * replica that was promoted meanwhile and knows nothing of it is told, too.
 *
 * Does not model  the time that a key is under way, in which a real primary serves no other client; keys that the new owner has already.
 *
 * Source: redis-cli.c (`clusterManagerMoveSlot`) of Redis 7.0; cluster.c (`migrateCommand`)
 */
import { keySlot } from '../../redis/cluster/slots.ts'
import { isError, type Reply } from '../../redis/reply.ts'
import type { World } from '../../sim/world.ts'
import { MIGRATION } from '../key-watch.ts'
import type { RedisNode } from '../redis-node.ts'
import type { Shard } from './shard.ts'

const STAGES = ['open', 'keys', 'closed'] as const
/** How far a slot is on its way. */
type SlotStage = (typeof STAGES)[number]

/** How long an operator waits before the next try. */
const RETRY_US = 100_000
/** So many keys of a slot are asked for at most. */
const KEYS_MAX = '1000'

/** The shards of a Cluster, and which of them has a slot. */
export interface SlotMap {
  readonly shards: readonly Shard[]
  shardOf(slot: number): Shard
  /** A slot is another shard's from now on. */
  moved(slot: number, to: Shard): void
  /** The keys of the slot are on either of both from now on. */
  opened(slot: number, to: Shard): void
  /** Whether what these two send each other arrives. */
  isConnected(one: RedisNode, other: RedisNode): boolean
}

export class SlotMove {
  readonly #world: World
  readonly #map: SlotMap
  readonly #slot: number
  readonly #to: Shard
  #goal = 0
  #isWaiting = false

  constructor(world: World, map: SlotMap, key: string, to: Shard) {
    this.#world = world
    this.#map = map
    this.#slot = keySlot(key)
    this.#to = to
  }

  /** As far as this, now or as soon as it can be done. */
  advance(stage: SlotStage): void {
    this.#goal = Math.max(this.#goal, STAGES.indexOf(stage))
    if (!this.#isWaiting) this.#try()
  }

  #try(): void {
    if (this.#reach(STAGES[this.#goal] as SlotStage)) return
    this.#isWaiting = true
    this.#world.schedule(this.#world.nowUs + RETRY_US, null, 'timer', () => {
      this.#isWaiting = false
      this.#try()
    })
  }

  /** Whether the slot is so far. */
  #reach(stage: SlotStage): boolean {
    const from = this.#map.shardOf(this.#slot)
    const to = this.#to
    if (from === to) return true
    const [source, target] = [from.primary, to.primary]
    if (!isUp(source) || !isUp(target)) return false
    const slot = String(this.#slot)
    const [sourceId, targetId] = [source, target].map((node) => String(ask(node, ['cluster', 'myid'])))
    this.#map.opened(this.#slot, to)
    const isOpen =
      isDone(target, ['cluster', 'setslot', slot, 'importing', sourceId as string]) &&
      isDone(source, ['cluster', 'setslot', slot, 'migrating', targetId as string])
    if (!isOpen || stage === 'open') return isOpen
    if (!this.#moveKeys(source, target)) return false
    if (stage === 'keys') return true
    const told = ['cluster', 'setslot', slot, 'node', targetId as string]
    if (!isDone(target, told)) return false
    this.#map.moved(this.#slot, to)
    // The others hear of it on the bus if they cannot be told.
    for (const { primary } of [from, ...this.#map.shards]) if (primary !== target && isUp(primary)) ask(primary, told)
    return true
  }

  #moveKeys(source: RedisNode, target: RedisNode): boolean {
    const names = ask(source, ['cluster', 'getkeysinslot', String(this.#slot), KEYS_MAX])
    if (!Array.isArray(names)) return false
    return names.every((name) => this.#map.isConnected(source, target) && moveKey(source, target, String(name)))
  }
}

const isUp = ({ process }: RedisNode): boolean => !process.isCrashed && !process.isPaused

/** What MIGRATE does: RESTORE on the one server, and the other one has it no longer. False: the one does not take it. */
function moveKey(source: RedisNode, target: RedisNode, key: string): boolean {
  const [payload, leftMs] = [ask(source, ['dump', key]), ask(source, ['pttl', key])]
  // Its time was up meanwhile.
  if (payload === null) return true
  if (typeof payload !== 'string' || typeof leftMs !== 'number') return false
  const ttl = leftMs === FOR_EVER ? 0 : Math.max(leftMs, 1)
  target.keys.expectFrom(source.keys, key)
  if (!isDone(target, ['restore-asking', key, String(ttl), payload])) return false
  source.act(() => source.server.suffer({ kind: 'evict', key }), MIGRATION)
  return true
}

const FOR_EVER = -1

const isDone = (node: RedisNode, args: readonly string[]): boolean => {
  const reply = ask(node, args)
  return reply !== undefined && !isError(reply)
}

/** What a node answers to an operator; undefined: nothing yet. */
function ask(node: RedisNode, args: readonly string[]): Reply | undefined {
  let reply: Reply | undefined
  node.act(() => {
    reply = node.server.cluster?.ask(args)
  }, MIGRATION)
  return reply
}
