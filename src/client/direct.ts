/**
 * The direct client: ioredis's call signature without RESP, sockets or reconnection logic. For speed, and for the
 * browser.
 *
 * Models          `redis.set(key, value, 'PX', 1000, 'NX')`, `call`, `eval`, `defineCommand`, `pipeline`, `multi`,
 *                 `subscribe` with `on('message')`, `duplicate`, `disconnect`, `quit`; reply shapes as ioredis gives
 *                 them (HGETALL as an object, errors as `ReplyError`).
 * Does not model  the driver's own behaviour in a fault: the offline queue, retries, `commandTimeout`, resent
 *                 commands. A lost connection rejects what was in flight, and the next command opens a new one. Use
 *                 ioredis where the driver matters.
 */
import type { Network } from '../net/network.ts'
import { fromBytes, toBytes } from '../redis/bytes.ts'
import { commandNames } from '../redis/commands/table.ts'
import { isError, type Reply } from '../redis/reply.ts'
import { sha1 } from '../redis/script/sha1.ts'
import type { SimProcess } from '../sim/process.ts'
import { Channel } from './channel.ts'

/** Redis answered with an error; the command was refused, so nothing was applied by it. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
  readonly definite = true
}

/** What a command may be given: nested arrays are flattened, objects and Maps become field-value pairs. */
export type Argument =
  | string
  | number
  | bigint
  | Uint8Array
  | readonly Argument[]
  | ReadonlyMap<string, Argument>
  | object

/** What ioredis resolves with. */
export type Result = string | number | null | Result[] | { [field: string]: string }

type Transform = (reply: Result) => Result

const TO_OBJECT: Transform = (reply) => {
  if (!Array.isArray(reply)) return reply
  const object: { [field: string]: string } = {}
  for (let i = 0; i < reply.length; i += 2) object[String(reply[i])] = String(reply[i + 1])
  return object
}
const TRANSFORMS = new Map<string, Transform>([['hgetall', TO_OBJECT]])

function flatten(values: readonly Argument[], into: string[]): string[] {
  for (const value of values) {
    if (typeof value === 'string') into.push(toBytes(value))
    else if (typeof value === 'number' || typeof value === 'bigint') into.push(String(value))
    else if (value === null || value === undefined) into.push('')
    else if (Array.isArray(value)) flatten(value, into)
    else if (value instanceof Uint8Array) into.push(String.fromCharCode(...value))
    else if (value instanceof Map) flatten([...value].flat(), into)
    else flatten(Object.entries(value as Record<string, Argument>).flat(), into)
  }
  return into
}

/** A reply as ioredis hands it out; errors inside arrays stay values. */
function toResult(reply: Reply): Result {
  if (typeof reply === 'string') return fromBytes(reply)
  if (typeof reply === 'number' || reply === null) return reply
  if (typeof reply === 'bigint') return Number(reply)
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map(toResult)
  const typed = reply as Exclude<Reply, string | number | bigint | null | readonly Reply[]>
  switch (typed.kind) {
    case 'status':
    case 'bigNumber':
    case 'verbatim':
    case 'double':
      return typed.text
    case 'error':
      return new ReplyError(typed.text) as unknown as Result
    case 'nullArray':
      return null
    case 'boolean':
      return typed.value ? 1 : 0
    case 'set':
    case 'push':
      return typed.items.map(toResult)
    case 'map':
      return typed.entries.flatMap(([key, value]) => [toResult(key), toResult(value)])
  }
}

/** A reply as the caller's result; an error reply is thrown. */
function resultOf(reply: Reply): Result {
  if (isError(reply)) throw new ReplyError(reply.text)
  return toResult(reply)
}

/** The commands whose result ioredis gives another shape. */
const CONVERSIONS = new Map(
  [...TRANSFORMS].map(([name, transform]) => [name, (reply: Reply) => transform(resultOf(reply))]),
)

const PUSHES = new Set(['message', 'pmessage', 'smessage'])

/** A connection to one simulated Redis node. Also has every Redis command as a lower-case method. */
export class DirectRedis {
  readonly #process: SimProcess
  readonly #network: Network
  readonly #host: string
  readonly #channel: Channel<Reply>
  readonly #listeners = new Map<string, ((...args: string[]) => void)[]>()
  status: 'ready' | 'end' = 'ready'

  constructor(process: SimProcess, network: Network, host: string) {
    this.#process = process
    this.#network = network
    this.#host = host
    this.#channel = new Channel(process, network, host)
  }

  /** Opens the connection; commands do it by themselves. */
  connect(): Promise<void> {
    return this.#channel.open()
  }

  /** Sends any command. */
  call(name: string, ...args: Argument[]): Promise<Result> {
    return this.#send(name, flatten(args, [name]))
  }

  #send(name: string, args: string[]): Promise<Result> {
    if (this.status === 'end') return Promise.reject(new Error('Connection is closed.'))
    return this.#channel.request(args, CONVERSIONS.get(name) ?? resultOf)
  }

  /** Adds a method that runs a script by its SHA-1, and sends the source when the server does not know it. */
  defineCommand(name: string, definition: { readonly lua: string; readonly numberOfKeys?: number }): void {
    const digest = sha1(toBytes(definition.lua))
    const target = this as unknown as Record<string, (...args: Argument[]) => Promise<Result>>
    target[name] = async (...args) => {
      const keyed = definition.numberOfKeys === undefined ? args : [definition.numberOfKeys, ...args]
      try {
        return await this.call('evalsha', digest, ...keyed)
      } catch (error) {
        if (!(error instanceof ReplyError) || !error.message.startsWith('NOSCRIPT')) throw error
        return this.call('eval', definition.lua, ...keyed)
      }
    }
  }

  /** Collects commands and sends them in one go; `exec` resolves with `[error, result]` pairs. */
  pipeline(): DirectPipeline {
    return new DirectPipeline(this, false)
  }

  /** The same inside MULTI and EXEC; `exec` resolves with null when a watched key changed. `{ pipeline: false }` sends MULTI alone. */
  multi(options?: { readonly pipeline: boolean }): DirectPipeline | Promise<Result> {
    return options?.pipeline === false ? this.call('multi') : new DirectPipeline(this, true)
  }

  /** Hears `message` (channel, text) and `pmessage` (pattern, channel, text). */
  on(event: string, listener: (...args: string[]) => void): this {
    const listeners = this.#listeners.get(event)
    if (listeners === undefined) this.#listeners.set(event, [listener])
    else listeners.push(listener)
    this.#channel.onPush = (reply) => this.#deliver(reply)
    return this
  }

  #deliver(reply: Reply): boolean {
    const items = (Array.isArray(reply) ? reply : null) as readonly Reply[] | null
    const kind = items?.[0]
    if (typeof kind !== 'string' || !PUSHES.has(kind)) return false
    const args = (items as readonly Reply[]).slice(1).map((item) => fromBytes(String(item)))
    for (const listener of this.#listeners.get(kind) ?? []) listener(...args)
    return true
  }

  /** Another connection to the same node. */
  duplicate(): DirectRedis {
    return createDirectRedis(this.#process, this.#network, this.#host)
  }

  /** Closes the connection at once. */
  disconnect(): void {
    this.status = 'end'
    this.#channel.close()
  }

  /** QUIT, then closes. */
  async quit(): Promise<'OK'> {
    await this.call('quit').catch(() => 'the server closes the connection as an answer')
    this.disconnect()
    return 'OK'
  }
}

/** Commands that are sent together. Every Redis command is a chainable method. */
export class DirectPipeline {
  readonly #redis: DirectRedis
  readonly #isTransaction: boolean
  readonly #commands: [string, Argument[]][] = []

  constructor(redis: DirectRedis, isTransaction: boolean) {
    this.#redis = redis
    this.#isTransaction = isTransaction
  }

  /** Adds any command. */
  call(name: string, ...args: Argument[]): this {
    this.#commands.push([name, args])
    return this
  }

  async exec(): Promise<[Error | null, Result][] | null> {
    const settle = (promise: Promise<Result>): Promise<[Error | null, Result]> =>
      promise.then(
        (result) => [null, result] as [null, Result],
        (error: Error) => [error, null] as [Error, Result],
      )
    if (!this.#isTransaction)
      return Promise.all(this.#commands.map(([name, args]) => settle(this.#redis.call(name, ...args))))
    const multi = this.#redis.call('multi')
    const queued = this.#commands.map(([name, args]) => settle(this.#redis.call(name, ...args)))
    const exec = this.#redis.call('exec')
    exec.catch(() => 'reported below; here it must not count as unhandled')
    await multi
    await Promise.all(queued)
    const results = (await exec) as Result[] | null
    if (results === null) return null
    return results.map((result, index) => {
      if (result instanceof Error) return [result, null]
      const transform = TRANSFORMS.get((this.#commands[index] as [string, Argument[]])[0])
      return [null, transform === undefined ? result : transform(result)]
    })
  }
}

type Method = (this: { call(name: string, ...args: Argument[]): unknown }, ...args: Argument[]) => unknown

let hasMethods = false

/** Gives both classes a method for each command; once per process, on first use, because the table is large. */
function installMethods(): void {
  hasMethods = true
  for (const name of commandNames()) {
    const method: Method = function (...args) {
      return this.call(name, ...args)
    }
    for (const target of [DirectRedis.prototype, DirectPipeline.prototype]) {
      if (!(name in target)) Object.defineProperty(target, name, { value: method, writable: true, configurable: true })
    }
  }
}

/** Makes a direct client; the connection opens with its first command. */
export function createDirectRedis(process: SimProcess, network: Network, host: string): DirectRedis {
  if (!hasMethods) installMethods()
  return new DirectRedis(process, network, host)
}
