/**
 * Runs the same commands on the in-memory Redis and on a real one, in the same virtual time, and compares every byte of
 * the replies.
 *
 * A sequence is a list of lines: a command as one would type it, with quotes as in an inline command, optionally after
 * the name of a connection (`B: BLPOP list 0`; the default is A). `+500` lets 500 ms pass. `B: raw *1\\r\\n…` sends bytes.
 * Three marks before a command relax the comparison: `~` sorts the items of an array reply (the order of a hash table is
 * random in Redis), `^` sorts the words of the whole reply, `?` compares the type only.
 */
import { expect } from 'vitest'
import { MemoryRedis, type RedisConnection } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { ReplyParser } from '../../src/redis/resp/reply-parser.ts'
import type { ScriptEngine } from '../../src/redis/script/engine.ts'
import { encodeCommand } from './encode-command.ts'
import type { VirtualRedis, VirtualRedisClient } from './virtual-redis.ts'

/** More than enough: it closes in the next turn or two. */
const CLOSING_TURNS_MAX = 50

export type Sequence = readonly string[]

type Comparison = 'exact' | 'unordered' | 'words' | 'type'

const MARKS: Readonly<Record<string, Comparison>> = { '': 'exact', '~': 'unordered', '^': 'words', '?': 'type' }

type Step =
  | { readonly kind: 'time'; readonly line: string; readonly ms: number }
  | {
      readonly kind: 'command'
      readonly line: string
      readonly connection: string
      readonly bytes: string
      readonly comparison: Comparison
    }

function parseStep(line: string): Step {
  const time = /^\+([0-9.]+)$/.exec(line)
  if (time !== null) return { kind: 'time', line, ms: Number(time[1]) }
  const [, connection = 'A', mark = '', text = ''] = /^(?:([A-Z]): )?([~^?]?)(.*)$/s.exec(line)!
  const comparison = MARKS[mark]!
  if (text.startsWith('raw ')) {
    return { kind: 'command', line, connection, bytes: splitInline(`"${text.slice(4)}"`)![0]!, comparison }
  }
  const args = splitInline(text)
  if (args === null) throw new Error(`unbalanced quotes: ${line}`)
  return { kind: 'command', line, connection, bytes: encodeCommand(args), comparison }
}

/** One connection of the in-memory Redis whose replies are collected. */
class MemoryClient {
  isClosed = false
  #received = ''
  readonly #connection: RedisConnection

  constructor(server: MemoryRedis) {
    this.#connection = server.connect({
      onBytes: (bytes) => {
        this.#received += bytes
      },
      onClose: () => {
        this.isClosed = true
      },
    })
  }

  send(bytes: string): void {
    this.#connection.receive(bytes)
  }

  take(): string {
    const received = this.#received
    this.#received = ''
    return received
  }
}

export interface DifferentialOptions {
  readonly resp?: 2 | 3
  readonly scripts?: ScriptEngine
}

/** Runs one sequence on both; fails with both transcripts when they differ. */
export function compare(real: VirtualRedis, sequence: Sequence, options: DifferentialOptions = {}): void {
  const { memory, reality } = transcripts(real, sequence, options)
  expect(memory).toEqual(reality)
}

/** What each server answered, line by line. */
export function transcripts(
  real: VirtualRedis,
  sequence: Sequence,
  options: DifferentialOptions = {},
): { readonly memory: readonly string[]; readonly reality: readonly string[] } {
  real.reset()
  let nowMs = real.startMs
  real.setClockMs(nowMs)
  const server = new MemoryRedis({
    nowUs: () => Math.round(nowMs * 1000),
    ...(options.scripts === undefined ? {} : { scripts: options.scripts }),
  })
  const clients = new Map<string, { readonly ours: MemoryClient; readonly theirs: VirtualRedisClient }>()
  const open = (): { readonly ours: MemoryClient; readonly theirs: VirtualRedisClient } => {
    const pair = { ours: new MemoryClient(server), theirs: real.connect() }
    if (options.resp === 3) {
      pair.ours.send(encodeCommand(['HELLO', '3']))
      pair.theirs.send(encodeCommand(['HELLO', '3']))
      pair.ours.take()
    }
    return pair
  }
  const memory: string[] = []
  const reality: string[] = []
  for (const step of sequence.map(parseStep)) {
    const answers = new Map<string, string>()
    if (step.kind === 'time') {
      for (const ms of stops(nowMs - real.startMs, step.ms)) {
        nowMs = real.startMs + ms
        real.setClockMs(nowMs)
        server.wake()
      }
    } else {
      const client = clients.get(step.connection) ?? open()
      clients.set(step.connection, client)
      client.ours.send(step.bytes)
      answers.set(step.connection, client.theirs.send(step.bytes))
    }
    const comparison = step.kind === 'time' ? 'exact' : step.comparison
    for (const [name, { ours, theirs }] of clients) {
      const describe = (bytes: string, isClosed: boolean): string[] => [
        ...splitReplies(bytes).map((reply) => `${step.line} → ${name} ${normalize(reply, comparison)}`),
        ...(isClosed ? [`${step.line} → ${name} is closed`] : []),
      ]
      memory.push(...describe(ours.take(), ours.isClosed))
      const answer = (answers.get(name) ?? '') + theirs.take() + (ours.isClosed ? untilClosed(real, theirs) : '')
      reality.push(...describe(answer, theirs.isClosed))
      if (ours.isClosed && theirs.isClosed) clients.delete(name)
    }
  }
  for (const { theirs } of clients.values()) theirs.close()
  return { memory, reality }
}

/** Redis closes a connection a few turns of its loop after its last reply: gives it these turns, and takes what still came. */
function untilClosed(real: VirtualRedis, client: VirtualRedisClient): string {
  let late = ''
  for (let turn = 0; turn < CLOSING_TURNS_MAX && !client.isClosed; turn++) {
    const other = real.connect()
    other.send(encodeCommand(['PING']))
    other.close()
    late += client.take()
  }
  return late
}

/** The replies in some bytes, each by itself; what is no whole reply comes last. */
function splitReplies(bytes: string): string[] {
  const parser = new ReplyParser()
  parser.push(bytes)
  const replies: string[] = []
  let rest = bytes
  for (let next = parser.next(); next !== null; next = parser.next()) {
    replies.push(next.bytes)
    rest = rest.slice(next.bytes.length)
  }
  return rest === '' ? replies : [...replies, rest]
}

function normalize(bytes: string, comparison: Comparison): string {
  if (comparison === 'exact') return JSON.stringify(bytes)
  if (comparison === 'words') return JSON.stringify(bytes.split(/\s+|(?=[()])|(?<=[()])/).sort())
  const parser = new ReplyParser()
  parser.push(bytes)
  const reply = parser.next()!.reply
  return comparison === 'type' ? typeOf(reply) : JSON.stringify(encodeReply(sorted(reply), 3))
}

function typeOf(reply: Reply): string {
  if (reply === null) return 'null'
  return typeof reply === 'object' && 'kind' in reply ? reply.kind : Array.isArray(reply) ? 'array' : typeof reply
}

/** A server that is not held up looks for keys whose time is up at each of these. */
const CYCLE_MS = 100

/** Where a clock stops on its way: at the last of the cycles, which would otherwise come too late and find what it should not, and at the end. */
function stops(fromMs: number, byMs: number): readonly number[] {
  const untilMs = fromMs + byMs
  const cycleMs = Math.floor(untilMs / CYCLE_MS) * CYCLE_MS
  return cycleMs > fromMs && cycleMs < untilMs ? [cycleMs, untilMs] : [untilMs]
}

/** Arrays, sets and maps in an order that does not depend on the server, at every depth. */
function sorted(reply: Reply): Reply {
  if (reply === null || typeof reply !== 'object') return reply
  const inOrder = (items: readonly Reply[]): Reply[] =>
    items.map(sorted).sort((a, b) => (encodeReply(a, 3) < encodeReply(b, 3) ? -1 : 1))
  if (!('kind' in reply)) return inOrder(reply)
  if (reply.kind === 'set' || reply.kind === 'push') return { kind: reply.kind, items: inOrder(reply.items) }
  if (reply.kind !== 'map') return reply
  const entries = reply.entries.map(([key, value]) => [sorted(key), sorted(value)] as const)
  return { kind: 'map', entries: entries.sort(([a], [b]) => (encodeReply(a, 3) < encodeReply(b, 3) ? -1 : 1)) }
}
