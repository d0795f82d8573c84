/**
 * What one client collects between MULTI and EXEC, and the keys it watches.
 *
 * Invariants
 * - Once a watched key changed or a command was refused, nothing more is collected: EXEC will run nothing.
 *
 * Source: multi.c of Redis 7.0; https://redis.io/docs/latest/develop/interact/transactions/
 */
import { type CommandRow, LOADING, STALE } from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import type { KeyListeners, Watch } from './key-listeners.ts'

export interface QueuedCommand {
  readonly row: CommandRow
  readonly args: readonly string[]
}

export class Transaction {
  queue: QueuedCommand[] = []
  /** A watched key changed: EXEC answers nil. */
  isDirty = false
  /** A command was refused while it should have been queued: EXEC answers EXECABORT. */
  mustAbort = false
  #watches: Watch[] = []
  #bits = 0
  /** Flags that some queued command lacks. */
  #lacks = 0

  /** The flags EXEC itself counts as: all that some queued command has, and LOADING and STALE if every one has them. */
  bitsOf(exec: CommandRow): number {
    return (exec.bits | this.#bits) & ~this.#lacks
  }

  add(row: CommandRow, args: readonly string[], bits: number): void {
    if (this.isDirty || this.mustAbort) return
    this.queue.push({ row, args })
    this.#bits |= bits & ~(LOADING | STALE)
    this.#lacks |= ~bits & (LOADING | STALE)
  }

  /** WATCH of one key. */
  watch(key: string, listeners: KeyListeners, connection: RedisConnection): void {
    if (this.#watches.some((watch) => watch.key === key && watch.listeners === listeners)) return
    this.#watches.push(listeners.watch(key, connection))
  }

  /** Forgets the watched keys; a transaction that is already dirty stays so. */
  unwatch(): void {
    const watches = this.#watches
    this.#watches = []
    for (const watch of watches) watch.listeners.unwatch(watch)
  }

  /** A key whose time was up already when it was watched is no change; one whose time has come since is. */
  hasExpiredWatch(nowMs: number): boolean {
    return this.#watches.some((watch) => {
      if (watch.wasExpired) return false
      watch.listeners.keys.nowMs = nowMs
      return watch.listeners.keys.isExpired(watch.key)
    })
  }
}
