/**
 * The server processes of a run: those in use, and those that wait for the next world.
 */
import type { RedisServer } from '../server.ts'
import { Bridge } from './bridge.ts'
import type { HangGuard } from './hang-guard.ts'
import type { Launcher } from './launcher.ts'
import { RedisProcess } from './redis-process.ts'
import { RedisServerNode } from './redis-server-node.ts'
import { type SaidVersion, versionIn } from './said-version.ts'
import { PacedClock } from './server-clock.ts'

/** What a running server says of itself. */
export interface ServerFacts {
  /** Null: it does not say. */
  readonly version: SaidVersion | null
  /** Why its clock is not virtual though it should be; null: it is. */
  readonly whyNotVirtual: string | null
}

export class RedisPool {
  readonly #launcher: Launcher
  readonly #runFolder: string
  readonly #guard: HangGuard
  readonly #idle: RedisProcess[] = []
  readonly #processes = new Set<RedisProcess>()
  #started = 0
  #isClosed = false

  constructor(launcher: Launcher, runFolder: string, guard: HangGuard) {
    this.#launcher = launcher
    this.#runFolder = runFolder
    this.#guard = guard
  }

  /** Starts `count` processes. */
  prepare(count: number): void {
    while (this.#idle.length < count) this.#idle.push(this.#start())
  }

  /** Asks one process for its version, and whether it really follows its clock file. */
  facts(): ServerFacts {
    this.prepare(1)
    const process = this.#idle[0]!
    const bridge = new Bridge(process, process.clock ?? new PacedClock(0), this.#guard)
    const [time, info] = bridge.ask([['TIME'], ['INFO', 'server']]) as [readonly [string, string], string]
    bridge.close()
    return {
      version: versionIn(info),
      whyNotVirtual: process.clock === null ? null : this.#whyNotVirtual(process.clock.wallUs, time, info),
    }
  }

  #whyNotVirtual(wallUs: number, [seconds, micros]: readonly [string, string], info: string): string | null {
    if (Number(seconds) * 1e6 + Number(micros) !== wallUs) {
      return `no virtual clock: ${this.#launcher.program} does not load the preload library`
    }
    const monotonic = /^monotonic_clock:(.*)\r$/m.exec(info)?.[1]
    if (monotonic === undefined || monotonic === 'POSIX clock_gettime') return null
    return `no virtual clock: ${this.#launcher.program} reads the processor's clock (${monotonic})`
  }

  /** A node for a world. */
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
      launcher: this.#launcher,
      guard: this.#guard,
      runFolder: this.#runFolder,
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

  close(): void {
    this.#isClosed = true
    for (const process of this.#processes) this.#end(process)
  }
}
