/**
 * The same commands on the in-memory Redis and on a real redis-server, and what each answered, byte for byte.
 *
 * A conversation is a list of lines such as `RPUSH k a "b c" "\x00"`; a line may begin with the name of a client and a
 * colon (`B: BLPOP k 0`). Everybody who was answered after a line is noted under it, so that blocked clients show when they
 * were woken. `PASS` as a command lets time pass until what waits is due.
 */
import { expect } from 'vitest'
import { MemoryRedis, type RedisConnection } from '../../../src/redis/memory-redis.ts'
import type { Reply } from '../../../src/redis/reply.ts'
import { encodeReply } from '../../../src/redis/resp/encode-reply.ts'
import { ReplyParser } from '../../../src/redis/resp/reply-parser.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { encodeCommand, type RealConnection, RealRedis } from '../real-redis.ts'

export type Line = string | readonly string[]

export interface Options {
  readonly resp?: 2 | 3
  /** Compares replies that list elements without their order: Redis lists the members of a hash table in a random one. */
  readonly isUnordered?: boolean
}

/** One server in a conversation: it notes each line and who answered what. */
interface Party {
  send(client: string, args: readonly string[]): void
  /** Waits until everything that was sent is answered or blocked, and gives the answers by client. */
  settle(): Promise<ReadonlyMap<string, readonly string[]>>
  /** Lets time pass until a blocked client is answered. */
  pass(): Promise<ReadonlyMap<string, readonly string[]>>
  isBlocked(client: string): boolean
}

const PASS = 'PASS'
/** Any time will do, as long as it is far from zero and from the edge of 53 bits. */
const START_US = 1_700_000_000_000_000

/** What the in-memory Redis alone replies to a RESP2 client, for textbook cases. */
export function ask(...lines: readonly Line[]): readonly Reply[] {
  const replies: Reply[] = []
  const server = new MemoryRedis({ nowUs: () => START_US, seed: 'textbook' })
  const connection = server.connect({ onReply: (reply) => replies.push(reply) })
  for (const line of lines) connection.execute(words(line))
  return replies
}

/** The notes of a conversation of several clients with the in-memory Redis alone. */
export async function converse(lines: readonly Line[], options: Options = {}): Promise<readonly string[]> {
  return talk(new MemoryParty(options.resp ?? 2), lines, options)
}

export class SideBySide {
  readonly #real: RealRedis
  readonly #control: RealConnection

  private constructor(real: RealRedis, control: RealConnection) {
    this.#real = real
    this.#control = control
  }

  static async start(): Promise<SideBySide> {
    const real = await RealRedis.start()
    return new SideBySide(real, await real.connect())
  }

  async stop(): Promise<void> {
    this.#control.close()
    await this.#real.stop()
  }

  /** Both servers, empty, have the conversation; fails with the two transcripts when a byte differs. */
  async compare(lines: readonly Line[], options: Options = {}): Promise<void> {
    const { memory, real } = await this.transcripts(lines, options)
    expect(memory.join('\n')).toBe(real.join('\n'))
  }

  async transcripts(
    lines: readonly Line[],
    options: Options = {},
  ): Promise<{ readonly memory: readonly string[]; readonly real: readonly string[] }> {
    await this.#control.command('FLUSHALL')
    const clients = [...new Set(lines.map((line) => clientOf(line)))]
    const party = await RealParty.meet(this.#real, this.#control, clients, options.resp ?? 2)
    try {
      const memory = await talk(new MemoryParty(options.resp ?? 2), lines, options)
      return { memory, real: await talk(party, lines, options) }
    } finally {
      await party.leave()
    }
  }
}

/** The lines of a conversation written as one text: `HSET h a 1; HGET h a`, over as many lines as it takes. */
export const script = (text: string): readonly string[] => text.trim().split(/;\s+/)

/** The words of a line; `"…"` may hold spaces and `\xhh`. */
export function words(line: Line): readonly string[] {
  if (typeof line !== 'string') return line
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) =>
    plain === undefined
      ? quoted!.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
      : plain,
  )
}

const clientOf = (line: Line): string => (typeof line === 'string' ? (/^([A-Z]): /.exec(line)?.[1] ?? 'A') : 'A')
const commandOf = (line: Line): readonly string[] =>
  words(typeof line === 'string' ? line.replace(/^[A-Z]: /, '') : line)

async function talk(party: Party, lines: readonly Line[], { isUnordered = false }: Options): Promise<string[]> {
  const notes: string[] = []
  for (const line of lines) {
    const client = clientOf(line)
    const args = commandOf(line)
    if (args[0] !== PASS && party.isBlocked(client)) continue
    notes.push(`${client}> ${args.map((arg) => JSON.stringify(arg)).join(' ')}`)
    if (args[0] !== PASS) party.send(client, args)
    const answers = args[0] === PASS ? await party.pass() : await party.settle()
    for (const name of [...answers.keys()].sort()) {
      for (const bytes of answers.get(name)!)
        notes.push(`${name}< ${JSON.stringify(isUnordered ? sorted(bytes) : bytes)}`)
    }
  }
  return notes
}

class MemoryParty implements Party {
  readonly #resp: 2 | 3
  readonly #connections = new Map<string, RedisConnection>()
  readonly #answers = new Map<string, string[]>()
  #nowUs = START_US
  readonly #server = new MemoryRedis({
    nowUs: () => this.#nowUs,
    seed: 'side by side',
    scripts: loadLuaEngine(),
  })

  constructor(resp: 2 | 3) {
    this.#resp = resp
  }

  send(client: string, args: readonly string[]): void {
    this.#connection(client).receive(encodeCommand(args))
  }

  #connection(client: string): RedisConnection {
    const known = this.#connections.get(client)
    if (known !== undefined) return known
    const parser = new ReplyParser()
    const connection = this.#server.connect({
      onBytes: (bytes) => {
        parser.push(bytes)
        for (let next = parser.next(); next !== null; next = parser.next()) this.#note(client, next.bytes)
      },
    })
    this.#connections.set(client, connection)
    connection.resp = this.#resp
    return connection
  }

  #note(client: string, bytes: string): void {
    const answers = this.#answers.get(client)
    if (answers === undefined) this.#answers.set(client, [bytes])
    else answers.push(bytes)
  }

  async settle(): Promise<ReadonlyMap<string, readonly string[]>> {
    const answers = new Map(this.#answers)
    this.#answers.clear()
    return answers
  }

  async pass(): Promise<ReadonlyMap<string, readonly string[]>> {
    const wakeAtMs = this.#server.wakeAtMs()
    if (wakeAtMs === null) throw new Error('nobody waits')
    this.#nowUs = wakeAtMs * 1000
    this.#server.wake()
    return this.settle()
  }

  isBlocked(client: string): boolean {
    return this.#connections.get(client)?.isBlocked ?? false
  }
}

class RealParty implements Party {
  readonly #control: RealConnection
  readonly #connections: ReadonlyMap<string, RealConnection>
  /** Commands sent and replies received: a client that is behind is blocked. */
  readonly #unanswered = new Map<string, number>()

  private constructor(control: RealConnection, connections: ReadonlyMap<string, RealConnection>) {
    this.#control = control
    this.#connections = connections
  }

  static async meet(
    real: RealRedis,
    control: RealConnection,
    clients: readonly string[],
    resp: 2 | 3,
  ): Promise<RealParty> {
    const connections = new Map<string, RealConnection>()
    for (const client of clients) {
      const connection = await real.connect()
      if (resp === 3) await connection.command('HELLO', '3')
      connections.set(client, connection)
    }
    return new RealParty(control, connections)
  }

  async leave(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close()
    // The server notices in its next turns; a client that is still blocked would take part in the next conversation.
    while (!(await this.#control.command('INFO', 'clients')).includes('\r\nconnected_clients:1\r\n')) await turn()
  }

  send(client: string, args: readonly string[]): void {
    this.#unanswered.set(client, (this.#unanswered.get(client) ?? 0) + 1)
    this.#connections.get(client)!.send(encodeCommand(args))
  }

  /**
   * When two PINGs that were sent one after the other are answered, the server has been through a whole turn of its loop
   * since, so every reply is on its way; a turn of ours reads them.
   */
  async settle(): Promise<ReadonlyMap<string, readonly string[]>> {
    await this.#control.command('PING')
    await this.#control.command('PING')
    await turn()
    const answers = new Map<string, readonly string[]>()
    for (const [client, connection] of this.#connections) {
      const replies = await connection.replies(0)
      this.#unanswered.set(client, (this.#unanswered.get(client) ?? 0) - replies.length)
      if (replies.length > 0) answers.set(client, replies)
    }
    return answers
  }

  async pass(): Promise<ReadonlyMap<string, readonly string[]>> {
    for (;;) {
      const answers = await this.settle()
      if (answers.size > 0) return answers
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  isBlocked(client: string): boolean {
    return (this.#unanswered.get(client) ?? 0) > 0
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The reply with the elements of its lists in the order of their bytes; pairs of a map stay together. */
function sorted(bytes: string): string {
  const parser = new ReplyParser()
  parser.push(bytes)
  return encodeReply(sortReply(parser.next()!.reply), 3)
}

function sortReply(reply: Reply): Reply {
  if (typeof reply !== 'object' || reply === null) return reply
  const inOrder = (items: readonly Reply[]): Reply[] =>
    items
      .map((item) => ({ item: sortReply(item), key: encodeReply(item, 3) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ item }) => item)
  if (!('kind' in reply)) return inOrder(reply)
  if (reply.kind === 'set') return { kind: 'set', items: inOrder(reply.items) }
  if (reply.kind !== 'map') return reply
  return { kind: 'map', entries: inOrder(reply.entries as unknown as readonly Reply[]) as unknown as [Reply, Reply][] }
}
