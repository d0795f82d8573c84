/**
 * `--redis mock`: ioredis-mock as a node of the world, to see how its answers differ from a real server's.
 *
 * One mock instance a connection, all of a node on one shared key space, as ioredis-mock does it for one host. A command
 * runs when it arrives; its reply comes out of a promise, in the drain that follows the event.
 *
 * Models          what ioredis-mock answers, error texts included, also where that is wrong; MULTI as its own `multi()`
 *                 pipeline; published messages; its timers (a blocking XREAD polls every 100 ms), which are virtual here.
 * Does not model  what ioredis-mock has not: blocked BLPOP, CLIENT, SCRIPT LOAD, RESP3 (an error reply each, in the
 *                 mock's words), scripts known to other connections than the one that sent them, expiry by itself.
 *                 Bytes above 0x7f inside Lua scripts are mangled by its Lua engine.
 *
 * Source: https://github.com/stipsan/ioredis-mock/blob/main/compat.md
 */
import { createRequire } from 'node:module'
import { error, NULL_ARRAY, OK, type Reply, status } from '../../redis/reply.ts'
import { encodeReply } from '../../redis/resp/encode-reply.ts'
import { RequestParser } from '../../redis/resp/request-parser.ts'
import { assertNever } from '../../sim/assert.ts'
import { UsageError } from '../../sim/usage-error.ts'
import type { Kept, KeyState, RedisServer, ServerConnection, ServerProvider, ServerSink } from '../server.ts'
import { REFUSING_STATES, STATE_CODES, type Trouble } from '../trouble.ts'

/** The part of ioredis-mock that is used here. */
interface Mock {
  readonly context: MockContext
  readonly data: { get(key: string): unknown; delete(key: string): void; clear(): void }
  readonly expires: { get(key: string): number | undefined; delete(key: string): void; clear(): void }
  multi(): MockPipeline
  on(event: string, listener: (...args: string[]) => void): void
  disconnect(): void
}
interface Emitter {
  setMaxListeners(count: number): void
  removeAllListeners(): void
  /** Made with the first subscription. */
  readonly instanceListeners?: Map<string, unknown>
}
interface MockContext {
  readonly modifiedKeyEvents: Emitter
  readonly channels: Emitter
  readonly patternChannels: Emitter
}
interface MockPipeline {
  exec(): Promise<readonly (readonly [null, unknown])[] | null>
}
type MockClass = new (options: { readonly host: string }) => Mock
type Method = (...args: readonly string[]) => unknown

/** Commands whose 'OK' and the like are status replies; everything else that is a string is a bulk string. */
const STATUS_COMMANDS = new Set(
  (
    'auth bgrewriteaof bgsave config discard flushall flushdb hmset lset ltrim mset multi ping psetex quit rename ' +
    'restore save script select set setex type unwatch watch xgroup'
  ).split(' '),
)
/** Methods of the mock's class that are no commands, though a client may send their names. */
const NO_COMMANDS = new Set(['connect', 'disconnect', 'duplicate', 'exec', 'pipeline', 'on', 'emit', 'defineCommand'])
const SUBSCRIBING = new Set(['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'])

/** Loads ioredis-mock, which the user has installed. */
export async function createMockProvider(): Promise<ServerProvider> {
  const { mock, version } = await load()
  /** Key spaces live as long as the process, so those of ended worlds are used again. */
  const idle: string[] = []
  let spaces = 0
  return {
    kind: 'mock',
    description: `ioredis-mock ${version}`,
    deterministic: true,
    lacks: ['script-flush', 'right', ...REFUSING_STATES],
    node: (_name, { nowUs }) => {
      const space = idle.pop() ?? `lockstorm-${spaces++}`
      return new MockServer(mock, space, nowUs, () => idle.push(space))
    },
    close: async () => {},
  }
}

async function load(): Promise<{ mock: MockClass; version: string }> {
  try {
    const module = (await import('ioredis-mock')) as unknown as { default: MockClass }
    const { version } = createRequire(import.meta.url)('ioredis-mock/package.json') as { version: string }
    return { mock: module.default, version }
  } catch (cause) {
    throw new UsageError(
      '--redis mock',
      'expected the package ioredis-mock, which cannot be loaded',
      'npm install -D ioredis-mock ioredis',
      {
        cause,
      },
    )
  }
}

class MockServer implements RedisServer {
  readonly #mock: MockClass
  readonly #space: string
  readonly #giveBack: () => void
  readonly #connections = new Set<MockConnection>()
  /** Never used by a client: looks at keys, and keeps the key space. */
  readonly #observer: Mock
  #nowMs: number
  #isStopped = false

  constructor(mock: MockClass, space: string, nowUs: number, giveBack: () => void) {
    this.#mock = mock
    this.#space = space
    this.#giveBack = giveBack
    this.#nowMs = nowUs / 1000
    this.#observer = new mock({ host: space })
    const { modifiedKeyEvents, channels, patternChannels } = this.#observer.context
    // One listener a connection is no leak.
    for (const emitter of [modifiedKeyEvents, channels, patternChannels]) emitter.setMaxListeners(0)
  }

  connect(sink: ServerSink): ServerConnection {
    const connection: MockConnection = new MockConnection(
      new this.#mock({ host: this.#space }),
      sink,
      (run) => this.#atServerTime(run),
      () => this.#connections.delete(connection),
    )
    this.#connections.add(connection)
    return connection
  }

  setClock(nowUs: number): void {
    this.#nowMs = nowUs / 1000
  }

  /** The mock's timers are the world's. */
  wakeAtMs(): number | null {
    return null
  }

  wake(): void {}

  readonly isPaused = false

  suffer(trouble: Trouble): string | null {
    switch (trouble.kind) {
      case 'flush':
        this.#clear()
        return null
      case 'evict':
        this.#observer.data.delete(trouble.key)
        this.#observer.expires.delete(trouble.key)
        return null
      case 'script-flush':
        return 'ioredis-mock has no script cache that could be flushed'
      case 'state':
        return `ioredis-mock never answers ${STATE_CODES[trouble.state]}`
      case 'right':
        return 'ioredis-mock has no users'
      default:
        return assertNever(trouble)
    }
  }

  observe(key: string): KeyState | null {
    return this.#atServerTime(() => {
      const value = this.#observer.data.get(key)
      if (value === undefined) return null
      return { ...describe(value), expireAtMs: this.#observer.expires.get(key) ?? null }
    })
  }

  restart(kept: Kept): null {
    if (kept !== 'all') this.#clear()
    for (const connection of [...this.#connections]) connection.cut()
    return null
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    for (const connection of [...this.#connections]) connection.close()
    this.#clear()
    // ioredis-mock's `disconnect` leaves the subscriptions of a client behind: the next world would count them.
    const { channels, patternChannels } = this.#observer.context
    for (const emitter of [channels, patternChannels]) {
      emitter.removeAllListeners()
      emitter.instanceListeners?.clear()
    }
    this.#observer.disconnect()
    this.#giveBack()
  }

  #clear(): void {
    this.#observer.data.clear()
    this.#observer.expires.clear()
  }

  /** ioredis-mock asks `Date.now()`: for the time of a command that is this node's clock. */
  #atServerTime<T>(run: () => T): T {
    const { now } = Date
    const nowMs = Math.floor(this.#nowMs)
    Date.now = () => nowMs
    try {
      return run()
    } finally {
      Date.now = now
    }
  }
}

/** A key as the mock keeps it. */
function describe(value: unknown): { readonly type: string; readonly text: string | null } {
  if (Array.isArray(value)) return { type: 'list', text: text(value[0]) }
  if (value instanceof Set) return { type: 'set', text: smallest([...value].map(String)) }
  if (value instanceof Map) return { type: 'zset', text: text(value.keys().next().value) }
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    return { type: 'hash', text: smallest(Object.keys(value)) }
  }
  return { type: 'string', text: text(value) }
}

const smallest = (names: readonly string[]): string | null =>
  names.reduce<string | null>((least, name) => (least === null || name < least ? name : least), null)

const text = (value: unknown): string | null =>
  value === undefined || value === null ? null : Buffer.isBuffer(value) ? value.toString('latin1') : String(value)

class MockConnection implements ServerConnection {
  readonly #mock: Mock
  readonly #sink: ServerSink
  readonly #atServerTime: <T>(run: () => T) => T
  readonly #onEnd: () => void
  readonly #requests = new RequestParser()
  /** Replies leave in the order of their commands, though their promises may settle in another. */
  #last: Promise<void> = Promise.resolve()
  #transaction: MockPipeline | null = null
  #isEnded = false

  constructor(mock: Mock, sink: ServerSink, atServerTime: <T>(run: () => T) => T, onEnd: () => void) {
    this.#mock = mock
    this.#sink = sink
    this.#atServerTime = atServerTime
    this.#onEnd = onEnd
    mock.on('message', (channel, message) => this.#say(['message', channel, message]))
    mock.on('pmessage', (pattern, channel, message) => this.#say(['pmessage', pattern, channel, message]))
  }

  receive(bytes: string): void {
    this.#requests.push(bytes)
    for (let request = this.#requests.next(); request !== null; request = this.#requests.next()) {
      if ('protocolError' in request) {
        this.#say(error(`ERR Protocol error: ${request.protocolError}`))
        this.cut()
        return
      }
      if (request.length > 0) this.execute(request)
    }
  }

  execute(args: readonly string[]): void {
    if (this.#isEnded) return
    const name = args[0]!.toLowerCase()
    const answer = this.#run(name, args.slice(1))
    this.#last = this.#last.then(async () => {
      for (const reply of await answer) this.#say(reply)
      if (name === 'quit') this.cut()
    })
  }

  /** Runs the command now; the replies come later. */
  async #run(name: string, args: readonly string[]): Promise<readonly Reply[]> {
    try {
      if (SUBSCRIBING.has(name)) return await this.#subscribe(name, args)
      return [await this.#call(name, args)]
    } catch (thrown) {
      return [error((thrown as Error).message.replace(/[\r\n]+/g, ' '))]
    }
  }

  async #call(name: string, args: readonly string[]): Promise<Reply> {
    const transaction = this.#transaction
    if (name === 'multi') {
      this.#transaction ??= this.#mock.multi()
      return OK
    }
    if (name === 'exec' || name === 'discard') {
      this.#transaction = null
      if (transaction === null) return error(`ERR ${name.toUpperCase()} without MULTI`)
      if (name === 'discard') return OK
      const results = await this.#atServerTime(() => transaction.exec())
      return results === null ? NULL_ARRAY : results.map(([, result]) => toReply(result))
    }
    if (transaction !== null) {
      this.#method(transaction, name)(...args)
      return status('QUEUED')
    }
    const result = await this.#atServerTime(() => this.#method(this.#mock, name)(...args))
    const reply = toReply(result)
    return typeof reply === 'string' && STATUS_COMMANDS.has(name) ? status(reply) : reply
  }

  #method(target: object, name: string): Method {
    const method = NO_COMMANDS.has(name) ? undefined : (target as Record<string, unknown>)[name]
    if (typeof method !== 'function') throw new TypeError(`Unsupported command: ${JSON.stringify(name)}`)
    return method.bind(target) as Method
  }

  /** The mock answers with the number of subscriptions; a server confirms each channel. */
  async #subscribe(name: string, names: readonly string[]): Promise<readonly Reply[]> {
    const count = Number(await this.#method(this.#mock, name)(...names))
    const step = name.includes('unsubscribe') ? 1 : -1
    return names.map((channel, index) => [name, channel, count + step * (names.length - 1 - index)])
  }

  #say(reply: Reply): void {
    if (this.#isEnded) return
    if (this.#sink.onBytes !== undefined) this.#sink.onBytes(encodeReply(reply, 2))
    else this.#sink.onReply?.(reply)
  }

  /** The server closes the connection. */
  cut(): void {
    if (this.#isEnded) return
    this.close()
    this.#sink.onClose?.()
  }

  close(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#mock.disconnect()
    this.#onEnd()
  }
}

/** What the mock resolves with, as a reply. Its `false` and `true` are what Lua's become; NaN becomes its text. */
function toReply(value: unknown): Reply {
  if (value === null || value === undefined || value === false) return null
  if (value === true) return 1
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (Array.isArray(value)) return value.map(toReply)
  if (value instanceof Set || value instanceof Map) return [...value].flat().map(toReply)
  if (value instanceof Error) return error(value.message)
  // A table that is no list (or no value at all) stays an object of its Lua engine, which cannot even be printed.
  if (typeof value === 'function') return error('ERR ioredis-mock answered with an object of its Lua engine')
  if (typeof value === 'object') return Object.entries(value).flat().map(toReply)
  return String(value)
}
