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
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import { fromBytes, toBytes } from '../redis/bytes.ts'
import { commandNames } from '../redis/commands/table.ts'
import { isError, type Reply } from '../redis/reply.ts'
import { sha1 } from '../redis/script/sha1.ts'
import type { SimProcess } from '../sim/process.ts'
import { Channel, type FindAddress } from './channel.ts'
import { ClusterChannel } from './cluster-channel.ts'

/** Redis answered with an error; the command was refused, so nothing was applied by it. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
  readonly definite = true
}

/** What a command may be given: arrays are flattened; HSET, HMSET, MSET and MSETNX also take an object or a Map. */
export type Argument =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly Argument[]
  | ReadonlyMap<Argument, Argument>
  | object

/** What ioredis resolves with. */
export type Result = string | number | null | Result[] | { [field: string]: string }

type Transform = (reply: Result) => Result

const TO_OBJECT: Transform = (reply) => {
  if (!Array.isArray(reply)) return reply
  const object: { [field: string]: string } = {}
  for (let i = 0; i < reply.length; i += 2) {
    const [key, value] = [String(reply[i]), String(reply[i + 1])]
    // `__proto__` is a field like any other.
    if (key in object)
      Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
    else object[key] = value
  }
  return object
}
const TRANSFORMS = new Map<string, Transform>([['hgetall', TO_OBJECT]])

/** Which argument of a command may be an object or a Map, when it is the last one. */
const PAIRS_AT = new Map([
  ['mset', 0],
  ['msetnx', 0],
  ['hset', 1],
  ['hmset', 1],
])

/** The arguments of a command as bytes. */
function argumentsOf(name: string, values: readonly Argument[]): string[] {
  const args = [name]
  const last = values[values.length - 1]
  if (typeof last === 'object' && last !== null && PAIRS_AT.get(name) === values.length - 1) {
    if (last instanceof Map) return flatten([...values.slice(0, -1), ...[...last].flat()], args)
    if (!Array.isArray(last)) return flatten([...values.slice(0, -1), ...Object.entries(last).flat()], args)
  }
  return flatten(values, args)
}

function flatten(values: readonly Argument[], into: string[]): string[] {
  for (const value of values) {
    if (typeof value === 'string') into.push(toBytes(value))
    else if (typeof value === 'number') into.push(`${value}`)
    else if (value === null || value === undefined) into.push('')
    else if (Array.isArray(value)) flatten(value, into)
    else if (value instanceof Uint8Array) into.push(latin1(value))
    else into.push(toBytes(String(value)))
  }
  return into
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
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
    case 'attributed':
      return toResult(typed.reply)
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
/** They are answered once for each channel, with how many subscriptions there are then. */
const SUBSCRIPTIONS = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'])
const countOf = (reply: Reply): Result => {
  const result = resultOf(reply)
  return Array.isArray(result) ? (result[2] as number) : result
}

/** A connection to one simulated Redis node, or to those of a Cluster. Also has every Redis command as a lower-case method. */
export class DirectRedis {
  readonly #makeChannel: () => Channel<Reply> | ClusterChannel
  readonly #channel: Channel<Reply> | ClusterChannel
  readonly #listeners = new Map<string, ((...args: string[]) => void)[]>()
  /** By kind of subscription. */
  readonly #subscribed = new Map<string, Set<string>>()
  status: 'ready' | 'end' = 'ready'

  constructor(makeChannel: () => Channel<Reply> | ClusterChannel) {
    this.#makeChannel = makeChannel
    this.#channel = makeChannel()
  }

  /** Opens the connection; commands do it by themselves. */
  connect(): Promise<void> {
    return this.#channel.open()
  }

  /** Sends any command. */
  call(name: string, ...args: Argument[]): Promise<Result> {
    return this.#send(name, argumentsOf(name, args))
  }

  #send(name: string, args: string[]): Promise<Result> {
    if (this.status === 'end') return Promise.reject(new Error('Connection is closed.'))
    if (SUBSCRIPTIONS.has(name)) return this.#subscribe(name, args)
    return this.#channel.request(args, CONVERSIONS.get(name) ?? resultOf)
  }

  #subscribe(name: string, args: string[]): Promise<Result> {
    // A subscribed connection gets nothing but pushes and answers to these commands: `message` cannot be anything else.
    this.#channel.onPush ??= (reply) => this.#deliver(reply)
    this.#channel.onLost ??= () => this.#subscribed.clear()
    const kind = name.replace('un', '')
    const mine = this.#subscribed.get(kind) ?? new Set<string>()
    this.#subscribed.set(kind, mine)
    const names = args.slice(1)
    // Without arguments all are ended, and each is answered.
    const answers = Math.max(1, names.length === 0 ? mine.size : names.length)
    if (kind === name) for (const each of names) mine.add(each)
    else for (const each of names.length === 0 ? [...mine] : names) mine.delete(each)
    return this.#channel.request(args, countOf, answers)
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

  /** Another connection to the same node, or Cluster. */
  duplicate(): DirectRedis {
    return new DirectRedis(this.#makeChannel)
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

  /** `[null, result]` for each command, or `[error]`; of a transaction null when a watched key changed. */
  async exec(): Promise<[Error | null, Result][] | null> {
    const settle = (promise: Promise<Result>): Promise<[Error | null, Result]> =>
      promise.then(
        (result) => [null, result] as [null, Result],
        (error: Error) => [error] as unknown as [Error, Result],
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
      if (result instanceof Error) return [result] as unknown as [Error, Result]
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
export function createDirectRedis(process: SimProcess, network: Network, address: Address | FindAddress): DirectRedis {
  if (!hasMethods) installMethods()
  return new DirectRedis(() => new Channel(process, network, address))
}

/** The same for a Redis Cluster, of which these are nodes. */
export function createDirectCluster(process: SimProcess, network: Network, nodes: readonly Address[]): DirectRedis {
  if (!hasMethods) installMethods()
  return new DirectRedis(() => new ClusterChannel(process, network, nodes))
}
