/**
 * Servers in memory that reach each other: bytes wait until the test delivers them.
 */
import { readConfiguration } from '../../../src/redis/config.ts'
import { MemoryRedis, type RedisConnection } from '../../../src/redis/memory-redis.ts'
import type { Dial, PeerHandler } from '../../../src/redis/replication/primary-link.ts'
import type { Reply } from '../../../src/redis/reply.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'

/** One server, and a client of it. */
export interface Member {
  readonly server: MemoryRedis
  readonly client: RedisConnection
  /** The reply of a command; undefined: it blocks. */
  ask(...args: readonly string[]): Reply | undefined
  /** What the client was sent since the last call. */
  told(): Reply[]
}

export class Servers {
  nowMs = 1_800_000_000_000
  /** What becomes of bytes on their way. */
  meddle = (bytes: string): string => bytes
  readonly #members = new Map<string, Member>()
  readonly #unreachable = new Set<string>()
  /** Bytes under way, by the server that they come from. */
  readonly #wire: { readonly from: string; readonly deliver: () => void }[] = []
  readonly #cuts: { readonly names: readonly string[]; readonly cut: () => void }[] = []

  add(name: string, settings: readonly (readonly [string, string])[] = []): Member {
    const configuration = readConfiguration([
      ['replica-announce-ip', name],
      ['repl-diskless-sync-delay', '0'],
      ...settings,
    ])
    if (typeof configuration === 'string') throw new Error(configuration)
    const nowUs = (): number => this.nowMs * 1000
    return this.join(
      name,
      (dial) => new MemoryRedis({ nowUs, scripts: loadLuaEngine(), seed: name, configuration, dial, replication: {} }),
    )
  }

  /** A server of any kind; `make` is given how it reaches the others. */
  join(name: string, make: (dial: Dial) => MemoryRedis): Member {
    const server = make(this.#dial(name))
    let replies: Reply[] = []
    const client = server.connect({ onReply: (reply) => replies.push(reply) })
    const told = (): Reply[] => {
      const taken = replies
      replies = []
      return taken
    }
    const member: Member = {
      server,
      client,
      told,
      ask: (...args) => {
        client.execute(args)
        return told().at(-1)
      },
    }
    this.#members.set(name, member)
    return member
  }

  #dial =
    (from: string): Dial =>
    (to, _port, handler) => {
      let isOpen = true
      const close = (): void => {
        if (!isOpen) return
        isOpen = false
        remote?.close()
        this.#wire.push({ from: to, deliver: () => handler.onClose() })
      }
      const accept = (): RedisConnection | null => {
        const target = this.#members.get(to)
        if (target === undefined || this.#unreachable.has(to)) {
          close()
          return null
        }
        return target.server.connect({
          address: `${from}:40000`,
          onBytes: (bytes) =>
            this.#wire.push({ from: to, deliver: () => isOpen && handler.onBytes(this.meddle(bytes)) }),
          onClose: close,
        })
      }
      let remote: RedisConnection | null = null
      this.#wire.push({
        from,
        deliver: () => {
          if (!isOpen) return
          remote = accept()
          if (remote !== null) (handler as PeerHandler).onOpen()
        },
      })
      this.#cuts.push({ names: [from, to], cut: close })
      return {
        send: (bytes) => this.#wire.push({ from, deliver: () => isOpen && remote?.receive(this.meddle(bytes)) }),
        close,
      }
    }

  /** Everything under way arrives; what comes from `except` waits. */
  deliver(except: readonly string[] = []): void {
    for (;;) {
      const index = this.#wire.findIndex(({ from }) => !except.includes(from))
      if (index === -1) return
      this.#wire.splice(index, 1)[0]!.deliver()
    }
  }

  /** Time passes, a second at a time, and nothing is lost on the way. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000
      for (const { server } of this.#members.values()) {
        server.tick()
        server.replication?.cron()
      }
      this.deliver()
    }
  }

  /** The connections between two servers are reset, with what is under way. */
  reset(one: string, other: string): void {
    for (const { names, cut } of this.#cuts) if (names.includes(one) && names.includes(other)) cut()
  }

  /** No new connection reaches it. */
  hide(name: string, isHidden = true): void {
    if (isHidden) this.#unreachable.add(name)
    else this.#unreachable.delete(name)
  }
}
