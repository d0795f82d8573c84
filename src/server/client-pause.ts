/**
 * CLIENT PAUSE as a fault: what arrives at a node waits, then runs in Redis's order.
 *
 * It holds back messages before they reach the server, instead of sending CLIENT PAUSE: so each command that waited is
 * executed by itself, in its client's name, and the truth lane knows who did what; no other user of a shared server is
 * paused; and it is the same on every kind of Redis.
 *
 * Models          both modes; the order in which Redis goes on: client by client, in the order in which their first
 *                 command had to wait, each with all that it has sent since; a client that is gone is forgotten; the end
 *                 of the pause by the server's clock.
 * Does not model  a pipeline of which Redis would run the reads before the first write: it waits as a whole. EXEC counts
 *                 as a write, also when only reads were queued.
 *
 * Source: networking.c (`pauseClients`), server.c (`processCommand`) of Redis 7.0
 */
import type { Message } from '../net/connection.ts'
import { MAY_REPLICATE, WRITE } from '../redis/commands/command-row.ts'
import { findCommand } from '../redis/commands/table.ts'
import { RequestParser } from '../redis/resp/request-parser.ts'

export class ClientPause {
  /** It is over when the server's clock is past this, ms since 1970. */
  #untilMs: number
  #onlyWrites: boolean
  readonly #waiting = new Map<object, (() => void)[]>()

  constructor(untilMs: number, onlyWrites: boolean) {
    this.#untilMs = untilMs
    this.#onlyWrites = onlyWrites
  }

  get untilMs(): number {
    return this.#untilMs
  }

  get onlyWrites(): boolean {
    return this.#onlyWrites
  }

  /** A second pause makes it longer and stricter, never shorter. */
  extend(untilMs: number, onlyWrites: boolean): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs)
    this.#onlyWrites &&= onlyWrites
  }

  /** Whether this message of this connection waits; `execute` is called when the pause is over. */
  holdsBack(connection: object, message: Message, execute: () => void): boolean {
    const waiting = this.#waiting.get(connection)
    if (waiting === undefined && this.#onlyWrites && !mayWrite(message)) return false
    if (waiting === undefined) this.#waiting.set(connection, [execute])
    else waiting.push(execute)
    return true
  }

  /** The connection is closed: what it sent is never executed. */
  forget(connection: object): void {
    this.#waiting.delete(connection)
  }

  /** What has waited, in the order in which it runs. */
  release(): readonly (() => void)[] {
    return [...this.#waiting.values()].flat()
  }
}

/** Whether some command in it writes; what cannot be read as commands may. */
function mayWrite(message: Message): boolean {
  if (typeof message !== 'string') return writes(message as readonly string[])
  const parser = new RequestParser()
  parser.push(message)
  let count = 0
  for (let request = parser.next(); request !== null; request = parser.next()) {
    if ('protocolError' in request || writes(request)) return true
    count += 1
  }
  return count === 0
}

function writes(args: readonly string[]): boolean {
  const found = args.length === 0 ? null : findCommand(args)
  return (
    found !== null && found !== undefined && (found.name === 'exec' || (found.bits & (WRITE | MAY_REPLICATE)) !== 0)
  )
}
