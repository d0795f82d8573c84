/**
 * The shape of a Redis command: its row in the command table, and what its body may reach.
 *
 * One file a command group (`commands/strings.ts`, `commands/hashes.ts`, …) exports an array of these; the
 * table in `commands/table.ts` joins them. A body never throws for bad input: it returns Redis's own error.
 */

import type { Keyspace } from './keyspace.ts'
import type { MemoryRedis, RedisConnection } from './memory-redis.ts'
import type { Reply } from './reply.ts'

/** The flags COMMAND INFO prints and the server acts on. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'fast'
  | 'no_auth'
  | 'allow_busy'
  | 'no_multi'
  | 'movablekeys'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'asking'
  | 'sort_for_script'
  | 'no_async_loading'

/** What a command body may reach while it runs. */
export interface CommandContext {
  readonly server: MemoryRedis
  readonly connection: RedisConnection
  /** The selected database. */
  readonly keys: Keyspace
  /** The server's wall clock in whole milliseconds, the same during one command, one EXEC and one script. */
  readonly nowMs: number
  /** True inside MULTI/EXEC and scripts: a blocking command then answers at once. */
  readonly mustNotBlock: boolean
  /** The protocol version of the reader; few commands care, because `encodeReply` flattens maps, sets and doubles. */
  readonly resp: 2 | 3
  /** Inside a script: SORT of a set must not depend on the order of its members. */
  readonly mustSort: boolean
  /** SELECT; inside a script it lasts until the script ends. */
  select(database: number): void
}

/** A reply; or `BLOCKED`: the command has parked itself with `connection.block(…)` and answers later; or `NO_REPLY`. */
export type Outcome = Reply | typeof BLOCKED | typeof NO_REPLY

/** Returned by a blocking command that waits. */
export const BLOCKED = Symbol('blocked')

/** Returned by a command that has sent its replies itself (SUBSCRIBE), or sends none (CLIENT REPLY OFF). */
export const NO_REPLY = Symbol('no reply')

export interface Command {
  /** Lower case, as COMMAND INFO prints it; a subcommand is `config|get`. */
  readonly name: string
  /** As in COMMAND INFO: counts the name (and the subcommand); negative means "at least". */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  /** Position of the first key (0: none), of the last (negative counts from the end), and the step. */
  readonly firstKey: number
  readonly lastKey: number
  readonly keyStep: number
  /** `args[0]` is the command name as sent; arity has been checked. */
  execute(args: readonly string[], context: CommandContext): Outcome
  /** Rows of their own for the subcommands of CONFIG, CLIENT and the like; `execute` then only serves the bare name. */
  readonly subcommands?: readonly Command[]
  /** The flags of this very call, where the arguments decide about them (a script says on its first line what it does). */
  flagsOf?(args: readonly string[], context: CommandContext): readonly CommandFlag[]
  /** The keys, where positions cannot say it (flag `movablekeys`); null when the arguments make no sense. */
  keysOf?(args: readonly string[]): readonly string[] | null
}
