/**
 * A TCP-like connection: a handshake, then two reliable FIFO directions, then a close or a reset.
 *
 * Models          latency per direction; a blocked link holds what was sent; a reset loses whatever is in flight;
 *                 a close is seen by the peer after everything sent before it.
 * Does not model  windows, segments, retransmission timers: bytes never vanish from the middle of a stream, because
 *                 no network does that.
 *
 * A message is one write of the sender: a string of bytes, or a command or reply as an object for the direct client.
 *
 * Invariants
 * - Arrivals in one direction never overtake each other.
 * - After `onClose` an end is told nothing more.
 */
import { assert } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import type { Link } from './link.ts'
import type { Network } from './network.ts'

/** What one write carries: bytes (latin-1), or an object for the direct client. */
export type Message = string | object

/** How an end of a connection learns what happens. All calls are turns of its own process. */
export interface EndpointHandler {
  onOpen?(): void
  onMessage(message: Message): void
  /** `error` null: the peer closed in order; else a code such as `ECONNRESET`. */
  onClose(error: string | null): void
}

/** What an end of a connection looks like to the process that owns it. */
export class Endpoint {
  readonly process: SimProcess
  readonly link: Link
  readonly network: Network
  /** The process's life this end belongs to. */
  readonly incarnation: number
  handler: EndpointHandler | null = null
  peer!: Endpoint
  isOpen = false
  /** Closed by us, by the peer, or by a reset: nothing is delivered any more. */
  isClosed = false
  /** `client`: the end that connected; its messages are requests and the peer's are replies. */
  readonly role: 'client' | 'server'
  /** What the client speaks: bytes (RESP) or messages (direct client). */
  readonly mode: 'bytes' | 'messages'
  #lastArrivalUs = 0
  /** Messages that wait for a blocked link; while there are any, later ones queue behind them. */
  #held: (() => void)[] | null = null

  constructor(
    network: Network,
    process: SimProcess,
    link: Link,
    role: 'client' | 'server',
    mode: 'bytes' | 'messages',
  ) {
    this.network = network
    this.process = process
    this.link = link
    this.role = role
    this.mode = mode
    this.incarnation = process.incarnation
  }

  /** Sends one message; silently nothing when this end is closed (the socket above reports that). */
  send(message: Message): void {
    if (this.isClosed || this.process.isCrashed) return
    const delayUs = this.network.hooks.beforeSend(this)
    if (delayUs === CUT) {
      this.network.onTransmit?.(this, message, this.process.world.nowUs, null)
      this.network.reset(this)
      return
    }
    // The hook may have crashed or paused the sender: bytes then never leave, or leave after the pause.
    if (this.isClosed || this.process.isCrashed) return
    const leaveUs = this.process.localNowUs
    const { world } = this.process
    if (leaveUs > world.nowUs) world.schedule(leaveUs, null, 'io', () => this.#transmit(message, delayUs, leaveUs))
    else this.#transmit(message, delayUs, leaveUs)
  }

  /** Closes in order: the peer sees it after everything that was sent before. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    const { peer } = this
    this.#arrive(0, () => {
      if (peer.isClosed) return
      peer.isClosed = true
      this.network.forget(peer)
      peer.tell((handler) => handler.onClose(null))
    })
    this.network.forget(this)
  }

  /** Runs a handler call as a turn of this end's process. */
  tell(call: (handler: EndpointHandler) => void): void {
    const { process } = this
    if (process.incarnation !== this.incarnation) return
    process.world.schedule(process.world.nowUs, process, 'io', () => {
      if (this.handler !== null) call(this.handler)
    })
  }

  #transmit(message: Message, delayUs: number, sentUs: number): void {
    const { peer } = this
    if (this.isClosed && !peer.isOpen) return
    const arrivalUs = this.#arrivalUs(delayUs)
    if (arrivalUs === null) {
      this.#hold(() => this.#transmit(message, delayUs, sentUs))
      return
    }
    this.network.onTransmit?.(this, message, sentUs, arrivalUs)
    const { process } = peer
    if (process.incarnation !== peer.incarnation) {
      // The other machine started anew and knows nothing of this connection: its kernel answers with a reset.
      process.world.schedule(arrivalUs, null, 'io', () => this.network.reset(this))
      return
    }
    process.world.schedule(arrivalUs, process, 'io', () => {
      if (peer.isClosed || peer.handler === null) return
      if (this.network.hooks.beforeDelivery(peer)) peer.handler.onMessage(message)
      else process.world.defer(process, () => peer.handler?.onMessage(message))
    })
  }

  /** Runs a world event when what was sent last has arrived and the latency has passed. */
  #arrive(delayUs: number, task: () => void): void {
    const arrivalUs = this.#arrivalUs(delayUs)
    if (arrivalUs === null) this.#hold(() => this.#arrive(delayUs, task))
    else this.process.world.schedule(arrivalUs, null, 'io', task)
  }

  /** When something sent now arrives; null while the link is blocked. */
  #arrivalUs(delayUs: number): number | null {
    if (this.link.isBlocked || this.#held !== null) return null
    const { nowUs } = this.process.world
    this.#lastArrivalUs = Math.max(this.#lastArrivalUs, nowUs + this.link.drawUs() + delayUs)
    return this.#lastArrivalUs
  }

  #hold(resume: () => void): void {
    if (this.#held !== null) {
      this.#held.push(resume)
      return
    }
    assert(this.link.isBlocked, 'only a blocked link holds messages')
    const held = [resume]
    this.#held = held
    this.link.whenOpen(() => {
      this.#held = null
      for (const next of held) next()
    })
  }
}

/** What a `beforeSend` hook answers to cut the connection instead of sending. */
export const CUT = -1
