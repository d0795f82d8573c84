/**
 * The network: who can reach whom, and the connections between them.
 *
 * Hosts are named like their processes, and listen at ports. Faults change links (`block`, latency) and connections (`reset`, `refuse`);
 * the hooks are where faults that are anchored at a message ("A before send 3") act.
 *
 * Handshake: SYN takes the latency of the link, is answered by the kernel of the other host even while its process
 * is paused, and is held by a blocked link like any other packet. A machine without power answers nothing; SYN is sent
 * again until it is back.
 */
import { assert } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import type { World } from '../sim/world.ts'
import type { ArrivalOrder } from './arrival-order.ts'
import { Endpoint, type EndpointHandler, type Message } from './connection.ts'
import { type Delivery, type Fate, PASS } from './fate.ts'
import { type Latency, Link } from './link.ts'
import { type Accept, type Address, Names } from './names.ts'

/** Faults at messages. The default does nothing. */
export interface NetworkHooks {
  /** Just before an end sends: what becomes of the message. May pause or crash the sender. */
  beforeSend(endpoint: Endpoint): Fate
  /** Just before an end sees a message: when its process sees it. May pause or crash that process. */
  beforeDelivery(endpoint: Endpoint): Delivery
}

const NO_HOOKS: NetworkHooks = { beforeSend: () => PASS, beforeDelivery: () => 'now' }

/** The network of a world: how a virtual `net.connect` finds it. */
export function networkOf(world: World): Network {
  const { network } = world
  assert(network instanceof Network, 'a world whose code opens sockets has a network')
  return network
}

export class Network {
  readonly world: World
  readonly #links = new Map<string, Link>()
  readonly #names = new Names()
  readonly #endpoints = new Map<SimProcess, Set<Endpoint>>()
  /** See `linger`. */
  readonly #lingering = new Map<SimProcess, Endpoint[]>()
  readonly #refusing = new Set<string>()
  /** Who answers for a name that is no machine of this world; null: there is no such address. */
  substitute: Address | null = null
  /** The machines that were led to under names which are not theirs: `cache.internal:6380` to `redis-1`. */
  readonly ledTo = new Map<string, string>()
  /** Names of the world's own that lead to a machine: that they do is nothing to tell. */
  readonly ownNames = new Set<string>()
  /** Handshakes that a machine without power did not answer. */
  #unanswered: { readonly process: SimProcess; readonly again: () => void }[] = []
  hooks: NetworkHooks = NO_HOOKS
  /** How long messages from one host to another are under way; asked once for each link. */
  latencyOf: (from: string, to: string) => Latency
  /** Who comes first at a server; null: in the order of sending. */
  arrivalOrder: ArrivalOrder | null = null
  /** Hears every message, for pictures; `arrivalUs` null: it was lost. Normal runs do without. */
  onTransmit: ((endpoint: Endpoint, message: Message, sentUs: number, arrivalUs: number | null) => void) | null = null

  constructor(world: World, latency: Latency) {
    this.world = world
    this.latencyOf = () => latency
    world.network = this
  }

  /** The direction from one host to another; made on first use. */
  link(from: string, to: string): Link {
    // The label of its random stream is its key, too: one text to make for each link.
    const label = `net/${from}→${to}`
    let link = this.#links.get(label)
    if (link === undefined) {
      link = new Link(this.world, { from, to, latency: this.latencyOf(from, to) }, this.world.random.stream(label))
      this.#links.set(label, link)
    }
    return link
  }

  /** Makes a process reachable at a port. */
  listen(process: SimProcess, port: number, accept: Accept): void {
    this.#names.add(port, { process, accept })
  }

  /** Another name for an address, at every port. */
  alias(name: string, address: Address): void {
    this.#names.alias(name, address)
  }

  /** At these ports of names that are no machines each is one of these addresses. */
  choose(isOne: (port: number) => boolean, among: readonly Address[]): void {
    this.#names.choose(isOne, among)
  }

  /** Where an address leads: another name is resolved. */
  resolve(address: Address): Address {
    return this.#names.resolve(address)
  }

  /** Whether a machine of this world has this name. */
  hasHost(name: string): boolean {
    return this.#names.has(name)
  }

  /** Makes a host refuse new connections, or accept them again. */
  setRefusing(host: string, isRefusing: boolean): void {
    if (isRefusing) this.#refusing.add(host)
    else this.#refusing.delete(host)
  }

  /** Opens a connection, in the name of any process; `handler.onOpen` or `handler.onClose('ECONNREFUSED')` follows. */
  connect(from: SimProcess, to: Address, mode: 'bytes' | 'messages', handler: EndpointHandler): Endpoint {
    const address = this.#names.resolve(to)
    const { host } = address
    const target = this.#names.find(address)
    const client = new Endpoint(this, from, this.link(from.name, host), 'client', mode)
    client.handler = handler
    const back = this.link(host, from.name)
    const answer = (): void => {
      if (client.isClosed || from.hasLostPower(client.incarnation)) return
      if (target === undefined) {
        this.#travel(back, () => client.lose('ENOTFOUND'))
      } else if (target === null) {
        this.#travel(back, () => client.lose('ECONNREFUSED'))
      } else if (target.process.hasLostPower(target.process.incarnation)) {
        this.#unanswered.push({ process: target.process, again: () => client.arrive(answer) })
      } else if (target.process.isCrashed || this.#refusing.has(host)) {
        this.#travel(back, () => client.lose('ECONNREFUSED'))
      } else {
        const server = new Endpoint(this, target.process, back, 'server', mode)
        server.peer = client
        client.peer = server
        this.#track(server)
        server.accept()
        server.handler = target.accept(server)
      }
    }
    client.knock = () => client.arrive(answer)
    this.#track(client)
    client.leave(() => client.arrive(answer))
    return client
  }

  /** Runs `task` when a packet has travelled along a link. */
  #travel(link: Link, task: () => void): void {
    if (link.isBlocked) link.whenOpen(() => this.#travel(link, task))
    else this.world.schedule(this.world.nowUs + link.drawUs(), null, 'io', task)
  }

  /** Every open end of a process. */
  endpointsOf(process: SimProcess): readonly Endpoint[] {
    return [...(this.#endpoints.get(process) ?? [])]
  }

  /** Cuts a connection at once: both ends see `ECONNRESET`, everything in flight is lost. */
  reset(endpoint: Endpoint): void {
    endpoint.lose('ECONNRESET')
    endpoint.peer?.lose('ECONNRESET')
  }

  /** The process of this host was killed: its kernel ends every connection. */
  dropAll(process: SimProcess): void {
    for (const endpoint of this.endpointsOf(process)) endpoint.abandon()
  }

  /** The machine of this process is back after it lost power: what was sent to it in vain is sent again. */
  revive(process: SimProcess): void {
    const held = this.#lingering.get(process) ?? []
    const lost = held.filter(({ incarnation }) => process.hasLostPower(incarnation))
    for (const { peer, link } of [...this.endpointsOf(process), ...lost]) {
      // The answer to its handshake went down with the server: its kernel asks again.
      if (peer?.knock != null && !peer.isClosed) {
        peer.knock()
        continue
      }
      // What it never confirmed is sent again. The new kernel knows nothing of the connection and answers with a reset.
      if (peer === undefined || !isUnconfirmed(peer, link, process.crashedAtUs)) continue
      peer.arrive(() => (link.isBlocked ? link.whenOpen(() => this.reset(peer)) : this.reset(peer)))
    }
    this.#endpoints.delete(process)
    if (lost.length > 0) this.#lingering.delete(process)
    const again = this.#unanswered.filter((waiting) => waiting.process === process)
    this.#unanswered = this.#unanswered.filter((waiting) => waiting.process !== process)
    for (const waiting of again) waiting.again()
  }

  /** The end of a killed process is held up: if its machine loses power, its kernel never comes to send it. */
  linger(endpoint: Endpoint): void {
    const lingering = this.#lingering.get(endpoint.process)
    if (lingering === undefined) this.#lingering.set(endpoint.process, [endpoint])
    else lingering.push(endpoint)
  }

  /** Removes an end from the books. */
  forget(endpoint: Endpoint): void {
    this.#endpoints.get(endpoint.process)?.delete(endpoint)
  }

  #track(endpoint: Endpoint): void {
    let endpoints = this.#endpoints.get(endpoint.process)
    if (endpoints === undefined) {
      endpoints = new Set()
      this.#endpoints.set(endpoint.process, endpoints)
    }
    endpoints.add(endpoint)
  }
}

/** Whether the last that an end sent had not arrived when the machine lost power, or had, and no confirmation could come back. */
const isUnconfirmed = ({ lastArrivalUs }: Endpoint, { blockedSinceUs }: Link, lostUs: number): boolean =>
  lastArrivalUs >= lostUs || (blockedSinceUs !== null && blockedSinceUs <= lastArrivalUs)
