/**
 * One client's connection: reading commands, the checks before a command may run, sending replies, blocking.
 *
 * Models          pipelines, MULTI queueing, RESP2 and RESP3, CLIENT REPLY, blocked clients, CLIENT PAUSE, a client whose
 *                 script never ends, protocol errors, closing after a reply.
 * Does not model  output buffer limits, idle timeouts.
 *
 * Invariants
 * - Commands of one connection run in the order they came; a blocked connection runs none.
 * - Nothing runs inside the run of another command: what a sink sends from inside a callback waits for its turn.
 *
 * Source: networking.c and server.c (`processCommand`) of Redis 7.0.
 */
import type { AccessLogEntry } from './acl/access-log.ts'
import type { Denial } from './acl/selector.ts'
import type { User } from './acl/user.ts'
import { denialOf } from './acl/users.ts'
import { clientLine } from './client-line.ts'
import { isRedirection } from './cluster/redirection.ts'
import { BLOCKED, type CommandContext, NO_REPLY, type Outcome } from './command.ts'
import type { CommandRow } from './commands/command-row.ts'
import * as row from './commands/command-row.ts'
import { findCommand } from './commands/table.ts'
import {
  ASKING,
  CLOSE_AFTER_REPLY,
  CLOSED,
  IN_MULTI,
  PRIMARY,
  REPLICA,
  REPLY_OFF,
  REPLY_SKIP,
  REPLY_SKIP_NEXT,
  RESTRICTED,
  UNAUTHENTICATED,
  WAITING,
} from './connection-mode.ts'
import { type ErrorReply, EXEC_ABORT, errorOf, wrongArity } from './errors.ts'
import type { KeyListeners } from './key-listeners.ts'
import type { Keyspace } from './keyspace.ts'
import type { BusyScript, ConnectionSink, MemoryRedis } from './memory-redis.ts'
import { redacted, withoutSecrets } from './monitors.ts'
import { refusal, unknownCommand, unknownSubcommand } from './refusals.ts'
import { NULL_ARRAY, type Reply, status } from './reply.ts'
import { ReplyOutput } from './reply-output.ts'
import { RequestParser } from './resp/request-parser.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { TrackingState } from './tracking.ts'
import { Transaction } from './transaction.ts'

/** What a blocked client waits for. */
export interface Wait {
  readonly keys: readonly string[]
  /** ms to wait from now; null: for ever. */
  readonly timeoutMs: number | null
  /** Called with the key that got data; answers `BLOCKED` when it is not what the client waits for. */
  readonly retry: (readyKey: string) => Outcome
  readonly onTimeout: Reply
  /** Told when the wait is over, whatever ended it. */
  readonly onEnd?: () => void
}

/** A wait in progress. */
interface Block {
  readonly wait: Wait
  readonly listeners: KeyListeners
  readonly deadlineMs: number | null
}

const changedRules = (reason: string): ErrorReply =>
  errorOf(
    `NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ${reason}`,
  )
const DENIED_AT_EXEC: Readonly<Record<Denial['reason'], ErrorReply>> = {
  command: changedRules('no permission to execute the command or subcommand'),
  key: changedRules('no permission to touch the specified keys'),
  channel: changedRules('no permission to access one of the channels used as arguments'),
}
const QUEUED = status('QUEUED')
const FORCED_UNBLOCK = errorOf(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
)

export class RedisConnection implements CommandContext {
  readonly server: MemoryRedis
  readonly id: number
  readonly address: string
  keys: Keyspace
  nowMs = 0
  resp: 2 | 3 = 2
  mustNotBlock = false
  readonly mustSort = false
  /** Null: the default user. */
  #user: User | null = null
  /** See connection-mode.ts. */
  mode = 0
  name = ''
  /** When it connected, and when it last sent a command: server wall clock, ms. */
  readonly createdMs: number
  lastCommandMs: number
  lastCommandName = 'NULL'
  /** How far the stream for replicas had come after its last command: what WAIT waits for. */
  writtenOffset = 0
  /** CLIENT NO-EVICT. */
  isProtectedFromEviction = false
  subscriptions: Subscriptions | null = null
  /** CLIENT TRACKING; null: off. */
  tracking: TrackingState | null = null
  /** The command that runs, or ran last, while the server's gate is not 0. */
  #call: { readonly found: CommandRow; readonly args: readonly string[] } | null = null
  readonly #output: ReplyOutput
  #parser: RequestParser | null = null
  /** Commands that came through `execute` and could not run yet. */
  #waiting: (readonly string[])[] = []
  /** The command that CLIENT PAUSE holds back. */
  #postponed: readonly string[] | null = null
  #block: Block | null = null
  #transaction: Transaction | null = null

  constructor(server: MemoryRedis, id: number, sink: ConnectionSink, keys: Keyspace, nowMs: number) {
    this.server = server
    this.id = id
    const { statistics } = server
    const count = (bytes: number): void => statistics?.traffic.wrote(bytes, (this.mode & REPLICA) !== 0)
    this.#output = new ReplyOutput(sink, statistics === null ? null : count)
    this.keys = keys
    this.createdMs = nowMs
    this.lastCommandMs = nowMs
    this.address = sink.address ?? `127.0.0.1:${40_000 + (id % 20_000)}`
  }

  /** A context needs its connection, and the connection is its own context. */
  get connection(): RedisConnection {
    return this
  }

  /** Bytes from the client, cut anywhere. Never throws: broken RESP gets Redis's protocol error and a close. */
  receive(bytes: string): void {
    if ((this.mode & (CLOSED | CLOSE_AFTER_REPLY)) !== 0) return
    this.server.statistics?.traffic.read(bytes.length)
    this.#parser ??= new RequestParser()
    this.#parser.push(bytes)
    this.runWaiting()
  }

  /** One command without RESP; the reply comes through `onReply`, before this returns unless the command blocks. */
  execute(args: readonly string[]): void {
    if (
      this.server.isRunning ||
      this.#waiting.length > 0 ||
      (this.mode & (WAITING | CLOSED | CLOSE_AFTER_REPLY)) !== 0
    ) {
      this.#executeLater(args)
      return
    }
    this.#process(args)
    if (this.mode !== 0) this.#afterCommand()
    if (this.server.tracking !== null) this.server.tracking.broadcast()
    if (this.#output.bytes !== '') this.#output.flush()
    if ((this.mode & CLOSE_AFTER_REPLY) !== 0) this.#closeAfterReply(false)
    if (this.server.hasDeferred) this.server.runDeferred()
  }

  #executeLater(args: readonly string[]): void {
    if ((this.mode & (CLOSED | CLOSE_AFTER_REPLY)) !== 0) return
    this.#waiting.push(args)
    if ((this.mode & WAITING) === 0) this.server.defer(this)
  }

  /** Runs what has arrived, as far as it is allowed to run. */
  runWaiting(): void {
    if (this.server.isRunning) {
      this.server.defer(this)
      return
    }
    this.#output.isCorked = true
    while ((this.mode & (WAITING | CLOSED | CLOSE_AFTER_REPLY)) === 0) {
      const request = this.#waiting.shift() ?? this.#parser?.next((this.mode & UNAUTHENTICATED) === 0) ?? null
      if (request === null) break
      if ('protocolError' in request) {
        this.mode |= CLOSE_AFTER_REPLY
        this.send(errorOf(`ERR Protocol error: ${request.protocolError}`))
      } else {
        if (request.length > 0) this.#process(request)
        if (this.mode !== 0) this.#afterCommand()
      }
    }
    if (this.server.tracking !== null) this.server.tracking.broadcast()
    this.#output.isCorked = false
    const hasReplied = this.#output.bytes !== ''
    if (hasReplied) this.#output.flush()
    if ((this.mode & CLOSE_AFTER_REPLY) !== 0) this.#closeAfterReply(hasReplied)
    if (this.server.hasDeferred) this.server.runDeferred()
  }

  /** The client is gone, or the server ends the connection: everything it held is given back. */
  close(): void {
    if ((this.mode & CLOSED) !== 0) return
    this.mode |= CLOSED
    this.#endBlock()
    this.discardTransaction()
    this.#waiting = []
    this.#postponed = null
    this.tracking = null
    this.server.forget(this)
    this.#output.end()
  }

  /** Redis closes when it has written something: a client that silenced its replies waits for ever. */
  #closeAfterReply(hasReplied: boolean): void {
    const isSilent = (this.mode & (REPLY_OFF | REPLY_SKIP)) !== 0 && !hasReplied
    if ((this.mode & WAITING) === 0 && !isSilent) this.close()
  }

  /** Sends a reply (or a part of the reply of EXEC), unless CLIENT REPLY silenced it. */
  send(reply: Reply): void {
    if ((this.mode & (REPLY_OFF | REPLY_SKIP | CLOSED)) === 0) this.#output.add(reply, this.resp)
  }

  /**
   * Sends what the client did not ask for: CLIENT REPLY OFF does not silence it. While its own EXEC runs it goes into the
   * middle of that reply, which is where Redis writes it.
   */
  push(reply: Reply): void {
    if ((this.mode & CLOSED) === 0) this.#output.add(reply, this.resp)
  }

  /** To a replica: a part of the stream, or of the handshake before it. */
  sendRaw(bytes: string): void {
    if ((this.mode & CLOSED) === 0) this.#output.addRaw(bytes)
  }

  /** HELLO. */
  speak(resp: 2 | 3): void {
    if (resp !== this.resp) this.#output.changeProtocol(this.resp)
    this.resp = resp
  }

  /** One command: found, checked, run or queued. */
  #process(args: readonly string[]): void {
    const { server } = this
    const found = server.newer === null ? findCommand(args) : server.findCommand(args)
    if (found === undefined || found === null) {
      this.lastCommandName = 'NULL'
      if (/^(?:post|host:)$/i.test(args[0]!)) this.#cutOff()
      else this.#reject(found === undefined ? unknownCommand(args) : unknownSubcommand(args), null)
      return
    }
    this.lastCommandName = found.name
    const { arity } = found
    if (arity > 0 ? args.length !== arity : args.length < -arity) {
      this.#reject(wrongArity(found.name), found)
      return
    }
    if ((server.gate | this.mode | (found.bits & row.PROTECTED)) !== 0 && !this.#admit(found, args)) return
    server.isRunning = true
    if (server.tracking !== null) server.tracking.current = this
    this.#run(found, args)
    if (server.gate !== 0) server.replication?.end(this)
    if (server.tracking !== null) {
      server.tracking.commandIsOver()
      this.#forgetCaching(found)
    }
    if (server.waiting.hasReadyKeys) server.serveReadyKeys()
    server.isRunning = false
  }

  /** What a browser sends that was tricked into talking to Redis: the connection ends, with what it was about to be told. */
  #cutOff(): void {
    this.#output.forget()
    this.close()
  }

  /** CLIENT REPLY SKIP silences the next command only; a blocked command is not over yet. */
  #afterCommand(): void {
    if (this.isBlocked) return
    const skipsNext = (this.mode & REPLY_SKIP_NEXT) !== 0
    this.mode &= ~(REPLY_SKIP | REPLY_SKIP_NEXT)
    if (skipsNext) this.mode |= REPLY_SKIP
    if ((this.mode & (ASKING | IN_MULTI)) === ASKING && this.lastCommandName !== 'asking') this.mode &= ~ASKING
  }

  /** Runs an admitted command at the present time and sends its reply. */
  #run(found: CommandRow, args: readonly string[]): void {
    const nowMs = this.server.beginCommand()
    this.nowMs = nowMs
    this.keys.nowMs = nowMs
    this.lastCommandMs = nowMs
    this.#perform(found, args)
  }

  /** Runs a command, alone or inside EXEC. */
  #perform(found: CommandRow, args: readonly string[]): void {
    this.keys.isReading = (found.bits & row.READONLY) !== 0
    const isShownFirst = (found.bits & row.SKIP_MONITOR) !== 0
    if (this.server.gate !== 0) this.#call = { found, args }
    if (this.server.gate !== 0 && isShownFirst) this.#feedMonitors(found, args)
    const { statistics, replication } = this.server
    const beganUs = statistics === null ? 0 : statistics.begin(found)
    const changes = replication === null ? 0 : replication.begin()
    const outcome = found.command.execute(args, this)
    if (statistics !== null) this.count(found, args, beganUs, outcome)
    if (this.server.gate !== 0) {
      replication?.ran(changes, found, { args, reply: outcome, keys: this.keys })
      if (!isShownFirst) this.#feedMonitors(found, args)
      // A script that only reads is no reading command: its commands are.
      if ((found.bits & row.READONLY) !== 0 && (found.bits & row.NO_SCRIPT) === 0) this.rememberRead()
    }
    if (outcome !== BLOCKED && outcome !== NO_REPLY) this.send(outcome as Reply)
  }

  /** A command of this client, or of its script, is over. */
  count(found: CommandRow, args: readonly string[], beganUs: number, outcome: unknown): void {
    // What blocks is over when it is answered.
    if (outcome === BLOCKED) return
    const { server, address, name } = this
    const call = { args: withoutSecrets(found.name, args), seconds: Math.floor(server.nowMs / 1000), address, name }
    server.statistics?.ran(found, beganUs, outcome, call, server.statisticsLimits())
  }

  /** The command has read keys: a client that caches is told when they change. */
  rememberRead(): void {
    const { tracking, config } = this.server
    if (tracking === null || this.tracking === null || this.#call === null) return
    const keysMax = Number(config.get('tracking-table-max-keys'))
    tracking.remember(this, this.#call.found, this.#call.args, keysMax)
  }

  /** CLIENT CACHING is for one command, or one transaction. */
  #forgetCaching(found: CommandRow): void {
    if (this.tracking === null || (this.mode & IN_MULTI) !== 0 || found.name.startsWith('client|')) return
    this.tracking.isCachingGiven = false
  }

  /** MONITOR sees a script before its commands, everything else after it ran, and no administrative commands. */
  #feedMonitors(found: CommandRow, args: readonly string[]): void {
    if ((found.bits & row.ADMIN) !== 0) return
    this.server.feedMonitors(redacted(found.name, args), this.keys.index, this.address)
  }

  /** The questions that are asked only when something is out of the ordinary; false: the command was refused, queued or put off. */
  #admit(found: CommandRow, args: readonly string[]): boolean {
    const bits = this.#effectiveBits(found, args)
    const reason = (this.mode & PRIMARY) === 0 ? refusal(found, args, bits, this) : null
    if (reason !== null) {
      this.#reject(reason, found)
      return false
    }
    const { waiting } = this.server
    if (waiting.isPausedFor(bits)) {
      this.#postponed = args
      this.mode |= WAITING
      waiting.postpone(this)
      return false
    }
    if ((this.mode & IN_MULTI) === 0 || (found.bits & row.RUNS_IN_MULTI) !== 0) return true
    this.transaction.add(found, args, bits)
    this.send(QUEUED)
    return false
  }

  /** EXEC counts as everything it will run, a script as what its first line promises. */
  #effectiveBits(found: CommandRow, args: readonly string[]): number {
    if (found.name === 'exec') return this.transaction.bitsOf(found)
    return found.command.flagsOf === undefined ? found.bits : row.flagBits(found.command.flagsOf(args, this))
  }

  /** A command that may not run answers an error, spoils the transaction it belongs to, and EXEC itself ends it. */
  #reject(reply: ErrorReply, found: CommandRow | null): void {
    this.server.statistics?.rejected(found, reply.text)
    if ((this.mode & IN_MULTI) !== 0) this.transaction.mustAbort = true
    if (found?.name === 'exec') {
      this.discardTransaction()
      if (isRedirection(reply)) this.send(reply)
      else this.send(errorOf(`EXECABORT Transaction discarded because of: ${reply.text.replace(/^ERR /, '')}`))
      return
    }
    this.send(reply)
  }

  /** What was queued and what is watched. */
  get transaction(): Transaction {
    this.#transaction ??= new Transaction()
    return this.#transaction
  }

  /** DISCARD, and the end of every EXEC. */
  discardTransaction(): void {
    this.mode &= ~IN_MULTI
    this.#transaction?.unwatch()
    this.#transaction = null
  }

  /** EXEC. */
  executeTransaction(): Outcome {
    const { transaction } = this
    const isDirty = transaction.isDirty || transaction.hasExpiredWatch(this.nowMs)
    if (transaction.mustAbort || isDirty) {
      this.discardTransaction()
      return transaction.mustAbort ? EXEC_ABORT : NULL_ARRAY
    }
    transaction.unwatch()
    const replies = this.#runQueue(transaction)
    this.discardTransaction()
    // A SUBSCRIBE to several channels answers several times, but Redis announced one reply per command: the rest follows the array.
    const reply = replies.slice(0, transaction.queue.length)
    const busy = this.server.busyScript
    if (busy !== null && busy.caller === this) {
      busy.replyWhenKilled = reply
      this.mode |= WAITING
      return BLOCKED
    }
    if ((this.mode & (REPLY_OFF | REPLY_SKIP)) === 0) this.#output.addTransaction(reply, this.resp)
    for (const extra of replies.slice(transaction.queue.length)) this.send(extra)
    return NO_REPLY
  }

  /** Runs what was queued; everything that is sent meanwhile is kept. */
  #runQueue({ queue }: Transaction): readonly Reply[] {
    const replies: Reply[] = []
    this.#output.collected = replies
    this.mustNotBlock = true
    for (const { row: queued, args } of queue) {
      this.keys.nowMs = this.nowMs
      // What it may do can have changed since the command was queued, also by a command of this transaction.
      const denial = (this.mode & RESTRICTED) === 0 ? null : this.denial(queued, args, 'multi')
      if (denial === null) this.#perform(queued, args)
      else this.send(DENIED_AT_EXEC[denial.reason])
    }
    this.mustNotBlock = false
    this.#output.collected = null
    return replies
  }

  /**
   * A script of this client never ends: the server is busy until SCRIPT KILL, and then `reply` (the error of a killed script)
   * is what the client gets. Inside EXEC the rest of the transaction is run at once, which no client can see before the kill.
   */
  waitForKill(reply: Reply, run: Pick<BusyScript, 'kind' | 'name' | 'args' | 'hasWritten'>): Outcome {
    this.server.becomeBusy({ ...run, caller: this, sinceMs: this.nowMs, replyWhenKilled: reply })
    if (this.mustNotBlock) return reply
    this.mode |= WAITING
    return BLOCKED
  }

  /** Whose permissions it has. */
  get user(): User {
    return this.#user ?? this.server.users.default
  }

  /** AUTH worked. */
  logIn(user: User): void {
    this.#user = user
    this.mode &= ~UNAUTHENTICATED
    this.restrict()
  }

  /** It is the default user again, and has to log in if that has a password. */
  logOut(): void {
    this.#user = null
    this.mode = (this.mode & ~(UNAUTHENTICATED | RESTRICTED)) | this.server.newMode()
  }

  /** Its user has changed. */
  restrict(): void {
    if (this.user.allowsEverything) this.mode &= ~RESTRICTED
    else {
      this.mode |= RESTRICTED
      this.server.hasRestrictedUsers()
    }
  }

  /** Why its user may not make this call, which is then on record; null: it may. */
  denial(found: CommandRow, args: readonly string[], context: 'toplevel' | 'multi' | 'lua'): Denial | null {
    const denial = denialOf(this.user, found, args)
    if (denial === null) return null
    const object = denial.reason === 'command' ? found.name : args[denial.at]!
    this.recordDenial({ reason: denial.reason, context, object, user: this.user.name })
    return denial
  }

  /** An entry of ACL LOG about this client. */
  recordDenial(denied: Pick<AccessLogEntry, 'reason' | 'context' | 'object' | 'user'>): void {
    const { nowMs, config, users } = this.server
    const entry = { ...denied, client: clientLine(this, nowMs), atMs: nowMs, count: 1 }
    users.log.add(entry, Number(config.get('acllog-max-len')))
  }

  /** RESET: as if the client had just connected. */
  reset(): void {
    this.select(0)
    this.resp = 2
    this.discardTransaction()
    this.server.pubSub.forget(this)
    this.server.removeMonitor(this)
    this.name = ''
    this.tracking = null
    this.mode &= CLOSED | CLOSE_AFTER_REPLY
    this.logOut()
  }

  /** WATCH of one key. */
  watch(key: string): void {
    this.transaction.watch(key, this.server.listeners(this.keys.index), this)
  }

  /** A watched key changed: the next EXEC answers nil, and there is nothing left to watch for. */
  markDirty(): void {
    this.transaction.isDirty = true
  }

  /** Commands queued since MULTI; -1 outside of it, as CLIENT LIST prints it. */
  get queuedCount(): number {
    return (this.mode & IN_MULTI) === 0 ? -1 : this.transaction.queue.length
  }

  /** SELECT. */
  select(database: number): void {
    this.keys = this.server.database(database)
    this.keys.nowMs = this.nowMs
  }

  /**
   * Parks a blocking command, which then returns `BLOCKED`. `retry` is called when one of the keys has changed, after the
   * command, transaction or script that changed it; clients blocked on the same key are asked in the order they came.
   */
  block(wait: Wait): void {
    const deadlineMs = wait.timeoutMs === null ? null : this.nowMs + wait.timeoutMs
    const listeners = this.server.listeners(this.keys.index)
    this.#block = { wait, listeners, deadlineMs }
    this.mode |= WAITING
    for (const key of new Set(wait.keys)) listeners.block(key, this)
    this.server.waiting.add(this)
  }

  /** Whether a blocking command waits (CLIENT UNBLOCK, CLIENT LIST). */
  get isBlocked(): boolean {
    return this.#block !== null
  }

  /** When the wait ends (server wall clock, ms); null: never, or nothing waits. */
  get deadlineMs(): number | null {
    return this.#block?.deadlineMs ?? null
  }

  /** A key this client waits for has data: answers and goes on, or keeps waiting. */
  retryBlocked(key: string, nowMs: number): void {
    const block = this.#block
    if (block === null) return
    this.nowMs = nowMs
    this.keys.nowMs = nowMs
    this.keys.isReading = false
    const { tracking, replication } = this.server
    if (tracking !== null) tracking.current = this
    const changes = replication === null ? 0 : replication.begin()
    const outcome = block.wait.retry(key)
    if (replication !== null && this.#call !== null && outcome !== BLOCKED) {
      replication.ran(changes, this.#call.found, { args: this.#call.args, reply: outcome, keys: this.keys })
    }
    if (outcome !== BLOCKED) this.unblock(outcome)
    replication?.end(this)
    tracking?.commandIsOver()
  }

  /** What the command that waits is, as its flags say; 0: none waits. */
  get blockedBits(): number {
    return this.#block === null ? 0 : (this.#call?.found.bits ?? 0)
  }

  /** A key that it waits for; null: it waits for none. */
  get blockedKey(): string | null {
    return this.#block?.wait.keys[0] ?? null
  }

  /** The wait is over because the server has become a replica. */
  dropBlocked(): void {
    this.mode |= CLOSE_AFTER_REPLY
    this.unblock(FORCED_UNBLOCK)
  }

  /** The wait is over because its time is up. */
  timeOut(): void {
    if (this.#block !== null) this.unblock(this.#block.wait.onTimeout)
  }

  /** Ends the wait with a reply (none: the wait's own replies were sent). */
  unblock(reply: Reply | typeof NO_REPLY): void {
    const { statistics } = this.server
    if (statistics !== null && this.#call !== null) {
      this.count(this.#call.found, this.#call.args, statistics.measureUs(), reply)
    }
    this.#endBlock()
    this.resume(reply)
    if (this.mode !== 0) this.#afterCommand()
  }

  /** Ends any kind of waiting; what came in meanwhile runs when the present command is over. */
  resume(reply: Reply | typeof NO_REPLY): void {
    this.mode &= ~WAITING
    if (reply !== NO_REPLY) this.send(reply)
    this.server.defer(this)
  }

  /** CLIENT PAUSE is over: the command that was held back comes first. */
  unpause(): void {
    const args = this.#postponed
    if (args === null) return
    this.#postponed = null
    this.#waiting.unshift(args)
    this.resume(NO_REPLY)
  }

  #endBlock(): void {
    const block = this.#block
    if (block === null) return
    this.#block = null
    for (const key of new Set(block.wait.keys)) block.listeners.unblock(key, this)
    this.server.waiting.delete(this)
    block.wait.onEnd?.()
  }
}
