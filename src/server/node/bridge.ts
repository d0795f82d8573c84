/**
 * The synchronous bridge between a world and one real server.
 *
 * A command goes out, and when `exchange` returns everything that it made the server say has been handed out: its own
 * reply, messages to subscribers, answers of clients that it unblocked, closed connections. How it knows:
 *
 * - A connection whose commands answer once, at once, is read until they have (see `bridge-connection.ts`).
 * - When another connection may hear something, two PINGs follow on a control connection, one after the other. The server
 *   acts in turns of its event loop; the second PING is read in a later turn than the first, and all that the turn of
 *   the first had to say has been sent by then. One is not enough: neither the order in which a turn reads sockets
 *   (epoll's ready list) nor the order in which it sends replies (7.0: the newest first) is the order of asking.
 * - Every 100 ms of virtual time the server's cron is due (active expiry among others). A PING goes ahead of the next
 *   command then, so that it always runs before that command and not before or after it as real time will have it.
 *
 * - A node of a cluster may hold back any write (CLUSTER FAILOVER), so no answer of it is certain. It reads its sockets before it looks at the
 *   time, which matters when it hung: what had waited for it is then executed before it finds out what it missed. While it hangs it is given
 *   nothing but connections, which its kernel accepts.
 * - A server that replicates may say something to others whenever it is spoken to, and whenever its cron runs: it is woken for each (`tick`).
 *   A snapshot is made by a child process, in real time: the bridge waits until the child has ended, so the server always finds that out
 *   in its next cron.
 *
 * Invariants
 * - Output is handed out per connection, the asking one first, then in the order of connecting: the order in which
 *   sockets became readable is the kernel's.
 * - While CLIENT PAUSE holds back every command, PING too, a connection that breaks the protocol serves as a barrier:
 *   the parser's complaint is no command.
 */
import type { BusHandler, BusSocket } from '../../redis/cluster/bus.ts'
import type { Reply } from '../../redis/reply.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { ReplyParser } from '../../redis/resp/reply-parser.ts'
import type { ServerSink } from '../server.ts'
import { BridgeConnection, type Outgoing } from './bridge-connection.ts'
import type { HangGuard } from './hang-guard.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { type PeerLink, PeerLinks, type PeerLinksHost, type PeerLinksOptions } from './peer-links.ts'
import type { ServerClock } from './server-clock.ts'
import type { ServerLostError } from './server-lost-error.ts'
import { sleep } from './sleep.ts'
import type { SyncSocket } from './sync-socket.ts'

/** How often Redis runs its cron (`hz 10`). */
export const CRON_US = 100_000
/** What should be over and is not: ask again after this. */
const CHECK_AGAIN_MS = 10
const PING = 'PING\r\n'
/** A write that changes nothing: what CLIENT PAUSE holds back in both its modes. */
const HELD_BACK = 'DEL lockstorm:none\r\n'
const PROTOCOL_VIOLATION = '*x\r\n'
/**
 * What another server has said is read in several turns: the answers of a handshake one in each, a snapshot 16 KB in each. A pair of barriers
 * is two turns.
 */
const HANDSHAKE_PAIRS = 4
const TURN_BYTES = 16 * 1024

/** The server's end of the bridge. */
export interface BridgeEnd {
  /** What the hang guard ends when it does not answer. */
  readonly guardTarget: number
  /** A new connection, for a client or for the bridge itself; null when no server listens. */
  open(purpose: 'client' | 'control'): SyncSocket | null
  /** The error to throw when it is gone. */
  lost(reason: string): ServerLostError
  /** Whether a child process of it runs; missing: it has none. */
  hasChild?(): boolean
}

export class Bridge implements PeerLinksHost {
  readonly #end: BridgeEnd
  readonly #clock: ServerClock
  readonly #guard: HangGuard
  readonly #connections = new Set<BridgeConnection>()
  #control: SyncSocket
  #cronUs: number | null = null
  #hasTicked = false
  #isUnruly = false
  #pausedUntilMs: number | null = null
  #isHeldBack = false
  /** To other servers; null: it is on its own. */
  readonly #peers: PeerLinks | null

  /** It may have begun to make a snapshot: its cron ran, or a replica asked for one. */
  #mayHaveChild = false
  readonly #isRestless: boolean
  /** It is a node of a cluster. */
  readonly #isInCluster: boolean
  /** Connections that it may not have accepted yet, which it does a turn before it reads. */
  readonly #isNew = new WeakSet<object>()
  /** Called when a node of a cluster has said to others that it is a primary, or none. */
  onRole: ((isPrimary: boolean) => void) | null = null

  /** `isRestless`: nobody knows when its cron is due (a Sentinel), so it has a turn before anything else happens. */
  constructor(
    end: BridgeEnd,
    clock: ServerClock,
    guard: HangGuard,
    peers: PeerLinksOptions | null = null,
    isRestless = false,
  ) {
    this.#isRestless = isRestless
    this.#isInCluster = peers?.bus !== undefined
    this.#end = end
    this.#clock = clock
    this.#guard = guard
    this.#control = this.#open('control')
    this.#peers = peers === null ? null : new PeerLinks(peers, this)
  }

  /** Time has passed for a server that looks after others; answers when its cron is due next, in µs. */
  tick(): number {
    this.#hasTicked = true
    this.#guarded(() => this.#runCron(true))
    this.#deliver(null)
    return CRON_US - (this.#clock.monotonicUs - (this.#cronUs ?? 0))
  }

  hearPeer(link: PeerLink, bytes: string): void {
    this.#guarded(() => {
      this.#runCron()
      link.socket.write(bytes)
      if (this.#isNew.delete(link)) this.#settle()
      const isOneTurn = this.#isRestless || link.isInStep || link.bus !== null
      const pairs = (isOneTurn ? 1 : HANDSHAKE_PAIRS) + Math.floor(bytes.length / TURN_BYTES)
      for (let pair = 0; pair < pairs; pair++) this.#settle()
    })
    this.#deliver(null)
  }

  /** Another node of its cluster has connected to its bus. */
  accept(socket: BusSocket<unknown>): BusHandler<unknown> {
    const peers = this.#peers as PeerLinks
    return peers.accept(socket, (link) => this.#isNew.add(link))
  }

  losePeer(): void {
    this.wake()
  }

  /** A client connects. */
  connect(sink: ServerSink, prefix: KeyPrefix | null = null): BridgeConnection {
    const connection = new BridgeConnection(this.#open('client'), sink, prefix)
    connection.onPause = (ms) => {
      this.#pausedUntilMs = this.#nowMs + ms
    }
    this.#connections.add(connection)
    // The turn in which the server accepts a client does not yet read from it.
    if (this.#isInCluster) this.#isNew.add(connection)
    else this.#guarded(() => this.#barrier())
    return connection
  }

  /** Bytes of a client. */
  receive(connection: BridgeConnection, bytes: string): void {
    this.#exchange(connection, connection.parse(bytes))
  }

  /** One command of a client. */
  execute(connection: BridgeConnection, args: readonly string[]): void {
    this.#exchange(connection, connection.encode(args))
  }

  /** The client is gone; the server has noticed when this returns, if that can be told. */
  disconnect(connection: BridgeConnection): void {
    if (!this.#connections.delete(connection)) return
    connection.close()
    if (connection.isOpenEnded || this.#mayHear()) this.wake()
  }

  /** When something waits for time to pass (ms, the server's clock). */
  wakeAtMs(): number | null {
    let earliest = Number.POSITIVE_INFINITY
    // Waiting ends when the clock is past the deadline, not at it.
    for (const { deadlineMs } of this.#connections) {
      if (deadlineMs !== null) earliest = Math.min(earliest, deadlineMs + 1)
    }
    if (this.#pausedUntilMs !== null) {
      const over = this.#pausedUntilMs + 1
      // Still paused: the server's cron has not looked yet.
      earliest = Math.min(earliest, over > this.#nowMs ? over : this.#nowMs + CHECK_AGAIN_MS)
    }
    return earliest === Number.POSITIVE_INFINITY ? null : earliest
  }

  /** Time has passed, or a client has gone: takes what the server has to say about it. */
  wake(): void {
    this.#guarded(() => {
      this.#settle()
      // A server with a clock of its own may need a little longer.
      const again = this.#clock.isVirtual ? null : this.#nowMs + CHECK_AGAIN_MS
      for (const connection of this.#connections) connection.passDeadline(this.#nowMs, again)
    })
    this.#deliver(null)
  }

  /** Runs commands of ours, which answer once and at once. */
  ask(commands: readonly (readonly string[])[]): Reply[] {
    const replies: Reply[] = []
    this.#guarded(() => {
      if (this.#peers !== null) this.#runCron()
      const parser = new ReplyParser()
      let isThere = this.#control.write(commands.map(encodeRequest).join(''))
      while (replies.length < commands.length) {
        const bytes = isThere ? this.#control.read() : ''
        if (bytes === '') {
          // CLIENT KILL may have hit this connection: once more on a new one, unless the server is gone.
          this.#reopenControl()
          isThere = this.#control.write(commands.map(encodeRequest).join(''))
          replies.length = 0
          continue
        }
        parser.push(bytes)
        for (let next = parser.next(); next !== null; next = parser.next()) replies.push(next.reply)
      }
    })
    return replies
  }

  /** Runs a command of ours that the server may hold back, or not be told of by its silence: undefined. */
  command(args: readonly string[]): Reply | undefined {
    if (!this.#isInCluster) return this.ask([args])[0]
    let answer: Reply | undefined
    const connection = this.connect({
      onReply: (reply) => {
        answer = reply
      },
    })
    this.execute(connection, args)
    this.disconnect(connection)
    return answer
  }

  /** Hands out what a command of ours may have made the server say to clients. */
  wakeListeners(): void {
    if (this.#mayHear()) this.wake()
  }

  /** The server is gone: the clients are told. */
  cut(): void {
    const connections = [...this.#connections]
    this.#connections.clear()
    this.#peers?.close()
    this.#control.close()
    for (const connection of connections) connection.cut()
  }

  /** All clients are gone, and hear no more. */
  closeClients(): void {
    for (const connection of this.#connections) connection.close()
    this.#connections.clear()
  }

  /** Ends the bridge. */
  close(): void {
    this.closeClients()
    this.#peers?.close()
    this.#control.close()
  }

  /** No client is answered at present (CLIENT PAUSE). */
  get isPaused(): boolean {
    return this.#pausedUntilMs !== null
  }

  /** A client changed more than keys, so the server cannot serve another world. */
  get isUnruly(): boolean {
    return this.#isUnruly
  }

  get #nowMs(): number {
    return Math.floor(this.#clock.wallUs / 1000)
  }

  #exchange(connection: BridgeConnection, outgoing: Outgoing): void {
    if (!this.#connections.has(connection)) return
    this.#guarded(() => {
      this.#runCron()
      if (outgoing.answering.some(({ kind }) => kind === 'reaches' || kind === 'pauses')) this.#isUnruly = true
      if (outgoing.answering.some(({ kind }) => kind === 'streams')) this.#mayHaveChild = this.#peers !== null
      connection.send(outgoing, this.#nowMs)
      if (this.#isNew.delete(connection)) this.#settle()
      if (this.#isInCluster) for (let at = TURN_BYTES; at < outgoing.bytes.length; at += TURN_BYTES) this.#settle()
      while (this.#isCertain(connection)) connection.wait(this.#nowMs)
      if (this.#mayHear()) this.#settle()
      // A connection that ends may be the first sign that the server has died: a barrier throws then.
      if (connection.isEnded) this.#barrier()
    })
    this.#deliver(connection)
  }

  /** Whether bytes of the server are certain to come to this connection now. */
  #isCertain(connection: BridgeConnection): boolean {
    return this.#isInCluster ? connection.isInPart : connection.isOwed && !this.isPaused
  }

  /** Makes the server run its cron if that is due; `isItsTurn`: nothing else waits for it. */
  #runCron(isItsTurn = false): void {
    const sinceUs = this.#cronUs === null ? Number.POSITIVE_INFINITY : this.#clock.monotonicUs - this.#cronUs
    if (sinceUs < (this.#isRestless ? 1 : CRON_US)) return
    if (this.#isInCluster && this.#hasTicked && sinceUs > CRON_US && !isItsTurn) return
    this.#cronUs = this.#clock.monotonicUs
    this.#mayHaveChild = this.#peers !== null && !this.#isRestless
    if (this.#mayHear()) this.#settle()
    else this.#barrier()
  }

  /** Whether another connection than the asking one may hear something. */
  #mayHear(): boolean {
    if (this.#isUnruly || this.#peers !== null) return true
    for (const connection of this.#connections) if (connection.isOpenEnded) return true
    return false
  }

  /** Takes all that the server has to say to any connection. */
  #settle(): void {
    let isOwed = true
    while (isOwed) {
      this.#barrier()
      this.#barrier()
      this.#peers?.collect()
      isOwed = this.#awaitsChild()
      for (const connection of this.#connections) {
        if (this.#isUnruly || this.#peers !== null || connection.isOpenEnded) connection.collect(this.#nowMs)
        // A client that was unblocked runs what it had sent meanwhile, which others may hear of in turn.
        while (this.#isCertain(connection)) {
          connection.wait(this.#nowMs)
          isOwed = true
        }
      }
    }
  }

  /** Whether a child of the server's still runs, after a while. */
  #awaitsChild(): boolean {
    if (!this.#mayHaveChild) return false
    this.#mayHaveChild = this.#end.hasChild?.() === true
    if (this.#mayHaveChild) sleep(1)
    return this.#mayHaveChild
  }

  /** Returns when the server has read and run what was sent before. */
  #barrier(): void {
    if (this.isPaused) this.#barrierWhilePaused()
    else while (!(this.#control.write(PING) && this.#readLine())) this.#reopenControl()
  }

  #readLine(): boolean {
    for (let line = ''; !line.endsWith('\r\n'); ) {
      const bytes = this.#control.read()
      if (bytes === '') return false
      line += bytes
    }
    return true
  }

  #barrierWhilePaused(): void {
    if (!this.#isHeldBack) {
      this.#control.write(HELD_BACK)
      this.#isHeldBack = true
    }
    const probe = this.#open('control')
    probe.write(PROTOCOL_VIOLATION)
    while (probe.read() !== '') {}
    probe.close()
    const answer = this.#control.readAvailable()
    if (answer === null) return
    this.#pausedUntilMs = null
    this.#isHeldBack = false
    if (answer === '') this.#reopenControl()
  }

  /** Hands out what has arrived, to the one who asked first; never while the bridge is waiting for the server. */
  #deliver(first: BridgeConnection | null): void {
    for (const isPrimary of this.#peers?.takeRoles() ?? []) this.onRole?.(isPrimary)
    const order = [...this.#connections]
    if (first !== null) order.unshift(first)
    for (const connection of order) {
      if (this.#connections.has(connection) && !connection.deliver()) this.#connections.delete(connection)
    }
    this.#peers?.deliver()
  }

  /** The server has closed it, as a Sentinel does with all its clients when it tells them of another primary. */
  #reopenControl(): void {
    this.#control.close()
    this.#control = this.#open('control')
  }

  #open(purpose: 'client' | 'control'): SyncSocket {
    if (this.#guard.hasEnded) {
      throw this.#end.lost(`did not answer within ${this.#guard.limitMs / 1000} s and was given up`)
    }
    const socket = this.#end.open(purpose)
    if (socket === null) throw this.#end.lost('has ended')
    return socket
  }

  /** Runs what waits for the server, at the world's time. */
  #guarded(wait: () => void): void {
    // Before the guard looks: a paced clock may take its time.
    this.#clock.flush()
    this.#guard.begin(this.#end.guardTarget)
    try {
      wait()
    } finally {
      this.#guard.end()
    }
  }
}
