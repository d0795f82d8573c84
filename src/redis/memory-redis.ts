/**
 * The in-memory Redis server: connections, the command loop, blocked clients, pub/sub, scripts.
 */
import type { Outcome } from './command.ts'
import type { Reply } from './reply.ts'
import type { ScriptEngine } from './script/engine.ts'

/** What a server needs from the outside. */
export interface MemoryRedisOptions {
  /** The server's wall clock: whole microseconds since 1970. It may jump, also backwards. */
  readonly nowUs: () => number
  /** Runs EVAL and its relatives; without one they answer an error. */
  readonly scripts?: ScriptEngine
  /** Seeds whatever Redis draws at random (run id, RANDOMKEY, SPOP); the same seed, the same replies. */
  readonly seed?: string
}

/** How a connection hands out what the server sends. Exactly one of `onBytes` and `onReply` is given. */
export interface ConnectionSink {
  /** RESP bytes as a latin-1 string. */
  readonly onBytes?: (bytes: string) => void
  /** Replies and pushes in order, without RESP, for the direct client. */
  readonly onReply?: (reply: Reply) => void
  /** The server closed the connection (QUIT, CLIENT KILL, a protocol error). */
  readonly onClose?: () => void
  /** Peer address for CLIENT LIST; default 127.0.0.1 with a port that counts up. */
  readonly address?: string
}

export declare class MemoryRedis {
  constructor(options: MemoryRedisOptions)
  /** A client connected. */
  connect(sink: ConnectionSink): RedisConnection
  /** When (server wall clock, ms) something waits for time to pass: a blocked client's timeout, CLIENT PAUSE. */
  wakeAtMs(): number | null
  /** The clock has reached (or jumped over) `wakeAtMs`: ends what is due. Also harmless at any other time. */
  wake(): void
  /** What a key holds now, without side effects and without counting as a command. */
  observe(key: string, database?: number): { readonly type: string; readonly text: string | null; readonly expireAtMs: number | null } | null
  /** The process ends and starts again: connections are closed, scripts and data forgotten unless `keepData`. */
  restart(options: { readonly keepData: boolean }): void
}

export declare class RedisConnection {
  /** Bytes from the client, cut anywhere. Never throws: broken RESP gets Redis's protocol error and a close. */
  receive(bytes: string): void
  /** One command without RESP; the reply comes through `onReply`, before this returns unless the command blocks. */
  execute(args: readonly string[]): void
  /** The client is gone. */
  close(): void
  /** For blocking commands: see `commands/lists.ts`. */
  block(wait: { readonly keys: readonly string[]; readonly timeoutMs: number | null; readonly retry: () => Outcome; readonly onTimeout: Reply }): void
}
