/**
 * Runs the same commands on the in-memory Redis and on a real one and compares every byte of the replies.
 *
 * A sequence is a list of lines: a command as one would type it, with quotes as in an inline command, optionally after
 * the name of a connection (`B: BLPOP list 0`; the default is A). Two marks before a command relax the comparison:
 * `~` sorts the items of an array reply (the order of a hash table is random in Redis), `?` compares the type only.
 */
import { expect } from 'vitest'
import { MemoryRedis, type RedisConnection } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { ReplyParser } from '../../src/redis/resp/reply-parser.ts'
import type { ScriptEngine } from '../../src/redis/script/engine.ts'
import { encodeCommand, type RealConnection, type RealRedis } from './real-redis.ts'

/** How long a reply of the real server may be missing before we call it missing; never reached when both agree. */
const MISSING_AFTER_MS = 3000

export type Sequence = readonly string[]

interface Step {
  readonly connection: string
  readonly args: readonly string[]
  readonly comparison: 'exact' | 'unordered' | 'type'
  readonly line: string
}

function parseStep(line: string): Step {
  const [, connection = 'A', mark = '', text = ''] = /^(?:([A-Z]): )?([~?]?)(.*)$/s.exec(line)!
  const args = splitInline(text)
  if (args === null) throw new Error(`unbalanced quotes: ${line}`)
  return { connection, args, comparison: mark === '~' ? 'unordered' : mark === '?' ? 'type' : 'exact', line }
}

/** One connection of the in-memory Redis whose replies are collected. */
class MemoryConnection {
  readonly #connection: RedisConnection
  readonly #parser = new ReplyParser()
  readonly #replies: string[] = []

  constructor(server: MemoryRedis) {
    this.#connection = server.connect({
      onBytes: (bytes) => {
        this.#parser.push(bytes)
        for (let next = this.#parser.next(); next !== null; next = this.#parser.next()) this.#replies.push(next.bytes)
      },
      onClose: () => this.#replies.push('(closed)'),
    })
  }

  send(bytes: string): void {
    this.#connection.receive(bytes)
  }

  take(): string[] {
    return this.#replies.splice(0)
  }

  close(): void {
    this.#connection.close()
  }
}

export interface DifferentialOptions {
  readonly resp?: 2 | 3
  readonly scripts?: ScriptEngine
}

/** Runs one sequence on both; fails with both transcripts when they differ. */
export async function compare(real: RealRedis, sequence: Sequence, options: DifferentialOptions = {}): Promise<void> {
  const { memory, reality } = await transcripts(real, sequence, options)
  expect(memory).toEqual(reality)
}

/** What each server answered, line by line. */
export async function transcripts(
  real: RealRedis,
  sequence: Sequence,
  options: DifferentialOptions = {},
): Promise<{ readonly memory: readonly string[]; readonly reality: readonly string[] }> {
  const startUs = Date.now() * 1000
  const server = new MemoryRedis({
    nowUs: () => startUs,
    ...(options.scripts === undefined ? {} : { scripts: options.scripts }),
  })
  const prepare = await real.connect()
  await prepare.command('FLUSHALL')
  prepare.close()
  const ours = new Map<string, MemoryConnection>()
  const theirs = new Map<string, RealConnection>()
  const memory: string[] = []
  const reality: string[] = []
  const open = async (name: string): Promise<void> => {
    const mine = new MemoryConnection(server)
    const other = await real.connect()
    if (options.resp === 3) {
      mine.send(encodeCommand(['HELLO', '3']))
      mine.take()
      await other.command('HELLO', '3')
    }
    ours.set(name, mine)
    theirs.set(name, other)
  }
  try {
    for (const step of sequence.map(parseStep)) {
      if (!ours.has(step.connection)) await open(step.connection)
      ours.get(step.connection)!.send(encodeCommand(step.args))
      theirs.get(step.connection)!.send(encodeCommand(step.args))
      for (const [name, connection] of ours) {
        const expected = connection.take()
        const got = await takeReplies(theirs.get(name)!, expected)
        memory.push(...expected.map((bytes) => `${step.line} → ${name} ${normalize(bytes, step.comparison)}`))
        reality.push(...got.map((bytes) => `${step.line} → ${name} ${normalize(bytes, step.comparison)}`))
      }
    }
    for (const [name, connection] of theirs) {
      const late = await lateReplies(connection)
      reality.push(...late.map((bytes) => `at the end → ${name} ${normalize(bytes, 'exact')}`))
    }
  } finally {
    for (const connection of theirs.values()) connection.close()
    for (const connection of ours.values()) connection.close()
  }
  return { memory, reality }
}

/** As many replies as the in-memory Redis gave; fewer when they do not come. */
async function takeReplies(connection: RealConnection, expected: readonly string[]): Promise<string[]> {
  const closes = expected.at(-1) === '(closed)'
  const count = closes ? Number.POSITIVE_INFINITY : expected.length
  const timer = { handle: undefined as ReturnType<typeof setTimeout> | undefined }
  const missing = new Promise<void>((resolve) => {
    timer.handle = setTimeout(resolve, MISSING_AFTER_MS)
  })
  const replies: string[] = []
  while (replies.length < count && !connection.isClosed) {
    const next = await Promise.race([connection.replies(1), missing])
    if (next === undefined) break
    replies.push(...next)
  }
  clearTimeout(timer.handle)
  if (connection.isClosed && closes) replies.push('(closed)')
  return replies
}

/** Replies nobody expected: what has arrived before the server answers a new connection. */
async function lateReplies(connection: RealConnection): Promise<string[]> {
  await new Promise((resolve) => setImmediate(resolve))
  return connection.replies(0)
}

function normalize(bytes: string, comparison: Step['comparison']): string {
  if (comparison === 'exact' || bytes === '(closed)') return JSON.stringify(bytes)
  const parser = new ReplyParser()
  parser.push(bytes)
  const reply = parser.next()!.reply
  return comparison === 'type' ? typeOf(reply) : JSON.stringify(encodeReply(sorted(reply), 3))
}

function typeOf(reply: Reply): string {
  if (reply === null) return 'null'
  return typeof reply === 'object' && 'kind' in reply ? reply.kind : Array.isArray(reply) ? 'array' : typeof reply
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
