/**
 * A TCP-like connection: a handshake, then two reliable FIFO directions, then a close or a reset.
 *
 * Models          latency per direction; a blocked link holds what was sent; a reset loses everything in flight, but
 *                 not what had arrived and was still unread; an end (FIN) is seen by the peer after everything sent
 *                 before it, and answered by an end; what a killed process had sent still arrives.
 * Does not model  windows, segments, retransmission timers: bytes never vanish from the middle of a stream, because
 *                 no network does that; the reset that replaces the end when a killed process had unread data.
 *
 * A message is one write of the sender: a string of bytes, or a command or reply as an object for the direct client.
 *
 * Invariants
 * - Arrivals in one direction never overtake each other.
 * - After `onClose` an end is told nothing more.
 *
 * Source: RFC 9293; `test/net/sockets-in-node.test.ts` holds it against real sockets.
 */
import { assert } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import { type Fate, PASS } from './fate.ts'
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

/** A message on its way, or held up at its destination. */
interface Arrival {
  readonly message: Message
  readonly atUs: number
  /** A fault has struck just before it; it does not strike again. */
  isDue: boolean
}

/** What an end of a connection looks like to the process that owns it. */
export class Endpoint {
  readonly process: SimProcess
  readonly link: Link
  readonly network: Network
  /** The process's life this end belongs to. */
  readonly incarnation: number
  handler: EndpointHandler | null = null
  /** Unset until the other machine has heard of the connection. */
  peer!: Endpoint
  /** Nothing is sent or delivered any more: closed by us, after the peer's end, or by a reset. */
  isClosed = false
  /** `client`: the end that connected; its messages are requests and the peer's are replies. */
  readonly role: 'client' | 'server'
  /** What the client speaks: bytes (RESP) or messages (direct client). */
  readonly mode: 'bytes' | 'messages'
  /** Nothing more will be sent; and: the peer's machine has been told so. */
  #isFinished = false
  #hasSentEnd = false
  /** Of a client: asks for the connection again, while the server has not answered. */
  knock: (() => void) | null = null
  /** When a reset came; what had arrived by then can still be read. */
  #lostAtUs: number | null = null
  #lastArrivalUs = 0
  /** What is on its way here: arrivals in one direction never overtake each other, so each is the first when it comes. */
  readonly #incoming: Arrival[] = []
  readonly #onArrival = (): void => this.#receive(this.#incoming.shift() as Arrival)
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

  /** When what was sent last arrives, or arrived. */
  get lastArrivalUs(): number {
    return this.#lastArrivalUs
  }

  /** The life of the process that this end belongs to is over. */
  #isGone(): boolean {
    return this.process.isCrashed || this.process.incarnation !== this.incarnation
  }

  /** Sends one message; silently nothing when this end is closed (the socket above reports that). */
  send(message: Message): void {
    if (this.isClosed || this.#isFinished || this.#isGone()) return
    const fate = this.network.hooks.beforeSend(this)
    // The hook may have crashed or paused the sender: bytes then never leave, or leave after the pause.
    if (this.isClosed || this.#isGone()) return
    // What `leave` does, without a function for each message.
    const { world, localNowUs: leaveUs } = this.process
    if (leaveUs === world.nowUs) this.#depart(message, fate, leaveUs)
    else this.leave((laterUs) => this.#depart(message, fate, laterUs))
  }

  #depart(message: Message, fate: Fate, leaveUs: number): void {
    if (fate === PASS) this.#transmit(message, 0, leaveUs)
    else if (fate.kind === 'late') this.#transmit(message, fate.byUs, leaveUs)
    else {
      this.network.onTransmit?.(this, message, leaveUs, null)
      this.network.reset(this)
    }
  }

  /** Sends the end: the peer sees it after everything that was sent before. This end can still hear the peer. */
  finish(): void {
    if (this.isClosed || this.#isFinished || this.#isGone()) return
    this.#isFinished = true
    this.leave(() => this.#sendEnd())
  }

  /** Sends the end and hears nothing any more. */
  close(): void {
    this.#lostAtUs = null
    if (this.isClosed || this.#isGone()) return
    this.isClosed = true
    this.#isFinished = true
    this.leave(() => {
      this.network.forget(this)
      this.#sendEnd()
    })
  }

  /** The process was killed: its kernel sends the end. Nothing that arrives is heard any more. */
  abandon(): void {
    this.network.forget(this)
    this.isClosed = true
    this.#sendEnd()
    if (this.#held !== null) this.network.linger(this)
  }

  /** A reset, or a refusal: this end is told at once, but first reads what had arrived. */
  lose(code: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#lostAtUs = this.process.world.nowUs
    if (this.role === 'client' && this.peer !== undefined) {
      this.process.lostUs = this.#lostAtUs
      const { name } = this.peer.process
      if (!this.process.unheard.includes(name)) this.process.unheard.push(name)
    }
    this.network.forget(this)
    this.#tell((handler) => handler.onClose(code))
  }

  /** Accepts the peer's handshake: it hears of it before anything else that is sent from here. */
  accept(): void {
    const { peer } = this
    this.arrive(() => {
      if (peer.isClosed || peer.peer !== this || peer.process.incarnation !== peer.incarnation) return
      peer.knock = null
      peer.handler?.onOpen?.()
    }, peer.process)
  }

  /** Does something that leaves the process: at once, or when the pause ends that split its turn. */
  leave(task: (leaveUs: number) => void): void {
    const { process } = this
    const { world, localNowUs: leaveUs } = process
    if (leaveUs === world.nowUs) {
      task(leaveUs)
      return
    }
    world.schedule(leaveUs, null, 'io', () => {
      // A process that ended during the pause never came to do it; one that ended after it did.
      const isTooLate = process.incarnation !== this.incarnation || (process.isCrashed && process.crashedAtUs < leaveUs)
      if (!isTooLate) task(leaveUs)
    })
  }

  /** Runs a task at the peer's machine, when everything that was sent before has arrived: its kernel's, or a turn of a process. */
  arrive(task: () => void, process: SimProcess | null = null): void {
    if (this.process.hasLostPower(this.incarnation)) return
    const arrivalUs = this.#arrivalUs(0)
    if (arrivalUs === null) this.#hold(() => this.arrive(task, process))
    else this.process.world.schedule(arrivalUs, process, 'io', task)
  }

  #sendEnd(): void {
    const { peer } = this
    if (this.#hasSentEnd || this.#lostAtUs !== null) return
    this.#hasSentEnd = true
    // The other machine may not have heard of the connection yet.
    if (peer !== undefined) this.arrive(() => peer.#hearEnd())
  }

  #hearEnd(): void {
    this.#tell((handler) => {
      if (this.isClosed) return
      handler.onClose(null)
      this.close()
    })
  }

  /** Runs a handler call as a turn of this end's process. */
  #tell(call: (handler: EndpointHandler) => void): void {
    const { process } = this
    if (process.incarnation !== this.incarnation) return
    process.world.schedule(process.world.nowUs, process, 'io', () => {
      if (this.handler !== null) call(this.handler)
    })
  }

  #transmit(message: Message, delayUs: number, sentUs: number): void {
    // What a killed process sent is in the hands of its kernel; without power that is gone too.
    if (this.#lostAtUs !== null || this.process.hasLostPower(this.incarnation)) return
    const arrivalUs = this.#arrivalUs(delayUs)
    if (arrivalUs === null) {
      this.#hold(() => this.#transmit(message, delayUs, sentUs))
      return
    }
    const { peer } = this
    this.network.onTransmit?.(this, message, sentUs, arrivalUs)
    const { process } = peer
    if (process.incarnation !== peer.incarnation) {
      // The other machine started anew and knows nothing of this connection: its kernel answers with a reset.
      process.world.schedule(arrivalUs, null, 'io', () => this.network.reset(this))
      return
    }
    peer.#incoming.push({ message, atUs: arrivalUs, isDue: false })
    const { arrivalOrder } = this.network
    if (arrivalOrder !== null && peer.role === 'server') arrivalOrder.arrive(process, arrivalUs, peer, peer.#onArrival)
    else process.world.schedule(arrivalUs, process, 'io', peer.#onArrival)
  }

  #receive(arrival: Arrival): void {
    if (!this.#canRead(arrival)) return
    if (arrival.isDue || this.network.hooks.beforeDelivery(this) === 'now') {
      const { process } = this
      if (process.unheard.length > 0) hear(process, this.peer.process.name)
      this.handler?.onMessage(arrival.message)
      return
    }
    // The process was stopped just before it: it is the first to be read when it goes on, before what came with it.
    arrival.isDue = true
    this.#incoming.unshift(arrival)
    this.process.world.defer(this.process, this.#onArrival)
  }

  #canRead({ atUs }: Arrival): boolean {
    return !this.isClosed || (this.#lostAtUs !== null && atUs <= this.#lostAtUs)
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

/** A process hears from one whose connection it had lost. */
function hear(process: SimProcess, name: string): void {
  const at = process.unheard.indexOf(name)
  if (at < 0) return
  process.unheard.splice(at, 1)
  if (process.unheard.length === 0) process.heardAgainUs = process.world.nowUs
}
