/**
 * A Sentinel in memory as a server of the world.
 */
import { Sentinel } from '../../redis/sentinel/sentinel.ts'
import type { SentinelNodeOptions, SentinelRedisServer, ServerConnection, ServerSink } from '../server.ts'

const MS_US = 1000

export class SentinelServer implements SentinelRedisServer {
  readonly usesPromises = false
  readonly isPaused = false
  readonly #sentinel: Sentinel
  #nowUs: number

  constructor({ nowUs, seed, dial, address, primary, onEvent }: SentinelNodeOptions) {
    this.#nowUs = nowUs
    this.#sentinel = new Sentinel({ nowUs: () => this.#nowUs, seed, dial, address, primaries: [primary], onEvent })
  }

  look(): number {
    return this.#sentinel.look() * MS_US
  }

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
