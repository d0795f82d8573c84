/**
 * Running scripts for one server: the checks before a run and before each `redis.call`, and what happens to a script
 * that never ends.
 *
 * Models          commands refused inside scripts, read-only scripts, faults (a script that has written is never
 *                 stopped by them), RESP2 and RESP3 replies to the script, SELECT that lasts until its end, BUSY.
 * Does not model  how long a script runs: it takes no virtual time, and "never ends" means a number of instructions.
 *
 * Source: script.c of Redis 7.0
 */
import { BLOCKED, type CommandContext, NO_REPLY, type Outcome } from './command.ts'
import { ADMIN, DENY_OOM, MAY_REPLICATE, NO_SCRIPT, READONLY, WRITE } from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import { DISK_ERROR, type ErrorReply, errorOf, NO_REPLICAS, OUT_OF_MEMORY, READ_ONLY_REPLICA } from './errors.ts'
import type { Keyspace } from './keyspace.ts'
import type { MemoryRedis } from './memory-redis.ts'
import type { Reply } from './reply.ts'
import type { ScriptHost } from './script/engine.ts'
import type { ScriptFlag } from './script/shebang.ts'
import type { PreparedScript } from './script-cache.ts'

/**
 * A script is taken for endless after this many questions whether it should be killed, each of them about 10,000 Lua
 * instructions: 20 million instructions. Redis gives scripts five seconds before it calls itself busy.
 */
export const KILL_QUESTIONS_MAX = 2000

const UNKNOWN_COMMAND = errorOf('ERR Unknown Redis command called from script')
const WRONG_ARITY = errorOf('ERR Wrong number of args calling Redis command from script')
const NOT_FROM_SCRIPT = errorOf('ERR This Redis command is not allowed from script')
const READ_ONLY_SCRIPT = errorOf('ERR Write commands are not allowed from read-only scripts.')
const WRITING_ON_REPLICA = errorOf('READONLY Can not run script with write flag on readonly replica')
const WRITING_WITHOUT_DISK = errorOf(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts.",
)
const WRITING_BY_READ_COMMAND = errorOf('ERR Can not execute a script with write flag using *_ro command.')
const NO_MEMORY_FOR_SCRIPT = errorOf(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
)

/** What the commands of a running script see. */
class ScriptContext implements CommandContext {
  readonly server: MemoryRedis
  readonly connection: RedisConnection
  keys: Keyspace
  readonly nowMs: number
  readonly mustNotBlock = true
  readonly mustSort = true
  resp: 2 | 3 = 2

  constructor(connection: RedisConnection) {
    this.server = connection.server
    this.connection = connection
    this.keys = connection.keys
    this.nowMs = connection.nowMs
  }

  select(database: number): void {
    this.keys = this.server.database(database)
  }
}

/** One run of one script. */
class ScriptRun implements ScriptHost {
  readonly random: { hi: number; lo: number }
  readonly #context: ScriptContext
  readonly #isReadOnly: boolean
  readonly #allowsOutOfMemory: boolean
  #questions = 0
  hasWritten = false

  constructor(connection: RedisConnection, isReadOnly: boolean, allowsOutOfMemory: boolean) {
    this.#context = new ScriptContext(connection)
    this.#isReadOnly = isReadOnly
    this.#allowsOutOfMemory = allowsOutOfMemory
    this.random = connection.server.scriptRandom
  }

  get isEndless(): boolean {
    return this.#questions >= KILL_QUESTIONS_MAX
  }

  call(args: readonly string[]): Reply {
    const context = this.#context
    const row = context.server.findCommand(args)
    if (row === undefined || row === null) return UNKNOWN_COMMAND
    const { arity, bits } = row
    if (arity > 0 ? args.length !== arity : args.length < -arity) return WRONG_ARITY
    if ((bits & NO_SCRIPT) !== 0) return NOT_FROM_SCRIPT
    if (this.#isReadOnly && (bits & (WRITE | MAY_REPLICATE)) !== 0) return READ_ONLY_SCRIPT
    if (context.server.gate !== 0 && !this.hasWritten) {
      const refusal = this.#refusalByFault(bits)
      if (refusal !== null) return refusal
    }
    if ((bits & WRITE) !== 0) this.hasWritten = true
    context.server.commandCount++
    context.keys.nowMs = context.nowMs
    context.keys.isReading = (bits & READONLY) !== 0
    const outcome = row.command.execute(args, context)
    if (context.server.gate !== 0 && (bits & ADMIN) === 0) context.server.feedMonitors(args, context.keys.index, 'lua')
    return outcome === BLOCKED || outcome === NO_REPLY ? null : (outcome as Reply)
  }

  #refusalByFault(bits: number): ErrorReply | null {
    const { server } = this.#context
    const { readOnly, misconf } = server.fault
    if ((bits & WRITE) !== 0) {
      if (readOnly) return READ_ONLY_REPLICA
      if (misconf) return DISK_ERROR
      if (server.lacksReplicas) return NO_REPLICAS
    }
    return server.isOutOfMemory && !this.#allowsOutOfMemory && (bits & DENY_OOM) !== 0 ? OUT_OF_MEMORY : null
  }

  log(): void {}

  shouldKill(): boolean {
    this.#questions++
    return this.isEndless
  }

  setResp(version: 2 | 3): void {
    this.#context.resp = version
  }
}

/** EVAL and its relatives, from the point where the script is known. */
export function runScript(
  script: PreparedScript,
  keys: readonly string[],
  argv: readonly string[],
  { connection, byReadCommand }: { readonly connection: RedisConnection; readonly byReadCommand: boolean },
): Outcome {
  const { server } = connection
  const { flags } = script
  if (flags !== null) {
    const refusal = refusalByFlags(flags, server, byReadCommand)
    if (refusal !== null) return refusal
  }
  const isReadOnly = byReadCommand || flags?.has('no-writes') === true
  const run = new ScriptRun(connection, isReadOnly, flags?.has('allow-oom') === true)
  const reply = server.scripts!.run(script.compiled, keys, argv, run)
  if (!run.isEndless) return reply
  return connection.waitForKill(reply, run.hasWritten)
}

/** A script with flags is refused as a whole. */
function refusalByFlags(
  flags: ReadonlySet<ScriptFlag>,
  { fault, isOutOfMemory }: MemoryRedis,
  byReadCommand: boolean,
): ErrorReply | null {
  if (flags.has('no-writes')) return null
  if (fault.readOnly) return WRITING_ON_REPLICA
  if (fault.misconf) return WRITING_WITHOUT_DISK
  if (byReadCommand) return WRITING_BY_READ_COMMAND
  return isOutOfMemory && !flags.has('allow-oom') ? NO_MEMORY_FOR_SCRIPT : null
}
