/**
 * `--redis server`: real `redis-server` or `valkey-server` processes as nodes of the world, under virtual time.
 *
 * Models          everything that the server itself does, at the world's time: expiry, blocked calls, TIME, crash and
 *                 restart. The same plan gives the same history: clocks, hash seed and random numbers are the world's.
 * Does not model  the random parts of a run: CLIENT ID goes on counting when a process serves another world, and a
 *                 script that never ends is killed with its server (its time limit needs a clock that runs).
 *
 * Without a virtual clock (no C compiler, not Linux, a server that reads the processor's clock) time is paced and the
 * provider says so.
 */
import type { RedisServer, ServerProvider } from '../server.ts'
import { Bridge } from './bridge.ts'
import { HangGuard } from './hang-guard.ts'
import { buildPreload } from './preload.ts'
import { findRedisBinary, type RedisBinary } from './redis-binary.ts'
import { RedisProcess } from './redis-process.ts'
import { RedisServerNode } from './redis-server-node.ts'
import { RunFolder } from './run-folder.ts'
import { PacedClock } from './server-clock.ts'

/** How long a server may take for one answer, in real time. */
const ANSWER_LIMIT_MS = 10_000

export interface RedisServerProviderOptions {
  /** The program; default: `redis-server` or `valkey-server` on the PATH. */
  readonly binary?: string
  /** How many processes to start at once; more are started when a world needs them. */
  readonly count?: number
  /** False: the real clock, paced. Default: virtual where possible. */
  readonly virtualTime?: boolean
  /** A server that does not answer for so long, in real time, is killed. */
  readonly answerLimitMs?: number
}

/** A provider that can say why it is not deterministic. */
export interface RedisServerProvider extends ServerProvider {
  /** One line when something could not be had; null when all is well. */
  readonly warning: string | null
}

/** Starts the first processes and finds out whether their time can be virtual. */
export async function createRedisServerProvider(
  options: RedisServerProviderOptions = {},
): Promise<RedisServerProvider> {
  const binary = findRedisBinary(options.binary)
  const folder = new RunFolder()
  const preload = options.virtualTime === false ? { missing: 'virtual time was turned off' } : buildPreload(folder.path)
  const guard = new HangGuard(options.answerLimitMs ?? ANSWER_LIMIT_MS)
  const pool = new RedisPool(binary, folder, guard, 'path' in preload ? preload.path : null)
  try {
    let warning = 'path' in preload ? pool.whyNotVirtual() : preload.missing
    if (warning !== null) pool.useRealTime()
    if (warning !== null) warning = `${warning}; time is paced and a run cannot be replayed exactly`
    pool.prepare(options.count ?? 1)
    return {
      kind: 'server',
      description: `${binary.name} ${binary.version}${warning === null ? ', virtual time' : ', paced'}`,
      deterministic: warning === null,
      warning,
      node: (name, { seed, nowUs }) => pool.take(name, seed, nowUs),
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/** The processes of a run: those in use, and those that wait for the next world. */
class RedisPool {
  readonly #binary: RedisBinary
  readonly #folder: RunFolder
  readonly #guard: HangGuard
  #preload: string | null
  readonly #idle: RedisProcess[] = []
  readonly #processes = new Set<RedisProcess>()
  #started = 0
  #isClosed = false

  constructor(binary: RedisBinary, folder: RunFolder, guard: HangGuard, preload: string | null) {
    this.#binary = binary
    this.#folder = folder
    this.#guard = guard
    this.#preload = preload
  }

  /** Looks whether a process really follows its clock file; null when it does. */
  whyNotVirtual(): string | null {
    const process = this.#start()
    this.#idle.push(process)
    const clock = process.clock!
    const bridge = new Bridge(process, clock, this.#guard)
    const [time, info] = bridge.ask([['TIME'], ['INFO', 'server']])
    bridge.close()
    const [seconds, micros] = time as readonly [string, string]
    if (Number(seconds) * 1e6 + Number(micros) !== clock.wallUs) {
      return `no virtual clock: ${this.#binary.path} does not load the preload library`
    }
    const monotonic = /^monotonic_clock:(.*)\r$/m.exec(info as string)?.[1]
    if (monotonic !== undefined && monotonic !== 'POSIX clock_gettime') {
      return `no virtual clock: ${this.#binary.path} reads the processor's clock (${monotonic})`
    }
    return null
  }

  useRealTime(): void {
    this.#preload = null
    for (const process of this.#idle.splice(0)) this.#end(process)
  }

  prepare(count: number): void {
    while (this.#idle.length < count) this.#idle.push(this.#start())
  }

  take(name: string, seed: string, nowUs: number): RedisServer {
    const process = this.#idle.pop() ?? this.#start()
    process.node = name
    process.clock?.set(nowUs)
    return new RedisServerNode({
      process,
      seed,
      clock: process.clock ?? new PacedClock(nowUs),
      guard: this.#guard,
      giveBack: (isEmpty) => this.#giveBack(process, isEmpty),
    })
  }

  #giveBack(process: RedisProcess, isEmpty: boolean): void {
    if (this.#isClosed) return
    if (isEmpty) this.#idle.push(process)
    else this.#end(process)
  }

  #start(): RedisProcess {
    this.#started += 1
    const process = new RedisProcess({
      binary: this.#binary,
      folder: this.#folder,
      guard: this.#guard,
      preload: this.#preload,
      number: this.#started,
    })
    this.#processes.add(process)
    process.start()
    return process
  }

  #end(process: RedisProcess): void {
    this.#processes.delete(process)
    process.close()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const process of this.#processes) this.#end(process)
    await this.#guard.close()
    await this.#folder.close()
  }
}
