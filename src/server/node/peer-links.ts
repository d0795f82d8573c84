/**
 * The connections between one real server and others, which lead through the network of the world.
 *
 *   connect("redis-1", 6379)  ──►  one of the spare connections, "redis-1 6379\n" first  ──►  `dial` of the world
 *   a node of a cluster connects to its bus  ──►  `accept`  ──►  its socket in place of the port of the bus
 *
 * A world cannot listen, because it never waits. So it keeps connections ready on a socket of the preload library (`preload-source.ts`), and the
 * server's `connect` takes one of them. To the server it is open at once; what it says before the world's connection is open is held here.
 * One to a bus is full until then, so that it is not open to the server either.
 *
 * Does not model  the time that a handshake takes, to a replica that connects: it only hears nothing before. A connection that is
 *                 refused is one that opens and closes.
 *
 * Invariant: the order of connections is that in which the server opened them.
 */
import type { Address } from '../../net/names.ts'
import type { BusDial, BusHandler, BusSocket } from '../../redis/cluster/bus.ts'
import type { Dial, PeerHandler, PeerSocket } from '../../redis/replication/primary-link.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { RequestParser } from '../../redis/resp/request-parser.ts'
import { BusFrames } from './bus-frames.ts'
import type { SyncSocket } from './sync-socket.ts'

/** More than a server opens before it is looked at again: a Sentinel has two to each server. */
const SPARE_COUNT = 16
/** Of what a server says on a connection that it opens, so much says where that leads at most. */
const ADDRESS_BYTES = 256
/** Where the fault `read-only` has a server look for a primary that is not there. */
export const NOWHERE = '127.0.0.1'

export interface PeerLinksOptions {
  /** One more spare connection; null: no server listens. */
  readonly openSpare: () => SyncSocket | null
  readonly dial: Dial
  /** The bus of its cluster; missing: it is in none. */
  readonly bus?: BusOptions
}

export interface BusOptions {
  /** Where it and the others listen. */
  readonly port: number
  readonly dial: BusDial<unknown>
  /** A connection to its own; null: it does not listen. */
  readonly open: () => SyncSocket | null
}

/** What the bridge does with what comes from others. */
export interface PeerLinksHost {
  /** Bytes for the server. */
  hearPeer(link: PeerLink, bytes: string): void
  /** The other end is gone. */
  losePeer(link: PeerLink): void
}

/** One connection to another server. */
export class PeerLink {
  readonly socket: SyncSocket
  /** Where it leads; null: the other one has opened it. */
  readonly to: Address | null
  /** What the server has said and was not handed out. */
  said = ''
  /** The server has closed it. */
  isEnded = false
  /** Null: the world has not been asked yet. */
  peer: PeerSocket | null = null
  isOpen = false
  /** What comes is the stream of a primary: the handshake is over, and the snapshot loaded. */
  isInStep = false
  readonly requests = new RequestParser()
  /** What is said on it as a node of a cluster; null: it is none of those connections. */
  readonly bus: BusFrames | null

  constructor(socket: SyncSocket, to: Address | null, isOfBus: boolean) {
    this.socket = socket
    this.to = to
    this.bus = isOfBus ? new BusFrames() : null
  }

  /** Takes what the server has said. */
  collect(): void {
    // Read, it would be open to the server.
    if (this.bus !== null && !this.isOpen) return
    while (!this.isEnded) {
      const bytes = this.socket.readAvailable()
      if (bytes === null) return
      if (bytes === '') this.isEnded = true
      this.take(bytes)
    }
  }

  take(bytes: string): void {
    if (this.bus === null) this.said += bytes
    else this.bus.push(bytes)
  }
}

export class PeerLinks {
  readonly #openSpare: () => SyncSocket | null
  readonly #dial: Dial
  readonly #bus: BusOptions | null
  readonly #host: PeerLinksHost
  #spares: SyncSocket[] = []
  readonly #links = new Set<PeerLink>()
  /** It has connected to a primary. */
  #hasFollowed = false

  constructor({ openSpare, dial, bus }: PeerLinksOptions, host: PeerLinksHost) {
    this.#openSpare = openSpare
    this.#dial = dial
    this.#bus = bus ?? null
    this.#host = host
    this.#fill()
  }

  #fill(): void {
    while (this.#spares.length < SPARE_COUNT) {
      const spare = this.#openSpare()
      if (spare === null) return
      this.#spares.push(spare)
    }
  }

  /** Takes what the server has said to others, and the connections that it has opened. */
  collect(): void {
    for (const link of this.#links) link.collect()
    for (;;) {
      const [next] = this.#spares
      const first = next?.readAvailable(ADDRESS_BYTES) ?? null
      if (next === undefined || first === null || first === '') break
      this.#spares.shift()
      const end = first.indexOf('\n')
      const [host = '', port = ''] = first.slice(0, end).split(' ')
      const isOfBus = Number(port) === this.#bus?.port
      if (!isOfBus) this.#hasFollowed = true
      const link = new PeerLink(next, { host, port: Number(port) }, isOfBus)
      link.take(first.slice(end + 1))
      link.collect()
      this.#links.add(link)
    }
    this.#fill()
  }

  /** What it has shown to be since this was asked: a primary, none, or first the one and then the other. */
  takeRoles(): ReadonlySet<boolean> {
    const roles = new Set([...this.#links].flatMap(({ bus }) => bus?.takeRoles() ?? []))
    if (this.#hasFollowed) roles.add(false)
    this.#hasFollowed = false
    return roles
  }

  /** A node of the cluster has connected to the bus; `onLink` is told by which link. */
  accept(peer: BusSocket<unknown>, onLink: (link: PeerLink) => void): BusHandler<unknown> {
    const socket = this.#bus?.open() ?? null
    const link = socket === null ? null : new PeerLink(socket, null, true)
    if (link === null) peer.close()
    else {
      link.peer = peer
      link.isOpen = true
      this.#links.add(link)
      onLink(link)
    }
    return ofBus(this.#handlerOf(link))
  }

  /** Hands out what was taken. */
  deliver(): void {
    for (const link of [...this.#links]) {
      if (link.peer === null && link.to !== null) this.#connect(link, link.to)
      this.#flush(link)
      if (link.isEnded) this.forget(link)
    }
  }

  #connect(link: PeerLink, { host, port }: Address): void {
    if (host === NOWHERE) {
      link.isEnded = true
      return
    }
    const handler = this.#handlerOf(link)
    link.peer =
      link.bus === null || this.#bus === null
        ? this.#dial(host, port, handler)
        : this.#bus.dial(host, port, ofBus(handler))
  }

  #handlerOf(link: PeerLink | null): PeerHandler {
    const isCurrent = (of: PeerLink | null): of is PeerLink => of !== null && this.#links.has(of)
    return {
      onOpen: () => {
        if (!isCurrent(link)) return
        link.isOpen = true
        if (link.bus === null) this.#flush(link)
        else {
          link.collect()
          this.#host.hearPeer(link, '')
        }
      },
      onBytes: (bytes) => {
        if (isCurrent(link)) this.#host.hearPeer(link, bytes)
      },
      onClose: () => {
        if (!isCurrent(link)) return
        this.forget(link)
        this.#host.losePeer(link)
      },
    }
  }

  #flush(link: PeerLink): void {
    if (!link.isOpen) return
    if (link.bus !== null) {
      for (const frame of link.bus.take()) link.peer?.send(frame)
      return
    }
    if (link.said === '') return
    const bytes = link.said
    link.said = ''
    link.requests.push(bytes)
    // A server writes each of its commands by itself; an empty line says that it loads a snapshot, and is no message of its own.
    for (let next = link.requests.next(); next !== null; next = link.requests.next()) {
      if ('protocolError' in next || next.length === 0) continue
      if (next[1] === 'ACK') link.isInStep = true
      link.peer?.send(encodeRequest(next))
    }
  }

  /** It is over, whoever ended it. */
  forget(link: PeerLink): void {
    if (!this.#links.delete(link)) return
    link.socket.close()
    link.peer?.close()
  }

  /** The server is gone. */
  close(): void {
    for (const link of [...this.#links]) this.forget(link)
    for (const spare of this.#spares.splice(0)) spare.close()
  }
}

const ofBus = (handler: PeerHandler): BusHandler<unknown> => ({
  ...handler,
  onMessage: (said) => handler.onBytes(said as string),
})
