/**
 * Clients that wait: for data in a key, for replicas, for the end of CLIENT PAUSE.
 *
 * Models  the order in which Redis serves them: keys in the order they became ready, clients on one key in the order they
 *         came, timeouts in the order they fall due; a client's timeout is over when the clock has passed it.
 *
 * Source: blocked.c, timeout.c, networking.c (`pauseClients`) of Redis 7.0.
 */
import { MAY_REPLICATE, WRITE } from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import type { KeyListeners } from './key-listeners.ts'

/** CLIENT PAUSE. */
interface Pause {
  readonly untilMs: number
  readonly onlyWrites: boolean
}

export class WaitingClients {
  /** Some key that a client is blocked on has changed. */
  hasReadyKeys = false
  readonly #blocked = new Set<RedisConnection>()
  #readyKeys: { readonly listeners: KeyListeners; readonly key: string }[] = []
  #pause: Pause | null = null
  #postponed: RedisConnection[] = []

  /** A blocking command waits. */
  add(connection: RedisConnection): void {
    this.#blocked.add(connection)
  }

  /** It waits no longer. */
  delete(connection: RedisConnection): void {
    this.#blocked.delete(connection)
  }

  /** The connection is closed. */
  forget(connection: RedisConnection): void {
    this.#blocked.delete(connection)
    if (this.#postponed.length > 0) this.#postponed = this.#postponed.filter((other) => other !== connection)
  }

  /** Also those whose command CLIENT PAUSE holds back. */
  get blockedCount(): number {
    return this.#blocked.size + this.#postponed.length
  }

  /** Those that do not wait for ever. */
  get timedCount(): number {
    return [...this.#blocked].filter(({ deadlineMs }) => deadlineMs !== null).length
  }

  /** A key that a client is blocked on may have what it waits for. */
  keyIsReady(listeners: KeyListeners, key: string): void {
    if (this.#readyKeys.some((ready) => ready.key === key && ready.listeners === listeners)) return
    this.#readyKeys.push({ listeners, key })
    this.hasReadyKeys = true
  }

  /** Answers clients that are blocked on ready keys; serving one may make other keys ready. */
  serveReadyKeys(nowMs: number): void {
    for (let ready = this.#readyKeys.shift(); ready !== undefined; ready = this.#readyKeys.shift()) {
      for (const connection of [...ready.listeners.blockedOn(ready.key)]) connection.retryBlocked(ready.key, nowMs)
    }
    this.hasReadyKeys = false
  }

  /** Whether CLIENT PAUSE is on. */
  get isPaused(): boolean {
    return this.#pause !== null
  }

  /** Whether CLIENT PAUSE holds a command with these flags back. */
  isPausedFor(bits: number): boolean {
    if (this.#pause === null) return false
    return !this.#pause.onlyWrites || (bits & (WRITE | MAY_REPLICATE)) !== 0
  }

  /** CLIENT PAUSE: a second one makes it longer and stricter, never shorter. */
  pause(untilMs: number, onlyWrites: boolean): void {
    const before = this.#pause
    this.#pause =
      before === null
        ? { untilMs, onlyWrites }
        : { untilMs: Math.max(before.untilMs, untilMs), onlyWrites: before.onlyWrites && onlyWrites }
  }

  /** CLIENT UNPAUSE, or its time is up: what was held back runs in the order it came. */
  unpause(): void {
    this.#pause = null
    const postponed = this.#postponed
    this.#postponed = []
    for (const connection of postponed) connection.unpause()
  }

  /** The pause holds a command of this connection back. */
  postpone(connection: RedisConnection): void {
    this.#postponed.push(connection)
  }

  /** The first millisecond of the server's clock at which something is due; null: nothing waits for time. */
  wakeAtMs(): number | null {
    let lastMs = this.#pause === null ? Infinity : this.#pause.untilMs
    for (const { deadlineMs } of this.#blocked) if (deadlineMs !== null && deadlineMs < lastMs) lastMs = deadlineMs
    return lastMs === Infinity ? null : lastMs + 1
  }

  /** Ends what is due. */
  endDue(nowMs: number): void {
    const due = [...this.#blocked].filter(({ deadlineMs }) => deadlineMs !== null && deadlineMs < nowMs)
    due.sort((a, b) => a.deadlineMs! - b.deadlineMs! || a.id - b.id)
    for (const connection of due) connection.timeOut()
    if (this.#pause !== null && this.#pause.untilMs < nowMs) this.unpause()
  }
}
