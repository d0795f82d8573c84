/**
 * The coordination service (`keeper/keeper.ts`) as a server of the world, in the place of a Redis node: locks that say
 * `service: 'keeper'` ask it, with requests that look like commands.
 *
 *   OPEN ms                     a session                         its id
 *   PING id                     it is alive                       PONG
 *   CREATE id folder data       an ephemeral, sequential node     its name, and the zxid
 *   CHILDREN id folder          the nodes, in their order         names
 *   WATCH id folder name        waits until it is gone            1, then; on a connection of its own, for answers come in order
 *   DELETE id folder name       1, or 0: there is none
 *   CLOSE id                    ends the session                  1
 *
 * Each request but OPEN is a sign of life of its session; `SESSIONEXPIRED`: it is over. Sessions are counted by the monotonic clock, as
 * ZooKeeper does: a step of the wall clock ends none.
 */
import { Keeper, type Session } from '../keeper/keeper.ts'
import { error, type Reply, status } from '../redis/reply.ts'
import type { Kept, KeyState, RedisServer, ServerConnection, ServerSink } from './server.ts'

/** Answers a request of a session, later where it waits. */
type Answer = (keeper: Keeper, session: Session, args: readonly string[], reply: (reply: Reply) => void) => void

const ANSWERS: Readonly<Record<string, Answer>> = {
  ping: (_keeper, _session, _args, reply) => reply(status('PONG')),
  create(keeper, session, [folder = '', data = ''], reply) {
    const { name, zxid } = keeper.create(session, folder, data)
    reply([name, zxid])
  },
  children: (keeper, _session, [folder = ''], reply) => reply(keeper.children(folder)),
  watch: (keeper, _session, [folder = '', name = ''], reply) => keeper.watch(folder, name, () => reply(1)),
  delete: (keeper, _session, [folder = '', name = ''], reply) => reply(keeper.delete(folder, name) ? 1 : 0),
  close(keeper, session, _args, reply) {
    keeper.close(session)
    reply(1)
  },
}

export class KeeperServer implements RedisServer {
  readonly usesPromises = false
  readonly isPaused = false
  readonly clock = 'mono'
  #keeper = new Keeper()
  #nowMs = 0

  connect(sink: ServerSink): ServerConnection {
    let isOpen = true
    const reply = (answer: Reply): void => {
      if (isOpen) sink.onReply?.(answer)
    }
    return {
      // Who speaks RESP is in the wrong place: locks of this service have the direct client.
      receive: () => sink.onClose?.(),
      execute: (args) => this.#execute(args, reply),
      close: () => {
        isOpen = false
      },
    }
  }

  #execute([name = '', first = '', ...rest]: readonly string[], reply: (reply: Reply) => void): void {
    this.#keeper.expire(this.#nowMs)
    const request = name.toLowerCase()
    if (request === 'open') {
      const timeoutMs = Number(first)
      const isRight = Number.isInteger(timeoutMs) && timeoutMs > 0
      reply(isRight ? this.#keeper.open(timeoutMs, this.#nowMs).id : error('ERR the timeout of a session is whole ms'))
      return
    }
    const answer = Object.hasOwn(ANSWERS, request) ? ANSWERS[request] : undefined
    if (answer === undefined) {
      reply(error(`ERR unknown request '${name}'`))
      return
    }
    const session = this.#keeper.hear(first, this.#nowMs)
    if (session === null) reply(error('SESSIONEXPIRED its session is over'))
    else answer(this.#keeper, session, rest, reply)
  }

  setClock(nowUs: number): void {
    this.#nowMs = Math.floor(nowUs / 1_000)
  }

  wakeAtMs(): number | null {
    return this.#keeper.nextEndMs
  }

  wake(): void {
    this.#keeper.expire(this.#nowMs)
  }

  suffer(): string {
    return 'a coordination service is no Redis'
  }

  /** The first node in the folder of this name has the lock. */
  observe(key: string): KeyState | null {
    const first = this.#keeper.first(key, this.#nowMs)
    return first === null ? null : { type: 'zset', text: first.data, expireAtMs: first.deadlineMs }
  }

  restart(kept: Kept): null {
    if (kept === 'nothing') this.#keeper = new Keeper()
    else this.#keeper.restart(this.#nowMs)
    return null
  }

  stop(): void {}
}
