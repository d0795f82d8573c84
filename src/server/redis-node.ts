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
import type { KeyState, RedisServer, ServerConnection } from './server.ts'

interface Watched {
  readonly key: string
  state: KeyState | null
  /** Who put the key there: the process whose message created it. */
  owner: string
  alarm: SimTimer | null
}

export class RedisNode {
  readonly process: SimProcess
  readonly server: RedisServer
  readonly #watched: Watched[] = []
  #wakeAlarm: SimTimer | null = null
  #wakeAtMs: number | null = null
  /** Called just before a message of a client whose workload has begun is executed: a site of faults. */
  onExec: (() => void) | null = null
  /** Such messages, and answers to them. */
  execCount = 0
  sentCount = 0

  constructor(process: SimProcess, network: Network, server: RedisServer) {
    this.process = process
    this.server = server
    network.listen(process, (endpoint) => this.#accept(endpoint))
  }

  /** Adds a key to the truth lane. */
  watch(key: string): void {
    this.#watched.push({ key, state: null, owner: '', alarm: null })
  }

  /** The process ends and starts again. */
  restart(options: { readonly keepData: boolean }): void {
    this.#setClock()
    this.server.restart(options)
    if (!options.keepData) this.process.world.record(this.process, 'note', 'forgot', null)
    // The alarms of the former life ended with it.
    this.#wakeAlarm = null
    this.#wakeAtMs = null
    for (const watched of this.#watched) watched.alarm = null
    this.observe('restart')
  }

  /** Looks at the watched keys and records what changed; `by` is who caused it. */
  observe(by: string): void {
    for (const watched of this.#watched) this.#observe(watched, by)
  }

  #accept(endpoint: Endpoint): EndpointHandler {
    const client = endpoint.peer.process.name
    let bytes = ''
    let replies: Reply[] = []
    let isExecuting = false
    let isClosing = false
    const flush = (): void => {
      if (isExecuting) return
      if (bytes !== '') {
        const message = bytes
        bytes = ''
        endpoint.send(message)
      } else if (replies.length > 0) {
        const message = replies
        replies = []
        endpoint.send(message)
      }
    }
    const close = (): void => {
      // After a command that ends the connection its reply goes first.
      isClosing = true
      flush()
      if (!isExecuting) endpoint.close()
    }
    this.#setClock()
    const connection: ServerConnection = this.server.connect(
      endpoint.mode === 'bytes'
        ? {
            onBytes: (more) => {
              bytes += more
              flush()
            },
            onClose: close,
          }
        : {
            onReply: (reply) => {
              replies.push(reply)
              flush()
            },
            onClose: close,
          },
    )
    return {
      onMessage: (message: Message) => {
        if (endpoint.peer.process.isCounting) {
          this.execCount += 1
          this.onExec?.()
          if (this.process.isCrashed) return
        }
        if (this.process.isPaused) {
          // Paused just before executing: the message is read after the pause.
          this.process.world.defer(this.process, () => this.#execute(connection, message, client, flushAfter))
          return
        }
        this.#execute(connection, message, client, flushAfter)
      },
      onClose: () => connection.close(),
    }
    function flushAfter(execute: () => void): void {
      isExecuting = true
      try {
        execute()
      } finally {
        isExecuting = false
      }
      flush()
      if (isClosing) endpoint.close()
    }
  }

  #execute(
    connection: ServerConnection,
    message: Message,
    client: string,
    flushAfter: (execute: () => void) => void,
  ): void {
    this.#setClock()
    this.#observeExpired()
    flushAfter(() => {
      if (typeof message === 'string') connection.receive(message)
      else connection.execute(message as readonly string[])
      // Before the answer leaves: a fault may strike there, and what was done was done before it.
      this.observe(client)
    })
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
      watched.owner = ''
      return
    }
    const op = before === null ? 'granted' : before.text === after.text ? 'extended' : 'overwritten'
    const previousOwner = watched.owner
    if (op !== 'extended') watched.owner = by
    const goneUs = goneAtUs(after)
    world.record(this.process, 'truth', op, [
      watched.key,
      by,
      op === 'granted' ? by : previousOwner,
      after.text,
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

/** When a key is gone: when the clock is past its deadline, at the first instant of the next millisecond. */
const goneAtUs = (state: KeyState | null): number | null =>
  state === null || state.expireAtMs === null ? null : (state.expireAtMs + 1) * 1000
