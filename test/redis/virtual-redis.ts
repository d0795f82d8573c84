/**
 * A real redis-server under virtual time for a test suite: the truth that the in-memory Redis is compared with.
 *
 *     const redis = await startVirtualRedis()
 *     const client = redis.connect()
 *     client.send(['SET', 'k', 'v', 'PX', '500'])   // '+OK\r\n'
 *     redis.setClockMs(redis.startMs + 501)
 *     client.send(['GET', 'k'])                     // '$-1\r\n'
 *     await redis.close()
 */

import { encodeRequest } from '../../src/redis/resp/encode-request.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { RedisServer, ServerConnection, ServerProvider } from '../../src/server/server.ts'

const START_MS = 1_700_000_000_000

/** One connection; `send` is synchronous. */
export class VirtualRedisClient {
  #received = ''
  isClosed = false
  readonly #connection: ServerConnection

  constructor(server: RedisServer) {
    this.#connection = server.connect({
      onBytes: (bytes) => {
        this.#received += bytes
      },
      onClose: () => {
        this.isClosed = true
      },
    })
  }

  /** Sends a command or raw RESP bytes; returns the raw bytes that came back, together with what came unasked since. */
  send(request: readonly string[] | string): string {
    this.#connection.receive(typeof request === 'string' ? request : encodeRequest(request))
    return this.take()
  }

  /** What has arrived since the last `send` or `take`: pushed messages, answers of blocked commands. */
  take(): string {
    const received = this.#received
    this.#received = ''
    return received
  }

  close(): void {
    this.#connection.close()
  }
}

export class VirtualRedis {
  /** The server's clock at the start, ms since 1970. */
  readonly startMs = START_MS
  readonly description: string
  readonly #provider: ServerProvider
  #server: RedisServer

  constructor(provider: ServerProvider) {
    this.description = provider.description
    this.#provider = provider
    this.#server = this.#node()
  }

  #node(): RedisServer {
    return this.#provider.node('redis-1', { seed: 'virtual-redis', nowUs: START_MS * 1000 })
  }

  /** The node itself, for `observe`, `restart`, `wakeAtMs`. */
  get server(): RedisServer {
    return this.#server
  }

  connect(): VirtualRedisClient {
    return new VirtualRedisClient(this.#server)
  }

  /** Moves the server's clock (ms since 1970, fractions down to 0.001 count), then lets the server notice. */
  setClockMs(ms: number): void {
    this.#server.setClock(Math.round(ms * 1000))
    this.#server.wake()
  }

  /** An empty server whose clock is at `startMs` again; connections are gone. Costs about 2 ms. */
  reset(): void {
    this.#server.stop()
    this.#server = this.#node()
  }

  close(): Promise<void> {
    this.#server.stop()
    return this.#provider.close()
  }
}

/** Starts a server; fails when its time cannot be virtual, because then the suite would compare nothing. */
export async function startVirtualRedis(): Promise<VirtualRedis> {
  const provider = await createRedisServerProvider()
  if (!provider.deterministic) {
    await provider.close()
    throw new Error(`virtual-redis: ${provider.warning}`)
  }
  return new VirtualRedis(provider)
}
