/**
 * The connections that one real server opens to others, which lead through the network of the world.
 *
 *   connect("redis-1", 6379)  ──►  one of the spare connections, "redis-1 6379\n" first  ──►  `dial` of the world
 *
 * A world cannot listen, because it never waits. So it keeps connections ready on a socket of the preload library (`preload-source.ts`), and the
 * server's `connect` takes one of them. To the server it is open at once; what it says before the world's connection is open is held here.
 *
 * Does not model  the time that a handshake takes, to the server that opens the connection: it only hears nothing before. A connection that is
 *                 refused is one that opens and closes.
 *
 * Invariant: the order of connections is that in which the server opened them.
 */
import type { Dial, PeerSocket } from '../../redis/replication/primary-link.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { RequestParser } from '../../redis/resp/request-parser.ts'
import type { SyncSocket } from './sync-socket.ts'

/** More than a server opens before it is looked at again: a Sentinel has two to each server. */
const SPARE_COUNT = 16
/** Where the fault `read-only` has a server look for a primary that is not there. */
export const NOWHERE = '127.0.0.1'

export interface PeerLinksOptions {
  /** One more spare connection; null: no server listens. */
  readonly openSpare: () => SyncSocket | null
  readonly dial: Dial
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

  constructor(socket: SyncSocket) {
    this.socket = socket
  }

  /** Takes what the server has said. */
  collect(): void {
    while (!this.isEnded) {
      const bytes = this.socket.readAvailable()
      if (bytes === null) return
      if (bytes === '') this.isEnded = true
      this.said += bytes
    }
  }
}

export class PeerLinks {
  readonly #openSpare: () => SyncSocket | null
  readonly #dial: Dial
  readonly #host: PeerLinksHost
  #spares: SyncSocket[] = []
  readonly #links = new Set<PeerLink>()

  constructor({ openSpare, dial }: PeerLinksOptions, host: PeerLinksHost) {
    this.#openSpare = openSpare
    this.#dial = dial
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
      const first = next?.readAvailable() ?? null
      if (next === undefined || first === null || first === '') break
      this.#spares.shift()
      const link = new PeerLink(next)
      link.said = first
      link.collect()
      this.#links.add(link)
    }
    this.#fill()
  }

  /** Hands out what was taken. */
  deliver(): void {
    for (const link of [...this.#links]) {
      if (link.peer === null) this.#connect(link)
      this.#flush(link)
      if (link.isEnded) this.forget(link)
    }
  }

  #connect(link: PeerLink): void {
    const end = link.said.indexOf('\n')
    const [host = '', port = ''] = link.said.slice(0, end).split(' ')
    link.said = link.said.slice(end + 1)
    if (host === NOWHERE) {
      link.isEnded = true
      return
    }
    const isCurrent = (): boolean => this.#links.has(link)
    link.peer = this.#dial(host, Number(port), {
      onOpen: () => {
        if (!isCurrent()) return
        link.isOpen = true
        this.#flush(link)
      },
      onBytes: (bytes) => {
        if (isCurrent()) this.#host.hearPeer(link, bytes)
      },
      onClose: () => {
        if (!isCurrent()) return
        this.forget(link)
        this.#host.losePeer(link)
      },
    })
  }

  #flush(link: PeerLink): void {
    if (!link.isOpen || link.said === '') return
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
