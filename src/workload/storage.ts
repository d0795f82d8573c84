/**
 * The protected resource: a storage machine of its own, reached over its own network links, that keeps one counter.
 *
 * It also runs the job of the scheduler workload, and remembers the highest tick that it ran: with `checkTick` it refuses
 * to run one again.
 *
 * It remembers the highest fencing token it has seen, in reads too: a reader that is about to write must not be
 * overtaken by an older holder's late write. With `checkFence` it refuses anything that carries a lower one.
 *
 * Source: Kleppmann 2016, "Making the lock safe with fencing".
 */
import { Channel } from '../client/channel.ts'
import type { Message } from '../net/connection.ts'
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import type { effect } from '../record/effect.ts'
import type { Written } from '../record/shape.ts'
import type { SimProcess } from '../sim/process.ts'

/** A request to the storage; `fence` null: the client's lock has none. */
export interface StorageRequest {
  readonly op: 'read' | 'write' | 'run'
  readonly token: string
  readonly fence: number | null
  /** For a write: the value. For the run of a job: the tick that it is for. */
  readonly value: number
}

/** `isAccepted` false: the fencing token was too old, or the tick was run before. */
export interface StorageReply {
  readonly isAccepted: boolean
  readonly value: number
}

/** What the storage refuses. */
export interface StorageOptions {
  /** A request whose fencing token is lower than one that it has seen. */
  readonly checkFence?: boolean
  /** A tick of a job that it has seen. */
  readonly checkTick?: boolean
}

/** The storage as a process of the world. */
export class Storage {
  readonly process: SimProcess
  readonly #checkFence: boolean
  readonly #checkTick: boolean
  #value = 0
  #tickMax = 0
  #fenceMax = 0

  constructor(
    process: SimProcess,
    network: Network,
    { port }: Address,
    { checkFence = false, checkTick = false }: StorageOptions,
  ) {
    this.process = process
    process.usesPromises = false
    this.#checkTick = checkTick
    this.#checkFence = checkFence
    network.listen(process, port, (endpoint) => ({
      onMessage: (message: Message) =>
        endpoint.send([this.#answer(endpoint.peer.process.name, message as StorageRequest)]),
      onClose: () => {},
    }))
  }

  #answer(client: string, request: StorageRequest): StorageReply {
    const { fence } = request
    const isAccepted =
      !(this.#checkFence && fence !== null && fence < this.#fenceMax) &&
      !(this.#checkTick && request.op === 'run' && request.value <= this.#tickMax)
    if (fence !== null && fence > this.#fenceMax) this.#fenceMax = fence
    if (isAccepted && request.op === 'write') this.#value = request.value
    if (isAccepted && request.op === 'run') this.#tickMax = Math.max(this.#tickMax, request.value)
    const type = isAccepted ? request.op : 'refused'
    const value = request.op === 'read' ? this.#value : request.value
    const told: Written<typeof effect> = [client, request.token, value, fence]
    this.process.world.record(this.process, 'effect', type, told)
    return { isAccepted, value: this.#value }
  }
}

const SAME = (reply: StorageReply): StorageReply => reply

/** A client's way to the storage. */
export class StorageClient {
  readonly #channel: Channel<StorageReply>

  constructor(process: SimProcess, network: Network, address: Address) {
    this.#channel = new Channel(process, network, address)
  }

  send(request: StorageRequest): Promise<StorageReply> {
    return this.#channel.request(request, SAME)
  }
}
