/**
 * Requests and replies over one connection of objects: what the direct client and the storage client are made of.
 *
 * The connection opens with the first request; replies are matched in order. When it is lost, every request that
 * was sent is rejected as "it may have been applied" and the next request opens a new connection.
 * Nothing is ever sent twice.
 */
import type { Endpoint, EndpointHandler, Message } from '../net/connection.ts'
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'

/** A connection was lost or could not be made. `definite` false: the request may have been applied. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: string
  readonly definite: boolean

  constructor(code: string, definite: boolean) {
    super(
      definite ? `connect ${code}` : `connection lost (${code}) before the reply: the request may have been applied`,
    )
    this.code = code
    this.definite = definite
  }
}

interface Pending<Reply> {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  readonly convert: (reply: Reply) => unknown
  /** How many more replies belong to this request; the last one counts. */
  missing: number
}

/** Finds out where to connect to, before each connection; rejects with a `ConnectionError` when nobody knows. */
export type FindAddress = () => Promise<Address>

export class Channel<Reply> implements EndpointHandler {
  readonly #process: SimProcess
  readonly #network: Network
  readonly #address: Address | FindAddress
  #isSearching = false
  #endpoint: Endpoint | null = null
  #isOpen = false
  #unsent: object[] = []
  #pending: Pending<Reply>[] = []
  /** Sees each reply first; true: it was a push, no request is waiting for it. */
  onPush: ((reply: Reply) => boolean) | null = null
  /** The connection ended; pending requests have been rejected. */
  onLost: (() => void) | null = null

  constructor(process: SimProcess, network: Network, address: Address | FindAddress) {
    this.#process = process
    this.#network = network
    this.#address = address
  }

  /**
   * Sends one request; resolves with what `convert` makes of the reply, or rejects with what it throws. A request may be
   * answered by several replies: SUBSCRIBE is, one for each channel.
   */
  request<Result>(message: object, convert: (reply: Reply) => Result, missing = 1): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve: resolve as (result: unknown) => void, reject, convert, missing })
      if (this.#isOpen) (this.#endpoint as Endpoint).send(message)
      else this.#unsent.push(message)
      if (this.#endpoint === null) this.#connect()
    })
  }

  /** Opens the connection without a request. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening.push({ resolve, reject })
      if (this.#endpoint === null) this.#connect()
      if (this.#isOpen) this.#settleOpening(null)
    })
  }

  #connect(): void {
    if (typeof this.#address === 'function') this.#search(this.#address)
    else this.#connectTo(this.#address)
  }

  #connectTo(address: Address): void {
    this.#endpoint = this.#network.connect(this.#process, address, 'messages', this)
  }

  #search(find: FindAddress): void {
    if (this.#isSearching) return
    this.#isSearching = true
    find().then(
      (address) => {
        this.#isSearching = false
        // It may have been closed meanwhile.
        if (this.#pending.length > 0 || this.#opening.length > 0) this.#connectTo(address)
      },
      (error: ConnectionError) => {
        this.#isSearching = false
        this.#lose(error.code)
      },
    )
  }

  readonly #opening: { resolve(): void; reject(error: ConnectionError): void }[] = []

  #settleOpening(error: ConnectionError | null): void {
    for (const waiter of this.#opening.splice(0)) {
      if (error === null) waiter.resolve()
      else waiter.reject(error)
    }
  }

  /** Closes the connection; what waits for a reply is rejected. */
  close(): void {
    this.#endpoint?.close()
    this.#lose('CLOSED')
  }

  onOpen(): void {
    this.#isOpen = true
    this.#settleOpening(null)
    const unsent = this.#unsent
    this.#unsent = []
    for (const message of unsent) (this.#endpoint as Endpoint).send(message)
  }

  onMessage(message: Message): void {
    for (const reply of message as unknown as readonly Reply[]) {
      if (this.onPush?.(reply)) continue
      const request = this.#pending[0]
      if (request === undefined) continue
      request.missing -= 1
      if (request.missing > 0) continue
      this.#pending.shift()
      try {
        request.resolve(request.convert(reply))
      } catch (error) {
        request.reject(error)
      }
    }
  }

  onClose(error: string | null): void {
    this.#lose(error ?? 'ECONNRESET')
  }

  #lose(code: string): void {
    // A request that was never written is certainly not applied.
    const firstUnsent = this.#pending.length - this.#unsent.length
    const pending = this.#pending
    this.#endpoint = null
    this.#isOpen = false
    this.#unsent = []
    this.#pending = []
    this.#settleOpening(new ConnectionError(code, true))
    pending.forEach((request, index) => {
      request.reject(new ConnectionError(code, index >= firstUnsent))
    })
    this.onLost?.()
  }
}
