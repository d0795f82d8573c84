/**
 * MIGRATE: keys leave for another server, which takes them with RESTORE. A server that reaches no other refuses it.
 *
 * Models          the order and the texts of errors; what the other one has taken is gone here; meanwhile this server answers nobody.
 * Does not model  connections that are kept for ten seconds for the next MIGRATE; MIGRATE in a transaction or a script, which fails.
 *
 * Source: cluster.c (`migrateCommand`) of Redis 7.0; https://redis.io/docs/latest/commands/migrate/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { BLOCKED, type Command, type CommandContext, type Outcome } from '../command.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import type { PeerSocket } from '../replication/primary-link.ts'
import { OK, type Reply, status } from '../reply.ts'
import { encodeRequest } from '../resp/encode-request.ts'
import { dumped } from './dump.ts'

type Args = readonly string[]

const KEY_AND_KEYS = errorOf('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string')
const UNREACHABLE = errorOf('IOERR error or timeout writing to target instance')
const NOT_CONNECTED = errorOf('IOERR error or timeout connecting to the client')
const NOT_READ = errorOf('IOERR error or timeout reading to target instance')
/** When the call says 0. */
const TIMEOUT_MS = 1000
const FIRST_OPTION = 6

/** By the word: how many arguments it takes. */
const OPTIONS: ReadonlyMap<string, number> = new Map([
  ['copy', 0],
  ['replace', 0],
  ['auth', 1],
  ['auth2', 2],
])

/** Where `KEYS` stands; 0: nowhere, null: the options make no sense. */
function keysWord(args: Args): number | null {
  for (let index = FIRST_OPTION; index < args.length; index++) {
    if (isWord(args[index]!, 'keys')) return index
    const takes = OPTIONS.get(args[index]!.toLowerCase())
    if (takes === undefined || index + takes >= args.length) return null
    index += takes
  }
  return 0
}

export const migrate: Command = {
  name: 'migrate',
  arity: -6,
  flags: ['write', 'movablekeys'],
  firstKey: 3,
  lastKey: 3,
  keyStep: 1,
  keysOf: (args) => {
    const at = keysWord(args)
    return at === null || at === 0 ? [args[3]!] : args[3] === '' ? args.slice(at + 1) : null
  },
  execute,
}

function execute(args: Args, context: CommandContext): Outcome {
  const at = keysWord(args)
  if (at === null) return SYNTAX_ERROR
  if (at !== 0 && args[3] !== '') return KEY_AND_KEYS
  const database = parseInteger(args[4]!)
  const timeoutMs = parseInteger(args[5]!)
  if (timeoutMs === null || database === null) return NOT_AN_INTEGER
  const { keys, server, connection, nowMs, mustNotBlock } = context
  const parts = keysOfCall(args, at).flatMap((key): Part[] => {
    const entry = keys.find(key)
    if (entry === undefined) return []
    const ttlMs = entry.expireAtMs === null ? 0 : Math.max(Number(entry.expireAtMs) - nowMs, 1)
    return [{ key, ttlMs, payload: dumped(entry.value, server) }]
  })
  if (parts.length === 0) return status('NOKEY')
  if (server.dial === null || mustNotBlock) return UNREACHABLE
  const options = args.slice(FIRST_OPTION, at === 0 ? undefined : at)
  const migration = new Migration(context, parts, optionsOf(options))
  connection.block({
    keys: [],
    timeoutMs: timeoutMs > 0 ? timeoutMs : TIMEOUT_MS,
    retry: () => migration.conclude(),
    get onTimeout() {
      return migration.failure
    },
    onEnd: () => migration.end(),
  })
  migration.begin({ host: args[1]!, port: Number(args[2]), database })
  return BLOCKED
}

const keysOfCall = (args: Args, at: number): Args => (at === 0 ? [args[3]!] : args.slice(at + 1))

/** What replicas are told: the keys that have left. */
export function migrateEffects(args: Args, keys: Pick<Keyspace, 'peek'>): readonly Args[] {
  const gone = keysOfCall(args, keysWord(args) ?? 0).filter((key) => keys.peek(key) === undefined)
  return gone.length === 0 ? [] : [['DEL', ...gone]]
}

interface Options {
  readonly copies: boolean
  readonly replaces: boolean
  /** Of AUTH. */
  readonly login: Args | null
}

function optionsOf(words: Args): Options {
  let options: Options = { copies: false, replaces: false, login: null }
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!.toLowerCase()
    if (word === 'copy') options = { ...options, copies: true }
    else if (word === 'replace') options = { ...options, replaces: true }
    else {
      const takes = OPTIONS.get(word) ?? 0
      options = { ...options, login: words.slice(index + 1, index + 1 + takes) }
      index += takes
    }
  }
  return options
}

interface Part {
  readonly key: string
  readonly ttlMs: number
  readonly payload: string
}

/** Keys on their way to another server. Meanwhile this one does nothing else, as one that waits for the other's answer. */
class Migration {
  readonly #context: CommandContext
  readonly #parts: readonly Part[]
  readonly #options: Options
  #socket: PeerSocket | null = null
  /** What has come of the next line. */
  #rest = ''
  /** Each a line without its end. */
  readonly #answers: string[] = []
  /** Answers that come before those to RESTORE. */
  readonly #before: number
  failure: ErrorReply = NOT_CONNECTED

  constructor(context: CommandContext, parts: readonly Part[], options: Options) {
    this.#context = context
    this.#parts = parts
    this.#options = options
    this.#before = options.login === null ? 1 : 2
  }

  begin({ host, port, database }: { readonly host: string; readonly port: number; readonly database: number }): void {
    const { server } = this.#context
    server.pause(Infinity, false)
    const restore = server.cluster === null ? 'RESTORE' : 'RESTORE-ASKING'
    const { login, replaces } = this.#options
    const commands: readonly Args[] = [
      ...(login === null ? [] : [['AUTH', ...login]]),
      ['SELECT', String(database)],
      ...this.#parts.map(({ key, ttlMs, payload }) => [
        ...[restore, key, String(ttlMs), payload],
        ...(replaces ? ['REPLACE'] : []),
      ]),
    ]
    this.#socket = server.dial!(host, port, {
      onOpen: () => {
        this.failure = NOT_READ
        this.#socket?.send(commands.map(encodeRequest).join(''))
      },
      onBytes: (bytes) => {
        const lines = (this.#rest + bytes).split('\r\n')
        this.#rest = lines.pop()!
        this.#answers.push(...lines)
        if (this.#answers.length >= commands.length) this.#finish()
      },
      onClose: () => {
        if (this.failure === NOT_CONNECTED) this.failure = UNREACHABLE
        this.#finish()
      },
    })
  }

  #finish(): void {
    const { connection, server } = this.#context
    if (this.#socket === null) return
    connection.retryBlocked('', server.nowMs)
    server.runDeferred()
  }

  /** What the other server has taken is here no longer, whatever became of the rest. */
  conclude(): Reply {
    const { keys } = this.#context
    const before = this.#answers.slice(0, this.#before)
    const answers = this.#answers.slice(this.#before)
    const refusal = [...before, ...answers].find(isRefusal)
    if (!before.some(isRefusal) && !this.#options.copies) {
      for (const [index, { key }] of this.#parts.entries()) {
        if (answers[index] === undefined || isRefusal(answers[index]) || !keys.remove(key)) continue
        keys.wrote('del', key)
      }
    }
    if (refusal !== undefined) return errorOf(`ERR Target instance replied with error: ${refusal.slice(1)}`)
    return answers.length < this.#parts.length ? this.failure : OK
  }

  /** It is over, whatever ended it. */
  end(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    this.#context.server.unpause()
  }
}

const isRefusal = (line: string): boolean => line.startsWith('-')
