/**
 * A story of a server with a disk: commands, time that passes, its end and its next start, told to the in-memory Redis and to a real one.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Ending, type Persistence, persistenceSettings } from '../../../src/redis/persistence/persistence.ts'
import { encodeRequest } from '../../../src/redis/resp/encode-request.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { createMemoryProvider } from '../../../src/server/memory.ts'
import type { RedisServer, ServerConnection } from '../../../src/server/server.ts'
import { type RealConnection, RealRedis } from '../real-redis.ts'

/** Whoever the story is told to; answers are RESP. */
export interface Teller {
  ask(...args: string[]): Promise<string>
  passMs(ms: number): Promise<void>
  /** Waits until a snapshot that was asked for is written. */
  saved(): Promise<void>
  /** The process ends, and starts again after a while. */
  restart(downMs?: number): Promise<void>
  stop(): Promise<void>
}

const START_US = 1_767_225_600_000_000

/** The in-memory Redis; `ending` is what became of its machine. */
export class InMemory implements Teller {
  readonly #server: RedisServer
  #nowUs = START_US
  #connection: ServerConnection
  #received = ''

  constructor(persistence: Persistence) {
    this.#server = createMemoryProvider(loadLuaEngine()).node('redis-1', {
      ...{ seed: 'disk', nowUs: this.#nowUs, persistence },
    })
    this.#connection = this.#connect()
  }

  #connect(): ServerConnection {
    return this.#server.connect({
      onBytes: (bytes) => {
        this.#received += bytes
      },
    })
  }

  /** At once, for tests that need no real server. */
  tell(...args: string[]): string {
    this.#server.setClock(this.#nowUs)
    this.#received = ''
    this.#connection.receive(encodeRequest(args))
    return this.#received
  }

  pass(ms: number): void {
    this.#nowUs += ms * 1000
  }

  end(ending: Ending, downMs = 0): unknown {
    this.#server.end?.(this.#nowUs)
    this.pass(downMs)
    this.#server.setClock(this.#nowUs)
    const found = this.#server.restart(ending)
    this.#connection = this.#connect()
    return found?.kind
  }

  async ask(...args: string[]): Promise<string> {
    return this.tell(...args)
  }

  async passMs(ms: number): Promise<void> {
    this.pass(ms)
  }

  async saved(): Promise<void> {}

  async restart(downMs = 0): Promise<void> {
    this.end('written', downMs)
  }

  async stop(): Promise<void> {
    this.#server.stop()
  }
}

/** A redis-server with a folder of its own, which is killed with kill -9. */
export class OnDisk implements Teller {
  readonly #folder: string
  readonly #settings: readonly string[]
  #redis: RealRedis
  #connection: RealConnection

  private constructor(folder: string, settings: readonly string[], redis: RealRedis, connection: RealConnection) {
    this.#folder = folder
    this.#settings = settings
    this.#redis = redis
    this.#connection = connection
  }

  static async start(persistence: Persistence): Promise<OnDisk> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockstorm-disk-'))
    const settings = [
      ...['--dir', folder],
      ...persistenceSettings(persistence).flatMap(([name, value]) => [`--${name}`, value]),
    ]
    const redis = await RealRedis.start(settings)
    return new OnDisk(folder, settings, redis, await redis.connect())
  }

  ask(...args: string[]): Promise<string> {
    return this.#connection.command(...args)
  }

  async passMs(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms))
  }

  async saved(): Promise<void> {
    const isSaving = async (): Promise<boolean> => {
      const info = await this.ask('INFO', 'persistence')
      return info.includes('rdb_bgsave_in_progress:1') || !info.includes('rdb_changes_since_last_save:0')
    }
    while (await isSaving()) await this.passMs(20)
  }

  async restart(downMs = 0): Promise<void> {
    await this.#redis.stop()
    await this.passMs(downMs)
    this.#redis = await RealRedis.start(this.#settings)
    this.#connection = await this.#redis.connect()
  }

  async stop(): Promise<void> {
    this.#connection.close()
    await this.#redis.stop()
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }
}
