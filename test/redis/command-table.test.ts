/**
 * The command table against redis-server: names, arity, flags, key positions, categories, tips, key specifications.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commandTable } from '../../src/redis/commands/table.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeReply } from '../../src/redis/resp/encode-reply.ts'
import { ReplyParser } from '../../src/redis/resp/reply-parser.ts'
import { encodeCommand } from './encode-command.ts'
import { startVirtualRedis, type VirtualRedis } from './virtual-redis.ts'

let real: VirtualRedis
beforeAll(async () => {
  real = await startVirtualRedis()
})
afterAll(() => real.close())

/** Flags, categories and subcommands come in an order of their own. */
function inOrder(reply: Reply): Reply {
  if (reply === null || typeof reply !== 'object') return reply
  if ('kind' in reply) {
    if (reply.kind === 'set') return { kind: 'set', items: reply.items.map(inOrder).sort(byBytes) }
    if (reply.kind === 'map')
      return { kind: 'map', entries: reply.entries.map(([key, value]) => [key, inOrder(value)]) }
    return reply
  }
  const items = reply.map(inOrder)
  return items.every((item) => Array.isArray(item)) ? items.sort(byBytes) : items
}

const byBytes = (a: Reply, b: Reply): number => (encodeReply(a, 3) < encodeReply(b, 3) ? -1 : 1)

/** Of a command with subcommands we may have only some. */
function withoutMissing(theirs: Reply, ours: Reply): Reply {
  if (!Array.isArray(theirs) || !Array.isArray(ours) || !Array.isArray(theirs[9]) || !Array.isArray(ours[9]))
    return theirs
  const names = new Set(ours[9].map((row: Reply) => (row as readonly Reply[])[0]))
  return [...theirs.slice(0, 9), theirs[9].filter((row: Reply) => names.has((row as readonly Reply[])[0]!))]
}

it('describes every command as redis-server does', () => {
  const connection = real.connect()
  connection.send(encodeCommand(['HELLO', '3']))
  const replies: Reply[] = []
  const server = new MemoryRedis({ nowUs: () => 0 })
  const client = server.connect({ onReply: (reply) => replies.push(reply) })
  client.execute(['HELLO', '3'])
  replies.pop()
  for (const name of commandTable().keys()) {
    client.execute(['COMMAND', 'INFO', name])
    const ours = (replies.pop() as readonly Reply[])[0]!
    const parser = new ReplyParser()
    parser.push(connection.send(encodeCommand(['COMMAND', 'INFO', name])))
    const theirs = (parser.next()!.reply as readonly Reply[])[0]!
    expect(inOrder(ours), name).toEqual(inOrder(withoutMissing(theirs, ours)))
  }
  connection.close()
})

it('prints CLIENT INFO with the same fields in the same order, and the fields of INFO that it has under the same headings', () => {
  const server = new MemoryRedis({ nowUs: () => 0 })
  let ours = ''
  const client = server.connect({ onBytes: (bytes) => (ours += bytes) })
  const theirs = real.connect()
  const fields = (bytes: string): string[] =>
    bytes.split(' ').map((field) => field.split('=')[0]!.replace(/^\$\d+\r\n/, ''))
  client.receive(encodeCommand(['CLIENT', 'INFO']))
  expect(fields(ours)).toEqual(fields(theirs.send(encodeCommand(['CLIENT', 'INFO']))))
  ours = ''
  client.receive(encodeCommand(['INFO', 'everything']))
  const sections = (bytes: string): Map<string, Set<string>> => {
    const found = new Map<string, Set<string>>()
    let current = new Set<string>()
    for (const line of bytes.split('\r\n')) {
      if (line.startsWith('# ')) {
        current = new Set()
        found.set(line, current)
      } else if (/^[a-z_]+:/.test(line)) current.add(line.split(':')[0]!)
    }
    return found
  }
  const real7 = sections(theirs.send(encodeCommand(['INFO', 'everything'])))
  for (const [heading, names] of sections(ours)) {
    const known = real7.get(heading)
    expect(known, heading).toBeDefined()
    for (const name of names) if (!name.startsWith('db')) expect(known!.has(name), `${heading} ${name}`).toBe(true)
  }
})
