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
import type { Denial } from './acl/selector.ts'
import { denialOf } from './acl/users.ts'
import { scriptRedirection, slotOfCall } from './cluster/redirection.ts'
import { BLOCKED, type CommandContext, NO_REPLY, type Outcome } from './command.ts'
import {
  ADMIN,
  type CommandRow,
  DENY_OOM,
  MAY_REPLICATE,
  NO_SCRIPT,
  READONLY,
  STALE,
  WRITE,
} from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import { RESTRICTED } from './connection-mode.ts'
import {
  DISK_ERROR,
  type ErrorReply,
  errorOf,
  NO_REPLICAS,
  OUT_OF_MEMORY,
  READ_ONLY_REPLICA,
  STALE_REPLICA,
} from './errors.ts'
import type { KnownFunction } from './function-libraries.ts'
import type { Keyspace } from './keyspace.ts'
import type { BusyScript, MemoryRedis } from './memory-redis.ts'
import type { Reply } from './reply.ts'
import type { FunctionCall, ScriptHost } from './script/engine.ts'
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
const NOT_ON_CLUSTER = errorOf("ERR Can not run script on cluster, 'no-cluster' flag is set.")
const WRITING_BY_READ_COMMAND = errorOf('ERR Can not execute a script with write flag using *_ro command.')
const NO_MEMORY_FOR_SCRIPT = errorOf(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
)

const DENIED: Readonly<Record<Denial['reason'], ErrorReply>> = {
  command: errorOf("ERR The user executing the script can't run this command or subcommand"),
  key: errorOf(
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
  ),
  channel: errorOf("ERR The user executing the script can't publish to the channel mentioned in the command"),
}

const NO_SLOTS = { slot: null, mayCrossSlots: true }

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
  /** In a cluster: of the keys that it was given or took first, and whether it may take others. */
  readonly #slots: { slot: number | null; readonly mayCrossSlots: boolean }

  constructor(
    connection: RedisConnection,
    isReadOnly: boolean,
    allowsOutOfMemory: boolean,
    slots: { slot: number | null; readonly mayCrossSlots: boolean } = NO_SLOTS,
  ) {
    this.#context = new ScriptContext(connection)
    this.#isReadOnly = isReadOnly
    this.#allowsOutOfMemory = allowsOutOfMemory
    this.#slots = slots
    this.random = connection.server.scriptRandom
  }

  get isEndless(): boolean {
    return this.#questions >= KILL_QUESTIONS_MAX
  }

  call(args: readonly string[]): Reply {
    const context = this.#context
    const row = context.server.findCommand(args)
    if (row === undefined || row === null) return UNKNOWN_COMMAND
    const { bits } = row
    const { gate } = context.server
    const refusal = this.#refusal(row, args, gate)
    if (refusal !== null) {
      context.server.statistics?.rejected(row, refusal.text)
      return refusal
    }
    if ((bits & WRITE) !== 0) this.hasWritten = true
    context.server.commandCount++
    context.keys.nowMs = context.nowMs
    context.keys.isReading = (bits & READONLY) !== 0
    const { statistics } = context.server
    const beganUs = statistics === null ? 0 : statistics.begin(row)
    const { replication } = context.server
    const changes = replication === null ? 0 : replication.begin()
    const outcome = row.command.execute(args, context)
    replication?.ran(changes, row, { args, reply: outcome, keys: context.keys })
    if (statistics !== null) context.connection.count(row, args, beganUs, outcome)
    if (gate !== 0 && (bits & READONLY) !== 0) context.connection.rememberRead()
    if (context.server.gate !== 0 && (bits & ADMIN) === 0) context.server.feedMonitors(args, context.keys.index, 'lua')
    return outcome === BLOCKED || outcome === NO_REPLY ? null : (outcome as Reply)
  }

  /** Why a command may not be called now, in Redis's order; null: it may. */
  #refusal(row: CommandRow, args: readonly string[], gate: number): ErrorReply | null {
    const { arity, bits } = row
    const { connection, server } = this.#context
    if (arity > 0 ? args.length !== arity : args.length < -arity) return WRONG_ARITY
    if ((bits & NO_SCRIPT) !== 0 && !server.allowsAllInScripts) return NOT_FROM_SCRIPT
    if (gate !== 0 && (connection.mode & RESTRICTED) !== 0) {
      const denial = connection.denial(row, args, 'lua')
      if (denial !== null) return DENIED[denial.reason]
    }
    if (this.#isReadOnly && (bits & (WRITE | MAY_REPLICATE)) !== 0) return READ_ONLY_SCRIPT
    const refusal = gate !== 0 && !this.hasWritten ? this.#refusalByFault(bits) : null
    const { cluster } = server
    if (refusal !== null || cluster === null) return refusal
    return scriptRedirection(cluster, row, args, connection, this.#slots)
  }

  #refusalByFault(bits: number): ErrorReply | null {
    const { server } = this.#context
    const { misconf } = server.fault
    if (server.replication?.isStale && (bits & STALE) === 0) return STALE_REPLICA
    if ((bits & WRITE) !== 0) {
      if (server.isReadOnly) return READ_ONLY_REPLICA
      if (misconf) return DISK_ERROR
      if (server.lacksReplicas) return NO_REPLICAS
    }
    return server.isOutOfMemory && !this.#allowsOutOfMemory && (bits & DENY_OOM) !== 0 ? OUT_OF_MEMORY : null
  }

  mayCall(args: readonly string[]): boolean | null {
    const { connection, server } = this.#context
    const row = server.findCommand(args)
    return row === undefined || row === null ? null : denialOf(connection.user, row, args) === null
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

/** Who calls a script, and by which command. */
interface Caller {
  readonly connection: RedisConnection
  readonly args: readonly string[]
  readonly byReadCommand: boolean
}

/** EVAL and its relatives, from the point where the script is known. */
export function runScript(
  script: PreparedScript,
  keys: readonly string[],
  argv: readonly string[],
  caller: Caller,
): Outcome {
  const host = hostFor(caller, script.flags)
  if ('kind' in host) return host
  const reply = caller.connection.server.scripts!.run(script.compiled, keys, argv, host)
  return host.isEndless ? busyWith(caller, host, reply, 'script', script.sha1) : reply
}

/** FCALL and FCALL_RO, from the point where the function is known. */
export function runFunction(
  { library, function: { name, flags } }: KnownFunction,
  call: FunctionCall,
  caller: Caller,
): Outcome {
  const host = hostFor(caller, flags)
  if ('kind' in host) return host
  const reply = caller.connection.server.scripts!.callFunction(library.compiled, name, call, host)
  return host.isEndless ? busyWith(caller, host, reply, 'function', name) : reply
}

function hostFor(caller: Caller, flags: ReadonlySet<ScriptFlag> | null): ScriptRun | ErrorReply {
  const { connection, byReadCommand } = caller
  if (flags === null) {
    return connection.server.replication?.isStale ? STALE_REPLICA : new ScriptRun(connection, byReadCommand, false)
  }
  const refusal = refusalByFlags(flags, connection.server, byReadCommand)
  if (refusal !== null) return refusal
  const { cluster } = connection.server
  if (cluster !== null && flags.has('no-cluster')) return NOT_ON_CLUSTER
  const slots =
    cluster === null ? undefined : { slot: slotGiven(caller), mayCrossSlots: flags.has('allow-cross-slot-keys') }
  return new ScriptRun(connection, byReadCommand || flags.has('no-writes'), flags.has('allow-oom'), slots)
}

/** The slot of the keys that EVAL or FCALL was given. */
function slotGiven({ connection, args }: Caller): number | null {
  const row = connection.server.findCommand(args)
  return row === undefined || row === null ? null : slotOfCall(row, args)
}

function busyWith(
  { connection, args }: Caller,
  { hasWritten }: ScriptRun,
  reply: Reply,
  kind: BusyScript['kind'],
  name: string,
): Outcome {
  return connection.waitForKill(reply, { kind, name, args, hasWritten })
}

/** A script with flags is refused as a whole. */
function refusalByFlags(
  flags: ReadonlySet<ScriptFlag>,
  { fault, isOutOfMemory, isReadOnly, lacksReplicas }: MemoryRedis,
  byReadCommand: boolean,
): ErrorReply | null {
  if (flags.has('no-writes')) return null
  if (isReadOnly) return WRITING_ON_REPLICA
  if (fault.misconf) return WRITING_WITHOUT_DISK
  if (byReadCommand) return WRITING_BY_READ_COMMAND
  if (lacksReplicas) return NO_REPLICAS
  return isOutOfMemory && !flags.has('allow-oom') ? NO_MEMORY_FOR_SCRIPT : null
}
