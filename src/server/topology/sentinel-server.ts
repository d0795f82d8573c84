/**
 * A Sentinel as a server of the world: in memory, whoever answers for the Redis nodes.
 */
import type { SentinelOptions } from '../../redis/sentinel/sentinel.ts'
import { Sentinel } from '../../redis/sentinel/sentinel.ts'
import type { RedisServer, ServerConnection, ServerSink } from '../server.ts'

export class SentinelServer implements RedisServer {
  readonly usesPromises = false
  readonly isPaused = false
  readonly #sentinel: Sentinel
  #nowUs: number

  constructor(options: Omit<SentinelOptions, 'nowUs'> & { readonly nowUs: number }) {
    this.#nowUs = options.nowUs
    this.#sentinel = new Sentinel({ ...options, nowUs: () => this.#nowUs })
  }

  /** Looks at everything; answers in how many ms it must look again. */
  look(): number {
    return this.#sentinel.look()
  }

  /** SENTINEL FAILOVER, as an operator says it. */
  failOver(name: string): void {
    const client = this.#sentinel.redis.connect({ onReply: () => {} })
    client.execute(['SENTINEL', 'FAILOVER', name])
    client.close()
  }

  connect(sink: ServerSink): ServerConnection {
    return this.#sentinel.redis.connect(sink)
  }

  setClock(nowUs: number): void {
    this.#nowUs = nowUs
  }

  wakeAtMs(): number | null {
    return this.#sentinel.redis.wakeAtMs()
  }

  wake(): void {
    this.#sentinel.redis.wake()
  }

  suffer(): string {
    return 'a Sentinel holds no data'
  }

  observe(): null {
    return null
  }

  restart(): null {
    this.#sentinel.restart()
    return null
  }

  stop(): void {}
}
