/**
 * `--redis memory`: the in-memory Redis as a server of the world.
 */
import { MemoryRedis } from '../redis/memory-redis.ts'
import type { ScriptEngine } from '../redis/script/engine.ts'
import { sufferInMemory } from './memory-trouble.ts'
import type { KeyState, RedisServer, ServerConnection, ServerProvider, ServerSink } from './server.ts'
import type { Trouble } from './trouble.ts'

class MemoryServer implements RedisServer {
  readonly usesPromises = false
  #nowUs: number
  readonly #redis: MemoryRedis

  constructor(seed: string, nowUs: number, scripts: ScriptEngine) {
    this.#nowUs = nowUs
    this.#redis = new MemoryRedis({ nowUs: () => this.#nowUs, seed, scripts })
  }

  connect(sink: ServerSink): ServerConnection {
    return this.#redis.connect(sink)
  }

  setClock(nowUs: number): void {
    this.#nowUs = nowUs
  }

  wakeAtMs(): number | null {
    return this.#redis.wakeAtMs()
  }

  wake(): void {
    this.#redis.wake()
  }

  get isPaused(): boolean {
    return this.#redis.waiting.isPaused
  }

  suffer(trouble: Trouble): null {
    sufferInMemory(this.#redis, trouble)
    return null
  }

  observe(key: string): KeyState | null {
    return this.#redis.observe(key)
  }

  restart(options: { readonly keepData: boolean }): void {
    this.#redis.restart(options)
  }

  stop(): void {}
}

/** Nodes in memory; `scripts` runs their Lua and is shared by all worlds of the process. */
export function createMemoryProvider(scripts: ScriptEngine): ServerProvider {
  return {
    kind: 'memory',
    description: 'in-memory Redis (7.0.15)',
    deterministic: true,
    node: (_name, { seed, nowUs }) => new MemoryServer(seed, nowUs, scripts),
    close: async () => {},
  }
}
