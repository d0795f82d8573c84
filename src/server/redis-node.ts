/**
 * A Redis node as a process of the world: it listens, hands what arrives to its server, and sends what comes back.
 *
 * It also keeps the truth lane: after everything that could change a watched key (a command, time passing, a
 * restart) it looks at the key and records what changed and who did it.
 *
 * Models          one command message at a time, blocked commands, a clock of its own, crash and restart.
 * Does not model  the time a command takes: execution is instantaneous, waiting happens on the network.
 */
import type { Endpoint, EndpointHandler, Message } from '../net/connection.ts'
import type { Network } from '../net/network.ts'
import type { Reply } from '../redis/reply.ts'
import type { SimProcess, SimTimer } from '../sim/process.ts'
import { ClientPause } from './client-pause.ts'
import type { KeyState, RedisServer, ServerConnection } from './server.ts'
import { type NodeTrouble, troubleMaker } from './trouble.ts'

interface Watched {
  readonly key: string
  state: KeyState | null
  /** Who put the key there: the process whose message created it. */
  owner: string
  alarm: SimTimer | null
  /** What expired here last, and whose it was: a clock that is set back can bring it to life again. */
  expired: { readonly text: string | null; readonly expireAtMs: number | null; readonly owner: string } | null
  readonly ownerOf: (token: string) => string | null
}

export class RedisNode {
  readonly process: SimProcess
  readonly server: RedisServer
  readonly #watched: Watched[] = []
  #wakeAlarm: SimTimer | null = null
  #wakeAtMs: number | null = null
  /** Trouble that came while a client's CLIENT PAUSE or a fault's was on: an operator's command waits like everybody's. */
  #heldUp: (() => void)[] = []
  #pause: ClientPause | null = null
  /** Called just before a message of a client whose workload has begun is executed: a site of faults. */
  onExec: (() => void) | null = null
  /** How many such messages there were. */
  execCount = 0

  constructor(process: SimProcess, network: Network, server: RedisServer) {
    this.process = process
    this.server = server
    process.usesPromises = server.usesPromises !== false
    network.listen(process, (endpoint) => this.#accept(endpoint))
  }

  /**
   * Adds a key to the truth lane. `ownerOf` says whose token a text is: of a queue, the next in line comes to the lock
   * by somebody else's command.
   */
  watch(key: string, ownerOf: (token: string) => string | null = () => null): void {
    this.#watched.push({ key, state: null, owner: '', alarm: null, expired: null, ownerOf })
  }

  /** The process ends and starts again. */
  restart(options: { readonly keepData: boolean }): void {
    this.#setClock()
    this.server.restart(options)
    // The alarms of the former life ended with it.
    this.#wakeAlarm = null
    this.#wakeAtMs = null
    this.#heldUp = []
    this.#pause = null
    for (const watched of this.#watched) watched.alarm = null
    this.observe('restart')
  }

  /** A fault strikes from inside the server; `cannot` is told why when this kind of server cannot have it. */
  suffer(trouble: NodeTrouble, cannot: (why: string) => void): void {
    const { process } = this
    // A dead server has no trouble; what it suffered is over when it comes back.
    if (process.isCrashed) return
    if (process.isPaused) {
      process.world.defer(process, () => this.suffer(trouble, cannot))
      return
    }
    if (this.server.isPaused || this.#pausesOperator(trouble)) {
      this.#heldUp.push(() => this.suffer(trouble, cannot))
      return
    }
    if (trouble.kind === 'client-pause') {
      this.#pauseClients(Math.floor(process.wallUs / 1000) + trouble.ms, trouble.onlyWrites)
      return
    }
    this.#setClock()
    const why = this.server.suffer(trouble)
    if (why !== null) cannot(why)
    this.observe(troubleMaker(trouble))
    this.#armWake()
  }

  /** Whether an operator's command waits, too: always, or when it writes. */
  #pausesOperator({ kind }: NodeTrouble): boolean {
    if (this.#pause === null) return false
    return !this.#pause.onlyWrites || kind === 'flush' || kind === 'evict'
  }

  #pauseClients(untilMs: number, onlyWrites: boolean): void {
    if (this.#pause === null) {
      this.#pause = new ClientPause(untilMs, onlyWrites)
      this.#awaitEndOfPause(this.#pause)
    } else this.#pause.extend(untilMs, onlyWrites)
  }

  #awaitEndOfPause(pause: ClientPause): void {
    const { untilMs } = pause
    // Over when the clock is past the deadline, not at it.
    this.process.setAlarm('wall', (untilMs + 1) * 1000, () => {
      if (pause.untilMs > untilMs) {
        this.#awaitEndOfPause(pause)
        return
      }
      this.process.world.schedule(this.process.world.nowUs, this.process, 'timer', () => {
        this.#pause = null
        for (const execute of pause.release()) if (!this.process.isCrashed) execute()
        for (const suffer of this.#heldUp.splice(0)) suffer()
      })
    })
  }

  /** Looks at the watched keys and records what changed; `by` is who caused it. */
  observe(by: string): void {
    for (const watched of this.#watched) this.#observe(watched, by)
  }

  #accept(endpoint: Endpoint): EndpointHandler {
    this.#setClock()
    return new NodeConnection(this, endpoint)
  }

  /** A message has arrived: a site of faults when its client's workload has begun. False: the node ended here. */
  beforeMessage(client: SimProcess): boolean {
    if (!client.isCounting) return true
    this.execCount += 1
    this.onExec?.()
    return !this.process.isCrashed
  }

  /** A connection is closed: what it sent and a pause held up is never executed. */
  forget(connection: NodeConnection): void {
    this.#pause?.forget(connection)
  }

  /** Has a message executed at the node's present time; what it changed is on record before its answer leaves. */
  execute(connection: NodeConnection, message: Message): void {
    if (this.#pause?.holdsBack(connection, message, () => this.execute(connection, message))) return
    this.#setClock()
    this.#observeExpired()
    connection.execute(message)
    this.#armWake()
  }

  #setClock(): void {
    this.server.setClock(this.process.wallUs)
  }

  /** Sets the alarm for what waits for this node's clock: blocked commands, CLIENT PAUSE. */
  #armWake(): void {
    const atMs = this.server.wakeAtMs()
    if (atMs === this.#wakeAtMs) return
    this.#wakeAtMs = atMs
    this.#wakeAlarm?.cancel()
    this.#wakeAlarm =
      atMs === null
        ? null
        : this.process.setAlarm('wall', atMs * 1000, () => {
            this.#wakeAtMs = null
            this.process.world.schedule(this.process.world.nowUs, this.process, 'timer', () => {
              this.#setClock()
              this.server.wake()
              this.observe('time')
              this.#armWake()
              if (!this.server.isPaused) for (const suffer of this.#heldUp.splice(0)) suffer()
            })
          })
  }

  #observe(watched: Watched, by: string): void {
    const before = watched.state
    const after = this.server.observe(watched.key)
    if (before === null && after === null) return
    if (
      before !== null &&
      after !== null &&
      before.text === after.text &&
      before.type === after.type &&
      before.expireAtMs === after.expireAtMs
    ) {
      if (watched.alarm === null) this.#watchExpiry(watched)
      return
    }
    watched.state = after
    watched.alarm?.cancel()
    watched.alarm = null
    const { world } = this.process
    if (after === null) {
      const isExpired = before !== null && before.expireAtMs !== null && this.process.wallUs > before.expireAtMs * 1000
      world.record(this.process, 'truth', isExpired ? 'expired' : 'deleted', [
        watched.key,
        isExpired ? 'time' : by,
        watched.owner,
      ])
      watched.expired =
        isExpired && before !== null ? { text: before.text, expireAtMs: before.expireAtMs, owner: watched.owner } : null
      watched.owner = ''
      return
    }
    const next = before !== null && after.type === 'zset' ? watched.ownerOf(after.text ?? '') : null
    if (before !== null && before.text !== after.text && next !== null && next !== by) {
      // The first in the queue left, and the lock went to the one behind it.
      world.record(this.process, 'truth', 'deleted', [watched.key, by, watched.owner])
      this.#recordGrant(watched, 'granted', next, next)
      return
    }
    const op = before === null ? 'granted' : before.text === after.text ? 'extended' : replacedBy(after)
    const { expired } = watched
    const isBack = before === null && expired?.text === after.text && expired.expireAtMs === after.expireAtMs
    const owner = isBack ? expired.owner : by
    this.#recordGrant(watched, op, by, op === 'granted' ? owner : watched.owner)
    if (isBack) watched.owner = owner
  }

  /** Records what a key holds now, by whom, and whose it was. */
  #recordGrant(
    watched: Watched,
    op: 'granted' | 'extended' | 'overwritten' | 'displaced',
    by: string,
    previousOwner: string,
  ): void {
    if (op !== 'extended') watched.owner = by
    const goneUs = goneAtUs(watched.state)
    this.process.world.record(this.process, 'truth', op, [
      watched.key,
      by,
      previousOwner,
      watched.state?.text ?? null,
      goneUs === null ? null : this.process.clock.trueUsWhenWall(goneUs),
      goneUs === null ? null : goneUs - this.process.wallUs,
    ])
    this.#watchExpiry(watched)
  }

  /** A clock that was moved in this very instant may have ended a key: that was not the command that comes next. */
  #observeExpired(): void {
    for (const watched of this.#watched) {
      const goneUs = goneAtUs(watched.state)
      if (goneUs !== null && goneUs <= this.process.wallUs) this.#observe(watched, 'time')
    }
  }

  /** Looks at a key again when its time is up. */
  #watchExpiry(watched: Watched): void {
    const goneUs = goneAtUs(watched.state)
    if (goneUs === null || goneUs <= this.process.wallUs) return
    watched.alarm = this.process.setAlarm('wall', goneUs, () => {
      watched.alarm = null
      this.#setClock()
      this.#observe(watched, 'time')
    })
  }
}

/** The node's end of one client's connection: what is executed together is answered in one message. */
class NodeConnection implements EndpointHandler {
  readonly #node: RedisNode
  readonly #endpoint: Endpoint
  readonly #connection: ServerConnection
  readonly #client: SimProcess
  #bytes = ''
  #replies: Reply[] | null = null
  #isExecuting = false
  #isClosing = false

  constructor(node: RedisNode, endpoint: Endpoint) {
    this.#node = node
    this.#endpoint = endpoint
    this.#client = endpoint.peer.process
    this.#connection = node.server.connect(
      endpoint.mode === 'bytes'
        ? { onBytes: (more) => this.#addBytes(more), onClose: () => this.#close() }
        : { onReply: (reply) => this.#addReply(reply), onClose: () => this.#close() },
    )
  }

  onMessage(message: Message): void {
    const { process } = this.#node
    if (!this.#node.beforeMessage(this.#client)) return
    // Paused just before executing: the message is read after the pause.
    if (process.isPaused) process.world.defer(process, () => this.#node.execute(this, message))
    else this.#node.execute(this, message)
  }

  onClose(): void {
    this.#node.forget(this)
    this.#connection.close()
  }

  execute(message: Message): void {
    this.#isExecuting = true
    try {
      if (typeof message === 'string') this.#connection.receive(message)
      else this.#connection.execute(message as readonly string[])
      // Before the answer leaves: a fault may strike there, and what was done was done before it.
      this.#node.observe(this.#client.name)
    } finally {
      this.#isExecuting = false
    }
    this.#flush()
    if (this.#isClosing) this.#endpoint.close()
  }

  #addBytes(more: string): void {
    this.#bytes += more
    this.#flush()
  }

  #addReply(reply: Reply): void {
    if (this.#replies === null) this.#replies = [reply]
    else this.#replies.push(reply)
    this.#flush()
  }

  #flush(): void {
    if (this.#isExecuting) return
    if (this.#bytes !== '') {
      const message = this.#bytes
      this.#bytes = ''
      this.#endpoint.send(message)
    } else if (this.#replies !== null) {
      const message = this.#replies
      this.#replies = null
      this.#endpoint.send(message)
    }
  }

  #close(): void {
    // After a command that ends the connection its reply goes first.
    this.#isClosing = true
    this.#flush()
    if (!this.#isExecuting) this.#endpoint.close()
  }
}

/** Another value in the place of one: of a queue, somebody went to its head. */
const replacedBy = ({ type }: KeyState) => (type === 'zset' ? 'displaced' : 'overwritten')

/** When a key is gone: when the clock is past its deadline, at the first instant of the next millisecond. */
const goneAtUs = (state: KeyState | null): number | null =>
  state === null || state.expireAtMs === null ? null : (state.expireAtMs + 1) * 1000
