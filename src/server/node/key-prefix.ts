/**
 * Commands of a world on a server that others use too: every key and channel gets a prefix, and loses it in replies.
 *
 * Models          all commands whose keys stand in fixed places (the server says where), those that count their keys,
 *                 KEYS, SCAN and SORT patterns, channels of publish and subscribe, all of it inside MULTI as well.
 * Does not model  keys and channels that a script makes up by itself: only those in KEYS are prefixed.
 *
 * Refused, with an error that says so: whatever reaches other people's keys or the server itself (FLUSHALL, CONFIG,
 * CLIENT KILL, …), and commands whose keys cannot be found. A refused command is sent as an unknown one, so that the
 * server spoils a transaction as it does for any wrong command.
 */
import { isWord, parseInteger } from '../../redis/arguments.ts'
import { error, type Reply } from '../../redis/reply.ts'

/** Where a command has its keys, and its flags, as COMMAND says. */
export interface CommandSpec {
  readonly flags: ReadonlySet<string>
  readonly firstKey: number
  readonly lastKey: number
  readonly step: number
}

/** Reads the reply of COMMAND. */
export function readCommandSpecs(reply: readonly Reply[]): ReadonlyMap<string, CommandSpec> {
  const specs = new Map<string, CommandSpec>()
  for (const row of reply as readonly (readonly Reply[])[]) {
    const flags = (row[2] as readonly { readonly text: string }[]).map((flag) => flag.text)
    const [firstKey, lastKey, step] = row.slice(3, 6) as [number, number, number]
    specs.set((row[0] as string).toLowerCase(), { flags: new Set(flags), firstKey, lastKey, step })
  }
  return specs
}

type Restore = (reply: Reply) => Reply

/** A command as it is sent, and what its reply becomes. */
export interface Translation {
  readonly args: readonly string[]
  readonly restore: Restore
}

const REFUSED = 'LOCKSTORM-REFUSED'
const same: Restore = (reply) => reply

/** What may be used of commands that have subcommands; where the key stands, 0: none. */
const SUBCOMMANDS = new Map(
  Object.entries<Readonly<Record<string, number>>>({
    acl: { whoami: 0 },
    client: { getname: 0, id: 0, info: 0, 'no-touch': 0, setinfo: 0, setname: 0 },
    cluster: {},
    config: {},
    debug: {},
    function: {},
    latency: {},
    memory: { usage: 2 },
    module: {},
    object: { encoding: 2, freq: 2, help: 0, idletime: 2, refcount: 2 },
    pubsub: {},
    script: { exists: 0, load: 0 },
    slowlog: {},
    xgroup: { create: 2, createconsumer: 2, delconsumer: 2, destroy: 2, setid: 2 },
    xinfo: { consumers: 2, groups: 2, stream: 2 },
  }).map(([name, subcommands]) => [name, new Map(Object.entries(subcommands))]),
)

const WHOLE_SERVER = new Set(['dbsize', 'flushall', 'flushdb', 'migrate', 'move', 'randomkey', 'swapdb'])

/** Where the number of keys stands; keys follow it. */
const COUNTED: Readonly<Record<string, number>> = {
  blmpop: 2,
  bzmpop: 2,
  eval: 2,
  eval_ro: 2,
  evalsha: 2,
  evalsha_ro: 2,
  lmpop: 1,
  sintercard: 1,
  zdiff: 1,
  zinter: 1,
  zintercard: 1,
  zmpop: 1,
  zunion: 1,
}
const DESTINATION_AND_COUNTED = new Set(['zdiffstore', 'zinterstore', 'zunionstore'])
const CHANNELS = new Set([...['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe']])
/** Replies that begin with the name of a key. */
const KEY_FIRST = new Set(['blmpop', 'blpop', 'brpop', 'bzmpop', 'bzpopmax', 'bzpopmin', 'lmpop', 'zmpop'])

export interface KeyPrefixOptions {
  readonly prefix: string
  readonly specs: ReadonlyMap<string, CommandSpec>
  /** The only one that may be selected. */
  readonly database: number
  /** Collects what may be a key now: everything that got the prefix. */
  readonly touched: Set<string>
}

export class KeyPrefix {
  readonly #touched: Set<string>
  readonly #prefix: string
  readonly #specs: ReadonlyMap<string, CommandSpec>
  readonly #database: number
  /** What the replies inside EXEC's become. */
  #queued: Restore[] = []
  /** The protocol version that the client speaks. */
  resp: 2 | 3 = 2

  constructor({ prefix, specs, database, touched }: KeyPrefixOptions) {
    this.#prefix = prefix
    this.#specs = specs
    this.#database = database
    this.#touched = touched
  }

  /** The command to send. */
  translate(args: readonly string[]): Translation {
    const name = args[0]!.toLowerCase()
    if (name === 'exec') return { args, restore: (reply) => this.#restoreExec(reply) }
    if (name === 'discard') return { args, restore: (reply) => this.#forget(reply) }
    if (name === 'hello') return { args, restore: (reply) => this.#hello(args, reply) }
    const translated = this.#translate(name, args)
    const restore: Restore =
      typeof translated === 'string'
        ? (reply) => (isErrorReply(reply) ? error(`ERR lockstorm: ${translated}`) : reply)
        : this.#restoreOf(name)
    return {
      args: typeof translated === 'string' ? [REFUSED] : translated,
      restore: (reply) => this.#restoreOrQueue(reply, restore),
    }
  }

  /** A message to a subscriber, or the confirmation of a subscription. */
  restorePush(reply: Reply): Reply {
    if (typeof reply !== 'object' || reply === null) return reply
    if (!('kind' in reply)) return this.#restoreChannels(reply)
    return reply.kind === 'push' ? { kind: 'push', items: this.#restoreChannels(reply.items) } : reply
  }

  /** Pattern and channel, or the channel alone; the text of a message is left as it is. */
  #restoreChannels(items: readonly Reply[]): readonly Reply[] {
    const count = items[0] === 'pmessage' ? 2 : 1
    return items.map((item, index) => (index >= 1 && index <= count ? this.#strip(item) : item))
  }

  /** The arguments to send, or in words why it is refused. */
  #translate(name: string, args: readonly string[]): readonly string[] | string {
    const spec = this.#specs.get(name)
    if (WHOLE_SERVER.has(name)) return `${args[0]!.toUpperCase()} would reach keys of others on a shared server`
    const subcommands = SUBCOMMANDS.get(name)
    if (subcommands !== undefined) {
      const position = subcommands.get(args[1]?.toLowerCase() ?? '')
      if (position === undefined) return `${args.slice(0, 2).join(' ').toUpperCase()} is not for a shared server`
      return this.#prefixAt(args, position === 0 ? [] : [position])
    }
    if (spec?.flags.has('admin')) return `${args[0]!.toUpperCase()} is not for a shared server`
    if (name === 'select') {
      return args[1] === String(this.#database) ? args : `the keys of this run are in database ${this.#database} only`
    }
    if (CHANNELS.has(name)) return this.#prefixAt(args, range(1, args.length - 1, 1))
    if (name === 'publish' || name === 'spublish') return this.#prefixAt(args, [1])
    if (name === 'keys') return this.#prefixAt(args, [1])
    if (name === 'scan') return this.#scan(args)
    if (name === 'sort' || name === 'sort_ro') return this.#sort(args)
    if (name === 'copy' && args.slice(3).some((word) => isWord(word, 'db')))
      return 'COPY to another database is refused'
    const positions = keyPositions(name, args, spec)
    return positions === null
      ? `it is not known which arguments of ${args[0]!.toUpperCase()} are keys`
      : this.#prefixAt(args, positions)
  }

  #prefixAt(args: readonly string[], positions: readonly number[]): readonly string[] {
    if (positions.length === 0) return args
    const prefixed = [...args]
    for (const index of positions) {
      const name = prefixed[index]
      if (name === undefined) continue
      prefixed[index] = this.#prefix + name
      this.#touched.add(this.#prefix + name)
    }
    return prefixed
  }

  #scan(args: readonly string[]): readonly string[] {
    const match = args.findIndex((word, index) => index >= 2 && index % 2 === 0 && isWord(word, 'match'))
    return match === -1 ? [...args, 'MATCH', `${this.#prefix}*`] : this.#prefixAt(args, [match + 1])
  }

  #sort(args: readonly string[]): readonly string[] {
    const positions = [1]
    for (let index = 2; index < args.length; index += 1) {
      const word = args[index]!
      if (isWord(word, 'limit')) index += 2
      else if (isWord(word, 'by') || isWord(word, 'get') || isWord(word, 'store')) {
        index += 1
        // GET # is the element itself; BY nosort (or anything without a star) is no key.
        const isPattern = isWord(word, 'store') || args[index]?.includes('*')
        if (isPattern) positions.push(index)
      }
    }
    return this.#prefixAt(args, positions)
  }

  #restoreOf(name: string): Restore {
    if (name === 'keys') return (reply) => mapItems(reply, (item) => this.#strip(item))
    if (name === 'scan') {
      return (reply) =>
        mapItems(reply, (item, index) => (index === 1 ? mapItems(item, (key) => this.#strip(key)) : item))
    }
    if (KEY_FIRST.has(name))
      return (reply) => mapItems(reply, (item, index) => (index === 0 ? this.#strip(item) : item))
    if (name === 'xread' || name === 'xreadgroup') return (reply) => this.#restoreStreams(reply)
    return same
  }

  #restoreStreams(reply: Reply): Reply {
    if (typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'map') {
      return { kind: 'map', entries: reply.entries.map(([key, entries]) => [this.#strip(key), entries] as const) }
    }
    return mapItems(reply, (stream) => mapItems(stream, (item, index) => (index === 0 ? this.#strip(item) : item)))
  }

  #strip(reply: Reply): Reply {
    return typeof reply === 'string' && reply.startsWith(this.#prefix) ? reply.slice(this.#prefix.length) : reply
  }

  #restoreOrQueue(reply: Reply, restore: Restore): Reply {
    if (isStatus(reply, 'QUEUED')) {
      this.#queued.push(restore)
      return reply
    }
    return restore(reply)
  }

  #restoreExec(reply: Reply): Reply {
    const restores = this.#queued
    this.#queued = []
    return mapItems(reply, (item, index) => (restores[index] ?? same)(item))
  }

  #forget(reply: Reply): Reply {
    this.#queued = []
    return reply
  }

  #hello(args: readonly string[], reply: Reply): Reply {
    if (!isErrorReply(reply) && args[1] !== undefined) this.resp = args[1] === '3' ? 3 : 2
    return reply
  }
}

/** Where the keys are; null: unknown. */
function keyPositions(name: string, args: readonly string[], spec: CommandSpec | undefined): readonly number[] | null {
  const counted = COUNTED[name]
  if (counted !== undefined) return countedKeys(args, counted)
  if (DESTINATION_AND_COUNTED.has(name)) return [1, ...countedKeys(args, 2)]
  if (name === 'xread' || name === 'xreadgroup') {
    const streams = args.findIndex((word) => isWord(word, 'streams'))
    const names = (args.length - streams - 1) >> 1
    return streams === -1 ? [] : range(streams + 1, streams + names, 1)
  }
  // The server does not know it either, and says so.
  if (spec === undefined) return []
  if (spec.flags.has('movablekeys')) return null
  if (spec.firstKey === 0) return []
  const last = spec.lastKey < 0 ? args.length + spec.lastKey : spec.lastKey
  return range(spec.firstKey, Math.min(last, args.length - 1), spec.step)
}

function countedKeys(args: readonly string[], index: number): readonly number[] {
  const count = parseInteger(args[index] ?? '') ?? 0
  return range(index + 1, Math.min(index + count, args.length - 1), 1)
}

function range(first: number, last: number, step: number): number[] {
  const numbers: number[] = []
  for (let number = first; number <= last; number += step) numbers.push(number)
  return numbers
}

/** An array with its items changed; any other reply stays. */
const mapItems = (reply: Reply, change: (item: Reply, index: number) => Reply): Reply =>
  Array.isArray(reply) ? (reply as readonly Reply[]).map(change) : reply

const isStatus = (reply: Reply, text: string): boolean =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'status' && reply.text === text

const isErrorReply = (reply: Reply): boolean =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error'
