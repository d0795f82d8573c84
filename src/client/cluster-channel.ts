/**
 * A Redis Cluster for the direct client: it asks a node who owns which slots, sends each command to the owner of its first key, and
 * follows MOVED and ASK, as every client of a Cluster does.
 *
 * Models          CLUSTER SLOTS when it connects, after a lost connection and after CLUSTERDOWN; WATCH and MULTI on the node of their keys; a connection of
 *                 its own for subscriptions.
 * Does not model  commands that are sent again after a lost connection or CLUSTERDOWN, and slots that are asked for from time to time: a
 *                 command that a hung node has waits for that node. Reads from replicas. Commands without keys go to the owner of slot 0.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 */
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import { keysOfCall } from '../redis/acl/key-access.ts'
import { SHARD_PUB_SUB } from '../redis/cluster/redirection.ts'
import { keySlot, type SlotRange } from '../redis/cluster/slots.ts'
import { isError, type Reply } from '../redis/reply.ts'
import type { SimProcess } from '../sim/process.ts'
import { Channel, ConnectionError } from './channel.ts'

/** How often a command follows MOVED and ASK, as in ioredis. */
const REDIRECTIONS_MAX = 16
/** How long a node may take to say who owns the slots before another one is asked, as in ioredis. */
const SLOTS_US_MAX = 1_000_000

type Convert<Result> = (reply: Reply) => Result

interface Owner {
  readonly range: SlotRange
  readonly address: Address
}

export class ClusterChannel {
  readonly #process: SimProcess
  readonly #network: Network
  readonly #seeds: readonly Address[]
  readonly #channels = new Map<string, Channel<Reply>>()
  /** Null: to be asked for. */
  #owners: readonly Owner[] | null = null
  /** What MOVED has said since. */
  readonly #moved = new Map<number, Address>()
  #finding: Promise<void> | null = null
  /** Sends MULTI when it is known where the transaction's keys are. */
  #begin: ((channel: Channel<Reply>) => void) | null = null
  /** Where a transaction is, or keys are watched for one. */
  #transaction: Channel<Reply> | null = null
  #watching: Channel<Reply> | null = null
  #subscriber: Channel<Reply> | null = null
  /** How many nodes have been asked who owns the slots. */
  #turn = 0
  #isClosed = false
  onPush: ((reply: Reply) => boolean) | null = null
  onLost: (() => void) | null = null

  constructor(process: SimProcess, network: Network, seeds: readonly Address[]) {
    this.#process = process
    this.#network = network
    this.#seeds = seeds
  }

  /** Finds out who owns the slots. */
  open(): Promise<void> {
    if (this.#owners !== null) return Promise.resolve()
    this.#finding ??= this.#find().finally(() => {
      this.#finding = null
    })
    return this.#finding
  }

  async request<Result>(args: readonly string[], convert: Convert<Result>, answers = 1): Promise<Result> {
    if (this.#owners === null) await this.open()
    const name = args[0]!.toLowerCase()
    if (SUBSCRIPTIONS.has(name)) return this.#subscriptions().request(args, convert, answers)
    if (name === 'multi' && this.#watching === null) {
      return new Promise((resolve, reject) => {
        this.#begin = (channel) => channel.request(args, convert).then(resolve, reject)
      })
    }
    const slot = slotOf(name, args)
    const channel = this.#channelFor(name, slot)
    if (SHARD_PUB_SUB.has(name)) {
      channel.onPush = this.onPush
      channel.onLost = this.onLost
    }
    if (this.#transaction !== null || name === 'multi') return this.#inTransaction(name, args, convert, channel)
    if (name === 'watch') this.#watching = channel
    if (name === 'unwatch') this.#watching = null
    return convert(await this.#follow(args, channel, answers))
  }

  close(): void {
    this.#isClosed = true
    for (const channel of this.#channels.values()) channel.close()
    this.#subscriber?.close()
  }

  #channelFor(name: string, slot: number | null): Channel<Reply> {
    const tied = this.#transaction ?? (name === 'multi' || name === 'unwatch' ? this.#watching : null)
    const channel = tied ?? this.#channelTo(this.#ownerOf(slot ?? 0))
    const begin = this.#begin
    if (begin !== null) {
      this.#begin = null
      this.#transaction = channel
      begin(channel)
    }
    return channel
  }

  /** What is queued cannot be sent elsewhere: a redirection aborts the transaction. */
  #inTransaction<Result>(
    name: string,
    args: readonly string[],
    convert: Convert<Result>,
    channel: Channel<Reply>,
  ): Promise<Result> {
    this.#transaction = name === 'exec' || name === 'discard' ? null : channel
    if (this.#transaction === null) this.#watching = null
    return this.#ask(channel, args, 1).then((reply) => {
      this.#noteMove(reply)
      return convert(reply)
    })
  }

  /** The answer of the node that has the keys. */
  async #follow(args: readonly string[], first: Channel<Reply>, answers: number): Promise<Reply> {
    let channel = first
    for (let redirections = 0; ; redirections += 1) {
      const reply = await this.#ask(channel, args, answers)
      if (isError(reply) && reply.text.startsWith('CLUSTERDOWN')) this.#owners = null
      const redirection = redirectionIn(reply)
      if (redirection === null || redirections === REDIRECTIONS_MAX) return reply
      this.#noteMove(reply)
      channel = this.#channelTo(redirection.address)
      if (redirection.isAsk)
        void channel.request(['asking'], () => null).catch(() => 'the command behind it fails, too')
    }
  }

  #ask(channel: Channel<Reply>, args: readonly string[], answers: number): Promise<Reply> {
    return channel
      .request(args, (reply) => reply, answers)
      .catch((error: unknown) => {
        // A failover may be why: the next command asks again who owns what.
        this.#owners = null
        this.#watching = null
        this.#transaction = null
        throw error
      })
  }

  #noteMove(reply: Reply): void {
    const redirection = redirectionIn(reply)
    if (redirection !== null && !redirection.isAsk) this.#moved.set(redirection.slot, redirection.address)
  }

  #ownerOf(slot: number): Address {
    const moved = this.#moved.get(slot)
    if (moved !== undefined) return moved
    const owner = this.#owners?.find(({ range: [first, last] }) => first <= slot && slot <= last)
    // Of a slot that no node serves, any node says so.
    return owner?.address ?? this.#owners?.[0]?.address ?? this.#seeds[0]!
  }

  #channelTo(address: Address): Channel<Reply> {
    const name = `${address.host}:${address.port}`
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel = new Channel<Reply>(this.#process, this.#network, address)
    this.#channels.set(name, channel)
    return channel
  }

  #subscriptions(): Channel<Reply> {
    this.#subscriber ??= new Channel<Reply>(this.#process, this.#network, this.#ownerOf(0))
    this.#subscriber.onPush = this.onPush
    this.#subscriber.onLost = () => {
      this.#subscriber = null
      this.onLost?.()
    }
    return this.#subscriber
  }

  /** Asks one node after the other, and begins with another one each time: one that is cut off names itself. */
  async #find(): Promise<void> {
    for (let asked = 0; asked < this.#seeds.length && !this.#isClosed; asked += 1) {
      try {
        const seed = this.#seeds[this.#turn++ % this.#seeds.length]!
        this.#owners = await this.#slotsSaidBy(seed)
        this.#moved.clear()
        return
      } catch {
        // This one is away: the next one may not be.
      }
    }
    throw new ConnectionError('no node of the Cluster answers', true)
  }

  async #slotsSaidBy(seed: Address): Promise<readonly Owner[]> {
    const channel = new Channel<Reply>(this.#process, this.#network, seed)
    const timer = this.#process.setTimer(SLOTS_US_MAX, () => channel.close())
    try {
      return await channel.request(['cluster', 'slots'], ownersIn)
    } finally {
      timer.cancel()
      channel.close()
    }
  }
}

const SUBSCRIPTIONS: ReadonlySet<string> = new Set(['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'])

/** The slot of a command's first key or shard channel; null: it has none. */
function slotOf(name: string, args: readonly string[]): number | null {
  const at = SHARD_PUB_SUB.has(name) ? 1 : keysOfCall(name, args)?.[0]?.at
  const key = at === undefined ? undefined : args[at]
  return key === undefined ? null : keySlot(key)
}

function ownersIn(reply: Reply): readonly Owner[] {
  if (isError(reply)) throw new Error(reply.text)
  return (reply as readonly Reply[]).map((entry) => {
    const [first, last, primary] = entry as readonly [number, number, readonly [string, number]]
    const [host, port] = primary
    return { range: [Number(first), Number(last)], address: { host, port: Number(port) } }
  })
}

interface Redirection {
  readonly isAsk: boolean
  readonly slot: number
  readonly address: Address
}

const REDIRECTION = /^(MOVED|ASK) (\d+) (.+):(\d+)$/

function redirectionIn(reply: Reply): Redirection | null {
  const match = isError(reply) ? REDIRECTION.exec(reply.text) : null
  if (match === null) return null
  const [, how, slot, host, port] = match
  return { isAsk: how === 'ASK', slot: Number(slot), address: { host: host!, port: Number(port) } }
}
